//! From an actor to a policy that can be saved.

use crate::algorithm::PolicyFrame;
use crate::setup::Network;
use gcrl_nn::{Engine, HiddenActivation, OutputActivation};
use gcrl_policy::{Layer, PolicyParts};

/// The policy that acts with a member's actor alone.
///
/// # Panics
///
/// If the network is none that a policy file holds: `max(0, x)` between layers, `tanh` at the end.
pub fn of_actor(
    actor: &Network,
    member: usize,
    engine: &dyn Engine,
    frame: PolicyFrame<'_>,
) -> PolicyParts {
    let shape = &actor.shape;
    let activations = (shape.hidden_activation, shape.output);
    assert_eq!(activations, (HiddenActivation::Relu, OutputActivation::Tanh), "an actor");
    let parameters = engine.state(actor.id, member).parameters;
    let mut rest = &parameters[..];
    let layers = shape.layers().into_iter().map(|(n_inputs, n_outputs)| {
        let (weight, after) = rest.split_at(n_inputs * n_outputs);
        let (bias, after) = after.split_at(n_outputs);
        rest = after;
        Layer { n_inputs, n_outputs, weight: weight.to_vec(), bias: bias.to_vec() }
    });
    PolicyParts {
        task: frame.task.to_owned(),
        layers: layers.collect(),
        observation: frame.normalizers.observation.clone(),
        goal: frame.normalizers.goal.clone(),
        training: frame.training,
    }
}
