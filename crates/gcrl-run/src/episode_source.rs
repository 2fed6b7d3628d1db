//! Where a population learns from: a data set, or its own collecting.
//!
//! Online training alternates, each cycle from the episodes of all cycles before:
//!
//! ```text
//! uniform episodes (once) → [collect with exploration → updates on hindsight goals]*
//! ```
//!
//! Source: Andrychowicz et al., "Hindsight Experience Replay", 2017, algorithm 1. **Deviation:** inputs
//! are scaled by statistics of the batches sampled, as offline, where the authors take them from the
//! episodes collected.

use crate::train_error::TrainError;
use gcrl_core::rollout::{Plan, to_the_end};
use gcrl_core::{Behavior, EnvPool, Episodes, seed};
use gcrl_data::{Dataset, Replay, ReplayError};
use gcrl_envs::TaskEntry;
use gcrl_learn::{Online, Trainer};
use gcrl_nn::EpisodesId;
use std::sync::Arc;

/// Episodes to learn from.
pub(crate) enum EpisodeSource<'a> {
    /// A data set.
    Dataset {
        /// The data set.
        dataset: &'a Dataset,
        /// What the engine calls it, once it knows it.
        id: Option<EpisodesId>,
    },
    /// What one member collects.
    Online(Box<Collector>),
}

/// The collecting side of online training.
pub(crate) struct Collector {
    online: Online,
    seed: u64,
    replay: Replay,
    /// What the engine calls the replay buffer, once it knows it.
    id: Option<EpisodesId>,
}

impl EpisodeSource<'_> {
    /// The episodes to sample from at the next update; collects first, in `pool`, where it is time to.
    pub(crate) fn episodes(
        &mut self,
        trainer: &mut Trainer,
        pool: &mut EnvPool,
    ) -> Result<gcrl_nn::Source<'_>, TrainError> {
        let (view, id) = match self {
            Self::Dataset { dataset, id } => (dataset.view(), id),
            Self::Online(collector) => {
                collector.collect(trainer, pool)?;
                (collector.replay.view(), &mut collector.id)
            }
        };
        let id = match *id {
            Some(id) => {
                trainer.refresh_episodes(id, view)?;
                id
            }
            None => *id.insert(trainer.add_episodes(view)?),
        };
        Ok(gcrl_nn::Source { id, view })
    }

    /// What a checkpoint keeps.
    pub(crate) fn replay(&self) -> Option<(Episodes, u64)> {
        match self {
            Self::Dataset { .. } => None,
            Self::Online(collector) => {
                let view = collector.replay.view();
                Some((view.to_episodes(), view.n_written))
            }
        }
    }

    /// Puts back what a checkpoint kept.
    pub(crate) fn restore(&mut self, replay: Option<(Episodes, u64)>) -> Result<(), ReplayError> {
        if let (Self::Online(collector), Some((episodes, n_written))) = (self, replay) {
            collector.replay = Replay::restore(collector.online.capacity, &episodes, n_written)?;
        }
        Ok(())
    }
}

impl Collector {
    /// Collects for one seed.
    ///
    /// # Errors
    ///
    /// If there is not enough memory for the replay buffer.
    pub(crate) fn new(
        online: &Online,
        task: &'static TaskEntry,
        seed: u64,
    ) -> Result<Self, ReplayError> {
        let replay = Replay::new(task.spec.episode_shape(), online.capacity)?;
        Ok(Self { online: online.clone(), seed, replay, id: None })
    }

    fn collect(&mut self, trainer: &Trainer, pool: &mut EnvPool) -> Result<(), TrainError> {
        if self.replay.view().n_written == 0 {
            self.add(pool, &Behavior::random(), self.online.n_random_episodes)?;
        }
        if trainer.n_updates().is_multiple_of(self.online.updates_per_cycle) {
            let (seed, n_updates) = (self.seed, trainer.n_updates());
            let policy = trainer.policy(0);
            let policy =
                policy.map_err(|source| TrainError::Diverged { seed, n_updates, source })?;
            let exploration = self.online.exploration();
            let behavior =
                Behavior { exploration, ..Behavior::of(trainer.algorithm(), Arc::new(policy)) };
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
    ) -> Result<(), TrainError> {
        if n_episodes == 0 {
            return Ok(());
        }
        let first = self.replay.view().n_written;
        let plan = Plan {
            seed: seed::child(self.seed, "collect", 0),
            episodes: first..first + n_episodes as u64,
            n_threads: 1,
        };
        self.replay.push(&pool.rollout(behavior, &plan, &to_the_end)?);
        Ok(())
    }
}
