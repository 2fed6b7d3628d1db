//! What a policy file says beside its numbers, as JSON in the entry `gcrl` of the safetensors header's
//! `__metadata__`: in one entry, since the library orders entries at random, and equal policies are to
//! give equal bytes.
//!
//! ```json
//! {
//!   "format": "gcrl-policy", "version": 2, "blake3": "54ab…", "task": "PointReach", "kind": "mlp",
//!   "networks": { "actor": { "hidden": "relu", "output": "tanh" } },
//!   "observation": { "input_clip": 200.0, "output_clip": 5.0 },
//!   "goal": { "input_clip": 200.0, "output_clip": 5.0 },
//!   "training": { "dataset_blake3": "0f3c…", "notes": { "algorithm": "wgcsl", "seed": "0" } }
//! }
//! ```
//!
//! `blake3` is that of this text without the digits of `blake3` itself, followed by the tensors' bytes
//! as they lie in the file.

use crate::activation::Activation;
use crate::network::Network;
use crate::parts::TrainingRecord;
use gcrl_core::Normalizer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the file format that this program writes, and the newest that it reads; it reads all
/// versions from 1 on.
pub const FORMAT_VERSION: u32 = 2;

pub(crate) const FORMAT: &str = "gcrl-policy";
pub(crate) const HEADER_KEY: &str = "gcrl";

/// The part of the header that every version has.
#[derive(Deserialize)]
pub(crate) struct Version {
    pub(crate) format: String,
    pub(crate) version: u32,
}

/// The header of version 1, which knew policies of one network only.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeaderV1 {
    #[serde(rename = "format")]
    _format: String,
    #[serde(rename = "version")]
    _version: u32,
    /// Of the tensors' bytes alone.
    pub(crate) blake3: String,
    pub(crate) task: String,
    pub(crate) observation: Clips,
    pub(crate) goal: Clips,
    /// What `TrainingRecord::notes` are now.
    pub(crate) training: BTreeMap<String, String>,
}

/// The header that is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub(crate) format: String,
    pub(crate) version: u32,
    pub(crate) blake3: String,
    pub(crate) task: String,
    pub(crate) kind: String,
    pub(crate) networks: BTreeMap<String, Activations>,
    pub(crate) observation: Clips,
    pub(crate) goal: Clips,
    pub(crate) training: TrainingRecord,
}

/// What follows the layers of a network.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Activations {
    pub(crate) hidden: Activation,
    pub(crate) output: Activation,
}

impl Activations {
    pub(crate) fn of(network: &Network) -> Self {
        Self { hidden: network.hidden, output: network.output }
    }
}

/// The limits of a normalizer.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clips {
    pub(crate) input_clip: f32,
    pub(crate) output_clip: f32,
}

impl Clips {
    pub(crate) fn of(normalizer: &Normalizer) -> Self {
        Self { input_clip: normalizer.input_clip, output_clip: normalizer.output_clip }
    }
}

impl Header {
    /// The header's text with its checksum.
    pub(crate) fn seal(mut self, tensors: &[u8]) -> String {
        self.blake3 = String::new();
        let text = serde_json::to_string(&self).expect("strings and finite numbers are JSON");
        self.blake3 = checksum(&text, "", tensors);
        serde_json::to_string(&self).expect("strings and finite numbers are JSON")
    }
}

/// The checksum that a header of version 2 should have, where it has `found`.
pub(crate) fn checksum(text: &str, found: &str, tensors: &[u8]) -> String {
    let (before, after) = text.split_once(found).unwrap_or((text, ""));
    let mut hasher = blake3::Hasher::new();
    hasher.update(before.as_bytes()).update(after.as_bytes()).update(tensors);
    hasher.finalize().to_hex().to_string()
}

pub(crate) fn weight_name(network: &str, layer_idx: usize) -> String {
    format!("{network}.{layer_idx}.weight")
}

pub(crate) fn bias_name(network: &str, layer_idx: usize) -> String {
    format!("{network}.{layer_idx}.bias")
}
