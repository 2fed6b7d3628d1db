//! How far a long job is: a bar with rate and time left on a terminal, plain lines elsewhere.
//!
//! Progress goes to standard error, and a job does not depend on it: where nobody can read it any more,
//! it is lost in silence.

use crate::signals;
use gcrl_run::{Job, Observer};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Plain lines come at most this often.
const PLAIN_INTERVAL: Duration = Duration::from_secs(10);

/// Shows jobs, one at a time.
#[derive(Default)]
pub(crate) struct Progress {
    running: Mutex<Option<Shown>>,
}

/// A job that is shown.
struct Shown {
    bar: ProgressBar,
    name: String,
    /// Where no terminal is attached: when the last line was printed.
    plain: Option<Instant>,
}

impl Progress {
    fn with_shown(&self, act: impl FnOnce(&mut Shown)) {
        if let Some(shown) = self.running.lock().expect("no thread panics").as_mut() {
            act(shown);
        }
    }
}

impl Observer for Progress {
    fn on_notice(&self, notice: &str) {
        let _ = std::io::stderr().write_all(format!("note: {notice}\n").as_bytes());
    }

    fn on_start(&self, job: &Job) {
        *self.running.lock().expect("no thread panics") = Some(Shown::new(job));
    }

    fn on_resume(&self, n_done: u64) {
        self.with_shown(|shown| {
            shown.bar.inc(n_done);
            shown.bar.reset_eta();
        });
    }

    fn on_progress(&self, n_done: u64) {
        self.with_shown(|shown| shown.advance(n_done));
    }

    fn on_finish(&self) {
        if let Some(shown) = self.running.lock().expect("no thread panics").take() {
            shown.bar.finish_and_clear();
        }
    }

    fn wants_to_stop(&self) -> bool {
        signals::is_asked_to_stop()
    }
}

impl Shown {
    fn new(Job { name, total, unit }: &Job) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let target =
            if is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let template =
            format!("{{msg}} {{wide_bar}} {{pos}}/{{len}} {unit}, {{per_sec}}, {{eta}} left");
        let style = ProgressStyle::with_template(&template).expect("the template is fixed");
        let bar = ProgressBar::with_draw_target(Some(*total), target).with_style(style);
        bar.set_message(name.clone());
        let plain = (!is_terminal).then(Instant::now);
        Self { bar, name: format!("{name}, {unit}"), plain }
    }

    fn advance(&mut self, n_done: u64) {
        self.bar.inc(n_done);
        if self.plain.is_some_and(|last| PLAIN_INTERVAL < last.elapsed()) {
            self.plain = Some(Instant::now());
            let (done, total) = (self.bar.position(), self.bar.length().unwrap_or_default());
            let (rate, left) = (self.bar.per_sec(), self.bar.eta().as_secs());
            let line = format!("{}: {done}/{total}, {rate:.0}/s, {left} s left\n", self.name);
            let _ = std::io::stderr().write_all(line.as_bytes());
        }
    }
}
