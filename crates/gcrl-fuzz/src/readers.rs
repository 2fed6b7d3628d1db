//! All readers, one entry each: its name, files that the program made, and how it reads one.
//!
//! A reader that takes the name of a file is given one with [`through_file`].

use gcrl_core::Episodes;
use gcrl_data::{BehaviorRecord, Dataset, Origin};
use gcrl_eval::tensorboard;
use gcrl_eval::{Evaluation, MetricLog};
use gcrl_file::OutputFolder;
use gcrl_learn::RunConfig;
use gcrl_policy::MlpPolicy;
use std::fs;
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
    Reader { name: "policy", samples: policies, read: read_policy },
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
        let origin = Origin { behavior: BehaviorRecord::Uniform, seed: 7, articulation: None };
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
    let text = |algorithm| RunConfig::new(algorithm, "PointReach").to_text().into_bytes();
    gcrl_learn::ALGORITHMS.iter().map(text).collect()
}

fn read_config(bytes: &[u8]) -> bool {
    let config = str::from_utf8(bytes).ok().and_then(|text| RunConfig::from_text(text).ok());
    config.is_some_and(|config| {
        let _build = config.check();
        true
    })
}

fn policies() -> Vec<Vec<u8>> {
    let experts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/experts/");
    let read = |name: &str| fs::read(format!("{experts}{name}")).expect("the program ships it");
    vec![read("PointReach.safetensors")]
}

fn read_policy(bytes: &[u8]) -> bool {
    MlpPolicy::from_bytes(bytes, Path::new("policy")).is_ok()
}

/// Gives `bytes` as a file to a reader that takes the name of one.
#[expect(dead_code, reason = "for the readers of checkpoints, recordings and traces, to be added")]
fn through_file(bytes: &[u8], read: impl FnOnce(&Path) -> bool) -> bool {
    thread_local! {
        static FOLDER: tempfile::TempDir = tempfile::tempdir().expect("there is room");
    }
    FOLDER.with(|folder| {
        let path = folder.path().join("input");
        fs::write(&path, bytes).expect("there is room");
        read(&path)
    })
}
