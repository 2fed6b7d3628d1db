//! A policy as one safetensors file.
//!
//! | tensor | shape | kinds |
//! |---|---|---|
//! | `{network}.{i}.weight` | `[n_inputs, n_outputs]` | all |
//! | `{network}.{i}.bias` | `[n_outputs]` | all |
//! | `max_perturbation` | `[1]` | `bcq` |
//! | `latents` | `[n_latents, latent_dim]` | `bcq` |
//! | `normalizer.{observation,goal}.{mean,std}` | `[dim]` | all |
//! | `self_test.{observation,desired_goal,action}` | `[8, dim]` | all |
//!
//! Networks are `actor` (`mlp`), or `decoder`, `perturbation` and `critic` (`bcq`). All numbers are
//! f32, little-endian. `header` has what stands beside them.

use crate::header::{self, Activations, Clips, FORMAT, FORMAT_VERSION, HEADER_KEY, Header};
use crate::parts::PolicyKind;
use crate::policy::TrainedPolicy;
use crate::self_test::SelfTest;
use crate::tensors::TensorMap;
use gcrl_core::Policy;
use gcrl_file::WriteError;
use safetensors::{Dtype, View};
use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

impl TrainedPolicy {
    /// Writes the policy; equal policies give equal bytes.
    ///
    /// # Errors
    ///
    /// If the file cannot be written; what stood at `path` before still does.
    pub fn save(&self, path: &Path) -> Result<(), WriteError> {
        let bytes = self.to_bytes();
        gcrl_file::write(path, |file| file.write_all(&bytes))
    }

    /// The bytes of the policy's file; equal policies give equal bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let tensors = tensors_of(self);
        let text = header_of(self).seal(&bytes_of(&tensors));
        serialize(&tensors, Some(text))
    }
}

/// The header, without its checksum.
pub(crate) fn header_of(policy: &TrainedPolicy) -> Header {
    let parts = policy.parts();
    let networks = parts.kind.networks().into_iter();
    Header {
        format: FORMAT.to_owned(),
        version: FORMAT_VERSION,
        blake3: String::new(),
        task: parts.task.clone(),
        kind: parts.kind.name().to_owned(),
        networks: networks.map(|(name, network)| (name.into(), Activations::of(network))).collect(),
        observation: Clips::of(&parts.observation),
        goal: Clips::of(&parts.goal),
        training: parts.training.clone(),
    }
}

pub(crate) fn tensors_of(policy: &TrainedPolicy) -> TensorMap {
    let parts = policy.parts();
    let mut tensors = TensorMap::new();
    for (name, network) in parts.kind.networks() {
        for (layer_idx, layer) in network.layers.iter().enumerate() {
            let shape = vec![layer.n_inputs, layer.n_outputs];
            tensors.insert(header::weight_name(name, layer_idx), (shape, layer.weight.clone()));
            let shape = vec![layer.n_outputs];
            tensors.insert(header::bias_name(name, layer_idx), (shape, layer.bias.clone()));
        }
    }
    if let PolicyKind::Bcq(bcq) = &parts.kind {
        tensors.insert("max_perturbation".to_owned(), (vec![1], vec![bcq.max_perturbation]));
        let shape = vec![bcq.latents.len() / bcq.latent_dim, bcq.latent_dim];
        tensors.insert("latents".to_owned(), (shape, bcq.latents.clone()));
    }
    for (name, normalizer) in [("observation", &parts.observation), ("goal", &parts.goal)] {
        for (part, values) in [("mean", &normalizer.mean), ("std", &normalizer.std)] {
            let shape = vec![values.len()];
            tensors.insert(format!("normalizer.{name}.{part}"), (shape, values.clone()));
        }
    }
    let SelfTest { observation, desired_goal, action } = SelfTest::of(policy);
    for (name, values, dim) in [
        ("observation", observation, policy.observation_dim()),
        ("desired_goal", desired_goal, policy.goal_dim()),
        ("action", action, policy.action_dim()),
    ] {
        tensors.insert(format!("self_test.{name}"), (vec![values.len() / dim, dim], values));
    }
    tensors
}

/// The tensors as they lie in the file: the library orders those of one type by their names.
pub(crate) fn bytes_of(tensors: &TensorMap) -> Vec<u8> {
    tensors.values().flat_map(|(_, values)| values).flat_map(|value| value.to_le_bytes()).collect()
}

/// The bytes of a safetensors file with `header` under `HEADER_KEY`.
pub(crate) fn serialize(tensors: &TensorMap, header: Option<String>) -> Vec<u8> {
    let text = header.map(|header| HashMap::from([(HEADER_KEY.to_owned(), header)]));
    let tensors = tensors.iter().map(|(name, (shape, values))| (name, F32s { shape, values }));
    safetensors::serialize(tensors, text).expect("shapes fit their numbers")
}

/// Numbers on their way into a file.
struct F32s<'a> {
    shape: &'a [usize],
    values: &'a [f32],
}

impl View for F32s<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        self.values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    fn data_len(&self) -> usize {
        size_of_val(self.values)
    }
}
