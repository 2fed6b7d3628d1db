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
    framed(PolicyKind::Mlp(network(actor, member, engine)), frame)
}

/// The policy that acts with the mean of a member's normal distribution, squashed: of what `actor` returns,
/// `(μ, log σ)`, only `tanh μ` is left.
pub fn of_mean(
    actor: &Network,
    member: usize,
    engine: &dyn Engine,
    frame: PolicyFrame<'_>,
) -> PolicyParts {
    let mut mean = network(actor, member, engine);
    let last = mean.layers.last_mut().expect("a network has a layer");
    let n_outputs = last.n_outputs / 2;
    let rows = last.weight.chunks_exact(last.n_outputs);
    last.weight = rows.flat_map(|row| &row[..n_outputs]).copied().collect();
    last.bias.truncate(n_outputs);
    last.n_outputs = n_outputs;
    mean.output = Activation::Tanh;
    framed(PolicyKind::Mlp(mean), frame)
}

/// A policy of any kind.
pub fn framed(kind: PolicyKind, frame: PolicyFrame<'_>) -> PolicyParts {
    PolicyParts {
        task: frame.task.to_owned(),
        kind,
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
