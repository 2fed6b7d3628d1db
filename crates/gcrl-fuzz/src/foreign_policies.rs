//! Policies in the formats of other tools: files that are accepted, and how they are read.

use gcrl_core::{Normalizer, TaskSpec};
use gcrl_formats::policy::{Clips, Format, npz, onnx, read, sb3};
use gcrl_policy::{
    Activation, BcqParts, Network, PolicyKind, PolicyParts, TrainedPolicy, TrainingRecord,
};

/// Models and graphs that Stable-Baselines3 and PyTorch made, for FetchReach.
const MODEL: &[u8] = include_bytes!("../../gcrl-formats/tests/fixtures/ddpg_tanh.zip");
const GRAPHS: [&[u8]; 2] = [
    include_bytes!("../../gcrl-formats/tests/fixtures/torch_sequential.onnx"),
    include_bytes!("../../gcrl-formats/tests/fixtures/torch_scaled.onnx"),
];

/// Where in the model's archive the pickle of its weights is stored, as it is.
const PICKLE: std::ops::Range<usize> = 10188..10188 + 3236;

fn task() -> &'static TaskSpec {
    gcrl_envs::find("FetchReach").expect("the task is registered").spec
}

/// A policy of each kind, with little in it.
fn policies() -> [TrainedPolicy; 2] {
    let network = |widths: &[usize]| {
        let n = widths.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum();
        let parameters: Vec<f32> = (0..n).map(|i: usize| (i as f32).sin()).collect();
        Network::from_parameters(widths, Activation::Relu, Activation::Tanh, &parameters)
    };
    let bcq = BcqParts {
        decoder: network(&[15, 3, 4]),
        perturbation: network(&[17, 2, 4]),
        critic: network(&[17, 3, 1]),
        max_perturbation: 0.05,
        latent_dim: 2,
        latents: vec![0.25; 6],
    };
    let kinds = [PolicyKind::Mlp(network(&[13, 4, 4])), PolicyKind::Bcq(bcq)];
    kinds.map(|kind| {
        let parts = PolicyParts {
            task: task().id.to_owned(),
            kind,
            observation: Normalizer::identity(10, 200.0, 5.0),
            goal: Normalizer::identity(3, 200.0, 5.0),
            training: TrainingRecord::default(),
        };
        TrainedPolicy::new(parts).expect("the parts fit")
    })
}

fn accepts(file: &[u8], format: Format) -> bool {
    read(file, Some(format), task(), Clips { input: 200.0, output: 5.0 }).is_ok_and(|policy| {
        // Whatever was read is a policy that can be written.
        !policy.to_bytes().is_empty()
    })
}

pub(crate) fn graphs() -> Vec<Vec<u8>> {
    let ours = policies().map(|policy| onnx::write(&policy, Some(task())));
    ours.into_iter().chain(GRAPHS.map(<[u8]>::to_vec)).collect()
}

pub(crate) fn read_graph(bytes: &[u8]) -> bool {
    accepts(bytes, Format::Onnx)
}

pub(crate) fn archives() -> Vec<Vec<u8>> {
    policies().iter().map(|policy| npz::write(policy).expect("there is room")).collect()
}

pub(crate) fn read_archive(bytes: &[u8]) -> bool {
    accepts(bytes, Format::Npz)
}

pub(crate) fn models() -> Vec<Vec<u8>> {
    vec![MODEL.to_vec()]
}

pub(crate) fn read_model(bytes: &[u8]) -> bool {
    accepts(bytes, Format::StableBaselines3)
}

/// The pickle alone: checksums of archives end most damage before it.
pub(crate) fn pickles() -> Vec<Vec<u8>> {
    vec![MODEL[PICKLE].to_vec()]
}

pub(crate) fn read_pickle(bytes: &[u8]) -> bool {
    sb3::tensor_names(bytes).is_ok()
}
