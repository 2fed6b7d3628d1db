//! A population in training: updates, exports policies, gives and takes checkpoints.
//!
//! The loops around it (evaluation, online collection, files) are closed above this crate.

use crate::algorithm::{Algorithm, Losses, MemberState, PolicyFrame};
use crate::checkpoint::{Checkpoint, MemberCheckpoint};
use crate::config::RunConfig;
use crate::config_error::ConfigError;
use crate::normalizer::RunningNormalizer;
use crate::registered::Build;
use crate::settings::Rates;
use crate::setup::Setup;
use crate::step::Step;
use gcrl_core::{EpisodeView, TaskSpec, seed};
use gcrl_nn::{Engine, EngineError, EpisodesId, NetworkState, Source};
use gcrl_policy::{InvalidPolicy, TrainedPolicy, TrainingRecord};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Members of one population, from the first update to the last. They differ in their seeds and, where
/// [`Trainer::set_rates`] says so, in their rates.
pub struct Trainer {
    engine: Box<dyn Engine>,
    algorithm: Box<dyn Algorithm>,
    spec: &'static TaskSpec,
    config: RunConfig,
    seeds: Vec<u64>,
    normalizers: Vec<RunningNormalizer>,
    /// Adam's step size of each member.
    learning_rates: Vec<f32>,
    /// Share of the online network that a move of a target network mixes in, of each member.
    taus: Vec<f32>,
    n_updates: u64,
    /// Sums of each member's losses since they were last asked for, and how many.
    recent: Vec<Losses>,
    n_recent: u64,
    /// Those of before a checkpoint that was restored, until the next update names them.
    restored: Vec<Vec<f64>>,
    /// BLAKE3 of the data set, for the record of policies.
    dataset_blake3: Option<String>,
}

impl Trainer {
    /// Builds the networks of `seeds` on an engine that was made for as many members.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
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
        let (input_clip, output_clip) = (settings.input_clip, settings.output_clip);
        let normalizer = RunningNormalizer::new(observation_dim, goal_dim, input_clip, output_clip);
        for member in 0..seeds.len() {
            engine.set_normalizers(member, normalizer.normalizers());
        }
        Ok(Self {
            engine,
            algorithm,
            spec,
            config: config.clone(),
            seeds: seeds.to_vec(),
            normalizers: vec![normalizer; seeds.len()],
            learning_rates: vec![settings.learning_rate; seeds.len()],
            taus: vec![settings.tau; seeds.len()],
            n_updates: 0,
            recent: Vec::new(),
            n_recent: 0,
            restored: Vec::new(),
            dataset_blake3: None,
        })
    }

    /// Lets policies record that they learn from the data set of this BLAKE3, in hexadecimal.
    #[must_use]
    pub fn learning_from(mut self, dataset_blake3: Option<String>) -> Self {
        self.dataset_blake3 = dataset_blake3;
        self
    }

    /// Makes episodes known to the engine, which may copy them.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn add_episodes(&mut self, episodes: EpisodeView<'_>) -> Result<EpisodesId, EngineError> {
        self.engine.add_episodes(episodes)
    }

    /// Lets the engine take in what was written to episodes since: needed after every change of a
    /// replay buffer.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn refresh_episodes(
        &mut self,
        id: EpisodesId,
        episodes: EpisodeView<'_>,
    ) -> Result<(), EngineError> {
        self.engine.refresh_episodes(id, episodes)
    }

    /// Makes one update of every member.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    ///
    /// # Panics
    ///
    /// If the episodes are not those of the handle, or changed since they were added or last refreshed.
    pub fn update(&mut self, source: Source<'_>) -> Result<(), EngineError> {
        let n_updates = self.n_updates;
        let streams = self.seeds.iter().map(|seed| seed::stream(*seed, "draw", n_updates));
        let mut step = Step {
            engine: &mut *self.engine,
            source,
            spec: self.spec,
            settings: &self.config.train,
            seeds: &self.seeds,
            learning_rates: &self.learning_rates,
            taus: &self.taus,
            normalizers: &mut self.normalizers,
            streams: streams.collect(),
            n_updates,
        };
        let losses = self.algorithm.update(&mut step)?;
        self.n_updates += 1;
        self.n_recent += 1;
        if self.recent.is_empty() {
            self.recent = losses;
            let restored = std::mem::take(&mut self.restored);
            for (losses, restored) in self.recent.iter_mut().zip(restored) {
                for (loss, before) in losses.iter_mut().zip(restored) {
                    loss.1 += before;
                }
            }
            return Ok(());
        }
        for (sums, losses) in self.recent.iter_mut().zip(losses) {
            for (sum, loss) in sums.iter_mut().zip(losses) {
                sum.1 += loss.1;
            }
        }
        Ok(())
    }

    /// The algorithm's name.
    pub fn algorithm(&self) -> &str {
        &self.config.algorithm
    }

    /// Updates made.
    pub fn n_updates(&self) -> u64 {
        self.n_updates
    }

    /// How fast a member learns.
    pub fn rates(&self, member: usize) -> Rates {
        Rates { learning_rate: self.learning_rates[member], tau: self.taus[member] }
    }

    /// Lets a member learn at rates of its own from now on. Checkpoints keep them.
    ///
    /// # Errors
    ///
    /// If a rate is out of its range.
    pub fn set_rates(&mut self, member: usize, rates: Rates) -> Result<(), ConfigError> {
        if let Some(problem) = rates.problem() {
            return Err(ConfigError::OutOfRange { problem });
        }
        (self.learning_rates[member], self.taus[member]) = (rates.learning_rate, rates.tau);
        Ok(())
    }

    /// The rates of a member where they are not the run's.
    fn own_rates(&self, member: usize) -> Option<Rates> {
        Some(self.rates(member)).filter(|rates| *rates != self.config.train.rates())
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
    /// If training diverged ([`InvalidPolicy::NotFinite`]), or if what the algorithm exports makes no
    /// policy: networks that do not fit each other or the task's sizes, a layer wider than
    /// [`gcrl_policy::MAX_WIDTH`], no or too many latents. With settings in their ranges, the algorithms
    /// of this crate export what makes a policy.
    pub fn policy(&self, member: usize) -> Result<TrainedPolicy, InvalidPolicy> {
        let dataset_blake3 = self.dataset_blake3.clone();
        let frame = PolicyFrame {
            task: self.spec.id,
            normalizers: self.normalizers[member].normalizers(),
            training: TrainingRecord { dataset_blake3, notes: self.provenance(member) },
        };
        TrainedPolicy::new(self.algorithm.policy(member, &*self.engine, frame))
    }

    fn provenance(&self, member: usize) -> BTreeMap<String, String> {
        let config = &self.config;
        let source = config.dataset.clone().unwrap_or_else(|| "online".to_owned());
        let mut notes = BTreeMap::from([
            ("algorithm".to_owned(), config.algorithm.clone()),
            ("dataset".to_owned(), source),
            ("engine".to_owned(), self.engine.name().to_owned()),
            ("physics_version".to_owned(), self.spec.physics_version.to_string()),
            ("seed".to_owned(), self.seeds[member].to_string()),
            ("updates".to_owned(), self.n_updates.to_string()),
        ]);
        if let Some(Rates { learning_rate, tau }) = self.own_rates(member) {
            notes.insert("learning_rate".to_owned(), learning_rate.to_string());
            notes.insert("tau".to_owned(), tau.to_string());
        }
        notes
    }

    /// All that continues this population to the same bits.
    pub fn checkpoint(&self) -> Checkpoint {
        let networks = self.algorithm.networks();
        let members = (0..self.seeds.len()).map(|member| MemberCheckpoint {
            seed: self.seeds[member],
            rates: self.own_rates(member),
            networks: networks
                .iter()
                .map(|(name, id)| (name.to_string(), self.engine.state(*id, member)))
                .collect(),
            normalizer: self.normalizers[member].clone(),
            state: self.algorithm.state(member),
            recent_losses: match self.recent.get(member) {
                Some(losses) => losses.iter().map(|(_, sum)| *sum).collect(),
                None => self.restored.get(member).cloned().unwrap_or_default(),
            },
        });
        Checkpoint {
            n_updates: self.n_updates,
            n_recent: self.n_recent,
            members: members.collect(),
            replay: None,
            note: String::new(),
        }
    }

    /// Continues from a checkpoint of the same population.
    ///
    /// # Errors
    ///
    /// If the checkpoint has other seeds, networks, sizes or names; the trainer is unchanged then.
    pub fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), RestoreError> {
        let seeds: Vec<u64> = checkpoint.members.iter().map(|member| member.seed).collect();
        if seeds != self.seeds {
            return Err(RestoreError::Seeds { found: seeds, expected: self.seeds.clone() });
        }
        for (member_idx, member) in checkpoint.members.iter().enumerate() {
            self.check_networks(member_idx, member)?;
            check_normalizer(&member.normalizer, &self.normalizers[member_idx])?;
            self.check_state(member_idx, member)?;
        }
        let networks = self.algorithm.networks();
        for (member_idx, member) in checkpoint.members.iter().enumerate() {
            for (name, id) in &networks {
                self.engine.set_state(*id, member_idx, &member.networks[&**name]);
            }
            self.normalizers[member_idx] = member.normalizer.clone();
            self.engine.set_normalizers(member_idx, member.normalizer.normalizers());
            self.algorithm.set_state(member_idx, &member.state);
            let rates = member.rates.unwrap_or(self.config.train.rates());
            (self.learning_rates[member_idx], self.taus[member_idx]) =
                (rates.learning_rate, rates.tau);
        }
        self.n_updates = checkpoint.n_updates;
        (self.recent, self.n_recent) = (Vec::new(), checkpoint.n_recent);
        let restored = checkpoint.members.iter().map(|member| member.recent_losses.clone());
        self.restored = restored.collect();
        Ok(())
    }

    /// Whether a member has the networks of this run, each with its moments.
    fn check_networks(&self, idx: usize, member: &MemberCheckpoint) -> Result<(), RestoreError> {
        for (name, id) in self.algorithm.networks() {
            let expected = self.engine.state(id, idx).parameters.len();
            let state = member.networks.get(&*name);
            let found = state.map_or(0, |state| state.parameters.len());
            if found != expected {
                return Err(RestoreError::Network { name, found, expected });
            }
            let moments = state.map(|state| [&state.first_moment, &state.second_moment]);
            let lens = moments.into_iter().flatten().map(Vec::len);
            if let Some(found) = lens.into_iter().find(|found| *found != expected) {
                return Err(RestoreError::Moments { name, found, expected });
            }
        }
        Ok(())
    }

    /// Whether a member keeps what the algorithm keeps.
    fn check_state(&self, idx: usize, member: &MemberCheckpoint) -> Result<(), RestoreError> {
        let expected = self.algorithm.state(idx);
        if !member.state.keys().eq(expected.keys()) {
            let names = |state: &MemberState| state.keys().cloned().collect();
            let (found, expected) = (names(&member.state), names(&expected));
            return Err(RestoreError::State { found, expected });
        }
        for (name, numbers) in &member.state {
            let (found, expected) = (numbers.len(), self.algorithm.state_len(name));
            if !expected.contains(&found) {
                return Err(RestoreError::StateLen { name: name.clone(), found, expected });
            }
        }
        Ok(())
    }

    /// The state of a member's network, for tests and inspection.
    pub fn network(&self, member: usize, name: &str) -> Option<NetworkState> {
        let networks = self.algorithm.networks();
        let (_, id) = networks.iter().find(|(known, _)| *known == name)?;
        Some(self.engine.state(*id, member))
    }
}

/// Whether a normalizer has the sizes of the run's.
fn check_normalizer(
    found: &RunningNormalizer,
    expected: &RunningNormalizer,
) -> Result<(), RestoreError> {
    let (scaled, scaled_here) = (found.normalizers(), expected.normalizers());
    for (input, sums, normalizer, expected) in [
        ("observation", &found.observation, &scaled.observation, scaled_here.observation.dim()),
        ("goal", &found.goal, &scaled.goal, scaled_here.goal.dim()),
    ] {
        let lens = [sums.sum.len(), sums.sum_of_squares.len(), normalizer.dim()];
        if let Some(found) = lens.into_iter().find(|found| *found != expected) {
            return Err(RestoreError::Normalizer { input, found, expected });
        }
    }
    Ok(())
}

/// `4`, or `0 to 10`.
fn words(range: &RangeInclusive<usize>) -> String {
    let (start, end) = range.clone().into_inner();
    if start == end { start.to_string() } else { format!("{start} to {end}") }
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
        name: Cow<'static, str>,
        /// Parameters in the checkpoint; 0 where the network is missing.
        found: usize,
        /// Parameters of the run.
        expected: usize,
    },
    /// Adam's moments of a network are not as many as its parameters.
    #[error("checkpoint holds {found} moments of `{name}`, where the run has {expected}")]
    Moments {
        /// The network's name.
        name: Cow<'static, str>,
        /// First or second moments in the checkpoint.
        found: usize,
        /// Parameters of the run.
        expected: usize,
    },
    /// A normalizer scales an input of another size.
    #[error(
        "checkpoint scales {input}s of {found} numbers, where those of the run have {expected}"
    )]
    Normalizer {
        /// `observation` or `goal`.
        input: &'static str,
        /// Numbers in the input that the checkpoint scales.
        found: usize,
        /// Numbers in that of the run.
        expected: usize,
    },
    /// The algorithm kept something else.
    #[error("checkpoint keeps {found:?} of a member, where the run keeps {expected:?}")]
    State {
        /// Names in the checkpoint.
        found: Vec<String>,
        /// Names in the run.
        expected: Vec<String>,
    },
    /// What the algorithm kept under a name has another size.
    #[error(
        "checkpoint keeps {found} numbers as `{name}`, where the run keeps {}",
        words(expected)
    )]
    StateLen {
        /// The name.
        name: String,
        /// Numbers in the checkpoint.
        found: usize,
        /// Numbers that the run may keep.
        expected: RangeInclusive<usize>,
    },
}
