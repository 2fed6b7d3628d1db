//! How a run proceeds.

use std::time::Duration;

/// How a run proceeds; results do not depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Groups of seeds that train at the same time, at least 1.
    pub n_threads: usize,
    /// Time between two checkpoints.
    pub checkpoint_every: Duration,
    /// Updates between two policies that are kept beside the last one, at least 1; `None` keeps none.
    pub keep_every: Option<u64>,
}

impl Pace {
    /// So many groups at the same time, a checkpoint twice a minute, and no policy but the last.
    pub const fn new(n_threads: usize) -> Self {
        Self { n_threads, checkpoint_every: Duration::from_secs(30), keep_every: None }
    }
}
