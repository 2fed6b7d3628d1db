//! Graphs of other programs, followed from the inputs to the action.
//!
//! A value is either constant, or inputs side by side that are scaled ([`Value::Inputs`]), or what layers
//! made of those ([`Value::Network`]); nodes take the one to the other. A value that depends on inputs is
//! used once: what it holds moves on with it.

use super::OnnxError;
use super::inputs::{self, Inputs};
use super::proto::{Attribute, Graph, Node};
use super::tensors;
use crate::policy::columns::in_order;
use gcrl_core::TaskSpec;
use gcrl_policy::{Activation, Layer, Network, PolicyKind, PolicyParts, TrainingRecord};
use std::collections::{BTreeMap, BTreeSet};

/// The operations that are understood, for messages.
pub(super) const OPERATORS: &str = "Gemm, MatMul, Add, Relu, Tanh, Clip, Concat, Sub, Div, Flatten, \
    Cast, Identity and Constant";

/// What is known of a value.
enum Value {
    Constant(Constant),
    Inputs(Inputs),
    Network(Rows),
}

/// Numbers that do not depend on inputs.
#[derive(Clone)]
struct Constant {
    shape: Vec<usize>,
    numbers: Vec<f32>,
}

/// What layers made of inputs.
struct Rows {
    inputs: Inputs,
    layers: Vec<Layer>,
    /// What follows each layer; nothing yet behind the last one, maybe.
    activations: Vec<Activation>,
    state: State,
}

/// How far the last layer has come.
#[derive(Clone, Copy, PartialEq)]
enum State {
    /// A product, and no bias yet.
    Product,
    /// A product and a bias.
    Layer,
    /// Its activation, too.
    Activated,
    /// Limited to possible actions.
    Limited,
}

/// How a matrix of weights lies.
#[derive(Clone, Copy)]
enum Weights {
    InputsByOutputs,
    OutputsByInputs,
}

/// Values by name.
struct Walk {
    values: BTreeMap<String, Value>,
    /// Numbers that may still be copied: as many as the file has bytes, four times what it can hold.
    left: usize,
}

/// The policy that `graph`, of a file of `file_len` bytes, computes for `task`.
pub(super) fn parts(
    graph: &Graph,
    file_len: usize,
    task: &TaskSpec,
) -> Result<PolicyParts, OnnxError> {
    let mut values = BTreeMap::new();
    let of_graph = inputs::of_graph(graph, task)?;
    for tensor in &graph.initializer {
        // What no node uses may be of any type: numbers are looked at when they are.
        if let Ok((shape, numbers)) = tensors::numbers(tensor) {
            values.insert(tensor.name.clone(), Value::Constant(Constant { shape, numbers }));
        }
    }
    values.extend(of_graph.into_iter().map(|(name, inputs)| (name, Value::Inputs(inputs))));
    let mut walk = Walk { values, left: file_len };
    let output = graph.output.first().map_or("", |output| &output.name);
    for node in needed(graph, output) {
        let value = walk.follow(node).map_err(|error| explain(error, node, graph))?;
        let name = node.output.first().cloned().unwrap_or_default();
        walk.values.insert(name, value);
    }
    let Some(Value::Network(rows)) = walk.values.remove(output) else {
        return Err(OnnxError::NoNetwork);
    };
    rows.into_parts(task)
}

/// The nodes that `output` depends on, in order.
fn needed<'a>(graph: &'a Graph, output: &'a str) -> Vec<&'a Node> {
    let mut names = BTreeSet::from([output]);
    let mut nodes = Vec::new();
    for node in graph.node.iter().rev() {
        if node.output.iter().any(|name| names.contains(&name[..])) {
            names.extend(node.input.iter().map(|name| &name[..]));
            nodes.push(node);
        }
    }
    nodes.reverse();
    nodes
}

/// Names the tensor that an error is about, if a node uses one that could not be read.
fn explain(error: OnnxError, node: &Node, graph: &Graph) -> OnnxError {
    if !matches!(error, OnnxError::Use { .. }) {
        return error;
    }
    let is_used = |name: &String| node.input.contains(name);
    let mut used = graph.initializer.iter().filter(|tensor| is_used(&tensor.name));
    used.find_map(|tensor| tensors::numbers(tensor).err()).unwrap_or(error)
}

/// An attribute of a node.
fn attribute<'a>(node: &'a Node, name: &str) -> Option<&'a Attribute> {
    node.attribute.iter().find(|attribute| attribute.name == name)
}

fn integer(node: &Node, name: &str, default: i64) -> i64 {
    attribute(node, name).and_then(|it| it.i).unwrap_or(default)
}

fn float(node: &Node, name: &str, default: f32) -> f32 {
    attribute(node, name).and_then(|it| it.f).unwrap_or(default)
}

/// A node by its name, or by that of its output.
fn name(node: &Node) -> String {
    let name = if node.name.is_empty() { node.output.first() } else { Some(&node.name) };
    format!("`{}`", name.map_or("", |name| name).escape_debug())
}

/// An error of how a node is used.
fn refused(node: &Node, what: &str) -> OnnxError {
    OnnxError::Use { node: name(node), op: node.op_type.clone(), what: what.to_owned() }
}

impl Walk {
    /// What a node makes of its inputs.
    fn follow(&mut self, node: &Node) -> Result<Value, OnnxError> {
        if !node.domain.is_empty() {
            let op = format!("{}.{}", node.domain, node.op_type).escape_debug().to_string();
            return Err(OnnxError::Operator { node: name(node), op });
        }
        match &node.op_type[..] {
            "Constant" => constant(node),
            "Identity" => self.take(node, 0),
            "Flatten" if integer(node, "axis", 1) == 1 => self.take(node, 0),
            "Cast" if integer(node, "to", 0) == 1 => self.take(node, 0),
            "Flatten" | "Cast" => Err(refused(node, "changes shape or type of numbers")),
            "Concat" => self.concat(node),
            "Clip" => self.clip(node),
            "Sub" | "Div" => self.scale(node),
            "Gemm" => self.gemm(node),
            "MatMul" => self.product(node, Weights::InputsByOutputs),
            "Add" => self.bias(node),
            "Relu" => self.activation(node, Activation::Relu),
            "Tanh" => self.activation(node, Activation::Tanh),
            other => {
                let op = other.escape_debug().to_string();
                Err(OnnxError::Operator { node: name(node), op })
            }
        }
    }

    /// Takes the value that a node has as its input `idx`; a constant stays for others.
    fn take(&mut self, node: &Node, idx: usize) -> Result<Value, OnnxError> {
        let wanted = node.input.get(idx).map_or("", |name| name);
        if let Some(Value::Constant(constant)) = self.values.get(wanted) {
            let len = constant.shape.len().max(1) + constant.numbers.len();
            let left = self.left.checked_sub(len);
            self.left = left.ok_or_else(|| refused(node, "uses the file's numbers too often"))?;
            return Ok(Value::Constant(constant.clone()));
        }
        self.values.remove(wanted).ok_or_else(|| {
            let wanted = wanted.escape_debug();
            refused(node, &format!("takes `{wanted}`, which is not there, or used before"))
        })
    }

    /// Takes a constant; nothing if the node has no such input.
    fn take_constant(&mut self, node: &Node, idx: usize) -> Result<Option<Constant>, OnnxError> {
        if node.input.get(idx).is_none_or(String::is_empty) {
            return Ok(None);
        }
        match self.take(node, idx)? {
            Value::Constant(constant) => Ok(Some(constant)),
            _ => Err(refused(node, &format!("has an input {idx} that is not constant"))),
        }
    }

    fn needed_constant(&mut self, node: &Node, idx: usize) -> Result<Constant, OnnxError> {
        let missing = || refused(node, &format!("has no input {idx}"));
        self.take_constant(node, idx)?.ok_or_else(missing)
    }

    fn concat(&mut self, node: &Node) -> Result<Value, OnnxError> {
        if !matches!(integer(node, "axis", 0), 1 | -1) {
            return Err(refused(node, "joins rows, not columns"));
        }
        let mut joined = Inputs::default();
        for idx in 0..node.input.len() {
            match self.take(node, idx)? {
                Value::Inputs(inputs) => joined.append(inputs),
                _ => return Err(refused(node, "joins more than inputs")),
            }
        }
        Ok(Value::Inputs(joined))
    }

    fn clip(&mut self, node: &Node) -> Result<Value, OnnxError> {
        let value = self.take(node, 0)?;
        let mut bound = |idx, name, default| -> Result<f32, OnnxError> {
            match self.take_constant(node, idx)? {
                Some(Constant { numbers, .. }) if numbers.len() == 1 => Ok(numbers[0]),
                Some(_) => Err(refused(node, "has a bound that is not one number")),
                None => Ok(float(node, name, default)),
            }
        };
        let (min, max) = (bound(1, "min", f32::MIN)?, bound(2, "max", f32::MAX)?);
        match value {
            Value::Inputs(inputs) if min == -max => {
                let clipped = inputs.clipped(max);
                clipped.map(Value::Inputs).ok_or_else(|| refused(node, "limits inputs twice"))
            }
            Value::Network(rows) if (min, max) == (-1.0, 1.0) => {
                Ok(Value::Network(Rows { state: State::Limited, ..rows }))
            }
            _ => Err(refused(
                node,
                &format!(
                    "limits to [{min}, {max}], where inputs have limits of equal size, and actions -1 and 1"
                ),
            )),
        }
    }

    fn scale(&mut self, node: &Node) -> Result<Value, OnnxError> {
        let Value::Inputs(inputs) = self.take(node, 0)? else {
            return Err(refused(node, "scales something else than inputs"));
        };
        let Constant { numbers, .. } = self.needed_constant(node, 1)?;
        let scaled = match &node.op_type[..] {
            "Sub" => inputs.centered(&numbers),
            _ => inputs.divided(&numbers),
        };
        let what = "does not fit the order of a normalizer: limit, Sub of the mean, Div by the standard \
            deviation, limit; each a number or one for each column";
        scaled.map(Value::Inputs).ok_or_else(|| refused(node, what))
    }

    fn gemm(&mut self, node: &Node) -> Result<Value, OnnxError> {
        let is_plain = float(node, "alpha", 1.0) == 1.0
            && float(node, "beta", 1.0) == 1.0
            && integer(node, "transA", 0) == 0;
        if !is_plain {
            return Err(refused(node, "has factors, or turns its input round"));
        }
        let weights = match integer(node, "transB", 0) {
            0 => Weights::InputsByOutputs,
            _ => Weights::OutputsByInputs,
        };
        let product = self.product(node, weights)?;
        let Value::Network(rows) = product else { return Ok(product) };
        match self.take_constant(node, 2)? {
            Some(bias) => rows.with_bias(bias.numbers, node),
            None => Ok(Value::Network(rows)),
        }
    }

    /// `x W`, or `x Wᵀ`.
    fn product(&mut self, node: &Node, weights: Weights) -> Result<Value, OnnxError> {
        let rows = match self.take(node, 0)? {
            Value::Inputs(inputs) => {
                Rows { inputs, layers: vec![], activations: vec![], state: State::Activated }
            }
            Value::Network(rows) => rows.activated(),
            Value::Constant(_) => return Err(refused(node, "multiplies constants")),
        };
        if rows.state == State::Limited {
            return Err(refused(node, "follows the limit of actions"));
        }
        let Constant { shape, numbers: weight } = self.needed_constant(node, 1)?;
        let [rows_of_weight, columns] = shape[..] else {
            return Err(refused(node, &format!("has weights of shape {shape:?}, not a matrix")));
        };
        if rows_of_weight == 0 || columns == 0 {
            return Err(refused(node, "has no weights"));
        }
        let (n_inputs, n_outputs, weight) = match weights {
            Weights::InputsByOutputs => (rows_of_weight, columns, weight),
            Weights::OutputsByInputs => (columns, rows_of_weight, transposed(&weight, columns)),
        };
        let mut rows = rows;
        rows.layers.push(Layer { n_inputs, n_outputs, weight, bias: vec![0.0; n_outputs] });
        rows.state = State::Product;
        Ok(Value::Network(rows))
    }

    /// `x + b`, in either order.
    fn bias(&mut self, node: &Node) -> Result<Value, OnnxError> {
        let (first, second) = (self.take(node, 0)?, self.take(node, 1)?);
        match (first, second) {
            (Value::Network(rows), Value::Constant(bias))
            | (Value::Constant(bias), Value::Network(rows)) => rows.with_bias(bias.numbers, node),
            _ => Err(refused(node, "adds something else than a bias to a product")),
        }
    }

    fn activation(&mut self, node: &Node, activation: Activation) -> Result<Value, OnnxError> {
        match self.take(node, 0)? {
            Value::Network(mut rows) if matches!(rows.state, State::Product | State::Layer) => {
                rows.activations.push(activation);
                rows.state = State::Activated;
                Ok(Value::Network(rows))
            }
            _ => Err(refused(node, "follows something else than a layer")),
        }
    }
}

impl Rows {
    /// Adds the bias of the last layer, if it has none.
    fn with_bias(mut self, bias: Vec<f32>, node: &Node) -> Result<Value, OnnxError> {
        let n_outputs = self.layers.last().map_or(0, |layer| layer.n_outputs);
        match self.layers.last_mut() {
            Some(layer) if self.state == State::Product && bias.len() == n_outputs => {
                layer.bias = bias;
                self.state = State::Layer;
                Ok(Value::Network(self))
            }
            _ => {
                let what =
                    format!("adds {} numbers, where a layer has {n_outputs} once", bias.len());
                Err(refused(node, &what))
            }
        }
    }

    /// With an activation behind the last layer: none, if there is none.
    fn activated(mut self) -> Self {
        if matches!(self.state, State::Product | State::Layer) {
            self.activations.push(Activation::Linear);
            self.state = State::Activated;
        }
        self
    }

    fn into_parts(self, task: &TaskSpec) -> Result<PolicyParts, OnnxError> {
        let is_limited = self.state == State::Limited;
        let Self { inputs, mut layers, mut activations, .. } = self.activated();
        if is_limited && activations.len() < layers.len() {
            activations.push(Activation::Linear);
        }
        let pieces = inputs.into_pieces();
        let first = layers.first_mut().ok_or(OnnxError::NoNetwork)?;
        let ordered = in_order(&pieces, first, task)?;
        *first = ordered.layer;
        let output = activations.pop().ok_or(OnnxError::NoNetwork)?;
        let hidden = activations.first().copied().unwrap_or(Activation::Relu);
        if activations.iter().any(|activation| *activation != hidden) {
            return Err(OnnxError::MixedActivations);
        }
        let notes = [("algorithm", "imported"), ("imported_from", "onnx")];
        let notes = notes.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Ok(PolicyParts {
            task: task.id.to_owned(),
            kind: PolicyKind::Mlp(Network { layers, hidden, output }),
            observation: ordered.observation,
            goal: ordered.goal,
            training: TrainingRecord { dataset_blake3: None, notes: notes.into() },
        })
    }
}

/// A node that holds a tensor.
fn constant(node: &Node) -> Result<Value, OnnxError> {
    if let Some(tensor) = attribute(node, "value").and_then(|it| it.t.as_ref()) {
        let (shape, numbers) = tensors::numbers(tensor)?;
        return Ok(Value::Constant(Constant { shape, numbers }));
    }
    match attribute(node, "value_float").and_then(|it| it.f) {
        Some(number) => Ok(Value::Constant(Constant { shape: Vec::new(), numbers: vec![number] })),
        None => Err(refused(node, "holds something else than float32 numbers")),
    }
}

/// `weight`, `[n, columns]`, as `[columns, n]`.
fn transposed(weight: &[f32], columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|column| weight.iter().skip(column).step_by(columns).copied()).collect()
}
