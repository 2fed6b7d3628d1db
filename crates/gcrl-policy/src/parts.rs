//! What a policy consists of, and what must hold for it to act.

use gcrl_core::Normalizer;
use std::collections::BTreeMap;

/// A linear layer, `y = x W + b`.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Numbers in `x`, at least 1.
    pub n_inputs: usize,
    /// Numbers in `y`, at least 1.
    pub n_outputs: usize,
    /// `W`, `[n_inputs, n_outputs]` row by row.
    pub weight: Vec<f32>,
    /// `b`, `[n_outputs]`.
    pub bias: Vec<f32>,
}

/// All that a policy consists of.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyParts {
    /// Id of the task it was trained for.
    pub task: String,
    /// Layers from the input on; the last one yields the action.
    pub layers: Vec<Layer>,
    /// Scales observations.
    pub observation: Normalizer,
    /// Scales goals.
    pub goal: Normalizer,
    /// Where it comes from, such as `algorithm`, `seed` and `updates`, for people to read. Nothing
    /// that changes from run to run, such as the time, belongs here: equal training gives equal files.
    pub training: BTreeMap<String, String>,
}

/// A cause for parts not to make a policy.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InvalidPolicy {
    /// There is not a single layer.
    #[error("policy has no layers")]
    NoLayers,
    /// A layer holds another number of weights or biases than its sizes say.
    #[error(
        "layer {layer} holds {weights} weights and {biases} biases, which do not make a layer \
         from {n_inputs} inputs to {n_outputs} outputs"
    )]
    LayerSize {
        /// The layer, from 0.
        layer: usize,
        /// Weights found.
        weights: usize,
        /// Biases found.
        biases: usize,
        /// Inputs it should have.
        n_inputs: usize,
        /// Outputs it should have.
        n_outputs: usize,
    },
    /// A layer does not take what comes before it.
    #[error("layer {layer} takes {found} inputs, where {expected} arrive")]
    Chain {
        /// The layer, from 0.
        layer: usize,
        /// Its inputs.
        found: usize,
        /// Outputs of the layer before it, or numbers in an observation and a goal.
        expected: usize,
    },
    /// A normalizer has a different number of means than of deviations.
    #[error("{normalizer} normalizer holds {means} means, but {stds} standard deviations")]
    NormalizerSize {
        /// `observation` or `goal`.
        normalizer: &'static str,
        /// Means found.
        means: usize,
        /// Standard deviations found.
        stds: usize,
    },
    /// A number is NaN or infinite.
    #[error("number {index} of `{tensor}` is {found}, not finite")]
    NotFinite {
        /// The tensor, by its name in files.
        tensor: String,
        /// Which number of it, row by row.
        index: usize,
        /// The number.
        found: f32,
    },
    /// A number that divides or limits is not positive.
    #[error("number {index} of `{tensor}` is {found}, not positive")]
    NotPositive {
        /// The tensor or header entry, by its name in files.
        tensor: String,
        /// Which number of it.
        index: usize,
        /// The number.
        found: f32,
    },
}

/// Checks that sizes fit each other and that numbers are finite, or positive where they must be.
pub(crate) fn check_parts(parts: &PolicyParts) -> Result<(), InvalidPolicy> {
    check_normalizer("observation", &parts.observation)?;
    check_normalizer("goal", &parts.goal)?;
    check_layers(&parts.layers, parts.observation.dim() + parts.goal.dim())
}

fn check_normalizer(normalizer: &'static str, values: &Normalizer) -> Result<(), InvalidPolicy> {
    let Normalizer { mean, std, input_clip, output_clip } = values;
    if mean.len() != std.len() {
        let (means, stds) = (mean.len(), std.len());
        return Err(InvalidPolicy::NormalizerSize { normalizer, means, stds });
    }
    let name = |part| format!("normalizer.{normalizer}.{part}");
    check_finite(|| name("mean"), mean)?;
    for (part, values) in
        [("std", &std[..]), ("input_clip", &[*input_clip]), ("output_clip", &[*output_clip])]
    {
        check_finite(|| name(part), values)?;
        if let Some(index) = values.iter().position(|value| *value <= 0.0) {
            let (tensor, found) = (name(part), values[index]);
            return Err(InvalidPolicy::NotPositive { tensor, index, found });
        }
    }
    Ok(())
}

fn check_layers(layers: &[Layer], n_inputs: usize) -> Result<(), InvalidPolicy> {
    if layers.is_empty() {
        return Err(InvalidPolicy::NoLayers);
    }
    let mut expected = n_inputs;
    for (layer_idx, layer) in layers.iter().enumerate() {
        let Layer { n_inputs, n_outputs, weight, bias } = layer;
        let size = (*n_inputs).checked_mul(*n_outputs);
        if size == Some(0) || size != Some(weight.len()) || *n_outputs != bias.len() {
            return Err(InvalidPolicy::LayerSize {
                layer: layer_idx,
                weights: weight.len(),
                biases: bias.len(),
                n_inputs: *n_inputs,
                n_outputs: *n_outputs,
            });
        }
        if *n_inputs != expected {
            return Err(InvalidPolicy::Chain { layer: layer_idx, found: *n_inputs, expected });
        }
        check_finite(|| format!("actor.{layer_idx}.weight"), weight)?;
        check_finite(|| format!("actor.{layer_idx}.bias"), bias)?;
        expected = *n_outputs;
    }
    Ok(())
}

fn check_finite(tensor: impl Fn() -> String, values: &[f32]) -> Result<(), InvalidPolicy> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => {
            Err(InvalidPolicy::NotFinite { tensor: tensor(), index, found: values[index] })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mlp::MlpPolicy;
    use crate::mlp::tests::random_policy;

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let refusal = |spoil: fn(&mut PolicyParts)| {
            let mut parts = random_policy().parts().clone();
            spoil(&mut parts);
            MlpPolicy::new(parts).unwrap_err().to_string()
        };
        assert_eq!(refusal(|parts| parts.layers.clear()), "policy has no layers");
        assert_eq!(
            refusal(|parts| parts.layers[1].bias.truncate(3)),
            "layer 1 holds 740 weights and 3 biases, which do not make a layer from 37 inputs to 20 outputs"
        );
        assert_eq!(
            refusal(|parts| drop(parts.layers.remove(1))),
            "layer 1 takes 20 inputs, where 37 arrive"
        );
        assert_eq!(
            refusal(|parts| parts.layers[2].weight[5] = f32::NAN),
            "number 5 of `actor.2.weight` is NaN, not finite"
        );
        assert_eq!(
            refusal(|parts| parts.goal.std[1] = 0.0),
            "number 1 of `normalizer.goal.std` is 0, not positive"
        );
        assert_eq!(
            refusal(|parts| parts.goal.mean.truncate(1)),
            "goal normalizer holds 1 means, but 2 standard deviations"
        );
        assert_eq!(
            refusal(|parts| parts.observation.output_clip = -5.0),
            "number 0 of `normalizer.observation.output_clip` is -5, not positive"
        );
    }
}
