//! How a data set is made again, bit for bit: `datasets/recipes/<Task>/<name>.toml`.
//!
//! ```toml
//! task = "FetchPush"
//! n_episodes = 40000
//! seed = "0"
//! [behavior]                            # as in a manifest: `kind = "uniform"`, or a policy
//! kind = "policy"
//! task = "FetchPush"
//! blake3 = "…"                          # of the policy's file
//! noise_std = 0.2
//! random_action_probability = 0.3
//! ```

use crate::manifest::{BehaviorRecord, Manifest, as_text};
use serde::{Deserialize, Serialize};

/// What determines the episodes of a data set, beside the version of its task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The task's id.
    pub task: String,
    /// How many episodes.
    pub n_episodes: u64,
    /// The root of all randomness in them; a number of 64 bits as text.
    #[serde(with = "as_text")]
    pub seed: u64,
    /// Who acts.
    pub behavior: BehaviorRecord,
}

impl From<&Manifest> for Recipe {
    /// The recipe that a data set was made by.
    fn from(manifest: &Manifest) -> Self {
        Self {
            task: manifest.task.id.clone(),
            n_episodes: manifest.n_episodes as u64,
            seed: manifest.seed,
            behavior: manifest.behavior.clone(),
        }
    }
}
