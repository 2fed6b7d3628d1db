//! The seam between what is learned and what multiplies.
//!
//! An engine holds a *population*: members that train the same algorithm from different seeds, side by
//! side. It keeps four kinds of things, added once and used at every update:
//!
//! - a **network**, one copy a member, with Adam's state and a gradient beside its parameters;
//! - a block of **rows** `[n_members, n_rows, width]`: inputs, filled by [`Engine::gather`] from the
//!   columns of a data set at sampled transitions, by [`Engine::copy_outputs`] from another network's
//!   outputs, or by [`Engine::write`] with any numbers;
//! - a **pass**: a network applied to a range of rows. It reads the first `n_inputs` columns of each
//!   row, and saves its activations for the backward pass;
//! - **episodes**: a data set to gather from, which an engine with a memory of its own copies there.
//!
//! An algorithm is what happens between two passes: it reads outputs as f32 slices, computes targets,
//! weights and *the gradient of its loss at those outputs* in plain Rust, and hands that gradient back.
//!
//! ```text
//! gather → forward (actor) → copy_outputs → forward (critic) → outputs ⇒ formula in Rust
//!        ⇒ backward → adam → polyak
//! ```
//!
//! Promises, of every engine: a member trained in a population equals that member trained alone (bit
//! for bit on the native engine, to rounding elsewhere); equal calls give equal bits from run to run
//! on one machine; two engines agree to rounding.

use crate::gather::{EpisodesId, Gather, InputNormalizers, RowsId, Source};
use crate::network::{NetworkId, NetworkShape, NetworkState};
use gcrl_core::EpisodeView;
use std::ops::Range;

/// A network applied to a range of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassId(pub usize);

/// Where numbers go among the rows that an engine holds, the same in every member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The block.
    pub rows: RowsId,
    /// Its row.
    pub first_row: usize,
    /// Its column.
    pub first_column: usize,
}

/// What becomes of the gradient that a network already has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accumulate {
    /// The new gradient takes its place.
    Set,
    /// The new gradient is added: one network under two losses.
    Add,
}

/// A cause for an engine to give up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The device has too little memory, or failed.
    #[error("engine `{engine}` failed to {act}: {reason}")]
    Device {
        /// The engine's name.
        engine: &'static str,
        /// What it was asked to do.
        act: &'static str,
        /// What the device said, in one line.
        reason: String,
    },
    /// Numbers do not fit into the memory of the CPU.
    #[error("engine `{engine}` failed to {act}: {n_bytes} bytes do not fit into memory")]
    Memory {
        /// The engine's name.
        engine: &'static str,
        /// What it was asked to do.
        act: &'static str,
        /// How much memory that takes; `usize::MAX` where it is even more.
        n_bytes: usize,
    },
    /// The asked device does not exist.
    #[error("device `{device}` is not available to engine `{engine}`: {reason}")]
    NoDevice {
        /// The engine's name.
        engine: &'static str,
        /// The device's name.
        device: String,
        /// Why, in one line.
        reason: String,
    },
}

/// Networks of a population and the arithmetic on them.
///
/// Ranges and lengths that do not fit what was added are a bug of the caller and panic.
pub trait Engine {
    /// The engine's name, such as `native`.
    fn name(&self) -> &'static str;

    /// Members in the population.
    fn n_members(&self) -> usize;

    /// Adds a network with initial flat `parameters`, `[n_members, n_parameters]`.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    fn add_network(
        &mut self,
        shape: &NetworkShape,
        parameters: &[f32],
    ) -> Result<NetworkId, EngineError>;

    /// Adds a block of rows `[n_members, n_rows, width]`, all zero.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    fn add_rows(&mut self, n_rows: usize, width: usize) -> Result<RowsId, EngineError>;

    /// Adds a pass of `network` over `range` of `rows`, whose width is at least its inputs.
    ///
    /// A backward pass may be asked for the `saved` rows, counted from the pass's first: only their
    /// activations are saved, and the others cost no memory traffic. A target network saves none,
    /// `0..0`.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    fn add_pass(
        &mut self,
        network: NetworkId,
        rows: RowsId,
        range: Range<usize>,
        saved: Range<usize>,
    ) -> Result<PassId, EngineError>;

    /// Adds episodes to gather from. They stay where they are; an engine with a memory of its own
    /// copies them there.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    fn add_episodes(&mut self, episodes: EpisodeView<'_>) -> Result<EpisodesId, EngineError>;

    /// Takes in what was written to episodes since they were added or last refreshed: those that
    /// `n_written` counts, over the oldest ones where there was no room.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    ///
    /// # Panics
    ///
    /// If nothing was written to them, and they are others.
    fn refresh_episodes(
        &mut self,
        id: EpisodesId,
        episodes: EpisodeView<'_>,
    ) -> Result<(), EngineError>;

    /// Sets how a member scales observations and goals, from the next `gather` on.
    fn set_normalizers(&mut self, member: usize, normalizers: &InputNormalizers);

    /// Fills rows from the columns of episodes, at sampled transitions.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    ///
    /// # Panics
    ///
    /// If the episodes are not those of the handle, changed since they were refreshed, or a member has no
    /// normalizers yet.
    fn gather(&mut self, source: Source<'_>, gather: &Gather<'_>) -> Result<(), EngineError>;

    /// Writes `numbers`, `[n_members, n, width]`, into rows, from a row and a column on.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    fn write(&mut self, to: Destination, width: usize, numbers: &[f32]) -> Result<(), EngineError>;

    /// Copies the outputs of the first `n` rows of `pass` into rows, from a row and a column on: an action that
    /// the actor returned becomes an input of the critic.
    fn copy_outputs(&mut self, pass: PassId, n: usize, to: Destination);

    /// Applies the pass's network to its rows.
    fn forward(&mut self, pass: PassId);

    /// The outputs of the last `forward`, after the activation, `[n_members, n_rows, n_outputs]`.
    fn outputs(&mut self, pass: PassId) -> &[f32];

    /// Sets the gradient of the network's parameters, or adds to it, from `gradient`: the derivative
    /// of the loss by the outputs (after the activation) of `range` (of the saved rows, counted from
    /// the pass's first), `[n_members, range.len(), n_outputs]`. Other rows contribute nothing.
    fn backward(
        &mut self,
        pass: PassId,
        range: Range<usize>,
        gradient: &[f32],
        accumulate: Accumulate,
    );

    /// The derivative by the input `columns` of those rows,
    /// `[n_members, range.len(), columns.len()]`, for the same `gradient` as in `backward`; the
    /// gradient of the parameters stays as it was.
    fn input_gradient(
        &mut self,
        pass: PassId,
        range: Range<usize>,
        gradient: &[f32],
        columns: Range<usize>,
    ) -> Vec<f32>;

    /// One Adam step on the gradient that `backward` left, at each member's learning rate,
    /// `[n_members]`:
    ///
    /// `m ← 0.9 m + 0.1 g`, `v ← 0.999 v + 0.001 g²`, `θ ← θ − α m / (√v + 1e-8)` with
    /// `α = learning_rate · √(1 − 0.999ⁿ) / (1 − 0.9ⁿ)` at step `n` from 1.
    ///
    /// **Deviation** from Kingma and Ba, "Adam", 2015, algorithm 1: 1e-8 is added to the uncorrected
    /// `√v`, as their section 2 allows and as the paper's authors ran it.
    fn adam(&mut self, network: NetworkId, learning_rates: &[f32]);

    /// `θ_target ← (1 − tau) θ_target + tau θ_online`, with each member's `tau`, `[n_members]`.
    fn polyak(&mut self, target: NetworkId, online: NetworkId, taus: &[f32]);

    /// The gradient that `backward` left, flat, `[n_members, n_parameters]`.
    fn gradient(&self, network: NetworkId) -> Vec<f32>;

    /// What continues the training of one member's network.
    fn state(&self, network: NetworkId, member: usize) -> NetworkState;

    /// Puts back what `state` returned.
    fn set_state(&mut self, network: NetworkId, member: usize, state: &NetworkState);
}
