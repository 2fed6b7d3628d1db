//! The data set of a run, opened for its task.

use gcrl_data::{Dataset, EntryDifference, OpenError, SpecMismatch};
use gcrl_envs::TaskEntry;
use std::path::{Path, PathBuf};

/// A cause for a data set not to be used.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// It cannot be opened.
    #[error(transparent)]
    Open {
        /// Why.
        #[from]
        source: OpenError,
    },
    /// It is one of the benchmark that is not built.
    #[error("dataset `{name}` is not built; looked under {roots:?}")]
    NotBuilt {
        /// Its name.
        name: String,
        /// The folders that were searched.
        roots: Vec<PathBuf>,
    },
    /// Another data set is at the place of one of the benchmark.
    #[error("dataset `{name}` is another one; {difference}: {path:?}")]
    Different {
        /// Its name.
        name: String,
        /// The first thing that differs.
        difference: EntryDifference,
        /// The place.
        path: PathBuf,
    },
    /// It is of another task, or of another version of the task.
    #[error(transparent)]
    Mismatch {
        /// Why.
        #[from]
        source: SpecMismatch,
    },
}

/// Opens a data set and checks that it is of the task.
///
/// # Errors
///
/// If it cannot be read, or is of another task or version of the task.
pub fn open_dataset(path: &Path, task: &TaskEntry) -> Result<Dataset, DatasetError> {
    let dataset = Dataset::open(path)?;
    dataset.check_task(task.spec)?;
    Ok(dataset)
}
