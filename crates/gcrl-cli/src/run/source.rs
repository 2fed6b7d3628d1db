//! Where a population learns from: a data set, or its own collecting.
//!
//! Online training alternates, each cycle from the episodes of all cycles before:
//!
//! ```text
//! random episodes (once) → [collect with exploration → updates on hindsight goals]*
//! ```
//!
//! Source: Andrychowicz et al., "Hindsight Experience Replay", 2017, algorithm 1. **Deviation:** inputs are
//! scaled by statistics of the batches drawn, as offline, where the authors take them from the episodes
//! collected.

use gcrl_core::rollout::Plan;
use gcrl_core::{Behavior, EnvPool, EpisodeView, Episodes, seed};
use gcrl_data::{Dataset, Replay};
use gcrl_envs::TaskEntry;
use gcrl_learn::{Online, Trainer};
use std::sync::Arc;

/// Episodes to learn from.
pub(crate) enum Source<'a> {
    /// A fixed pile.
    Dataset(&'a Dataset),
    /// What one member collects.
    Online(Box<Collector>),
}

/// The collecting side of online training.
pub(crate) struct Collector {
    online: Online,
    seed: u64,
    replay: Replay,
}

impl Source<'_> {
    /// The episodes to sample from at the next update; collects first, in `pool`, where it is time to.
    pub(crate) fn episodes(
        &mut self,
        trainer: &Trainer,
        pool: &mut EnvPool,
    ) -> anyhow::Result<EpisodeView<'_>> {
        match self {
            Self::Dataset(dataset) => Ok(dataset.view()),
            Self::Online(collector) => {
                collector.collect(trainer, pool)?;
                Ok(collector.replay.view())
            }
        }
    }

    /// What a checkpoint keeps.
    pub(crate) fn replay(&self) -> Option<(Episodes, u64)> {
        match self {
            Self::Dataset(_) => None,
            Self::Online(collector) => {
                let view = collector.replay.view();
                Some((view.to_episodes(), view.n_written))
            }
        }
    }

    /// Puts back what a checkpoint kept.
    pub(crate) fn restore(&mut self, replay: Option<(Episodes, u64)>) -> anyhow::Result<()> {
        if let (Self::Online(collector), Some((episodes, n_written))) = (self, replay) {
            collector.replay = Replay::restore(collector.online.capacity, &episodes, n_written)?;
        }
        Ok(())
    }
}

impl Collector {
    /// Collects for one seed.
    pub(crate) fn new(online: &Online, task: &'static TaskEntry, seed: u64) -> Self {
        let replay = Replay::new(task.spec.episode_shape(), online.capacity);
        Self { online: online.clone(), seed, replay }
    }

    fn collect(&mut self, trainer: &Trainer, pool: &mut EnvPool) -> anyhow::Result<()> {
        if self.replay.view().n_written == 0 {
            self.add(pool, &Behavior::random(), self.online.n_random_episodes)?;
        }
        if trainer.n_updates().is_multiple_of(self.online.updates_per_cycle) {
            let policy = Behavior::of("her", Arc::new(trainer.policy(0)?));
            let behavior = Behavior { exploration: self.online.exploration(), ..policy };
            self.add(pool, &behavior, self.online.episodes_per_cycle)?;
        }
        Ok(())
    }

    /// Episodes are numbered from the first on, so that a resumed run collects the same ones.
    fn add(
        &mut self,
        pool: &mut EnvPool,
        behavior: &Behavior,
        n_episodes: usize,
    ) -> anyhow::Result<()> {
        if n_episodes == 0 {
            return Ok(());
        }
        let first = self.replay.view().n_written;
        let plan = Plan {
            seed: seed::child(self.seed, "collect", 0),
            episodes: first..first + n_episodes as u64,
            n_threads: 1,
        };
        self.replay.push(&pool.rollout(behavior, &plan, &|_| {})?);
        Ok(())
    }
}
