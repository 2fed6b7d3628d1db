//! From an actor to a policy that can be saved.

use crate::algorithm::PolicyFrame;
use crate::setup::Network;
use gcrl_nn::{Engine, HiddenActivation, OutputActivation};
use gcrl_policy::{Activation, PolicyKind, PolicyParts};

/// The policy that acts with a member's actor alone.
pub fn of_actor(
    actor: &Network,
    member: usize,
    engine: &dyn Engine,
    frame: PolicyFrame<'_>,
) -> PolicyParts {
    PolicyParts {
        task: frame.task.to_owned(),
        kind: PolicyKind::Mlp(network(actor, member, engine)),
        observation: frame.normalizers.observation.clone(),
        goal: frame.normalizers.goal.clone(),
        training: frame.training,
    }
}

/// A member's network, as policy files hold it.
pub fn network(network: &Network, member: usize, engine: &dyn Engine) -> gcrl_policy::Network {
    let shape = &network.shape;
    let widths = [&[shape.n_inputs][..], &shape.hidden, &[shape.n_outputs]].concat();
    let hidden = match shape.hidden_activation {
        HiddenActivation::Relu => Activation::Relu,
        HiddenActivation::Tanh => Activation::Tanh,
    };
    let output = match shape.output {
        OutputActivation::Linear => Activation::Linear,
        OutputActivation::Tanh => Activation::Tanh,
    };
    let parameters = engine.state(network.id, member).parameters;
    gcrl_policy::Network::from_parameters(&widths, hidden, output, &parameters)
}
