//! What both of Minari's formats share: where a data set lies, and what its metadata say.
//!
//! ```text
//! $MINARI_DATASETS_PATH/gcrl/FetchPush/expert-v1/data/metadata.json
//!                                                    /main_data.hdf5              (HDF5)
//!                                                    /0/part-0.arrow, …           (Arrow)
//! ```
//!
//! | of an episode | shape | is |
//! |---|---|---|
//! | `observations/observation`, `/achieved_goal`, `/desired_goal` | `[n_transitions + 1, …]` | float32 |
//! | `actions` | `[n_transitions, action_dim]` | float32 |
//! | `rewards` | `[n_transitions]` | float64; 1 where the goal is reached after the action, else 0 |
//! | `terminations` | `[n_transitions]` | never: reaching the goal ends no episode |
//! | `truncations` | `[n_transitions]` | true for the last transition |
//! | `infos/success` | `[n_transitions + 1]` | whether each state would count as a success |
//! | `seed` | | what the environment was reset with; left out where it is not known |
//!
//! Our manifest is the text `gcrl_manifest` in the metadata.
//!
//! Source: Minari 0.5.4, `minari/dataset`.

use super::error::{ExportError, ImportError};
use super::format::Format;
use super::gather::Names;
use super::source::Source;
use gcrl_data::BehaviorRecord;
use serde_json::{Map, Value, json};
#[cfg(feature = "minari-hdf5")]
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The version whose layout this is; Minari refuses versions that it does not know.
const VERSION: &str = "0.5.4";

const METADATA: &str = "metadata.json";

/// Our manifest, as a text of JSON.
const MANIFEST: &str = "gcrl_manifest";

/// Folders that are searched below the one that a user names: `$MINARI_DATASETS_PATH/a/b/c`.
const MAX_DEPTH: usize = 6;

/// Arrays of an episode, as messages name them.
pub(super) const NAMES: Names = Names {
    observation: "observations/observation",
    achieved_goal: "observations/achieved_goal",
    desired_goal: "observations/desired_goal",
    action: "actions",
};

/// The observations of data sets whose observations are no dictionaries.
pub(super) const PLAIN_OBSERVATION: &str = "observations";

/// The data set's id, such as `gcrl/FetchPush/expert-v1`.
pub(super) fn id(source: Source<'_>, name: &str) -> String {
    let clean = |text: &str| -> String {
        let is_taken = |c: char| c.is_alphanumeric() || ['-', '_'].contains(&c);
        text.chars().map(|c| if is_taken(c) { c } else { '-' }).collect()
    };
    let name = clean(name);
    let version = name.rsplit_once("-v").map(|(_, version)| version);
    let is_version =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let version = if version.is_some_and(is_version) { "" } else { "-v0" };
    format!("gcrl/{}/{name}{version}", clean(&source.manifest.task.id))
}

/// Writes the metadata into `data`, after all other files.
pub(super) fn write_metadata(
    source: Source<'_>,
    id: &str,
    data_format: &str,
    data: &Path,
    n_bytes: u64,
) -> Result<(), ExportError> {
    let (view, manifest) = (source.view, source.manifest);
    let shape = view.shape;
    let algorithm = match &manifest.behavior {
        BehaviorRecord::Random => "random actions".to_owned(),
        BehaviorRecord::Policy { blake3, .. } => format!("policy {blake3}"),
        BehaviorRecord::Custom { name, .. } => name.clone(),
    };
    let observation = [
        ("achieved_goal", shape.goal_dim),
        ("desired_goal", shape.goal_dim),
        ("observation", shape.observation_dim),
    ];
    let subspaces: Vec<_> = observation
        .iter()
        .map(|(name, dim)| format!("\"{name}\": {}", space(*dim, "-Infinity", "Infinity")))
        .collect();
    let metadata = json!({
        "dataset_id": id,
        "minari_version": VERSION,
        "data_format": data_format,
        "jpeg_encoding": false,
        "total_episodes": view.n_episodes,
        "total_steps": view.n_episodes * shape.n_transitions,
        "dataset_size": (n_bytes as f64 / 1e5).round() / 10.0,
        "observation_space":
            format!("{{\"type\": \"Dict\", \"subspaces\": {{{}}}}}", subspaces.join(", ")),
        "action_space": space(shape.action_dim, "-1.0", "1.0"),
        "algorithm_name": algorithm,
        "description": format!("Episodes of {}, by {}.", manifest.task.id, manifest.program),
        MANIFEST: source.notes(),
    });
    let text = serde_json::to_string_pretty(&metadata).expect("metadata are plain values");
    Ok(gcrl_file::write(&data.join(METADATA), |file| file.write_all(text.as_bytes()))?)
}

/// A box of numbers, in Gymnasium's JSON, which has infinities.
fn space(dim: usize, low: &str, high: &str) -> String {
    let all = |bound: &str| vec![bound; dim].join(", ");
    format!(
        "{{\"type\": \"Box\", \"dtype\": \"float32\", \"shape\": [{dim}], \"low\": [{}], \
         \"high\": [{}]}}",
        all(low),
        all(high)
    )
}

/// The folder `data` of the only data set at `path` or below; nothing where there is none.
pub(super) fn find(path: &Path) -> Result<Option<PathBuf>, ImportError> {
    if path.join(METADATA).is_file() {
        return Ok(Some(path.to_owned()));
    }
    let mut found = Vec::new();
    search(path, MAX_DEPTH, &mut found);
    found.sort();
    let several = |first, second| ImportError::Several { first, second, path: path.to_owned() };
    match &found[..] {
        [] => Ok(None),
        [only] => Ok(Some(only.clone())),
        [first, second, ..] => Err(several(first.clone(), second.clone())),
    }
}

/// Adds the data sets below `folder`, until there are two.
fn search(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let data = folder.join("data");
    if data.join(METADATA).is_file() {
        found.push(data);
        return;
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && 0 < depth && found.len() < 2 {
            search(&entry.path(), depth - 1, found);
        }
    }
}

/// The format that the metadata in `data` tell of.
pub(super) fn format(data: &Path) -> Result<Format, ImportError> {
    let metadata = metadata(data)?;
    match metadata.values.get("data_format").and_then(Value::as_str) {
        Some("hdf5") => Ok(Format::MinariHdf5),
        Some("arrow") => Ok(Format::MinariArrow),
        _ => Err(ImportError::Unknown { path: metadata.path }),
    }
}

/// What a data set says of itself.
pub(super) struct Metadata {
    values: Map<String, Value>,
    path: PathBuf,
}

impl Metadata {
    /// Our manifest, if it is there.
    pub(super) fn notes(&self) -> Option<&str> {
        self.values.get(MANIFEST).and_then(Value::as_str)
    }

    /// Checks that `found` episodes are those that the metadata tell of, where they do.
    pub(super) fn check_count(&self, found: usize) -> Result<(), ImportError> {
        match self.values.get("total_episodes").and_then(Value::as_u64) {
            Some(expected) if expected != found as u64 => {
                Err(ImportError::Count { found, expected, path: self.path.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// The metadata in `data`.
pub(super) fn metadata(data: &Path) -> Result<Metadata, ImportError> {
    let path = data.join(METADATA);
    let refused = |source: std::io::Error| ImportError::Read { path: path.clone(), source };
    let text = gcrl_file::read_text(&path).map_err(refused)?;
    let values = serde_json::from_str(&text).map_err(|error| refused(error.into()))?;
    Ok(Metadata { values, path })
}

/// The metadata in `data`, which hold nothing where a file came without them.
#[cfg(feature = "minari-hdf5")]
pub(super) fn metadata_beside(data: &Path) -> Result<Metadata, ImportError> {
    match metadata(data) {
        Err(ImportError::Read { source, path }) if source.kind() == ErrorKind::NotFound => {
            Ok(Metadata { values: Map::new(), path })
        }
        read => read,
    }
}
