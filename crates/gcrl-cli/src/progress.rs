//! How far a long job is: a bar with rate and time left on a terminal, plain lines elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Plain lines come at most this often.
const PLAIN_INTERVAL: Duration = Duration::from_secs(10);

/// One job's progress; shared by threads.
pub(crate) struct Progress {
    bar: ProgressBar,
    what: String,
    /// Where no terminal is attached: when the last line was printed.
    plain: Option<Mutex<Instant>>,
}

impl Progress {
    /// A job called `what` of `total` units, such as `updates`.
    pub(crate) fn new(what: &str, total: u64, unit: &str) -> Self {
        let is_terminal = io::stderr().is_terminal();
        let target =
            if is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let template =
            format!("{{msg}} {{wide_bar}} {{pos}}/{{len}} {unit}, {{per_sec}}, {{eta}} left");
        let style = ProgressStyle::with_template(&template).expect("the template is fixed");
        let bar = ProgressBar::with_draw_target(Some(total), target).with_style(style);
        bar.set_message(what.to_owned());
        let plain = (!is_terminal).then(|| Mutex::new(Instant::now()));
        Self { bar, what: format!("{what}, {unit}"), plain }
    }

    /// Some units were done before: they count, but not for the rate.
    pub(crate) fn start_from(&self, units: u64) {
        self.bar.inc(units);
        self.bar.reset_eta();
    }

    /// `units` more are done.
    pub(crate) fn advance(&self, units: u64) {
        self.bar.inc(units);
        let Some(last) = &self.plain else { return };
        let mut last = last.lock().expect("no thread panics");
        if PLAIN_INTERVAL < last.elapsed() {
            *last = Instant::now();
            self.print();
        }
    }

    fn print(&self) {
        let (done, total) = (self.bar.position(), self.bar.length().unwrap_or_default());
        let (rate, left) = (self.bar.per_sec(), self.bar.eta().as_secs());
        // A log that is full or closed is no reason to stop.
        let what = &self.what;
        let _ = writeln!(io::stderr(), "{what}: {done}/{total}, {rate:.0}/s, {left} s left");
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
