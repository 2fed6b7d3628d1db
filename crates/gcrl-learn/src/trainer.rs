//! A population in training: draws, updates, exports policies, gives and takes checkpoints.
//!
//! The loops around it (evaluation, online collection, files) are closed by the command line program.

use crate::algorithm::{Algorithm, Losses, Setup, Step};
use crate::checkpoint::{Checkpoint, MemberState};
use crate::config::RunConfig;
use crate::registry::Build;
use crate::statistics::Statistics;
use gcrl_core::{EpisodeView, TaskSpec, seed};
use gcrl_nn::{Engine, EngineError, NetworkState};
use gcrl_policy::{
    Activation, InvalidPolicy, Network, PolicyKind, PolicyParts, TrainedPolicy, TrainingRecord,
};
use std::collections::BTreeMap;

/// Members of one population, from the first update to the last.
pub struct Trainer {
    engine: Box<dyn Engine>,
    algorithm: Box<dyn Algorithm>,
    spec: &'static TaskSpec,
    config: RunConfig,
    seeds: Vec<u64>,
    statistics: Vec<Statistics>,
    n_updates: u64,
    /// Sums of each member's losses since they were last asked for, and how many.
    recent: Vec<Losses>,
    n_recent: u64,
}

impl Trainer {
    /// Builds the networks of `seeds` on an engine that was made for as many runs.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    pub fn new(
        mut engine: Box<dyn Engine>,
        build: &Build,
        spec: &'static TaskSpec,
        config: &RunConfig,
        seeds: &[u64],
    ) -> Result<Self, EngineError> {
        let settings = &config.train;
        let algorithm = build(&mut Setup { engine: &mut *engine, spec, settings, seeds })?;
        let (observation_dim, goal_dim) = (spec.observation_dim(), spec.goal_dim());
        let nothing =
            Statistics::new(observation_dim, goal_dim, settings.input_clip, settings.output_clip);
        Ok(Self {
            engine,
            algorithm,
            spec,
            config: config.clone(),
            seeds: seeds.to_vec(),
            statistics: vec![nothing; seeds.len()],
            n_updates: 0,
            recent: Vec::new(),
            n_recent: 0,
        })
    }

    /// Makes one update of every member.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    pub fn update(&mut self, episodes: EpisodeView<'_>) -> Result<(), EngineError> {
        let n_updates = self.n_updates;
        let streams = self.seeds.iter().map(|seed| seed::stream(*seed, "draw", n_updates));
        let mut step = Step {
            engine: &mut *self.engine,
            episodes,
            spec: self.spec,
            settings: &self.config.train,
            statistics: &mut self.statistics,
            streams: streams.collect(),
            n_updates,
        };
        let losses = self.algorithm.update(&mut step)?;
        self.n_updates += 1;
        self.n_recent += 1;
        if self.recent.is_empty() {
            self.recent = losses;
            return Ok(());
        }
        for (sums, losses) in self.recent.iter_mut().zip(losses) {
            for (sum, loss) in sums.iter_mut().zip(losses) {
                sum.1 += loss.1;
            }
        }
        Ok(())
    }

    /// Updates made.
    pub fn n_updates(&self) -> u64 {
        self.n_updates
    }

    /// The members' seeds.
    pub fn seeds(&self) -> &[u64] {
        &self.seeds
    }

    /// Each member's mean losses since the last call; empty if there was no update.
    pub fn take_losses(&mut self) -> Vec<Losses> {
        let n_recent = std::mem::take(&mut self.n_recent) as f64;
        let mut means = std::mem::take(&mut self.recent);
        for loss in means.iter_mut().flatten() {
            loss.1 /= n_recent;
        }
        means
    }

    /// The policy of a member as it is now: what evaluation, collection and users run.
    ///
    /// # Errors
    ///
    /// If training diverged: a number is not finite.
    pub fn policy(&self, member: usize) -> Result<TrainedPolicy, InvalidPolicy> {
        let (_, actor) = self.algorithm.networks()[0];
        let parameters = self.engine.state(actor, member).parameters;
        let n_inputs = self.spec.observation_dim() + self.spec.goal_dim();
        let widths =
            [&[n_inputs][..], &self.config.train.hidden, &[self.spec.action_dim()]].concat();
        let actor =
            Network::from_parameters(&widths, Activation::Relu, Activation::Tanh, &parameters);
        let normalizers = self.statistics[member].normalizers();
        TrainedPolicy::new(PolicyParts {
            task: self.spec.id.to_owned(),
            kind: PolicyKind::Mlp(actor),
            observation: normalizers.observation.clone(),
            goal: normalizers.goal.clone(),
            training: TrainingRecord { dataset_blake3: None, notes: self.provenance(member) },
        })
    }

    fn provenance(&self, member: usize) -> BTreeMap<String, String> {
        let config = &self.config;
        let source = config.dataset.clone().unwrap_or_else(|| "online".to_owned());
        BTreeMap::from([
            ("algorithm".to_owned(), config.algorithm.clone()),
            ("dataset".to_owned(), source),
            ("engine".to_owned(), self.engine.name().to_owned()),
            ("seed".to_owned(), self.seeds[member].to_string()),
            ("updates".to_owned(), self.n_updates.to_string()),
        ])
    }

    /// All that continues this population to the same bits.
    pub fn checkpoint(&self) -> Checkpoint {
        let networks = self.algorithm.networks();
        let members = (0..self.seeds.len()).map(|member| MemberState {
            seed: self.seeds[member],
            networks: networks
                .iter()
                .map(|(name, id)| ((*name).to_owned(), self.engine.state(*id, member)))
                .collect(),
            statistics: self.statistics[member].clone(),
            memory: self.algorithm.memory(member),
        });
        Checkpoint {
            n_updates: self.n_updates,
            members: members.collect(),
            replay: None,
            note: String::new(),
        }
    }

    /// Continues from a checkpoint of the same population.
    ///
    /// # Errors
    ///
    /// If the checkpoint has other seeds, networks or sizes; the trainer is unchanged then.
    pub fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), RestoreError> {
        let seeds: Vec<u64> = checkpoint.members.iter().map(|member| member.seed).collect();
        if seeds != self.seeds {
            return Err(RestoreError::Seeds { found: seeds, expected: self.seeds.clone() });
        }
        let networks = self.algorithm.networks();
        for (member_idx, member) in checkpoint.members.iter().enumerate() {
            for (name, id) in &networks {
                let expected = self.engine.state(*id, member_idx).parameters.len();
                let found = member.networks.get(*name).map_or(0, |state| state.parameters.len());
                if found != expected {
                    return Err(RestoreError::Network { name, found, expected });
                }
            }
        }
        for (member_idx, member) in checkpoint.members.iter().enumerate() {
            for (name, id) in &networks {
                self.engine.set_state(*id, member_idx, &member.networks[*name]);
            }
            self.statistics[member_idx] = member.statistics.clone();
            self.algorithm.set_memory(member_idx, &member.memory);
        }
        self.n_updates = checkpoint.n_updates;
        Ok(())
    }

    /// The state of a member's network, for tests and inspection.
    pub fn network(&self, member: usize, name: &str) -> Option<NetworkState> {
        let networks = self.algorithm.networks();
        let (_, id) = networks.iter().find(|(known, _)| *known == name)?;
        Some(self.engine.state(*id, member))
    }
}

/// A cause for a checkpoint not to fit a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// It was written for other seeds.
    #[error("checkpoint of seeds {found:?}, where the run trains {expected:?}")]
    Seeds {
        /// Those of the checkpoint.
        found: Vec<u64>,
        /// Those of the run.
        expected: Vec<u64>,
    },
    /// A network is missing or has another size.
    #[error("checkpoint holds {found} parameters of `{name}`, where the run has {expected}")]
    Network {
        /// The network's name.
        name: &'static str,
        /// Parameters in the checkpoint; 0 where the network is missing.
        found: usize,
        /// Parameters of the run.
        expected: usize,
    },
}
