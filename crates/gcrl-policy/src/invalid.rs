//! What must hold for parts to make a policy.

use crate::layer::Layer;
use crate::network::Network;
use crate::parts::{BcqParts, PolicyKind, PolicyParts};
use gcrl_core::Normalizer;

/// Numbers in a row between two layers, at most: a bound on what a small file can make us allocate.
pub const MAX_WIDTH: usize = 1 << 16;

/// Latents of a policy, at most: a bound on how long a small file can make us act.
pub const MAX_LATENTS: usize = 1 << 10;

/// A cause for parts not to make a policy.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InvalidPolicy {
    /// A network has not a single layer.
    #[error("network `{network}` has no layers")]
    NoLayers {
        /// The network, by its name in files.
        network: &'static str,
    },
    /// A layer holds another number of weights or biases than its sizes say.
    #[error(
        "layer {layer} of `{network}` holds {weights} weights and {biases} biases, which do not make \
         a layer from {n_inputs} inputs to {n_outputs} outputs"
    )]
    LayerSize {
        /// The network, by its name in files.
        network: &'static str,
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
    #[error("layer {layer} of `{network}` takes {found} inputs, where {expected} arrive")]
    Chain {
        /// The network, by its name in files.
        network: &'static str,
        /// The layer, from 0.
        layer: usize,
        /// Its inputs.
        found: usize,
        /// Outputs of the layer before it, or numbers in the network's input.
        expected: usize,
    },
    /// A network gives another number of outputs than its role needs.
    #[error("network `{network}` has {found} outputs, where {expected} are needed")]
    Outputs {
        /// The network, by its name in files.
        network: &'static str,
        /// Its outputs.
        found: usize,
        /// Numbers in an action, or 1 for a value.
        expected: usize,
    },
    /// A layer has more inputs or outputs than are possible.
    #[error("layer {layer} of `{network}` is {found} wide, where {MAX_WIDTH} are possible")]
    Width {
        /// The network, by its name in files.
        network: &'static str,
        /// The layer, from 0.
        layer: usize,
        /// Its inputs or outputs, whichever are more.
        found: usize,
    },
    /// Latents do not make rows, or there are too few or too many.
    #[error(
        "`latents` holds {found} numbers, which do not make 1 to {MAX_LATENTS} rows of {latent_dim}"
    )]
    Latents {
        /// Numbers found.
        found: usize,
        /// Numbers in a latent.
        latent_dim: usize,
    },
    /// A normalizer scales nothing.
    #[error("{normalizer} normalizer holds no numbers")]
    EmptyNormalizer {
        /// `observation` or `goal`.
        normalizer: &'static str,
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
    /// The factor of perturbations is negative.
    #[error("`max_perturbation` is {found}, not 0 or more")]
    NegativePerturbation {
        /// The factor.
        found: f32,
    },
    /// The hash of the data set is not one.
    #[error("`dataset_blake3` is `{found}`, not 64 digits in lower-case hexadecimal")]
    DatasetHash {
        /// What stands there.
        found: String,
    },
}

/// Checks that sizes fit each other and that numbers are finite, or positive where they must be.
pub(crate) fn check_parts(parts: &PolicyParts) -> Result<(), InvalidPolicy> {
    check_normalizer("observation", &parts.observation)?;
    check_normalizer("goal", &parts.goal)?;
    let state_dim = parts.observation.dim() + parts.goal.dim();
    match &parts.kind {
        PolicyKind::Mlp(actor) => check_network("actor", actor, state_dim)?,
        PolicyKind::Bcq(bcq) => check_bcq(bcq, state_dim)?,
    }
    match &parts.training.dataset_blake3 {
        Some(found) if !is_hash(found) => Err(InvalidPolicy::DatasetHash { found: found.clone() }),
        _ => Ok(()),
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn check_bcq(parts: &BcqParts, state_dim: usize) -> Result<(), InvalidPolicy> {
    let BcqParts { decoder, perturbation, critic, max_perturbation, latent_dim, latents } = parts;
    let (found, latent_dim) = (latents.len(), *latent_dim);
    let is_whole = latent_dim != 0 && found.is_multiple_of(latent_dim);
    if !is_whole || !(1..=MAX_LATENTS).contains(&(found / latent_dim)) {
        return Err(InvalidPolicy::Latents { found, latent_dim });
    }
    check_finite(|| "latents".to_owned(), latents)?;
    check_finite(|| "max_perturbation".to_owned(), &[*max_perturbation])?;
    if *max_perturbation < 0.0 {
        return Err(InvalidPolicy::NegativePerturbation { found: *max_perturbation });
    }
    check_network("decoder", decoder, state_dim + latent_dim)?;
    let action_dim = decoder.n_outputs();
    for (network, values, expected) in
        [("perturbation", perturbation, action_dim), ("critic", critic, 1)]
    {
        check_network(network, values, state_dim + action_dim)?;
        let found = values.n_outputs();
        if found != expected {
            return Err(InvalidPolicy::Outputs { network, found, expected });
        }
    }
    Ok(())
}

fn check_normalizer(normalizer: &'static str, values: &Normalizer) -> Result<(), InvalidPolicy> {
    let Normalizer { mean, std, input_clip, output_clip } = values;
    if mean.len() != std.len() {
        let (means, stds) = (mean.len(), std.len());
        return Err(InvalidPolicy::NormalizerSize { normalizer, means, stds });
    }
    if mean.is_empty() {
        return Err(InvalidPolicy::EmptyNormalizer { normalizer });
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

fn check_network(
    network: &'static str,
    values: &Network,
    n_inputs: usize,
) -> Result<(), InvalidPolicy> {
    if values.layers.is_empty() {
        return Err(InvalidPolicy::NoLayers { network });
    }
    let mut expected = n_inputs;
    for (layer_idx, layer) in values.layers.iter().enumerate() {
        check_layer(network, layer_idx, layer)?;
        if layer.n_inputs != expected {
            let found = layer.n_inputs;
            return Err(InvalidPolicy::Chain { network, layer: layer_idx, found, expected });
        }
        expected = layer.n_outputs;
    }
    Ok(())
}

fn check_layer(
    network: &'static str,
    layer_idx: usize,
    layer: &Layer,
) -> Result<(), InvalidPolicy> {
    let Layer { n_inputs, n_outputs, ref weight, ref bias } = *layer;
    let size = n_inputs.checked_mul(n_outputs);
    if size == Some(0) || size != Some(weight.len()) || n_outputs != bias.len() {
        return Err(InvalidPolicy::LayerSize {
            network,
            layer: layer_idx,
            weights: weight.len(),
            biases: bias.len(),
            n_inputs,
            n_outputs,
        });
    }
    let found = n_inputs.max(n_outputs);
    if MAX_WIDTH < found {
        return Err(InvalidPolicy::Width { network, layer: layer_idx, found });
    }
    check_finite(|| format!("{network}.{layer_idx}.weight"), weight)?;
    check_finite(|| format!("{network}.{layer_idx}.bias"), bias)
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
    use crate::Activation;
    use crate::policy::TrainedPolicy;
    use crate::test_policies::{bcq_policy, mlp_policy, network};

    fn refusal(policy: &TrainedPolicy, spoil: impl Fn(&mut PolicyParts)) -> String {
        let mut parts = policy.parts().clone();
        spoil(&mut parts);
        TrainedPolicy::new(parts).unwrap_err().to_string()
    }

    /// What is said of `mlp_policy` with a spoiled actor.
    fn actor_refusal(spoil: fn(&mut Network)) -> String {
        refusal(&mlp_policy(), |parts| match &mut parts.kind {
            PolicyKind::Mlp(actor) => spoil(actor),
            PolicyKind::Bcq(_) => unreachable!("the policy is of kind `mlp`"),
        })
    }

    /// What is said of `bcq_policy` with spoiled parts.
    fn bcq_refusal(spoil: fn(&mut BcqParts)) -> String {
        refusal(&bcq_policy(), |parts| match &mut parts.kind {
            PolicyKind::Bcq(bcq) => spoil(bcq),
            PolicyKind::Mlp(_) => unreachable!("the policy is of kind `bcq`"),
        })
    }

    #[test]
    fn networks_that_do_not_fit_are_refused() {
        assert_eq!(actor_refusal(|actor| actor.layers.clear()), "network `actor` has no layers");
        assert_eq!(
            actor_refusal(|actor| actor.layers[1].bias.truncate(3)),
            "layer 1 of `actor` holds 740 weights and 3 biases, which do not make a layer from 37 \
             inputs to 20 outputs"
        );
        assert_eq!(
            actor_refusal(|actor| drop(actor.layers.remove(1))),
            "layer 1 of `actor` takes 20 inputs, where 37 arrive"
        );
        assert_eq!(
            actor_refusal(|actor| actor.layers[2].weight[5] = f32::NAN),
            "number 5 of `actor.2.weight` is NaN, not finite"
        );
    }

    #[test]
    fn a_layer_wider_than_possible_is_refused() {
        let wide = network("wide", &[5, 65_537, 2], Activation::Relu, Activation::Tanh);
        let kind = PolicyKind::Mlp(wide);
        assert_eq!(
            refusal(&mlp_policy(), |parts| parts.kind = kind.clone()),
            "layer 0 of `actor` is 65537 wide, where 65536 are possible"
        );
    }

    #[test]
    fn normalizers_that_do_not_fit_are_refused() {
        let refusal = |spoil: fn(&mut PolicyParts)| refusal(&mlp_policy(), spoil);
        assert_eq!(
            refusal(|parts| parts.goal.std[1] = 0.0),
            "number 1 of `normalizer.goal.std` is 0, not positive"
        );
        assert_eq!(
            refusal(|parts| parts.goal.mean.truncate(1)),
            "goal normalizer holds 1 means, but 2 standard deviations"
        );
        assert_eq!(
            refusal(|parts| parts.goal = Normalizer::identity(0, 200.0, 5.0)),
            "goal normalizer holds no numbers"
        );
        assert_eq!(
            refusal(|parts| parts.observation.output_clip = -5.0),
            "number 0 of `normalizer.observation.output_clip` is -5, not positive"
        );
    }

    #[test]
    fn a_hash_that_is_none_is_refused() {
        for found in ["", "abc", &"A".repeat(64), &"g".repeat(64)] {
            assert_eq!(
                refusal(&mlp_policy(), |parts| {
                    parts.training.dataset_blake3 = Some(found.to_owned());
                }),
                format!("`dataset_blake3` is `{found}`, not 64 digits in lower-case hexadecimal")
            );
        }
    }

    #[test]
    fn the_networks_of_a_bcq_must_fit_each_other() {
        assert_eq!(
            bcq_refusal(|bcq| bcq.critic = bcq.perturbation.clone()),
            "network `critic` has 2 outputs, where 1 are needed"
        );
        assert_eq!(
            bcq_refusal(|bcq| bcq.perturbation = bcq.critic.clone()),
            "network `perturbation` has 1 outputs, where 2 are needed"
        );
        assert_eq!(
            bcq_refusal(|bcq| bcq.decoder = bcq.perturbation.clone()),
            "layer 0 of `decoder` takes 7 inputs, where 8 arrive"
        );
        assert_eq!(
            bcq_refusal(|bcq| bcq.perturbation = bcq.decoder.clone()),
            "layer 0 of `perturbation` takes 8 inputs, where 7 arrive"
        );
    }

    #[test]
    fn latents_and_their_perturbation_must_be_possible() {
        let latents = |latent_dim, found| {
            format!(
                "`latents` holds {found} numbers, which do not make 1 to 1024 rows of {latent_dim}"
            )
        };
        assert_eq!(bcq_refusal(|bcq| bcq.latents.truncate(4)), latents(3, 4));
        assert_eq!(bcq_refusal(|bcq| bcq.latents.clear()), latents(3, 0));
        assert_eq!(bcq_refusal(|bcq| bcq.latent_dim = 0), latents(0, 21));
        assert_eq!(bcq_refusal(|bcq| bcq.latents = vec![0.0; 3 * 1025]), latents(3, 3075));
        assert_eq!(
            bcq_refusal(|bcq| bcq.latents[4] = f32::INFINITY),
            "number 4 of `latents` is inf, not finite"
        );
        assert_eq!(
            bcq_refusal(|bcq| bcq.max_perturbation = f32::NAN),
            "number 0 of `max_perturbation` is NaN, not finite"
        );
        assert_eq!(
            bcq_refusal(|bcq| bcq.max_perturbation = -0.5),
            "`max_perturbation` is -0.5, not 0 or more"
        );
    }
}
