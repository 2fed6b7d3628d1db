//! The promise of an algorithm, and what it works with.
//!
//! A *population* is several members that train the same algorithm from different seeds, side by
//! side. Batches and outputs are `[members, rows, dim]`. Member `m` of seed `S` draws update `n` from
//! `stream(S, "draw", n)`: a seed trained in a population equals the seed trained alone.

use crate::parts::init;
use crate::settings::Settings;
use crate::statistics::Statistics;
use gcrl_core::seed::{self, Stream};
use gcrl_core::{EpisodeView, GoalAt, TaskSpec, TransitionIndex};
use gcrl_data::Relabel;
use gcrl_nn::{
    Engine, EngineError, Gather, InputNormalizers, NetworkId, NetworkShape, OutputActivation,
    RowContent, RowsId, StateAt,
};
use rand::RngExt;

/// What one update led to for one member: named numbers, in a fixed order.
pub type Losses = Vec<(&'static str, f64)>;

/// An algorithm on a population.
pub trait Algorithm {
    /// Makes one gradient step on every network of every member; returns each member's losses.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError>;

    /// Every network by name, the actor first.
    fn networks(&self) -> Vec<(&'static str, NetworkId)>;

    /// What a member remembers beside its networks, for checkpoints.
    fn memory(&self, _member: usize) -> Vec<f32> {
        Vec::new()
    }

    /// Puts back what `memory` returned.
    fn set_memory(&mut self, _member: usize, _memory: &[f32]) {}
}

/// What an algorithm is built with.
pub struct Setup<'a> {
    /// Holds the networks.
    pub engine: &'a mut dyn Engine,
    /// The task.
    pub spec: &'static TaskSpec,
    /// Batch and networks.
    pub settings: &'a Settings,
    /// One per member.
    pub seeds: &'a [u64],
}

impl Setup<'_> {
    /// Adds `π(s, g)`, with `tanh` outputs.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    pub fn add_actor(&mut self, name: &str) -> Result<NetworkId, EngineError> {
        let n_inputs = self.spec.observation_dim() + self.spec.goal_dim();
        self.add(name, n_inputs, self.spec.action_dim(), OutputActivation::Tanh)
    }

    /// Adds `Q(s, g, a)`, with one linear output.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    pub fn add_critic(&mut self, name: &str) -> Result<NetworkId, EngineError> {
        let spec = self.spec;
        let n_inputs = spec.observation_dim() + spec.goal_dim() + spec.action_dim();
        self.add(name, n_inputs, 1, OutputActivation::Linear)
    }

    /// Networks of one name start equal: a target network takes the name of its online network.
    fn add(
        &mut self,
        name: &str,
        n_inputs: usize,
        n_outputs: usize,
        output: OutputActivation,
    ) -> Result<NetworkId, EngineError> {
        let hidden = self.settings.hidden.clone();
        let shape = NetworkShape { n_inputs, hidden, n_outputs, output };
        let parameters: Vec<f32> = self
            .seeds
            .iter()
            .flat_map(|seed| init::xavier_uniform(&shape, &mut seed::stream(*seed, name, 0)))
            .collect();
        self.engine.add_network(&shape, &parameters)
    }
}

/// What one update works with.
pub struct Step<'a> {
    /// Holds the networks.
    pub engine: &'a mut dyn Engine,
    /// The data.
    pub episodes: EpisodeView<'a>,
    /// The task, for its reward.
    pub spec: &'static TaskSpec,
    /// Batch and learning rate.
    pub settings: &'a Settings,
    /// How each member scales its inputs, `[members]`.
    pub statistics: &'a mut [Statistics],
    /// Where this update's draws come from, `[members]`.
    pub streams: Vec<Stream>,
    /// Updates made before this one.
    pub n_updates: u64,
}

impl Step<'_> {
    /// Members in the population.
    pub fn n_members(&self) -> usize {
        self.streams.len()
    }

    /// Draws a batch for every member, `[members, batch]`.
    pub fn draw(&mut self, relabel: Relabel) -> Vec<TransitionIndex> {
        let batch_size = self.settings.batch_size;
        let (n_episodes, n_transitions) =
            (self.episodes.n_episodes, self.episodes.shape.n_transitions);
        let nothing = TransitionIndex { episode: 0, t: 0, goal: GoalAt::Desired };
        let mut transitions = vec![nothing; self.n_members() * batch_size];
        for (batch, rng) in transitions.chunks_exact_mut(batch_size).zip(&mut self.streams) {
            gcrl_data::draw(n_episodes, n_transitions, relabel, rng, batch);
        }
        transitions
    }

    /// Puts the goal of each transition back to the one its episode asked for, with `probability`.
    pub fn restore_goals(
        &mut self,
        transitions: &[TransitionIndex],
        probability: f32,
    ) -> Vec<TransitionIndex> {
        let mut restored = transitions.to_vec();
        let batches = restored.chunks_exact_mut(self.settings.batch_size);
        for (batch, rng) in batches.zip(&mut self.streams) {
            for transition in batch {
                if rng.random::<f32>() < probability {
                    transition.goal = GoalAt::Desired;
                }
            }
        }
        restored
    }

    /// Lets every member's statistics take in its batch.
    pub fn observe(&mut self, transitions: &[TransitionIndex]) {
        let batches = transitions.chunks_exact(self.settings.batch_size);
        for (statistics, batch) in self.statistics.iter_mut().zip(batches) {
            statistics.observe(self.episodes, batch);
        }
    }

    /// Fills rows with the batch, scaled by the statistics as they are now.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    pub fn gather(
        &mut self,
        rows: RowsId,
        first_row: usize,
        transitions: &[TransitionIndex],
        state: StateAt,
        content: RowContent,
    ) -> Result<(), EngineError> {
        let normalizers: Vec<InputNormalizers> =
            self.statistics.iter().map(|statistics| statistics.normalizers().clone()).collect();
        let gather =
            Gather { rows, first_row, transitions, state, content, normalizers: &normalizers };
        self.engine.gather(self.episodes, &gather)
    }

    /// The rewards of a member's batch, `[batch]`.
    pub fn rewards(&self, transitions: &[TransitionIndex]) -> Vec<f32> {
        transitions.iter().map(|index| self.episodes.reward(self.spec, *index)).collect()
    }

    /// The actions of a member's batch, `[batch, action_dim]`.
    pub fn actions(&self, transitions: &[TransitionIndex]) -> Vec<f32> {
        let actions = transitions
            .iter()
            .map(|index| self.episodes.action(index.episode as usize, index.t as usize));
        actions.flatten().copied().collect()
    }

    /// Whether the target networks move after this update.
    pub fn moves_targets(&self) -> bool {
        (self.n_updates + 1).is_multiple_of(self.settings.target_every)
    }
}
