//! Which episodes a rollout makes, over how many threads, and who hears how far it is.

use std::ops::{ControlFlow, Range};

/// Which episodes to make.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The root of all randomness.
    pub seed: u64,
    /// Numbers of the episodes; `0..n` unless a larger collection is continued.
    pub episodes: Range<u64>,
    /// Threads to use, at least 1; the episodes do not depend on it.
    pub n_threads: usize,
}

/// Hears, from any thread, how many more episodes are done, and says whether to go on.
pub type OnProgress<'a> = &'a (dyn Fn(usize) -> ControlFlow<()> + Sync);

/// Goes on to the last episode.
pub fn to_the_end(_n_done: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

impl Plan {
    /// Environments that one thread steps side by side in a rollout: enough rows for one pass through
    /// a policy to be worth its weights' way through the cache. A pool needs no more for each thread.
    pub const ENVS_PER_THREAD: usize = 64;

    /// How many episodes.
    pub fn n_episodes(&self) -> usize {
        (self.episodes.end - self.episodes.start) as usize
    }

    /// As many environments as it takes to make them fastest; more stay idle.
    pub fn n_envs(&self) -> usize {
        let n_threads = self.n_threads.clamp(1, self.n_episodes().max(1));
        n_threads * self.n_episodes().div_ceil(n_threads).clamp(1, Self::ENVS_PER_THREAD)
    }
}
