//! What one update works with: batches of transitions, rows filled with them, networks applied to rows.
//!
//! The engine keeps what was gathered. Inputs are scaled by the normalizers as they are when they are
//! gathered: what is gathered before [`Step::update_normalizers`] does not know of the batch.

use crate::gaussian::standard_normal;
use crate::networks::rows::{Input, Outputs, Pass, Rows};
use crate::normalizer::RunningNormalizer;
use crate::settings::Settings;
use crate::setup::Network;
use gcrl_core::seed::{self, Stream};
use gcrl_core::{EpisodeView, GoalAt, TaskSpec, TransitionIndex};
use gcrl_data::Relabel;
use gcrl_nn::{Accumulate, At, Engine, EngineError, Gather, InputNormalizers, Source};
use rand::RngExt;
use std::slice::ChunksExact;

/// What one update works with.
pub struct Step<'a> {
    /// Holds the networks.
    pub engine: &'a mut dyn Engine,
    /// The data.
    pub source: Source<'a>,
    /// The task, for its reward.
    pub spec: &'static TaskSpec,
    /// Batch, discount and schedule.
    pub settings: &'a Settings,
    /// One per member.
    pub seeds: &'a [u64],
    /// Adam's step size of each member, `[n_members]`.
    pub learning_rates: &'a [f32],
    /// Share of the online network that a move of a target network mixes in, `[n_members]`.
    pub taus: &'a [f32],
    /// How each member scales its inputs, `[n_members]`.
    pub(crate) normalizers: &'a mut [RunningNormalizer],
    /// Where batches are sampled from, `[n_members]`.
    pub(crate) streams: Vec<Stream>,
    /// Updates made before this one.
    pub n_updates: u64,
}

/// Every transition `n` times, one below the other.
pub fn repeat(transitions: &[TransitionIndex], n: usize) -> Vec<TransitionIndex> {
    transitions.iter().flat_map(|transition| std::iter::repeat_n(*transition, n)).collect()
}

impl Step<'_> {
    /// Members in the population.
    pub fn n_members(&self) -> usize {
        self.seeds.len()
    }

    /// The episodes to learn from.
    pub fn episodes(&self) -> EpisodeView<'_> {
        self.source.view
    }

    /// Random numbers of a member for this update and this purpose: another purpose, another name,
    /// and no number of one depends on how many another took.
    pub fn stream(&self, member: usize, name: &str) -> Stream {
        seed::stream(self.seeds[member], name, self.n_updates)
    }

    /// `n` standard normal numbers for every member, `[n_members, n]`, from its stream of this name.
    pub fn standard_normal(&self, name: &str, n: usize) -> Vec<f32> {
        let members = 0..self.n_members();
        members.flat_map(|member| standard_normal(n, &mut self.stream(member, name))).collect()
    }

    /// How a member scales its inputs now.
    pub fn normalizers(&self, member: usize) -> &InputNormalizers {
        self.normalizers[member].normalizers()
    }

    /// Samples a batch for every member, `[n_members, batch]`.
    pub fn sample_batch(&mut self, relabel: Relabel) -> Vec<TransitionIndex> {
        let batch_size = self.settings.batch_size;
        let view = self.source.view;
        let nothing = TransitionIndex { episode: 0, t: 0, goal: GoalAt::Desired };
        let mut transitions = vec![nothing; self.n_members() * batch_size];
        for (batch, rng) in transitions.chunks_exact_mut(batch_size).zip(&mut self.streams) {
            let (n_episodes, n_transitions) = (view.n_episodes, view.shape.n_transitions);
            gcrl_data::sample_batch(n_episodes, n_transitions, relabel, rng, batch);
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

    /// The batch of each member.
    pub fn batches<'t>(
        &self,
        transitions: &'t [TransitionIndex],
    ) -> ChunksExact<'t, TransitionIndex> {
        transitions.chunks_exact(self.settings.batch_size)
    }

    /// The rewards of a member's batch, `[batch]`.
    pub fn rewards(&self, batch: &[TransitionIndex]) -> Vec<f32> {
        batch.iter().map(|index| self.source.view.reward(self.spec, *index)).collect()
    }

    /// The actions of a member's batch, `[batch, action_dim]`.
    pub fn actions(&self, batch: &[TransitionIndex]) -> Vec<f32> {
        let view = self.source.view;
        let actions =
            batch.iter().map(|index| view.action(index.episode as usize, index.t as usize));
        actions.flatten().copied().collect()
    }

    /// Lets every member's normalizers take in its batch.
    pub fn update_normalizers(&mut self, transitions: &[TransitionIndex]) {
        let batches = transitions.chunks_exact(self.settings.batch_size);
        for (member, (normalizer, batch)) in self.normalizers.iter_mut().zip(batches).enumerate() {
            normalizer.update(self.source.view, batch);
            self.engine.set_normalizers(member, normalizer.normalizers());
        }
    }

    /// Fills `inputs` of rows from the batch, in the state `at` of each transition, scaled by the
    /// normalizers as they are now.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn gather(
        &mut self,
        rows: &Rows,
        transitions: &[TransitionIndex],
        at: At,
        inputs: &[Input],
    ) -> Result<(), EngineError> {
        assert_eq!(transitions.len(), self.n_members() * rows.n_rows(), "a transition a row");
        let columns = rows.gathered(at, inputs);
        let (block, first_row) = (rows.block, rows.range.start);
        let gather = Gather { rows: block, first_row, transitions, columns: &columns };
        self.engine.gather(self.source, &gather)
    }

    /// Writes numbers of the algorithm's own, `[n_members, n_rows, dim]`, into rows.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn write(&mut self, rows: &Rows, input: Input, numbers: &[f32]) -> Result<(), EngineError> {
        let width = rows.columns_of(input).len();
        assert_eq!(numbers.len(), self.n_members() * rows.n_rows() * width, "numbers for all rows");
        self.engine.write(rows.destination(input), width, numbers)
    }

    /// Applies a network to its rows.
    pub fn forward(&mut self, pass: &Pass) {
        self.engine.forward(pass.id);
    }

    /// Copies what a network returned for the first rows of its pass into as many other rows, or into
    /// the same.
    pub fn copy_outputs(&mut self, pass: &Pass, rows: &Rows, input: Input) {
        assert_eq!(rows.columns_of(input).len(), pass.n_outputs, "room for the outputs");
        self.engine.copy_outputs(pass.id, rows.n_rows(), rows.destination(input));
    }

    /// What a network returned.
    pub fn outputs(&mut self, pass: &Pass) -> Outputs {
        Outputs::new(&pass.rows, pass.n_outputs, self.engine.outputs(pass.id).to_vec())
    }

    /// Sets or adds to the gradient of a network: `gradient`, `[n_members, rows.n_rows(), n_outputs]`,
    /// is that of the loss by its outputs.
    pub fn backward(&mut self, pass: &Pass, rows: &Rows, gradient: &[f32], accumulate: Accumulate) {
        self.engine.backward(pass.id, pass.rows.position_of(rows), gradient, accumulate);
    }

    /// The derivative by an input, for the same `gradient`.
    pub fn input_gradient(
        &mut self,
        pass: &Pass,
        rows: &Rows,
        gradient: &[f32],
        input: Input,
    ) -> Outputs {
        let (position, columns) = (pass.rows.position_of(rows), pass.rows.columns_of(input));
        let width = columns.len();
        let numbers = self.engine.input_gradient(pass.id, position, gradient, columns);
        Outputs::new(rows, width, numbers)
    }

    /// One Adam step on a network, at each member's learning rate.
    pub fn adam(&mut self, network: &Network) {
        self.engine.adam(network.id, self.learning_rates);
    }

    /// Moves a target network toward its online network, if it is its turn.
    pub fn move_target(&mut self, target: &Network, online: &Network) {
        if (self.n_updates + 1).is_multiple_of(self.settings.target_every) {
            self.engine.polyak(target.id, online.id, self.taus);
        }
    }
}
