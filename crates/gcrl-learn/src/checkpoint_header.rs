//! The header of a checkpoint's file, and the checksum over it and all tensors.
//!
//! The BLAKE3 is that of the entry's text without the digits of the BLAKE3 itself, followed by name,
//! length in bytes (u64, little endian) and bytes of every tensor, in the order of names. In version 2
//! it was that of note and tensors alone; all else was the same.

use safetensors::Dtype;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(crate) const FORMAT: &str = "gcrl-checkpoint";

/// Version of the format that this program writes, and the newest that it reads.
pub(crate) const VERSION: u32 = 3;

/// The oldest version of the format that this program reads.
pub(crate) const OLDEST_VERSION: u32 = 2;

/// The header entry.
#[derive(Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) format: String,
    pub(crate) version: u32,
    pub(crate) blake3: String,
    pub(crate) n_updates: u64,
    pub(crate) n_recent: u64,
    pub(crate) members: Vec<MemberHeader>,
    pub(crate) replay: Option<ReplayHeader>,
    pub(crate) note: String,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct MemberHeader {
    pub(crate) seed: u64,
    /// Adam steps of each network.
    pub(crate) n_steps: BTreeMap<String, u64>,
    /// Names of what the algorithm keeps.
    pub(crate) state: Vec<String>,
    pub(crate) count: f64,
    pub(crate) input_clip: f32,
    pub(crate) output_clip: f32,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ReplayHeader {
    pub(crate) n_episodes: usize,
    pub(crate) n_written: u64,
    pub(crate) observation_dim: usize,
    pub(crate) goal_dim: usize,
    pub(crate) action_dim: usize,
    pub(crate) n_transitions: usize,
}

impl State {
    /// The entry's text, with its BLAKE3.
    pub(crate) fn seal(mut self, tensors: &BTreeMap<String, Tensor>) -> String {
        let text = |state: &Self| serde_json::to_string(state).expect("plain values are JSON");
        let tensors = tensors.iter().map(|(name, tensor)| (&name[..], &tensor.bytes[..]));
        self.blake3 = checksum(&[&text(&self)], tensors);
        text(&self)
    }
}

pub(crate) struct Tensor {
    pub(crate) dtype: Dtype,
    pub(crate) bytes: Vec<u8>,
}

impl Tensor {
    pub(crate) fn f32(numbers: &[f32]) -> Self {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        Self { dtype: Dtype::F32, bytes }
    }

    pub(crate) fn f64(numbers: &[f64]) -> Self {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        Self { dtype: Dtype::F64, bytes }
    }
}

/// BLAKE3, in hexadecimal, over `texts`, then name, length and bytes of every tensor.
pub(crate) fn checksum<'a>(
    texts: &[&str],
    tensors: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> String {
    let mut hasher = blake3::Hasher::new();
    for text in texts {
        hasher.update(text.as_bytes());
    }
    for (name, bytes) in tensors {
        hasher.update(name.as_bytes());
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    }
    hasher.finalize().to_hex().to_string()
}
