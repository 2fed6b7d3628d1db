//! Policies as ONNX graphs: everything between an observation and an action is inside.
//!
//! | graph | name | shape |
//! |---|---|---|
//! | input | `observation` | `[batch, observation_dim]`, float32 |
//! | input | `desired_goal` | `[batch, goal_dim]`, float32 |
//! | output | `action` | `[batch, action_dim]`, float32 in [-1, 1] |
//!
//! Normalizers, networks, latents and the limit of actions are nodes and initializers, which are called as
//! in a policy file. `metadata_props` say where the policy comes from; two of them are for programs:
//! `gcrl.header` is the header of the policy file, `gcrl.self_test` has questions and answers, row by row,
//! against which a runtime can be checked.
//!
//! Operators are those of version 13; runtimes of 2021 and later know them.

mod build;
mod inputs;
mod proto;
mod tensors;
mod walk;

use super::columns::InputError;
use gcrl_core::{Field, TaskSpec};
use gcrl_policy::{InvalidPolicy, TensorMap, TrainedPolicy, UnpackedPolicy};
use prost::{DecodeError, Message as _};
use proto::{Model, OperatorSet, Property};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Version of the operators that are written.
const OPERATORS: i64 = 13;

/// Version of the format that is written, the first that has these operators.
const IR_VERSION: i64 = 7;

/// Entries of the metadata that hold what the graph does not.
const HEADER: &str = "gcrl.header";
const SELF_TEST: &str = "gcrl.self_test";

/// A cause for a graph not to be a policy.
#[derive(Debug, thiserror::Error)]
pub enum OnnxError {
    /// The file is damaged, or no ONNX.
    #[error("not a whole ONNX file")]
    Format(#[from] DecodeError),
    /// The file has no graph.
    #[error("ONNX file without a graph")]
    NoGraph,
    /// An operation is none that a policy has.
    #[error("node {node} is a {op}, where a policy has {}", walk::OPERATORS)]
    Operator {
        /// The node.
        node: String,
        /// Its operation.
        op: String,
    },
    /// An operation is used in a way that no policy does.
    #[error("node {node}, a {op}, {what}")]
    Use {
        /// The node.
        node: String,
        /// Its operation.
        op: String,
        /// What is the matter with it.
        what: String,
    },
    /// A tensor cannot be used.
    #[error("tensor `{name}` {what}")]
    Tensor {
        /// Its name.
        name: String,
        /// What is the matter with it.
        what: String,
    },
    /// Inputs are not those of a policy for the task.
    #[error(
        "inputs are {found}, where task `{task}` has `observation` [batch, {observation_dim}] and \
         `desired_goal` [batch, {goal_dim}], or both side by side in one input"
    )]
    Inputs {
        /// What is there.
        found: String,
        /// The task.
        task: &'static str,
        /// Numbers in its observation.
        observation_dim: usize,
        /// Numbers in its goal.
        goal_dim: usize,
    },
    /// The output is none that was computed by a network.
    #[error("the graph's output is not that of a network")]
    NoNetwork,
    /// Hidden layers have different activations.
    #[error("hidden layers are followed by different activations, which a policy cannot have")]
    MixedActivations,
    /// The network's inputs cannot be put in order.
    #[error(transparent)]
    Columns(#[from] InputError),
    /// The network makes no policy.
    #[error(transparent)]
    Invalid(#[from] InvalidPolicy),
}

/// Questions and their answers, row by row, as in a policy file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SelfTest {
    observation: Vec<f32>,
    desired_goal: Vec<f32>,
    action: Vec<f32>,
}

/// The file of `policy`, with the layout of `task` in its metadata, where it is known; equal policies give
/// equal bytes.
pub fn write(policy: &TrainedPolicy, task: Option<&TaskSpec>) -> Vec<u8> {
    let unpacked = UnpackedPolicy::new(policy);
    let model = Model {
        ir_version: IR_VERSION,
        producer_name: "gcrl".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        doc_string: format!("A policy for {}", policy.parts().task),
        graph: Some(build::graph(policy)),
        opset_import: vec![OperatorSet { domain: String::new(), version: OPERATORS }],
        metadata_props: metadata(policy, &unpacked, task),
    };
    model.encode_to_vec()
}

/// Where the policy comes from, for people, and what the graph does not hold, for [`read`].
fn metadata(
    policy: &TrainedPolicy,
    unpacked: &UnpackedPolicy,
    task: Option<&TaskSpec>,
) -> Vec<Property> {
    let parts = policy.parts();
    let mut entries = vec![
        ("task", parts.task.clone()),
        ("kind", parts.kind.name().to_owned()),
        ("policy_blake3", policy.blake3()),
        ("program_version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    entries.extend(parts.training.dataset_blake3.iter().map(|it| ("dataset_blake3", it.clone())));
    if let Some(task) = task {
        entries.push(("layout.observation", layout(task.observation)));
        entries.push(("layout.desired_goal", layout(task.goal)));
        entries.push(("layout.action", layout(task.action)));
    }
    entries.extend(parts.training.notes.iter().map(|(key, value)| (&key[..], value.clone())));
    let numbers = |name: &str| unpacked.tensors[&format!("self_test.{name}")].1.clone();
    let self_test = SelfTest {
        observation: numbers("observation"),
        desired_goal: numbers("desired_goal"),
        action: numbers("action"),
    };
    entries.push((SELF_TEST, serde_json::to_string(&self_test).expect("numbers are JSON")));
    entries.push((HEADER, unpacked.header.clone().unwrap_or_default()));
    let property = |(key, value): (&str, String)| Property { key: key.to_owned(), value };
    entries.into_iter().map(property).collect()
}

/// Fields in order, such as `gripper_in_world [3] m`.
fn layout(fields: &[Field]) -> String {
    let field = |it: &Field| format!("{} [{}] {}", it.name, it.len, it.unit);
    fields.iter().map(field).collect::<Vec<_>>().join(", ")
}

/// Reads a policy for `task`: one of [`write`] as it was, or a multilayer perceptron of another program.
pub(super) fn read(file: &[u8], task: &TaskSpec) -> Result<TrainedPolicy, OnnxError> {
    let model = Model::decode(file)?;
    if let Some(policy) = read_ours(&model) {
        return Ok(policy);
    }
    let graph = model.graph.ok_or(OnnxError::NoGraph)?;
    Ok(TrainedPolicy::new(walk::parts(&graph, file.len(), task)?)?)
}

/// The policy whose graph this is, if the metadata have one: the same nodes with the same numbers.
fn read_ours(model: &Model) -> Option<TrainedPolicy> {
    let entry = |key| Some(&model.metadata_props.iter().find(|entry| entry.key == key)?.value);
    let header = entry(HEADER)?.clone();
    let self_test: SelfTest = serde_json::from_str(entry(SELF_TEST)?).ok()?;
    let graph = model.graph.as_ref()?;
    let mut tensors = TensorMap::new();
    for tensor in &graph.initializer {
        if build::is_of_policy(&tensor.name) {
            let (shape, numbers) = tensors::numbers(tensor).ok()?;
            tensors.insert(tensor.name.clone(), (shape, numbers));
        }
    }
    let SelfTest { observation, desired_goal, action } = self_test;
    for (name, numbers, dim_of) in [
        ("observation", observation, "normalizer.observation.mean"),
        ("desired_goal", desired_goal, "normalizer.goal.mean"),
        ("action", action, ""),
    ] {
        let dim = match tensors.get(dim_of) {
            Some((_, numbers)) => numbers.len(),
            None => numbers.len() / build::SELF_TEST_ROWS,
        };
        let shape = vec![numbers.len().checked_div(dim)?, dim];
        tensors.insert(format!("self_test.{name}"), (shape, numbers));
    }
    let bytes = UnpackedPolicy { header: Some(header), tensors }.to_bytes().ok()?;
    let policy = TrainedPolicy::from_bytes(&bytes, Path::new("")).ok()?;
    (build::graph(&policy) == *graph).then_some(policy)
}
