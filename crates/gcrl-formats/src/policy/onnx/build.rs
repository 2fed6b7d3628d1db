//! A policy as a graph.
//!
//! ```text
//! s = Clip(Div(Sub(Clip(x, ±input_clip), mean), std), ±output_clip)      each of the two inputs
//! mlp: action = Clip(actor(Concat(s, g)), ±1)
//! bcq: below, with K latents; every state stands in K rows, one a latent
//! ```
//!
//! Formulas of the kinds: [`PolicyKind`].

use super::proto::{
    Attribute, AttributeType, Dimension, FLOAT, Graph, Length, Node, Shape, Tensor, TensorType,
    Type, ValueInfo,
};
use super::tensors;
use gcrl_core::{Normalizer, Policy};
use gcrl_policy::{Activation, BcqParts, Network, PolicyKind, TrainedPolicy};

/// Rows of the self-test in a policy file.
pub(super) const SELF_TEST_ROWS: usize = 8;

/// What begins the names of initializers that are no tensors of a policy file.
const CONSTANT: &str = "constant.";

/// Whether an initializer is a tensor of a policy file.
pub(super) fn is_of_policy(initializer: &str) -> bool {
    !initializer.starts_with(CONSTANT)
}

/// The graph of `policy`.
pub(super) fn graph(policy: &TrainedPolicy) -> Graph {
    let parts = policy.parts();
    let (observation, goal) = ("observation", "desired_goal");
    let mut builder = Builder::default();
    let s = builder.normalized(observation, "observation", &parts.observation);
    let g = builder.normalized(goal, "goal", &parts.goal);
    let state = builder.concat("state", &[&s, &g]);
    match &parts.kind {
        PolicyKind::Mlp(actor) => {
            let output = builder.network("actor", actor, &state);
            builder.clip("action", &output, 1.0);
        }
        PolicyKind::Bcq(bcq) => {
            let state_dim = policy.observation_dim() + policy.goal_dim();
            builder.most_valued(bcq, &state, state_dim);
        }
    }
    Graph {
        node: builder.nodes,
        name: "policy".to_owned(),
        initializer: builder.initializers,
        input: vec![rows(observation, policy.observation_dim()), rows(goal, policy.goal_dim())],
        output: vec![rows("action", policy.action_dim())],
    }
}

/// A value of shape `[batch, dim]`.
fn rows(name: &str, dim: usize) -> ValueInfo {
    let lengths = [Length::Name("batch".to_owned()), Length::Value(dim as i64)];
    let dim = lengths.map(|length| Dimension { length: Some(length) }).into();
    let tensor = TensorType { elem_type: FLOAT, shape: Some(Shape { dim }) };
    ValueInfo { name: name.to_owned(), kind: Some(Type { tensor: Some(tensor) }) }
}

/// A setting that is an integer.
fn integer(name: &str, value: i64) -> Attribute {
    let kind = AttributeType::Int as i32;
    Attribute { name: name.to_owned(), i: Some(value), kind, ..Attribute::default() }
}

/// Nodes and initializers, as many as there are; a node is called as its output.
#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    initializers: Vec<Tensor>,
}

impl Builder {
    /// Adds a node, and returns the name of its output.
    fn node(
        &mut self,
        op_type: &str,
        name: &str,
        inputs: &[&str],
        attribute: Vec<Attribute>,
    ) -> String {
        self.nodes.push(Node {
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            output: vec![name.to_owned()],
            name: name.to_owned(),
            op_type: op_type.to_owned(),
            attribute,
            domain: String::new(),
        });
        name.to_owned()
    }

    /// Adds a tensor of a policy file.
    fn tensor(&mut self, name: &str, shape: &[usize], numbers: &[f32]) -> String {
        self.initializers.push(tensors::floats(name, shape, numbers));
        name.to_owned()
    }

    /// Adds integers.
    fn integers(&mut self, name: &str, numbers: &[i64]) -> String {
        let name = format!("{CONSTANT}{name}");
        self.initializers.push(tensors::integers(&name, numbers));
        name
    }

    /// `Clip(input, ±limit)`
    fn clip(&mut self, name: &str, input: &str, limit: f32) -> String {
        let mut bound =
            |bound: &str, number| self.tensor(&format!("{CONSTANT}{name}.{bound}"), &[], &[number]);
        let (min, max) = (bound("min", -limit), bound("max", limit));
        self.node("Clip", name, &[input, &min, &max], Vec::new())
    }

    fn concat(&mut self, name: &str, inputs: &[&str]) -> String {
        self.node("Concat", name, inputs, vec![integer("axis", 1)])
    }

    /// The normalized `input`; `part` is what a policy file calls it.
    fn normalized(&mut self, input: &str, part: &str, normalizer: &Normalizer) -> String {
        let Normalizer { mean, std, input_clip, output_clip } = normalizer;
        let limited = self.clip(&format!("{part}.limited"), input, *input_clip);
        let mean = self.tensor(&format!("normalizer.{part}.mean"), &[mean.len()], mean);
        let centered = self.node("Sub", &format!("{part}.centered"), &[&limited, &mean], vec![]);
        let std = self.tensor(&format!("normalizer.{part}.std"), &[std.len()], std);
        let scaled = self.node("Div", &format!("{part}.scaled"), &[&centered, &std], vec![]);
        self.clip(&format!("{part}.normalized"), &scaled, *output_clip)
    }

    /// The output of a network.
    fn network(&mut self, name: &str, network: &Network, input: &str) -> String {
        let mut x = input.to_owned();
        for (i, layer) in network.layers.iter().enumerate() {
            let (n_inputs, n_outputs) = (layer.n_inputs, layer.n_outputs);
            let weight = format!("{name}.{i}.weight");
            let weight = self.tensor(&weight, &[n_inputs, n_outputs], &layer.weight);
            let bias = self.tensor(&format!("{name}.{i}.bias"), &[n_outputs], &layer.bias);
            x = self.node("Gemm", &format!("{name}.{i}"), &[&x, &weight, &bias], Vec::new());
            let is_last = i + 1 == network.layers.len();
            let activation = if is_last { network.output } else { network.hidden };
            let operator = match activation {
                Activation::Linear => continue,
                Activation::Relu => "Relu",
                Activation::Tanh => "Tanh",
            };
            x = self.node(operator, &format!("{name}.{i}.{}", activation.name()), &[&x], vec![]);
        }
        x
    }

    /// `states` in `[batch · K, state_dim]`, each in K rows, and the latents beside them.
    fn states_and_latents(
        &mut self,
        bcq: &BcqParts,
        state: &str,
        state_dim: usize,
    ) -> (String, String) {
        let (n_latents, latent_dim) = (bcq.latents.len() / bcq.latent_dim, bcq.latent_dim);
        let axis = self.integers("axis", &[1]);
        let each = self.node("Unsqueeze", "state.each", &[state, &axis], Vec::new());
        let times = self.integers("times", &[1, n_latents as i64, 1]);
        let repeated = self.node("Expand", "state.repeated", &[&each, &times], Vec::new());
        let shape = self.integers("states", &[-1, state_dim as i64]);
        let states = self.node("Reshape", "states", &[&repeated, &shape], Vec::new());

        let latents = self.tensor("latents", &[n_latents, latent_dim], &bcq.latents);
        let lengths = self.node("Shape", "state.shape", &[state], Vec::new());
        let first = self.integers("first", &[0]);
        let batch = self.node("Gather", "batch", &[&lengths, &first], vec![integer("axis", 0)]);
        let rest = self.integers("latent", &[n_latents as i64, latent_dim as i64]);
        let shape =
            self.node("Concat", "latents.shape", &[&batch, &rest], vec![integer("axis", 0)]);
        let repeated = self.node("Expand", "latents.repeated", &[&latents, &shape], Vec::new());
        let shape = self.integers("latents", &[-1, latent_dim as i64]);
        (states, self.node("Reshape", "latents.rows", &[&repeated, &shape], Vec::new()))
    }

    /// The candidate of most value, of K.
    fn most_valued(&mut self, bcq: &BcqParts, state: &str, state_dim: usize) {
        let n_latents = (bcq.latents.len() / bcq.latent_dim) as i64;
        let (states, latents) = self.states_and_latents(bcq, state, state_dim);
        let input = self.concat("decoder.input", &[&states, &latents]);
        let generated = self.network("decoder", &bcq.decoder, &input);
        let input = self.concat("perturbation.input", &[&states, &generated]);
        let perturbation = self.network("perturbation", &bcq.perturbation, &input);
        let limit = self.tensor("max_perturbation", &[1], &[bcq.max_perturbation]);
        let step = self.node("Mul", "perturbation.scaled", &[&perturbation, &limit], Vec::new());
        let perturbed = self.node("Add", "perturbed", &[&generated, &step], Vec::new());
        let candidates = self.clip("candidates", &perturbed, 1.0);

        let input = self.concat("critic.input", &[&states, &candidates]);
        let value = self.network("critic", &bcq.critic, &input);
        let shape = self.integers("values", &[-1, n_latents]);
        let values = self.node("Reshape", "values", &[&value, &shape], Vec::new());
        let best = self.node(
            "ArgMax",
            "best",
            &[&values],
            vec![integer("axis", 1), integer("keepdims", 1)],
        );
        let action_dim = bcq.decoder.n_outputs() as i64;
        let shape = self.integers("candidates", &[-1, n_latents, action_dim]);
        let each = self.node("Reshape", "candidates.each", &[&candidates, &shape], Vec::new());
        self.node("GatherND", "action", &[&each, &best], vec![integer("batch_dims", 1)]);
    }
}
