//! Whether a data set can be learned from.

use crate::catalog::UnknownName;
use gcrl_data::{Dataset, EntryDifference, OpenError, SpecMismatch};
use std::path::PathBuf;

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
    /// It is none of the benchmark.
    #[error(transparent)]
    Name {
        /// The name, and the nearest.
        #[from]
        source: UnknownName,
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
    /// Its numbers are not those that were written.
    #[error("data set is not what its manifest says ({problem}): {path:?}")]
    Changed {
        /// Its folder.
        path: PathBuf,
        /// The first thing that is wrong.
        problem: String,
    },
    /// It is of another task, or of another version of the task.
    #[error(transparent)]
    Mismatch {
        /// Why.
        #[from]
        source: SpecMismatch,
    },
}

/// Checks that every number of a data set is the one that was written.
///
/// # Errors
///
/// If it was changed after it was written.
pub(crate) fn check_sound(dataset: &Dataset) -> Result<(), DatasetError> {
    match dataset.verify().first() {
        None => Ok(()),
        Some(problem) => {
            let (path, problem) = (dataset.path().to_owned(), problem.to_string());
            Err(DatasetError::Changed { path, problem })
        }
    }
}
