//! Who hears how far a job is: a progress bar, a log, a callback of a user's program.

use gcrl_eval::Evaluation;
use std::ops::ControlFlow;

/// A job that takes a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// What it does, such as `PointReach wgcsl`.
    pub name: String,
    /// Units of work in it.
    pub total: u64,
    /// What is counted, in the plural: `updates` or `episodes`.
    pub unit: &'static str,
}

/// Hears of progress, from any thread; one job at a time.
///
/// No result depends on an observer. Every method has a default that does nothing.
pub trait Observer: Sync {
    /// What a user should know before a job begins: a sentence without a full stop.
    fn on_notice(&self, _notice: &str) {}

    /// A job begins.
    fn on_start(&self, _job: &Job) {}

    /// So many units were done by an earlier session: they count, but not for the rate.
    fn on_resume(&self, _n_done: u64) {}

    /// So many more units are done.
    fn on_progress(&self, _n_done: u64) {}

    /// The job that began last has ended, well or not.
    fn on_finish(&self) {}

    /// The policy of `seed` was evaluated during training, after `n_updates` updates.
    fn on_evaluation(&self, _seed: u64, _n_updates: u64, _evaluation: &Evaluation) {}

    /// Whether the job should save what it has and end, as after a signal; asked often.
    fn wants_to_stop(&self) -> bool {
        false
    }
}

/// Whether an observer lets a job go on, as what hears of the progress of episodes says it.
pub fn goes_on(observer: &dyn Observer) -> ControlFlow<()> {
    if observer.wants_to_stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {}

/// A job that has begun; it ends when this is dropped.
pub(crate) struct Running<'a> {
    observer: &'a dyn Observer,
}

impl<'a> Running<'a> {
    /// Begins a job.
    pub(crate) fn start(observer: &'a dyn Observer, job: &Job) -> Self {
        observer.on_start(job);
        Self { observer }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.observer.on_finish();
    }
}
