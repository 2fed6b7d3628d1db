//! Signals: a program that is told to stop leaves nothing half-written, and one whose data set shrinks
//! under its hands says so.
//!
//! | signal | then |
//! |---|---|
//! | SIGINT, SIGTERM, SIGHUP, SIGUSR1 | temporaries are removed, and the program ends as the signal ends programs |
//! | the same, after [`defer`] | [`is_asked_to_stop`] turns true; a second one ends the program |
//! | SIGBUS | one line on standard error, exit code 1 |

#![allow(unsafe_code, reason = "a handler of SIGBUS; it only writes and exits, see SAFETY below")]

use signal_hook::consts::{SIGBUS, SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;
use signal_hook::low_level;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the first signal only asks to stop, and whether it came; statics, because signals concern the
/// process.
static IS_DEFERRED: AtomicBool = AtomicBool::new(false);
static IS_ASKED: AtomicBool = AtomicBool::new(false);

const SHRUNKEN: &[u8] =
    b"error: a file that is read from memory cannot be read any more, because it \
    became shorter or its disk failed\n\nhint: do not write to data sets while they are in use\n";

/// Handles signals from now on. What cannot be installed is left as it is.
pub(crate) fn install() {
    let _ = explain_bus_errors();
    // Schedulers announce the end of a job's time by SIGUSR1.
    let stopping =
        [SIGINT, SIGTERM, SIGHUP, SIGUSR1].into_iter().filter(|signal| !is_ignored(*signal));
    let Ok(mut signals) = Signals::new(stopping) else { return };
    let wait = move || signals.forever().for_each(stop);
    let _ = std::thread::Builder::new().name("signals".to_owned()).spawn(wait);
}

/// Ends the program, or asks it to end itself.
fn stop(signal: i32) {
    let is_first = !IS_ASKED.swap(true, Ordering::Relaxed);
    if is_first && IS_DEFERRED.load(Ordering::Relaxed) {
        return;
    }
    let _stopped = gcrl_file::stop_writing();
    let _ = low_level::emulate_default_handler(signal);
}

/// A map of a file that became shorter has no pages behind its new end: reading there is SIGBUS.
fn explain_bus_errors() -> io::Result<()> {
    let stderr = File::from(io::stderr().as_fd().try_clone_to_owned()?);
    let explain = move || {
        let _ = (&stderr).write_all(SHRUNKEN);
        low_level::exit(1);
    };
    // SAFETY: what a handler calls must be safe to call in the middle of anything: this one makes the
    // system calls `write` and `_exit`, and neither allocates nor locks.
    unsafe { low_level::register(SIGBUS, explain) }.map(|_id| ())
}

/// Whether the program was started with this signal ignored, as `nohup` and shells do in the background.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}

/// From now on the first signal only asks to stop: training then saves what was learned.
pub(crate) fn defer() {
    IS_DEFERRED.store(true, Ordering::Relaxed);
}

/// Whether a signal came.
pub(crate) fn is_asked_to_stop() -> bool {
    IS_ASKED.load(Ordering::Relaxed)
}
