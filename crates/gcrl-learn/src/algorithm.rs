//! The promise of an algorithm.
//!
//! A *population* is several members that train the same algorithm from different seeds, side by
//! side. Batches and outputs are `[n_members, rows, dim]`. A member's random numbers are functions of
//! its seed and of the update alone: a seed trained in a population equals the seed trained alone.

use crate::step::Step;
use gcrl_nn::{Engine, EngineError, InputNormalizers, NetworkId};
use gcrl_policy::{PolicyParts, TrainingRecord};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// What one update led to for one member: named numbers, in a fixed order.
pub type Losses = Vec<(&'static str, f64)>;

/// What an algorithm keeps of one member beside its networks: numbers by name.
pub type MemberState = BTreeMap<String, Vec<f32>>;

/// An algorithm on a population.
pub trait Algorithm {
    /// Makes one gradient step on every network of every member; returns each member's losses.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError>;

    /// What checkpoints keep: every network by name.
    fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)>;

    /// The policy of a member as it is now.
    fn policy(&self, member: usize, engine: &dyn Engine, frame: PolicyFrame<'_>) -> PolicyParts;

    /// What checkpoints keep of a member beside its networks; always under the same names.
    fn state(&self, _member: usize) -> MemberState {
        MemberState::new()
    }

    /// How many numbers `state` may return under a name: a checkpoint with another number of them is
    /// refused. Any number, unless an algorithm says more.
    fn state_len(&self, _name: &str) -> RangeInclusive<usize> {
        0..=usize::MAX
    }

    /// Puts back what `state` returned.
    fn set_state(&mut self, _member: usize, _state: &MemberState) {}
}

/// What surrounds the networks of a policy.
pub struct PolicyFrame<'a> {
    /// The task's id.
    pub task: &'a str,
    /// How the member scales its inputs.
    pub normalizers: &'a InputNormalizers,
    /// Where the policy comes from, for people to read.
    pub training: TrainingRecord,
}
