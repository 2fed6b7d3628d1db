//! What can keep a run from being resolved.

use crate::catalog::UnknownName;
use crate::dataset::DatasetError;
use crate::engine::MakeEngineError;
use crate::folder_error::FolderError;
use crate::layers::{LayerError, Origin};
use crate::provenance::{Difference, FINAL_EPISODES};
use gcrl_learn::ConfigError;
use std::path::PathBuf;

/// A cause for a run not to be resolved.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// A name is unknown.
    #[error(transparent)]
    Name {
        /// Which.
        #[from]
        source: UnknownName,
    },
    /// The file of settings cannot be read.
    #[error("cannot read settings: {path:?}")]
    ReadSettings {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file of settings holds something that is no setting.
    #[error("cannot use settings: {path:?}")]
    SettingsFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ConfigError,
    },
    /// A single setting is none.
    #[error("cannot use setting `{setting}`")]
    Setting {
        /// What was given.
        setting: String,
        /// What is wrong.
        source: ConfigError,
    },
    /// Settings are out of range, or do not fit each other.
    #[error(transparent)]
    Config {
        /// What is wrong.
        #[from]
        source: ConfigError,
    },
    /// Neither a data set nor online training was asked for.
    #[error("nothing to learn from")]
    NoSource,
    /// Online training has no data set to take its task from.
    #[error("online training of no task")]
    NoTask,
    /// The task that was named is not that of the data set.
    #[error("task `{task}` was named{}, and the dataset is of task `{found}`: {path:?}", by(.origin))]
    OtherTask {
        /// The task that was named.
        task: String,
        /// Where it was.
        origin: Origin,
        /// The data set's task.
        found: String,
        /// The data set.
        path: PathBuf,
    },
    /// The data set cannot be used.
    #[error(transparent)]
    Dataset {
        /// Why.
        #[from]
        source: DatasetError,
    },
    /// The settings of a run that was begun cannot be read.
    #[error("cannot read the run's settings: {path:?}")]
    SavedSettings {
        /// Their file.
        path: PathBuf,
        /// What is wrong.
        source: ConfigError,
    },
    /// A run that was begun can be made longer and evaluated otherwise, and not changed beyond that.
    #[error(
        "a run that was begun can have more updates and another `{FINAL_EPISODES}` alone; {difference}"
    )]
    Begun {
        /// The first thing that would change.
        difference: Difference,
    },
    /// The data set is not the one that the run began with.
    #[error("the run began with the dataset {expected}, and this one is {found}: {path:?}")]
    OtherData {
        /// BLAKE3 of the data set.
        found: String,
        /// BLAKE3 of the one that the run began with.
        expected: String,
        /// The data set.
        path: PathBuf,
    },
    /// The run's folder cannot be read or written.
    #[error(transparent)]
    Folder {
        /// Why.
        #[from]
        source: FolderError,
    },
    /// The engine cannot be used.
    #[error(transparent)]
    Engine {
        /// Why.
        #[from]
        source: MakeEngineError,
    },
}

/// Who named a task, where it was not the request itself.
fn by(origin: &Origin) -> String {
    match origin {
        Origin::Preset => " by the preset".to_owned(),
        Origin::File(path) => format!(" by {path:?}"),
        Origin::Setting(setting) => format!(" by setting `{setting}`"),
        Origin::Request => String::new(),
    }
}

impl From<LayerError> for ResolveError {
    fn from(LayerError { origin, source }: LayerError) -> Self {
        match origin {
            Origin::File(path) => Self::SettingsFile { path, source },
            Origin::Setting(setting) => Self::Setting { setting, source },
            Origin::Preset | Origin::Request => source.into(),
        }
    }
}
