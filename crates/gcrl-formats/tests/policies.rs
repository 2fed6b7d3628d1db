//! Policies leave and come back as they were, those of other programs act as they did there, and what is none is
//! refused by name.
//!
//! `fixtures/make.py` makes models and graphs with Stable-Baselines3 and PyTorch, and what they do.

use gcrl_core::{Field, Normalizer, ObservationBatch, Policy, SuccessRule, TaskSpec, seed};
use gcrl_formats::archive::Archive;
use gcrl_formats::policy::{Clips, Format, npz, onnx, read};
use gcrl_policy::{
    Activation, BcqParts, Network, PolicyKind, PolicyParts, TrainedPolicy, TrainingRecord,
};
use std::error::Error;
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const SAC: &[u8] = include_bytes!("fixtures/sac.zip");
const DDPG_TANH: &[u8] = include_bytes!("fixtures/ddpg_tanh.zip");
const PPO: &[u8] = include_bytes!("fixtures/ppo.zip");
const SEQUENTIAL: &[u8] = include_bytes!("fixtures/torch_sequential.onnx");
const SCALED: &[u8] = include_bytes!("fixtures/torch_scaled.onnx");
const EXPECTED: &[u8] = include_bytes!("fixtures/expected.npz");

const CLIPS: Clips = Clips { input: 200.0, output: 5.0 };

/// As in `gcrl-envs`.
const FETCH_REACH: TaskSpec = TaskSpec {
    id: "FetchReach",
    summary: "",
    observation: &[Field::new("gripper_in_world", 3, "m"), Field::new("fingers", 7, "m")],
    goal: &[Field::new("gripper_in_world", 3, "m")],
    action: &[Field::new("displacement", 4, "m")],
    horizon: 50,
    n_transitions: 49,
    sub_steps: 1,
    physics_dt_secs: 1.0,
    physics_version: 1,
    reward: SuccessRule::Within(1.0),
    success: SuccessRule::Within(1.0),
};

/// Numbers in [-scale, scale], the same in every run.
fn numbers(name: &str, n: usize, scale: f32) -> Vec<f32> {
    let unit = |i| (seed::child(7, name, i) >> 40) as f32 / (1 << 23) as f32 - 1.0;
    (0..n as u64).map(|i| scale * unit(i)).collect()
}

fn network(name: &str, widths: &[usize], output: Activation) -> Network {
    let n_parameters: usize = widths.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum();
    let parameters = numbers(name, n_parameters, 0.5);
    Network::from_parameters(widths, Activation::Relu, output, &parameters)
}

fn policy(kind: PolicyKind) -> TrainedPolicy {
    let normalizer = |dim| Normalizer {
        mean: numbers("mean", dim, 3.0),
        std: numbers("std", dim, 1.0).iter().map(|x| 0.1 + x.abs()).collect(),
        input_clip: 200.0,
        output_clip: 5.0,
    };
    let notes = [("algorithm", "wgcsl"), ("seed", "3")];
    let training = TrainingRecord {
        dataset_blake3: Some("0123456789abcdef".repeat(4)),
        notes: notes.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
    };
    let (observation, goal) = (normalizer(10), normalizer(3));
    let parts = PolicyParts { task: "FetchReach".to_owned(), kind, observation, goal, training };
    TrainedPolicy::new(parts).expect("the parts fit")
}

/// One policy of each kind.
fn policies() -> [TrainedPolicy; 2] {
    let actor = network("actor", &[13, 17, 9, 4], Activation::Tanh);
    let bcq = BcqParts {
        decoder: network("decoder", &[16, 11, 4], Activation::Tanh),
        perturbation: network("perturbation", &[17, 8, 4], Activation::Tanh),
        critic: network("critic", &[17, 9, 1], Activation::Linear),
        max_perturbation: 0.05,
        latent_dim: 3,
        latents: numbers("latents", 15, 0.5),
    };
    [policy(PolicyKind::Mlp(actor)), policy(PolicyKind::Bcq(bcq))]
}

/// The actions of `policy`, row by row.
fn act(policy: &TrainedPolicy, observation: &[f32], desired_goal: &[f32]) -> Vec<f32> {
    let n_rows = observation.len() / policy.observation_dim();
    let mut action = vec![0.0; n_rows * policy.action_dim()];
    policy.act(&ObservationBatch { n_rows, observation, desired_goal }, &mut action);
    action
}

/// An array of what other programs did.
fn expected(name: &str) -> Vec<f32> {
    let mut archive = Archive::open(Cursor::new(EXPECTED)).expect("the fixture is whole");
    archive.array(name).expect("arrays are whole").expect("the array is there").numbers
}

/// The whole chain of causes.
fn refusal(file: &[u8], task: &TaskSpec) -> String {
    let error = read(file, None, task, CLIPS).expect_err("the file is refused");
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// A file of the archive `zip`, and another archive in which it is `changed`.
fn with_member(zip: &[u8], name: &str, change: impl Fn(Vec<u8>) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut old = ZipArchive::new(Cursor::new(zip)).expect("archives in memory can be changed");
    let mut new = ZipWriter::new(Cursor::new(Vec::new()));
    for idx in 0..old.len() {
        let mut file = old.by_index(idx).expect("archives in memory can be changed");
        let file_name = file.name().expect("archives in memory can be changed").into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("archives in memory can be changed");
        let bytes = if file_name == name { change(bytes) } else { Some(bytes) };
        let Some(bytes) = bytes else { continue };
        new.start_file(file_name, SimpleFileOptions::default())
            .expect("archives in memory can be changed");
        new.write_all(&bytes).expect("archives in memory can be changed");
    }
    new.finish().expect("archives in memory can be changed").into_inner()
}

/// `bytes` with each `from` replaced by `to`, of the same length.
fn replaced(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<_> =
        (0..bytes.len() - from.len()).filter(|&at| bytes[at..].starts_with(from)).collect();
    assert!(!places.is_empty(), "{from:?}");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

#[test]
fn policies_leave_and_come_back_as_they_were() {
    for policy in policies() {
        for file in [npz::write(&policy).unwrap(), onnx::write(&policy, Some(&FETCH_REACH))] {
            let back = read(&file, None, &FETCH_REACH, CLIPS).unwrap();
            assert!(back.to_bytes() == policy.to_bytes(), "to the last bit");
        }
        assert_eq!(npz::write(&policy).unwrap(), npz::write(&policy).unwrap());
    }
}

#[test]
fn a_graph_of_ours_that_was_changed_is_followed_as_any_other() {
    let [policy, bcq] = policies();
    let file = onnx::write(&policy, None);
    // Another weight, so that the header does not speak of the graph any more.
    let number = policy.parts().observation.mean[0].to_le_bytes();
    let changed = replaced(file, &number, &1.5_f32.to_le_bytes());
    let back = read(&changed, None, &FETCH_REACH, CLIPS).unwrap();
    assert_eq!(back.parts().observation.mean[0], 1.5);
    assert_eq!(back.parts().observation.std, policy.parts().observation.std);
    assert_eq!((back.parts().observation.input_clip, back.parts().goal.output_clip), (200.0, 5.0));
    assert_eq!(back.parts().kind, policy.parts().kind);
    assert_eq!(back.parts().training.notes["imported_from"], "onnx");
    // A policy of the kind `bcq` is more than a network.
    let number = bcq.parts().observation.mean[0].to_le_bytes();
    let changed = replaced(onnx::write(&bcq, None), &number, &1.5_f32.to_le_bytes());
    let says = "node `state.each` is a Unsqueeze, where a policy has Gemm, MatMul";
    assert!(refusal(&changed, &FETCH_REACH).starts_with(says));
}

#[test]
fn raw_weights_may_come_as_an_archive() {
    let [policy, _] = policies();
    let file = with_member(&npz::write(&policy).unwrap(), "header.npy", |_| None);
    let back = |file: &[u8]| read(file, Some(Format::Npz), &FETCH_REACH, CLIPS);
    assert!(refusal(&file, &FETCH_REACH).contains("unknown tensor `self_test."));
    let raw = ["observation", "desired_goal", "action"]
        .iter()
        .fold(file, |file, name| with_member(&file, &format!("self_test.{name}.npy"), |_| None));
    assert_eq!(back(&raw).unwrap().parts().kind, policy.parts().kind);
    let spoiled = with_member(&raw, "actor.1.bias.npy", |mut bytes| {
        let at = bytes.len() - 4;
        bytes[at..].copy_from_slice(&f32::NAN.to_le_bytes());
        Some(bytes)
    });
    assert!(refusal(&spoiled, &FETCH_REACH).contains("of `actor.1.bias` is NaN, not finite"));
}

#[test]
fn policies_of_other_programs_act_as_they_did_there() {
    let (observation, goal) = (expected("observation"), expected("desired_goal"));
    for (name, file) in [
        ("sac", SAC),
        ("ddpg_tanh", DDPG_TANH),
        ("ppo", PPO),
        ("torch_sequential", SEQUENTIAL),
        ("torch_scaled", SCALED),
    ] {
        let policy = read(file, None, &FETCH_REACH, CLIPS).unwrap();
        let actions = act(&policy, &observation, &goal);
        let expected = expected(name);
        assert_eq!(actions.len(), expected.len());
        let difference = |(a, b): (&f32, &f32)| (a - b).abs();
        let largest = actions.iter().zip(&expected).map(difference).fold(0.0, f32::max);
        assert!(largest <= 1e-6, "{name}: {largest}");
        let spread = expected.iter().fold(0.0, |sum, x| sum + x.abs()) / expected.len() as f32;
        assert!((0.05..0.95).contains(&spread), "{name}: {spread}, which tells nothing");
    }
}

#[test]
fn nodes_that_the_action_does_not_depend_on_are_passed_over() {
    // Messages that follow one another are one: a graph with the node `Foo`, whose output is `z`.
    let node = b"\x3a\x0a\x0a\x08\x12\x01z\x22\x03Foo";
    let policy = read(&[SEQUENTIAL, node].concat(), None, &FETCH_REACH, CLIPS).unwrap();
    let plain = read(SEQUENTIAL, None, &FETCH_REACH, CLIPS).unwrap();
    assert_eq!(policy.parts(), plain.parts());
    // `z` is the output.
    let output = b"\x3a\x05\x62\x03\x0a\x01z";
    let file = [&b"\x08\x09"[..], node, output].concat();
    assert!(refusal(&file, &FETCH_REACH).starts_with("inputs are none, where task `FetchReach`"));
}

#[test]
fn a_model_of_stable_baselines_says_where_it_comes_from() {
    let policy = read(DDPG_TANH, None, &FETCH_REACH, CLIPS).unwrap();
    let PolicyKind::Mlp(actor) = &policy.parts().kind else { panic!("a network") };
    assert_eq!((actor.hidden, actor.output), (Activation::Tanh, Activation::Tanh));
    assert_eq!(actor.widths(), [13, 8, 4]);
    let notes = &policy.parts().training.notes;
    assert_eq!(notes["imported_from"], "Stable-Baselines3 2.9.2");
    assert_eq!(notes["policy_class"], "stable_baselines3.td3.policies");
    assert_eq!((&notes["steps"][..], &notes["seed"][..]), ("0", "0"));
}

#[test]
fn models_that_no_policy_here_can_be_are_refused() {
    const ELSEWHERE: &[Field] = &[Field::new("gripper_at_start", 3, "m")];
    let data = |from: &'static str, to: &'static str| {
        refusal(
            &with_member(SAC, "data", |data| {
                Some(String::from_utf8(data).unwrap().replace(from, to).into_bytes())
            }),
            &FETCH_REACH,
        )
    };
    for (from, to, says) in [
        ("[-1. -1. -1. -1.]", "[-1. -2. -1. -1.]", "a bound of the action space is `[-1. -2."),
        ("\"use_sde\": false", "\"use_sde\": true", "the model was trained with `use_sde=True`"),
        ("(10,)", "(11,)", "observation space is `{'achieved_goal'"),
        ("'achieved_goal': ", "'touch': ", "observation space is `{'touch'"),
        (
            "\"net_arch\"",
            "\"activation_fn\": \"<class 'a.GELU'>\", \"net_arch\"",
            "followed by `<class 'a.GELU'>`",
        ),
        (
            "\"policy_class\"",
            "\"class\"",
            "`data` does not describe a model: missing field `policy_class`",
        ),
    ] {
        let text = data(from, to);
        assert!(text.contains(says), "{says:?} is not in {text:?}");
    }
    let elsewhere = TaskSpec { goal: ELSEWHERE, ..FETCH_REACH };
    let says = "in task `FetchReach` its field `gripper_at_start` is no part of the observation";
    assert!(refusal(SAC, &elsewhere).contains(says));
    let wider = TaskSpec { action: ELSEWHERE, ..FETCH_REACH };
    let says = "policy has 4 numbers in an action, where task `FetchReach` has 3";
    assert_eq!(refusal(SAC, &wider), says);
}

#[test]
fn weights_that_would_run_something_are_refused() {
    let weights = |change: fn(Vec<u8>) -> Vec<u8>| {
        refusal(
            &with_member(SAC, "policy.pth", |weights| {
                Some(with_member(&weights, "archive/data.pkl", |text| Some(change(text))))
            }),
            &FETCH_REACH,
        )
    };
    let exploit = |_| b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.".to_vec();
    assert_eq!(
        weights(exploit),
        "`policy.pth` is not a dictionary of tensors: its pickle calls for `os.system`, which no \
         dictionary of tensors needs, and nothing was run"
    );
    let text = weights(|text| replaced(text, b"actor.mu.weight", b"actor.mv.weight"));
    assert!(text.starts_with("weights of an actor are missing: there are `actor."), "{text}");
    let text = weights(|text| replaced(text, b"actor.latent_pi.0.w", b"actor.latent_pi.1.w"));
    assert!(
        text.starts_with("weights `actor.latent_pi.0.bias` belong to no linear layer"),
        "{text}"
    );
    let text = weights(|text| replaced(text, b"FloatStorage", b"HalveStorage"));
    assert!(text.contains("is a HalveStorage, not a FloatStorage"), "{text}");
    let no_weights = with_member(SAC, "policy.pth", |weights| {
        Some(with_member(&weights, "archive/data/0", |bytes| Some(bytes[4..].to_vec())))
    });
    let text = refusal(&no_weights, &FETCH_REACH);
    assert!(text.ends_with("reaches beyond the numbers in `archive/data/0`"), "{text}");
    let nan = with_member(SAC, "policy.pth", |weights| {
        Some(with_member(&weights, "archive/data/1", |bytes| {
            Some([&f32::NAN.to_le_bytes(), &bytes[4..]].concat())
        }))
    });
    assert_eq!(refusal(&nan, &FETCH_REACH), "number 0 of `actor.0.bias` is NaN, not finite");
}

#[test]
fn archives_that_are_no_policies_are_refused() {
    for cut in [100, SAC.len() / 2, SAC.len() - 1] {
        assert!(read(&SAC[..cut], None, &FETCH_REACH, CLIPS).is_err());
        assert!(read(&SAC[..cut], Some(Format::StableBaselines3), &FETCH_REACH, CLIPS).is_err());
    }
    let no_model = with_member(SAC, "policy.pth", |_| None);
    let text = refusal(&no_model, &FETCH_REACH);
    assert!(text.starts_with("archive holds `data`, "), "{text}");
    // A thousand times as much as the archive is long.
    let bomb = with_member(PPO, "policy.pth", |_| Some(vec![0; 16 << 20]));
    assert!(bomb.len() < 100_000);
    let says = "`policy.pth` unpacks to more than 16 times the archive's size";
    assert_eq!(refusal(&bomb, &FETCH_REACH), says);
}

#[test]
fn graphs_that_are_no_policies_are_refused() {
    const PLACE: &[Field] = &[Field::new("gripper_in_world", 2, "m")];
    let changed =
        |from: &[u8], to: &[u8]| refusal(&replaced(SEQUENTIAL.to_vec(), from, to), &FETCH_REACH);
    let text = changed(b"\x22\x04Relu", b"\x22\x04Relx");
    assert!(text.contains(" is a Relx, where a policy has Gemm, MatMul, Add, Relu"), "{text}");
    let text = changed(b"\x0a\x0cnet.0.weight", b"\x0a\x0cnet.9.weight");
    assert!(text.contains("takes `net.9.weight`, which is not there, or used before"), "{text}");
    for cut in [2, SEQUENTIAL.len() / 2, SEQUENTIAL.len() - 1] {
        assert!(read(&SEQUENTIAL[..cut], Some(Format::Onnx), &FETCH_REACH, CLIPS).is_err());
    }
    assert!(refusal(&[8, 7], &FETCH_REACH).starts_with("ONNX file without a graph"));
    let wider = TaskSpec { goal: PLACE, ..FETCH_REACH };
    assert_eq!(
        refusal(SEQUENTIAL, &wider),
        "inputs are `state` [batch, 13], where task `FetchReach` has `observation` [batch, 10] and \
         `desired_goal` [batch, 2], or both side by side in one input"
    );
}
