//! One session of the program on a run: what its groups of seeds share.

use crate::folder::RunFolder;
use crate::observer::Observer;
use crate::pace::Pace;
use crate::provenance::Provenance;
use crate::run::Run;
use gcrl_core::rollout::Plan;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

/// One session of the program on one run's folder.
pub(crate) struct Session<'a> {
    pub(crate) run: &'a Run,
    pub(crate) folder: &'a RunFolder,
    pub(crate) provenance: Provenance,
    pub(crate) pace: Pace,
    /// Threads of one evaluation, where there are more threads than groups.
    pub(crate) n_evaluation_threads: usize,
    pub(crate) observer: &'a dyn Observer,
    /// Set by a group that failed: the others write their checkpoints and end.
    pub(crate) stop: AtomicBool,
}

impl Session<'_> {
    /// Whether groups are to write their checkpoints and end.
    pub(crate) fn is_to_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.observer.wants_to_stop()
    }

    /// Whether they are not, as what hears of the progress of episodes says it.
    pub(crate) fn goes_on(&self) -> ControlFlow<()> {
        if self.is_to_stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Environments that a group needs.
    pub(crate) fn n_envs(&self) -> usize {
        let settings = &self.run.config.train;
        let online = self.run.config.online.as_ref();
        let n_collected = online.map_or(0, |online| online.episodes_per_cycle);
        let n_evaluated = settings.n_evaluation_episodes.max(settings.n_final_evaluation_episodes);
        let episodes = 0..n_evaluated.max(n_collected) as u64;
        Plan { seed: 0, episodes, n_threads: self.n_evaluation_threads }.n_envs()
    }
}
