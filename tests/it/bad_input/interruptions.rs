//! What comes from outside while the program works: signals, a data set that shrinks, a log that is full.

use crate::place::{Finished, Place, TINY};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Waits until `is_so`, for at most a minute.
fn wait_until(mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_mins(1), "it does not come to that");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args(["-s", name, &child.id().to_string()]).status();
    assert!(status.expect("`kill` starts").success());
}

/// Whether this process, and so each program that it starts, ignores a signal: shells start what is to run
/// in the background so, `nohup` too.
#[cfg(unix)]
fn is_ignored(number: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask >> (number - 1) & 1 == 1)
}

#[cfg(unix)]
#[test]
fn a_program_that_is_told_to_stop_leaves_nothing() {
    use std::os::unix::process::ExitStatusExt;
    assert!(!is_ignored(15), "one signal at least is tried");
    let signals = [("TERM", 15), ("INT", 2), ("HUP", 1)];
    for (name, number) in signals.into_iter().filter(|(_, number)| !is_ignored(*number)) {
        let place = Place::new();
        // A minute's work that needs little memory.
        let line = "collect FetchPush --behavior random --episodes 20000 --threads 1 --out new/set";
        let mut child = place.command(line).stderr(Stdio::null()).spawn().expect("it starts");
        // Names alone: a file of a program at work may be gone before it is read.
        let is_begun = || place.names("new").iter().any(|name| name.starts_with(".set.gcrl-"));
        wait_until(|| place.path("new").is_dir() && is_begun());
        signal(&child, name);
        assert_eq!(child.wait().expect("it ends").signal(), Some(number));
        let left: Vec<_> = place.files("").into_keys().collect();
        assert!(left.iter().all(|name| name == "new/"), "{left:?}");
    }
}

#[cfg(unix)]
#[test]
fn training_that_is_told_to_stop_saves_and_ends_with_75() {
    let place = Place::with_data(50);
    place.succeeds("dataset build PointReach/random-v1");
    let long = "--set train.n_updates=100000000 --set train.evaluate_every=100000000";
    let reproduce = "reproduce --tasks PointReach --data random --methods bc --seeds 0 --out grid";
    let train = "train bc --dataset data --seeds 0 --out run";
    for (line, run, name) in
        [(reproduce, "grid/cells/PointReach/random-v1/bc/seed-0", "USR1"), (train, "run", "TERM")]
    {
        let mut command = place.command(&format!("{line} {long}"));
        let child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn();
        let child = child.expect("it starts");
        wait_until(|| place.path(&format!("{run}/config.toml")).exists());
        std::thread::sleep(Duration::from_millis(200));
        signal(&child, name);
        let output = child.wait_with_output().expect("it ends");
        let stderr = String::from_utf8(output.stderr).expect("the program prints UTF-8");
        assert_eq!(output.status.code(), Some(75), "`gcrl {line}`: {stderr}");
        assert!(stderr.contains("continues"), "{stderr}");
        let checkpoint = format!("{run}/checkpoints/seed-0.safetensors");
        assert!(place.path(&checkpoint).exists(), "{stderr}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_data_set_that_shrinks_in_use_is_a_clear_error() {
    let place = Place::with_data(200);
    let line = "train bc --dataset data --seeds 0 --out run --set train.n_updates=100000000 \
        --set train.evaluate_every=100000000 --checkpoint-every 1";
    let child = place.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("it starts");
    wait_until(|| place.path("run/config.toml").exists());
    let file = std::fs::File::options().write(true).open(place.path("data/episodes.safetensors"));
    file.expect("the file is there").set_len(0).expect("files can be cut");
    let output = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8(output.stderr).expect("the program prints UTF-8");
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.starts_with("error: "), "{stderr}");
    assert!(stderr.contains("\n\nhint: "), "{stderr}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_that_is_full_or_closed_stops_nothing() {
    let place = Place::with_data(5);
    let train = format!("train bc --dataset data --seeds 0 {TINY}");
    for (redirection, out) in
        [("2>/dev/full", "full"), ("2>&-", "closed"), ("2>&1 >/dev/null | true", "gone")]
    {
        let program = crate::place::PROGRAM;
        let script = format!("{program} {train} --out {out} {redirection}");
        let mut sh = Command::new("sh");
        let finished = Finished::of(sh.args(["-c", &script]).current_dir(place.path("")));
        assert_eq!(finished.code, Some(0), "{script}");
        assert!(place.path(&format!("{out}/results.json")).exists());
        let script = format!("{program} train bc --dataset none --out x {redirection}; echo $?");
        let mut sh = Command::new("sh");
        let failed = Finished::of(sh.args(["-c", &script]).current_dir(place.path("")));
        let is_piped = redirection.contains('|');
        assert_eq!(failed.stdout.trim(), if is_piped { "0" } else { "1" }, "{script}");
    }
}
