//! Laws of policy files: saving and loading is the identity, and damage gives errors.

use gcrl_core::{Normalizer, seed};
use gcrl_policy::fuzz::{self, Corpus};
use gcrl_policy::{
    Activation, BcqParts, Network, PolicyKind, PolicyParts, TrainedPolicy, TrainingRecord,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use std::path::Path;

fn load(bytes: &[u8]) -> Option<TrainedPolicy> {
    TrainedPolicy::from_bytes(bytes, Path::new("policy")).ok()
}

/// Numbers in [-1, 1), the same in every run.
fn numbers(seed: u64, n: usize) -> Vec<f32> {
    let number = |i| (seed::child(seed, "number", i) >> 40) as f32 / (1 << 23) as f32 - 1.0;
    (0..n as u64).map(number).collect()
}

fn activation() -> impl Strategy<Value = Activation> {
    prop_oneof![Just(Activation::Linear), Just(Activation::Relu), Just(Activation::Tanh)]
}

/// Networks of any shape between these sizes.
fn network(n_inputs: usize, n_outputs: usize) -> impl Strategy<Value = Network> {
    let hidden = vec(1_usize..40, 0..3);
    (hidden, activation(), activation(), any::<u64>()).prop_map(
        move |(widths, hidden, output, seed)| {
            let widths = [&[n_inputs][..], &widths, &[n_outputs]].concat();
            let n_parameters = widths.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum();
            Network::from_parameters(&widths, hidden, output, &numbers(seed, n_parameters))
        },
    )
}

fn kind(state_dim: usize, action_dim: usize) -> impl Strategy<Value = PolicyKind> {
    let mlp = network(state_dim, action_dim).prop_map(PolicyKind::Mlp);
    let bcq = (1_usize..4, 1_usize..6, 0.0_f32..2.0).prop_flat_map(move |sizes| {
        let (latent_dim, n_latents, max_perturbation) = sizes;
        let networks = (
            network(state_dim + latent_dim, action_dim),
            network(state_dim + action_dim, action_dim),
            network(state_dim + action_dim, 1),
        );
        networks.prop_map(move |(decoder, perturbation, critic)| {
            let latents = numbers(7, n_latents * latent_dim);
            let parts =
                BcqParts { decoder, perturbation, critic, max_perturbation, latent_dim, latents };
            PolicyKind::Bcq(parts)
        })
    });
    prop_oneof![mlp, bcq]
}

fn policy() -> impl Strategy<Value = TrainedPolicy> {
    let notes = btree_map(".{0,12}", ".{0,12}", 0..3);
    let training = (proptest::option::of("[0-9a-f]{64}"), notes)
        .prop_map(|(dataset_blake3, notes)| TrainingRecord { dataset_blake3, notes });
    let clips = (0.1_f32..1e6, 0.1_f32..1e6);
    (1_usize..5, 1_usize..4, 1_usize..4, ".{0,12}", training, clips).prop_flat_map(
        |(observation_dim, goal_dim, action_dim, task, training, clips)| {
            let normalizer = move |dim| Normalizer {
                mean: numbers(dim as u64, dim),
                std: numbers(3, dim).iter().map(|x| 0.01 + x.abs()).collect(),
                input_clip: clips.0,
                output_clip: clips.1,
            };
            let (observation, goal) = (normalizer(observation_dim), normalizer(goal_dim));
            kind(observation_dim + goal_dim, action_dim).prop_map(move |kind| {
                let (task, training) = (task.clone(), training.clone());
                let (observation, goal) = (observation.clone(), goal.clone());
                let parts = PolicyParts { task, kind, observation, goal, training };
                TrainedPolicy::new(parts).expect("the parts fit")
            })
        },
    )
}

proptest! {
    #[test]
    fn saving_then_loading_is_the_identity(policy in policy()) {
        let saved = policy.to_bytes();
        let loaded = load(&saved).unwrap();
        prop_assert_eq!(loaded.parts(), policy.parts());
        prop_assert!(loaded.to_bytes() == saved);
    }

    #[test]
    fn policies_that_differ_give_files_that_differ(one in policy(), other in policy()) {
        prop_assert_eq!(one.to_bytes() == other.to_bytes(), one.parts() == other.parts());
    }

    #[test]
    fn a_saved_file_is_what_to_bytes_gives(policy in policy()) {
        let file = tempfile::NamedTempFile::new().unwrap();
        policy.save(file.path()).unwrap();
        prop_assert!(std::fs::read(file.path()).unwrap() == policy.to_bytes());
        let loaded = TrainedPolicy::load(file.path()).unwrap();
        prop_assert_eq!(loaded.parts(), policy.parts());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]
    #[test]
    fn a_damaged_file_gives_an_error_or_a_policy_that_is_saved_and_loaded(
        recipe in vec(any::<u8>(), 0..64),
    ) {
        Corpus::default().read_damaged(&recipe);
    }
}

#[test]
fn twenty_thousand_damaged_files_give_errors_or_policies() {
    fuzz::run(0..20_000);
}

#[test]
fn a_file_that_ends_too_early_is_refused() {
    for file in Corpus::default().files() {
        assert!(load(file).is_some());
        for len in 0..file.len() {
            assert!(load(&file[..len]).is_none(), "{len} of {} bytes", file.len());
        }
    }
}

#[test]
fn a_file_of_version_2_with_a_flipped_bit_is_refused() {
    for file in Corpus::default().files().skip(1) {
        let mut file = file.to_vec();
        for index in 0..file.len() {
            let bit = 1 << (index % 8);
            file[index] ^= bit;
            assert!(load(&file).is_none(), "bit {bit} of byte {index}");
            file[index] ^= bit;
        }
    }
}

#[test]
fn the_experts_that_come_with_the_program_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/experts");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let policies: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "safetensors"))
        .collect();
    assert!(!policies.is_empty());
    for path in policies {
        let policy = load(&std::fs::read(&path).unwrap()).unwrap();
        assert!(path.file_name().unwrap().to_string_lossy().starts_with(&policy.parts().task));
        let again = load(&policy.to_bytes()).unwrap();
        assert_eq!(again.parts(), policy.parts());
    }
}
