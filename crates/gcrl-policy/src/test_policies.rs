//! Policies for tests: of every kind, with numbers that are the same in every run.

use crate::{
    Activation, BcqParts, Network, PolicyKind, PolicyParts, TrainedPolicy, TrainingRecord,
};
use gcrl_core::{Field, Normalizer, ObservationBatch, Policy, SuccessRule, TaskSpec, seed};
use std::collections::BTreeMap;
use std::error::Error;

pub(crate) const SPEC: TaskSpec = TaskSpec {
    id: "PointReach",
    summary: "",
    observation: &[Field::new("point_in_world", 3, "m")],
    goal: &[Field::new("point_in_world", 2, "m")],
    action: &[Field::new("velocity", 2, "m/s")],
    horizon: 50,
    n_transitions: 49,
    sub_steps: 1,
    physics_dt_secs: 1.0,
    physics_version: 1,
    reward: SuccessRule::Within(1.0),
    success: SuccessRule::Within(1.0),
};

/// Numbers in [-scale, scale], the same in every run.
pub(crate) fn numbers(name: &str, n: usize, scale: f32) -> Vec<f32> {
    let unit = |i| (seed::child(7, name, i) >> 40) as f32 / (1 << 23) as f32 - 1.0;
    (0..n as u64).map(|i| scale * unit(i)).collect()
}

/// A network with random weights; `name` makes them differ.
pub(crate) fn network(
    name: &str,
    widths: &[usize],
    hidden: Activation,
    output: Activation,
) -> Network {
    let n_parameters: usize = widths.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum();
    let parameters = numbers(name, n_parameters, 0.5);
    Network::from_parameters(widths, hidden, output, &parameters)
}

/// A policy for 3 numbers in an observation and 2 in a goal.
pub(crate) fn policy_of(kind: PolicyKind) -> TrainedPolicy {
    let normalizer = |dim| Normalizer {
        mean: numbers("mean", dim, 3.0),
        std: numbers("std", dim, 1.0).iter().map(|x| 0.1 + x.abs()).collect(),
        input_clip: 200.0,
        output_clip: 5.0,
    };
    let training = TrainingRecord {
        dataset_blake3: Some("0123456789abcdef".repeat(4)),
        notes: BTreeMap::from([("algorithm".to_owned(), "wgcsl".to_owned())]),
    };
    let (observation, goal) = (normalizer(3), normalizer(2));
    let parts = PolicyParts { task: "PointReach".to_owned(), kind, observation, goal, training };
    TrainedPolicy::new(parts).unwrap()
}

/// A policy of kind `mlp` for `SPEC`, whose hidden layers leave a remainder in every panel.
pub(crate) fn mlp_policy() -> TrainedPolicy {
    let actor = network("actor", &[5, 37, 20, 2], Activation::Relu, Activation::Tanh);
    policy_of(PolicyKind::Mlp(actor))
}

/// The parts of a policy of kind `bcq` for `SPEC`, with 7 latents of 3 numbers.
pub(crate) fn bcq_parts() -> BcqParts {
    BcqParts {
        decoder: network("decoder", &[8, 19, 2], Activation::Relu, Activation::Tanh),
        perturbation: network("perturbation", &[7, 18, 9, 2], Activation::Tanh, Activation::Tanh),
        critic: network("critic", &[7, 21, 1], Activation::Relu, Activation::Linear),
        max_perturbation: 0.05,
        latent_dim: 3,
        latents: numbers("latents", 7 * 3, 0.5),
    }
}

pub(crate) fn bcq_policy() -> TrainedPolicy {
    policy_of(PolicyKind::Bcq(bcq_parts()))
}

/// The actions of `policy`, row by row.
pub(crate) fn act(policy: &TrainedPolicy, observation: &[f32], desired_goal: &[f32]) -> Vec<f32> {
    let n_rows = observation.len() / policy.observation_dim();
    let mut action = vec![0.0; n_rows * policy.action_dim()];
    policy.act(&ObservationBatch { n_rows, observation, desired_goal }, &mut action);
    action
}

/// The whole chain of causes, as the command line prints it, without the file's name.
pub(crate) fn chain(error: &dyn Error) -> String {
    let source = error.source().map(|source| format!(": {}", chain(source)));
    let outer = error.to_string();
    let outer = outer.split(": \"").next().unwrap();
    format!("{outer}{}", source.unwrap_or_default())
}
