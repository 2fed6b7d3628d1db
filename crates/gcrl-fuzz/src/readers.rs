//! All readers, one entry each: its name, files that the program made, and how it reads one.

use crate::foreign;
use crate::foreign_policies;
use gcrl_core::{Behavior, EpisodeShape, Episodes};
use gcrl_data::{BehaviorRecord, Dataset, Origin};
use gcrl_eval::tensorboard;
use gcrl_eval::{Evaluation, MetricLog};
use gcrl_file::OutputFolder;
use gcrl_learn::checkpoint::MemberCheckpoint;
use gcrl_learn::normalizer::RunningNormalizer;
use gcrl_learn::{Checkpoint, Preset, Rates, RunConfig};
use gcrl_nn::NetworkState;
use gcrl_parity::Trace;
use gcrl_policy::TrainedPolicy;
use gcrl_policy::fuzz::Corpus;
use gcrl_recording::Recording;
use gcrl_run::RunResult;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::OnceLock;

/// A reader of files.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// What it reads.
    pub name: &'static str,
    /// Files that it accepts.
    pub samples: fn() -> Vec<Vec<u8>>,
    /// Reads a file, and says whether it accepted it.
    pub read: fn(&[u8]) -> bool,
}

/// All readers.
pub const READERS: &[Reader] = &[
    Reader { name: "manifest", samples: manifests, read: read_manifest },
    Reader { name: "episodes", samples: episodes, read: read_episodes },
    Reader { name: "metrics", samples: metrics, read: read_metrics },
    Reader { name: "events", samples: events, read: read_events },
    Reader { name: "evaluation", samples: evaluations, read: read_evaluation },
    Reader { name: "config", samples: configs, read: read_config },
    Reader { name: "results", samples: results, read: read_results },
    Reader { name: "policy", samples: policies, read: read_policy },
    Reader { name: "onnx", samples: foreign_policies::graphs, read: foreign_policies::read_graph },
    Reader {
        name: "policy-npz",
        samples: foreign_policies::archives,
        read: foreign_policies::read_archive,
    },
    Reader { name: "sb3", samples: foreign_policies::models, read: foreign_policies::read_model },
    Reader {
        name: "pickle",
        samples: foreign_policies::pickles,
        read: foreign_policies::read_pickle,
    },
    Reader { name: "checkpoint", samples: checkpoints, read: read_checkpoint },
    Reader { name: "recording", samples: recordings, read: read_recording },
    Reader { name: "trace", samples: traces, read: read_trace },
    Reader { name: "npz", samples: foreign::archives, read: foreign::read_archive },
    Reader { name: "ogbench", samples: foreign::ogbench, read: foreign::read_ogbench },
    Reader { name: "paper", samples: foreign::buffers, read: foreign::read_buffers },
    Reader { name: "minari-hdf5", samples: foreign::hdf5, read: foreign::read_hdf5 },
    Reader { name: "minari-arrow", samples: foreign::arrow, read: foreign::read_arrow },
];

/// The reader called `name`.
pub fn find(name: &str) -> Option<&'static Reader> {
    READERS.iter().find(|reader| reader.name == name)
}

/// Both files of a small data set.
fn dataset() -> &'static (String, Vec<u8>) {
    static DATASET: OnceLock<(String, Vec<u8>)> = OnceLock::new();
    DATASET.get_or_init(|| {
        let spec = gcrl_envs::find("PointReach").expect("the task is registered").spec;
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path().join("set");
        let out = OutputFolder::claim(&path).expect("there is room");
        let episodes = Episodes::zeros(spec.episode_shape(), 2);
        let origin = Origin { behavior: BehaviorRecord::Random, seed: 7 };
        gcrl_data::write(out, spec, episodes.view(), origin).expect("there is room");
        let read = |name: &str| fs::read(path.join(name)).expect("it was written");
        let manifest = String::from_utf8(read("manifest.toml")).expect("manifests are text");
        (manifest, read("episodes.safetensors"))
    })
}

fn manifests() -> Vec<Vec<u8>> {
    vec![dataset().0.clone().into_bytes()]
}

fn read_manifest(bytes: &[u8]) -> bool {
    let Ok(manifest) = str::from_utf8(bytes) else { return false };
    read_dataset(manifest, dataset().1.clone())
}

fn episodes() -> Vec<Vec<u8>> {
    vec![dataset().1.clone()]
}

fn read_episodes(bytes: &[u8]) -> bool {
    read_dataset(&dataset().0, bytes.to_vec())
}

fn read_dataset(manifest: &str, episodes: Vec<u8>) -> bool {
    let dataset = Dataset::from_bytes(manifest, episodes, Path::new("set"));
    dataset.is_ok_and(|dataset| {
        let _problems: Vec<_> = dataset.verify().iter().map(ToString::to_string).collect();
        true
    })
}

fn log() -> MetricLog {
    let mut log = MetricLog::default();
    for update in 1..=5 {
        let loss = 1.0 / update as f64;
        log.push(
            10 * update,
            &[("policy_loss", loss), ("a \"b\", c", f64::NAN), ("seconds", 1e300)],
        );
    }
    log
}

fn metrics() -> Vec<Vec<u8>> {
    vec![log().to_csv().into_bytes()]
}

fn read_metrics(bytes: &[u8]) -> bool {
    let log = str::from_utf8(bytes).ok().and_then(|text| MetricLog::from_csv(text).ok());
    log.is_some_and(|log| {
        let again = MetricLog::from_csv(&log.to_csv()).expect("what was written reads back");
        assert_eq!(again.to_csv(), log.to_csv());
        true
    })
}

fn events() -> Vec<Vec<u8>> {
    vec![log().to_tensorboard(1e9), tensorboard::file_head(0.0)]
}

/// A file is accepted as far as it is whole.
fn read_events(bytes: &[u8]) -> bool {
    tensorboard::events(bytes).last().is_some_and(|event| event.end == bytes.len())
}

fn evaluations() -> Vec<Vec<u8>> {
    let text = |seed: &str, std: &str| {
        let summary = format!("{{\"mean\": 44.25, \"std\": {std}, \"standard_error\": {std}}}");
        let success = "{\"rate\": 0.5, \"low\": 0.25, \"high\": 0.75}";
        format!(
            "{{\"task\": \"PointReach\", \"episodes\": 9, \"seed\": {seed}, \"return\": {summary}, \
             \"discounted_return\": {summary}, \"success\": {success}, \"final_distance\": {summary}}}"
        )
    };
    vec![text("3", "0.125").into_bytes(), text("\"18446744073709551615\"", "null").into_bytes()]
}

fn read_evaluation(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Evaluation>(bytes).is_ok_and(|evaluation| {
        let text = serde_json::to_vec(&evaluation).expect("JSON holds no other numbers");
        assert_eq!(serde_json::from_slice::<Evaluation>(&text).ok(), Some(evaluation));
        true
    })
}

fn configs() -> Vec<Vec<u8>> {
    let text = |algorithm| {
        let config = RunConfig::new(algorithm, "PointReach", &Preset::fallback());
        config.to_text().into_bytes()
    };
    gcrl_learn::ALGORITHMS.iter().map(text).collect()
}

fn read_config(bytes: &[u8]) -> bool {
    let table: Option<toml::Table> = str::from_utf8(bytes).ok().and_then(|text| text.parse().ok());
    let Some(table) = table else { return false };
    let name = table.get("algorithm").and_then(toml::Value::as_str).unwrap_or_default();
    let Some(algorithm) = gcrl_learn::find(name) else { return false };
    RunConfig::from_table(table, algorithm).is_ok_and(|config| {
        let _build = config.resolve(algorithm);
        true
    })
}

fn results() -> Vec<Vec<u8>> {
    let summary = "{\"mean\": 44.25, \"std\": null, \"standard_error\": null}";
    let evaluation = String::from_utf8(evaluations().swap_remove(0)).expect("JSON is text");
    let algorithm = &gcrl_learn::ALGORITHMS[0];
    let config = RunConfig::new(algorithm, "PointReach", &Preset::fallback()).to_table();
    let settings = serde_json::to_string(&config).expect("settings are plain values");
    let text = format!(
        "{{\"task\": \"PointReach\", \"algorithm\": \"bc\", \"paper_name\": \"GCBC\", \
         \"n_updates\": 10, \"return\": {summary}, \"seeds\": [{{\"seed\": 3, \
         \"evaluation\": {evaluation}, \"curve\": [[5, 1.5], [10, -2.0]]}}], \
         \"provenance\": {{\"format\": 3, \"physics_version\": 1, \"dataset\": \"ab\", \"settings\": {settings}}}}}"
    );
    vec![text.into_bytes()]
}

fn read_results(bytes: &[u8]) -> bool {
    serde_json::from_slice::<RunResult>(bytes).is_ok_and(|results| {
        let text = serde_json::to_vec(&results).expect("results are plain values");
        let again = serde_json::from_slice::<RunResult>(&text).expect("what was written is read");
        assert_eq!(serde_json::to_vec(&again).expect("as before"), text);
        let _returns = results.returns();
        true
    })
}

fn policies() -> Vec<Vec<u8>> {
    Corpus::default().files().map(<[u8]>::to_vec).collect()
}

fn read_policy(bytes: &[u8]) -> bool {
    TrainedPolicy::from_bytes(bytes, Path::new("policy")).is_ok()
}

/// What `save` writes into a file.
fn saved(save: impl FnOnce(&Path)) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("file");
    save(&path);
    fs::read(path).expect("it was written")
}

fn checkpoints() -> Vec<Vec<u8>> {
    let network = |n_steps| NetworkState {
        parameters: vec![0.5; 6],
        first_moment: vec![0.25; 6],
        second_moment: vec![0.125; 6],
        n_steps,
    };
    let networks = [("actor", 17), ("target_actor", 0)];
    let member = |seed| MemberCheckpoint {
        seed,
        rates: (seed == 0).then_some(Rates { learning_rate: 1e-3, tau: 0.25 }),
        networks: networks.map(|(name, n_steps)| (name.to_owned(), network(n_steps))).into(),
        normalizer: RunningNormalizer::new(2, 1, 200.0, 5.0),
        state: [("log_alpha".to_owned(), vec![0.5])].into(),
        recent_losses: vec![0.1, -0.25],
    };
    let shape = EpisodeShape { observation_dim: 2, goal_dim: 1, action_dim: 1, n_transitions: 3 };
    let offline = Checkpoint {
        n_updates: 17,
        n_recent: 3,
        members: vec![member(0), member(u64::MAX)],
        replay: None,
        note: "update,loss\n1,0.5\n".to_owned(),
    };
    let replay = Some((Episodes::zeros(shape, 2), 5));
    let online = Checkpoint { members: vec![member(3)], replay, ..offline.clone() };
    let bytes =
        |checkpoint: &Checkpoint| saved(|path| checkpoint.save(path).expect("there is room"));
    vec![bytes(&offline), bytes(&online)]
}

fn read_checkpoint(bytes: &[u8]) -> bool {
    Checkpoint::from_bytes(bytes, Path::new("checkpoint")).is_ok()
}

fn recordings() -> Vec<Vec<u8>> {
    let mut env = gcrl_envs::find("PointReach").expect("the task is registered").make();
    let recording = Recording::of(&mut *env, &Behavior::random(), 7, 0);
    let recording = recording.expect("the task has no physics that could fail");
    vec![saved(|path| recording.save(path).expect("there is room"))]
}

fn read_recording(bytes: &[u8]) -> bool {
    Recording::from_bytes(bytes, Path::new("recording")).is_ok_and(|recording| {
        let states = 0..=recording.n_steps();
        let points = states.map(|t| recording.goal_points(t).len() + recording.poses(t).len());
        let _count: usize = points.sum();
        true
    })
}

fn traces() -> Vec<Vec<u8>> {
    vec![include_bytes!("../../../tests/traces/PointReach_tiny.npz").to_vec()]
}

fn read_trace(bytes: &[u8]) -> bool {
    let task = gcrl_envs::find("PointReach").expect("the task is registered");
    let env = task.make_recorded().expect("it starts from recorded states");
    let dims = env.recorded_dims();
    Trace::read_from(Cursor::new(bytes), Path::new("trace"), task.spec, dims).is_ok()
}
