//! A data set, opened: its manifest and its episodes.

use crate::manifest::{Manifest, TaskRecord};
use crate::map::{Bytes, MapError, MappedEpisodes};
use crate::record_diff::{EntryDifference, differences};
use crate::store::{EPISODES, FORMAT, FORMAT_VERSION, MANIFEST};
use gcrl_core::{EpisodeView, TaskSpec};
use gcrl_file::{TomlError, parse_toml};
use serde::Deserialize;
use std::io;
use std::path::{Path, PathBuf};

/// A cause for a folder not to open as a data set.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The manifest cannot be read.
    #[error("cannot read the manifest of a dataset: {path:?}")]
    Read {
        /// The manifest.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The manifest is not one.
    #[error("not the manifest of a dataset: {path:?}")]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        source: TomlError,
    },
    /// The manifest is of another format.
    #[error("manifest has format `{found}`, not `{expected}`: {path:?}")]
    Format {
        /// The manifest's format.
        found: String,
        /// The format of data sets.
        expected: &'static str,
        /// The manifest.
        path: PathBuf,
    },
    /// A later version of this program wrote the data set.
    #[error(
        "dataset has format version {found}, where this program reads up to {expected}: {path:?}"
    )]
    Version {
        /// The data set's version.
        found: u32,
        /// The newest version that is known here.
        expected: u32,
        /// The manifest.
        path: PathBuf,
    },
    /// It says how joints were moved, which since is said by the task's name.
    #[error(
        "manifest has a field `articulation`, where the task is named `{variant}` now: {path:?}"
    )]
    Articulation {
        /// Id of the variant that it was collected in.
        variant: String,
        /// The manifest.
        path: PathBuf,
    },
    /// There is nothing to sample from.
    #[error("dataset has no episodes, or parts without numbers: {path:?}")]
    Empty {
        /// The manifest.
        path: PathBuf,
    },
    /// The episodes are not those of the manifest.
    #[error("cannot use the episodes of a dataset: {path:?}")]
    Episodes {
        /// The file of the episodes.
        path: PathBuf,
        /// What is wrong.
        source: MapError,
    },
}

/// A cause for a data set not to be used for a task.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecMismatch {
    /// It is of another task.
    #[error("dataset was collected for task `{found}`, not `{expected}`: {path:?}")]
    Task {
        /// The data set's task.
        found: String,
        /// The task at hand.
        expected: &'static str,
        /// The data set.
        path: PathBuf,
    },
    /// It is of another version of the task.
    #[error("dataset was collected for another version of task `{task}`; {}: {path:?}", list(.differences))]
    Spec {
        /// The task.
        task: &'static str,
        /// What differs; left is the data set's, right the task's.
        differences: Vec<EntryDifference>,
        /// The data set.
        path: PathBuf,
    },
}

fn list(differences: &[EntryDifference]) -> String {
    differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// A data set on disk.
#[derive(Debug)]
pub struct Dataset {
    path: PathBuf,
    manifest: Manifest,
    episodes: MappedEpisodes,
}

/// The part of a manifest that every version has.
#[derive(Deserialize)]
struct Version {
    format: String,
    version: u32,
}

/// The part that says how joints were moved, which manifests had before tasks had variants.
#[derive(Deserialize)]
struct Articulation {
    articulation: String,
    task: TaskId,
}

#[derive(Deserialize)]
struct TaskId {
    id: String,
}

impl Dataset {
    /// Opens the data set in folder `path`: checks its format, its sizes, and that all numbers are
    /// finite. Hashes and statistics are for [`Dataset::verify`].
    ///
    /// The numbers stay on disk until they are looked at; the folder must not be changed while it is
    /// open.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, is not whole, is of another format or a newer version, or if the
    /// episodes are not those of the manifest.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let manifest = Self::open_manifest(path)?;
        let file = path.join(EPISODES);
        let episodes =
            MappedEpisodes::open(&file, manifest.task.episode_shape(), manifest.n_episodes)
                .map_err(|source| OpenError::Episodes { path: file, source })?;
        Ok(Self { path: path.to_owned(), manifest, episodes })
    }

    /// Reads what the data set in folder `path` says about itself, and none of its numbers.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is of another format or a newer version.
    pub fn open_manifest(path: &Path) -> Result<Manifest, OpenError> {
        let file = path.join(MANIFEST);
        let text = std::fs::read_to_string(&file)
            .map_err(|source| OpenError::Read { path: file.clone(), source })?;
        read_manifest(&text, &file)
    }

    /// As [`Dataset::open`], where the content of both files is in memory already; messages name
    /// `path`.
    ///
    /// # Errors
    ///
    /// If a file is not whole, is of another format or a newer version, or if the episodes are not those
    /// of the manifest.
    pub fn from_bytes(manifest: &str, episodes: Vec<u8>, path: &Path) -> Result<Self, OpenError> {
        let manifest = read_manifest(manifest, &path.join(MANIFEST))?;
        let (shape, n_episodes) = (manifest.task.episode_shape(), manifest.n_episodes);
        let episodes = MappedEpisodes::of(Bytes::Memory(episodes), shape, n_episodes)
            .map_err(|source| OpenError::Episodes { path: path.join(EPISODES), source })?;
        Ok(Self { path: path.to_owned(), manifest, episodes })
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// One hash for all columns, as [`Manifest::blake3`].
    pub fn blake3(&self) -> String {
        self.manifest.blake3()
    }

    /// Its episodes.
    pub fn view(&self) -> EpisodeView<'_> {
        self.episodes.view()
    }

    /// Checks that the task of `spec` is the one it was collected for, down to the last field.
    ///
    /// # Errors
    ///
    /// If it was collected for another task, or another version of the task.
    pub fn check_task(&self, spec: &TaskSpec) -> Result<(), SpecMismatch> {
        let (task, path) = (&self.manifest.task, self.path.clone());
        if task.id != spec.id {
            let found = task.id.clone();
            return Err(SpecMismatch::Task { found, expected: spec.id, path });
        }
        let differences = differences(task, &TaskRecord::from(spec));
        if differences.is_empty() {
            return Ok(());
        }
        Err(SpecMismatch::Spec { task: spec.id, differences, path })
    }
}

fn read_manifest(text: &str, path: &Path) -> Result<Manifest, OpenError> {
    let path_buf = || path.to_owned();
    let malformed = |source| OpenError::Manifest { path: path_buf(), source };
    let Version { format: found, version } = parse_toml(text).map_err(malformed)?;
    if found != FORMAT {
        return Err(OpenError::Format { found, expected: FORMAT, path: path_buf() });
    }
    if FORMAT_VERSION < version {
        let (found, expected) = (version, FORMAT_VERSION);
        return Err(OpenError::Version { found, expected, path: path_buf() });
    }
    if let Ok(Articulation { articulation, task }) = parse_toml(text) {
        let variant = format!("{}@{articulation}", task.id);
        return Err(OpenError::Articulation { variant, path: path_buf() });
    }
    // Refuses integers that the parser takes and the format does not have: beyond 2^63.
    parse_toml::<toml::Table>(text).map_err(malformed)?;
    let manifest: Manifest = parse_toml(text).map_err(malformed)?;
    let shape = manifest.task.episode_shape();
    let sizes = [
        manifest.n_episodes,
        shape.n_transitions,
        shape.observation_dim,
        shape.goal_dim,
        shape.action_dim,
    ];
    if sizes.contains(&0) {
        return Err(OpenError::Empty { path: path_buf() });
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BehaviorRecord;
    use crate::columns::tests::{SPEC, random_episodes};
    use crate::store::tests::written;
    use gcrl_core::{EpisodeShape, Field};

    /// The whole chain of causes, as the command line prints it, without names of files.
    fn chain(error: &dyn std::error::Error) -> String {
        let outer = error.to_string();
        let outer = outer.split(": \"").next().unwrap().to_owned();
        match error.source() {
            None => outer,
            Some(source) => format!("{outer}: {}", chain(source)),
        }
    }

    /// Why a data set of 4 episodes is refused after `spoil` had its way with one of its files.
    fn refusal(name: &str, spoil: impl FnOnce(&mut Vec<u8>)) -> String {
        let (_folder, path) = written(&random_episodes(4));
        let file = path.join(name);
        let mut bytes = std::fs::read(&file).unwrap();
        spoil(&mut bytes);
        std::fs::write(&file, bytes).unwrap();
        chain(&Dataset::open(&path).unwrap_err())
    }

    /// Replaces text by text of any length.
    fn replace(bytes: &mut Vec<u8>, from: &str, to: &str) {
        let at = bytes.windows(from.len()).position(|window| window == from.as_bytes());
        let at = at.expect("the text is there");
        bytes.splice(at..at + from.len(), to.bytes());
    }

    #[test]
    fn writing_then_opening_is_the_identity() {
        let episodes = random_episodes(7);
        let (_folder, path) = written(&episodes);
        let dataset = Dataset::open(&path).unwrap();
        let view = dataset.view();
        assert_eq!((view.shape, view.n_episodes, view.n_written), (episodes.shape, 7, 7));
        assert_eq!(view.observation, episodes.observation);
        assert_eq!(view.achieved_goal, episodes.achieved_goal);
        assert_eq!(view.action, episodes.action);
        assert_eq!(view.desired_goal, episodes.desired_goal);
        assert_eq!(dataset.manifest().seed, u64::MAX);
        assert_eq!(dataset.manifest().task, TaskRecord::from(&SPEC));
        assert_eq!(dataset.check_task(&SPEC), Ok(()));
        let manifest = std::fs::read_to_string(path.join(MANIFEST)).unwrap();
        let bytes = std::fs::read(path.join(EPISODES)).unwrap();
        let in_memory = Dataset::from_bytes(&manifest, bytes, &path).unwrap();
        assert_eq!(in_memory.manifest(), dataset.manifest());
        assert_eq!(in_memory.view().action, view.action);
    }

    #[test]
    fn every_origin_survives_its_manifest() {
        let (noise_std, random_action_probability) = (0.2, 0.3);
        let (task, blake3) = ("PointReach".to_owned(), "00".to_owned());
        let name = "script".to_owned();
        for behavior in [
            BehaviorRecord::Random,
            BehaviorRecord::Policy { task, blake3, noise_std, random_action_probability },
            BehaviorRecord::Custom { name, noise_std, random_action_probability },
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("set");
            let origin = crate::Origin { behavior, seed: 0 };
            let out = gcrl_file::OutputFolder::claim(&path).unwrap();
            let manifest = crate::write(out, &SPEC, random_episodes(1).view(), origin).unwrap();
            assert_eq!(*Dataset::open(&path).unwrap().manifest(), manifest);
        }
    }

    #[test]
    fn random_behavior_is_written_as_uniform_and_read_as_either() {
        let (_folder, path) = written(&random_episodes(1));
        let text = std::fs::read_to_string(path.join(MANIFEST)).unwrap();
        assert!(text.contains("[behavior]\nkind = \"uniform\"\n"), "{text}");
        std::fs::write(path.join(MANIFEST), text.replace("\"uniform\"", "\"random\"")).unwrap();
        let dataset = Dataset::open(&path).unwrap();
        assert_eq!(dataset.manifest().behavior, BehaviorRecord::Random);
    }

    #[test]
    fn a_folder_without_a_data_set_is_refused() {
        let error = Dataset::open(Path::new("no/such")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot read the manifest of a dataset: \"no/such/manifest.toml\""
        );
    }

    #[test]
    fn manifests_of_other_programs_and_versions_are_refused() {
        let spoiled = |from: &str, to: &str| refusal(MANIFEST, |bytes| replace(bytes, from, to));
        assert!(spoiled("format", "...").starts_with("not the manifest of a dataset: "));
        assert_eq!(
            spoiled("gcrl-dataset", "other"),
            "manifest has format `other`, not `gcrl-dataset`"
        );
        assert_eq!(
            spoiled("version = 1", "version = 2\nnew_idea = true"),
            "dataset has format version 2, where this program reads up to 1"
        );
        assert_eq!(
            spoiled("n_episodes = 4", "n_episodes = 4\narticulation = \"rapier\""),
            "manifest has a field `articulation`, where the task is named `PointReach@rapier` now"
        );
        assert!(spoiled("n_episodes = 4", "").contains("missing field `n_episodes`"));
        let huge = spoiled("sub_steps = 1", "sub_steps = 18446744073709551615");
        assert!(huge.starts_with("not the manifest of a dataset: "), "{huge}");
        assert_eq!(
            spoiled("n_episodes = 4", "n_episodes = 0"),
            "dataset has no episodes, or parts without numbers"
        );
    }

    #[test]
    fn episodes_that_are_not_those_of_the_manifest_are_refused() {
        let prefix = "cannot use the episodes of a dataset: ";
        let format = format!("{prefix}not a whole safetensors file: ");
        let header = |from: &str, to: &str| refusal(EPISODES, |bytes| replace(bytes, from, to));
        assert_eq!(refusal(EPISODES, Vec::clear), format!("{format}header too small"));
        assert_eq!(
            refusal(EPISODES, |bytes| bytes.truncate(bytes.len() - 1)),
            format!("{format}incomplete metadata, file not fully covered")
        );
        assert_eq!(
            refusal(EPISODES, |bytes| bytes[..8].fill(0xff)),
            format!("{format}header too large")
        );
        assert!(refusal(EPISODES, |bytes| bytes[8..16].fill(b'?')).starts_with(&format));
        assert_eq!(header("action", "motion"), format!("{prefix}unknown column `motion`"));
        assert_eq!(
            refusal(MANIFEST, |bytes| replace(bytes, "n_episodes = 4", "n_episodes = 5")),
            format!(
                "{prefix}column `observation` has shape [4, 5, 3], where the manifest says [5, 5, 3]"
            )
        );
        assert_eq!(
            header("\"F32\"", "\"I32\""),
            format!("{prefix}column `observation` holds I32, not F32")
        );
    }

    #[test]
    fn a_header_that_misaligns_the_numbers_is_refused() {
        let found = refusal(EPISODES, |bytes| {
            let header_len = u64::from_le_bytes(bytes[..8].try_into().unwrap());
            bytes[..8].copy_from_slice(&(header_len + 1).to_le_bytes());
            bytes.insert(8 + header_len as usize, b' ');
        });
        assert!(found.ends_with("column `observation` does not start at a multiple of 4 bytes"));
    }

    #[test]
    fn a_number_that_is_none_is_refused() {
        let found = refusal(EPISODES, |bytes| {
            let last = bytes.len() - 4;
            bytes[last..].copy_from_slice(&f32::NAN.to_le_bytes());
        });
        assert!(found.ends_with("column `desired_goal` holds NaN in episode 3"), "{found}");
    }

    #[test]
    fn a_data_set_of_another_task_is_refused() {
        const GOAL: &[Field] = &[Field::new("point_in_world", 2, "cm")];
        let (_folder, path) = written(&random_episodes(1));
        let dataset = Dataset::open(&path).unwrap();
        let other = TaskSpec { id: "FetchPush", ..SPEC };
        assert_eq!(
            chain(&dataset.check_task(&other).unwrap_err()),
            "dataset was collected for task `PointReach`, not `FetchPush`"
        );
        let other = TaskSpec { goal: GOAL, physics_dt_secs: 0.25, ..SPEC };
        assert_eq!(
            dataset.check_task(&other).unwrap_err().to_string(),
            format!(
                "dataset was collected for another version of task `PointReach`; \
                 `goal[0].unit` is \"m\", not \"cm\"; `physics_dt_secs` is 0.5, not 0.25: {path:?}"
            )
        );
    }

    #[test]
    fn the_shape_of_a_record_is_that_of_its_task() {
        let shape: EpisodeShape = TaskRecord::from(&SPEC).episode_shape();
        assert_eq!(shape, SPEC.episode_shape());
    }
}
