//! The layers of an actor, found by their names.

use super::Sb3Error;
use super::data::Data;
use super::torch::StateDict;
use gcrl_policy::{Activation, Layer};

/// Layers of an actor, at most; numbers in names go up by 2.
const MAX_LAYERS: usize = 64;

/// An actor.
pub(super) struct Actor {
    pub(super) layers: Vec<Layer>,
    pub(super) hidden: Activation,
    pub(super) output: Activation,
}

impl Actor {
    /// Takes the actor's layers from a model's weights.
    pub(super) fn take(weights: &mut StateDict<'_>, data: &Data) -> Result<Self, Sb3Error> {
        let (hidden_layers, last, hidden, output) = if weights.has("actor.mu.weight") {
            ("actor.latent_pi", Some("actor.mu"), Activation::Relu, Activation::Tanh)
        } else if weights.has("actor.mu.0.weight") {
            ("actor.mu", None, Activation::Relu, Activation::Tanh)
        } else if weights.has("action_net.weight") {
            ("mlp_extractor.policy_net", Some("action_net"), Activation::Tanh, Activation::Linear)
        } else {
            return Err(Sb3Error::Model(format!(
                "weights of an actor are missing: there are {}",
                weights.listed()
            )));
        };
        let extractor =
            ["features_extractor.", "actor.features_extractor.", "pi_features_extractor."];
        for prefix in [&extractor[..], &["mlp_extractor.shared_net."]].concat() {
            if let Some(name) = weights.first_with(prefix) {
                return Err(Sb3Error::Model(format!(
                    "weights `{name}` stand before the actor's layers, and are not understood"
                )));
            }
        }
        let mut layers = Vec::new();
        // Between two linear layers stands an activation, which has no weights.
        for idx in (0..).step_by(2).take(MAX_LAYERS) {
            let name = format!("{hidden_layers}.{idx}");
            if !weights.has(&format!("{name}.weight")) {
                break;
            }
            layers.push(layer(weights, &name)?);
        }
        if let Some(name) = last {
            layers.push(layer(weights, name)?);
        }
        let of_actor = format!("{hidden_layers}.");
        if let Some(name) = weights.first_with(&of_actor) {
            return Err(Sb3Error::Model(format!(
                "weights `{name}` belong to no linear layer of the actor, and are not understood"
            )));
        }
        Ok(Self { layers, hidden: data.activation(hidden)?, output })
    }
}

/// A linear layer; torch's weights are `[n_outputs, n_inputs]`.
fn layer(weights: &mut StateDict<'_>, name: &str) -> Result<Layer, Sb3Error> {
    let ([n_outputs, n_inputs], turned) = weights.take::<2>(&format!("{name}.weight"))?;
    let ([n_biases], bias) = weights.take::<1>(&format!("{name}.bias"))?;
    if n_biases != n_outputs || n_outputs * n_inputs == 0 {
        let (name, what) =
            (format!("{name}.bias"), format!("has {n_biases} numbers, not {n_outputs}"));
        return Err(Sb3Error::Tensor { name, what });
    }
    let weight = (0..n_inputs).flat_map(|i| turned.iter().skip(i).step_by(n_inputs).copied());
    Ok(Layer { n_inputs, n_outputs, weight: weight.collect(), bias })
}
