//! What can keep a grid from being trained.

use crate::catalog::UnknownName;
use crate::dataset::DatasetError;
use crate::datasets::BuildError;
use crate::folder_error::FolderError;
use crate::layers::LayerError;
use crate::reproduce::tables::TablesError;
use crate::resolve_error::ResolveError;
use std::path::PathBuf;

/// A cause for a grid not to be trained.
#[derive(Debug, thiserror::Error)]
pub enum GridError {
    /// A name is unknown.
    #[error(transparent)]
    Name {
        /// Which.
        #[from]
        source: UnknownName,
    },
    /// Something else is at the place of the runs.
    #[error("cannot train a grid in {path:?}, which {what}")]
    Out {
        /// The place.
        path: PathBuf,
        /// What is there, such as `is a data set`.
        what: &'static str,
    },
    /// A task has no data set of this name.
    #[error("there is no dataset `{data}` of `{task}`")]
    NoDataset {
        /// The task.
        task: String,
        /// The data set's kind or name.
        data: String,
    },
    /// A setting is none.
    #[error(transparent)]
    Setting {
        /// Which, and why.
        source: Box<ResolveError>,
    },
    /// A setting is of an algorithm that is not in the grid.
    #[error("setting `{setting}` is of an algorithm that is not among {algorithms:?}")]
    SettingOfOtherAlgorithm {
        /// What was given.
        setting: String,
        /// The algorithms of the grid.
        algorithms: Vec<String>,
    },
    /// A setting is none of a grid's, whose cells differ in it.
    #[error("`{key}` is decided by the grid for each cell: cannot use setting `{setting}`")]
    SettingOfCells {
        /// What was given.
        setting: String,
        /// Its name.
        key: &'static str,
    },
    /// The settings of a cell do not fit each other.
    #[error("cannot train `{method}` on `{dataset}`")]
    Cell {
        /// The method.
        method: &'static str,
        /// The data set.
        dataset: String,
        /// What is wrong.
        source: Box<ResolveError>,
    },
    /// A data set cannot be used.
    #[error(transparent)]
    Dataset {
        /// Why.
        #[from]
        source: DatasetError,
    },
    /// A data set cannot be built.
    #[error(transparent)]
    Build {
        /// Why.
        #[from]
        source: BuildError,
    },
    /// The tables of an earlier report cannot be used.
    #[error(transparent)]
    Tables {
        /// Why.
        #[from]
        source: TablesError,
    },
    /// The folder of a run cannot be used.
    #[error(transparent)]
    Folder {
        /// Why.
        #[from]
        source: FolderError,
    },
}

impl From<LayerError> for GridError {
    fn from(error: LayerError) -> Self {
        Self::Setting { source: Box::new(error.into()) }
    }
}
