//! What a policy consists of.

use crate::network::Network;
use gcrl_core::Normalizer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All that a policy consists of.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyParts {
    /// Id of the task it was trained for.
    pub task: String,
    /// Its networks, and how they choose an action.
    pub kind: PolicyKind,
    /// Scales observations.
    pub observation: Normalizer,
    /// Scales goals.
    pub goal: Normalizer,
    /// Where it comes from.
    pub training: TrainingRecord,
}

/// Networks, and how they choose an action.
///
/// Below, `s` and `g` are the normalized observation and desired goal, side by side in an input row in
/// this order; actions are not scaled. Every action is limited to [-1, 1] in the end.
#[derive(Clone, Debug, PartialEq)]
pub enum PolicyKind {
    /// One network, `actor(s, g)`: `[observation_dim + goal_dim]` to `[action_dim]`.
    Mlp(Network),
    /// The most valued of several generated and perturbed actions.
    Bcq(BcqParts),
}

impl PolicyKind {
    /// Its name in files.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Mlp(_) => "mlp",
            Self::Bcq(_) => "bcq",
        }
    }

    /// Its networks, by their names in files.
    pub fn networks(&self) -> Vec<(&'static str, &Network)> {
        match self {
            Self::Mlp(actor) => vec![("actor", actor)],
            Self::Bcq(BcqParts { decoder, perturbation, critic, .. }) => {
                vec![("decoder", decoder), ("perturbation", perturbation), ("critic", critic)]
            }
        }
    }

    /// Numbers in an action.
    pub fn action_dim(&self) -> usize {
        match self {
            Self::Mlp(actor) => actor.n_outputs(),
            Self::Bcq(parts) => parts.decoder.n_outputs(),
        }
    }
}

/// The most valued of several generated and perturbed actions.
///
/// ```text
/// aₖ     = decoder(s, g, zₖ)                                       for each latent zₖ
/// uₖ     = clip(aₖ + max_perturbation · perturbation(s, g, aₖ), ±1)
/// action = uₖ with the largest critic(s, g, uₖ), the first of equals
/// ```
///
/// **Source:** Fujimoto et al., "Off-Policy Deep Reinforcement Learning without Exploration", 2019,
/// section 4; conditioned on goals as in Yang et al., "Rethinking Goal-Conditioned Supervised Learning
/// and Its Connection to Offline RL", 2022.
///
/// **Deviation:** the latents are sampled once and belong to the policy, where the authors sample new
/// ones for every action: so the policy is a deterministic function of what it sees.
#[derive(Clone, Debug, PartialEq)]
pub struct BcqParts {
    /// Of the variational autoencoder, `[observation_dim + goal_dim + latent_dim]` to `[action_dim]`.
    pub decoder: Network,
    /// `[observation_dim + goal_dim + action_dim]` to `[action_dim]`; with an output of `tanh`,
    /// `max_perturbation` is a limit.
    pub perturbation: Network,
    /// `[observation_dim + goal_dim + action_dim]` to `[1]`; the first one of twins in the source.
    pub critic: Network,
    /// Φ, the factor of perturbations, in units of the largest action; 0 perturbs nothing.
    pub max_perturbation: f32,
    /// Numbers in a latent, at least 1.
    pub latent_dim: usize,
    /// `[n_latents, latent_dim]`, with 1 to [`MAX_LATENTS`](crate::MAX_LATENTS) rows; standard normal
    /// numbers limited to [-0.5, 0.5] in the source.
    pub latents: Vec<f32>,
}

/// Where a policy comes from.
///
/// Nothing that changes from run to run, such as the time, belongs here: equal training gives equal
/// files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingRecord {
    /// BLAKE3 of the data set that it learned from, 64 digits in lower-case hexadecimal; none if it
    /// learned online, was imported, or is read from a file of version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_blake3: Option<String>,
    /// For people to read, such as `algorithm`, `seed` and `updates`.
    pub notes: BTreeMap<String, String>,
}
