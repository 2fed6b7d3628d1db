//! The seam between what is learned and what multiplies.
//!
//! An engine holds a *population*: `runs` members that train the same algorithm from different
//! seeds. It keeps three kinds of things, added once and used at every update:
//!
//! - a **network**, one copy a member, with Adam's state and a gradient beside its parameters;
//! - a block of **rows** `[runs, n_rows, width]`: normalized inputs, filled by [`Engine::gather`] from
//!   the columns of a data set at drawn indices, or by [`Engine::join`] from another network's output;
//! - a **pass**: a network applied to a range of rows. It reads the first `n_inputs` columns of each
//!   row and remembers its activations for the way back.
//!
//! An algorithm is what happens between two passes: it reads outputs as f32 slices, computes targets,
//! weights and *the gradient of its loss at those outputs* in plain Rust, and hands that gradient back.
//!
//! ```text
//! gather → forward (actor) → join → forward (critic) → outputs ⇒ formula in Rust ⇒ backward → adam → polyak
//! ```
//!
//! Promises, of every engine: a member trained in a population equals that member trained alone (bit
//! for bit on the native engine, to rounding elsewhere); equal calls give equal bits from run to run
//! on one machine; two engines agree to rounding.

use crate::network::{NetworkId, NetworkShape, NetworkState};
use gcrl_core::{EpisodeView, Normalizer, TransitionIndex};
use std::ops::Range;

/// A block of input rows that an engine holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowsId(pub usize);

/// A network applied to a range of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassId(pub usize);

/// Which end of a transition a row describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateAt {
    /// `s_t`
    Now,
    /// `s_{t+1}`
    Next,
}

/// What a gathered row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowContent {
    /// `[observation, goal]`; further columns keep what they held.
    StateGoal,
    /// `[observation, goal, action]`, the action as the data set has it.
    StateGoalAction,
}

/// How one member scales its inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct InputNormalizers {
    /// For observations.
    pub observation: Normalizer,
    /// For goals.
    pub goal: Normalizer,
}

/// Which rows to fill, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Gather<'a> {
    /// The block to fill, in every member.
    pub rows: RowsId,
    /// The first row to fill; as many follow as transitions were drawn for a member.
    pub first_row: usize,
    /// Drawn transitions, `[runs, n]`.
    pub transitions: &'a [TransitionIndex],
    /// Which of a transition's two states.
    pub state: StateAt,
    /// What goes into a row.
    pub content: RowContent,
    /// How each member scales, `[runs]`.
    pub normalizers: &'a [InputNormalizers],
}

/// A cause for an engine to give up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The device has too little memory, or refused the call.
    #[error("engine `{engine}` failed to {act}: {reason}")]
    Device {
        /// The engine's name.
        engine: &'static str,
        /// What it was asked to do.
        act: &'static str,
        /// What the device said, in one line.
        reason: String,
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
    fn runs(&self) -> usize;

    /// Adds a network with initial flat `parameters`, `[runs, n_parameters]`.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    fn add_network(
        &mut self,
        shape: &NetworkShape,
        parameters: &[f32],
    ) -> Result<NetworkId, EngineError>;

    /// Adds a block of rows `[runs, n_rows, width]`, all zero.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    fn add_rows(&mut self, n_rows: usize, width: usize) -> Result<RowsId, EngineError>;

    /// Adds a pass of `network` over `range` of `rows`, whose width is at least its inputs.
    ///
    /// The way back may be asked for `kept` rows, counted from the pass's first: only their activations
    /// are remembered, and the others cost no memory traffic. A target network keeps none, `0..0`.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    fn add_pass(
        &mut self,
        network: NetworkId,
        rows: RowsId,
        range: Range<usize>,
        kept: Range<usize>,
    ) -> Result<PassId, EngineError>;

    /// Fills rows with normalized observations and goals (and actions as they are) at drawn indices.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    fn gather(&mut self, episodes: EpisodeView<'_>, gather: &Gather<'_>)
    -> Result<(), EngineError>;

    /// Applies the pass's network to its rows.
    fn forward(&mut self, pass: PassId);

    /// Copies the outputs of `pass` into its own rows, from column `first_column` on: an action that
    /// the actor chose becomes an input of the critic. The first `n` rows of the pass's range only.
    fn join(&mut self, pass: PassId, first_column: usize, n: usize);

    /// The outputs of the last `forward`, after the activation, `[runs, n_rows, n_outputs]`.
    fn outputs(&mut self, pass: PassId) -> &[f32];

    /// Sets the gradient of the network's parameters from `gradient`, the derivative of the loss by
    /// the outputs (after the activation) of `range` (of the kept rows, counted from the pass's first),
    /// `[runs, range.len(), n_outputs]`. Other rows contribute nothing.
    fn backward(&mut self, pass: PassId, range: Range<usize>, gradient: &[f32]);

    /// The derivative by the input `columns` of those rows, `[runs, range.len(), columns.len()]`, for
    /// the same `gradient` as in `backward`; the gradient of the parameters stays as it was.
    fn input_gradient(
        &mut self,
        pass: PassId,
        range: Range<usize>,
        gradient: &[f32],
        columns: Range<usize>,
    ) -> Vec<f32>;

    /// One Adam step on the gradient that `backward` set, in every member:
    ///
    /// `m ← 0.9 m + 0.1 g`, `v ← 0.999 v + 0.001 g²`, `θ ← θ − α m / (√v + 1e-8)` with
    /// `α = learning_rate · √(1 − 0.999ⁿ) / (1 − 0.9ⁿ)` at step `n` from 1.
    ///
    /// **Deviation** from Kingma and Ba, "Adam", 2015, algorithm 1: 1e-8 is added to the uncorrected
    /// `√v`, as their section 2 allows and as the paper's authors ran it.
    fn adam(&mut self, network: NetworkId, learning_rate: f32);

    /// `θ_target ← (1 − tau) θ_target + tau θ_online`, in every member.
    fn polyak(&mut self, target: NetworkId, online: NetworkId, tau: f32);

    /// The gradient that `backward` set, flat, `[runs, n_parameters]`.
    fn gradient(&self, network: NetworkId) -> Vec<f32>;

    /// What continues the training of one member's network.
    fn state(&self, network: NetworkId, run: usize) -> NetworkState;

    /// Puts back what `state` returned.
    fn set_state(&mut self, network: NetworkId, run: usize, state: &NetworkState);
}
