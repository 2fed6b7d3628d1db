//! Causes for a run's folder not to be used.

use crate::provenance::Difference;
use gcrl_eval::plots::PlotError;
use gcrl_file::{ClaimError, WriteError};
use std::io;
use std::path::PathBuf;

/// A cause for a run's folder not to be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is a run already.
    #[error("a run is already there: {path:?}")]
    RunExists {
        /// The folder.
        path: PathBuf,
    },
    /// There is a run of other settings, or on another data set.
    #[error("a run with other settings is there, {difference}: {path:?}")]
    OtherRun {
        /// The first thing that differs.
        difference: Difference,
        /// The folder.
        path: PathBuf,
    },
    /// The folder cannot be written to, or holds something else.
    #[error(transparent)]
    Claim {
        /// Why.
        source: ClaimError,
    },
    /// There is no run.
    #[error("no run to resume: {path:?}")]
    NoRun {
        /// The file that a run has.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Nothing says where the run's data set is.
    #[error("`data.json`, which says where the run's data set is, is gone: {path:?}")]
    NoData {
        /// The folder.
        path: PathBuf,
    },
    /// A file of the run cannot be read, or holds something else.
    #[error("cannot read a file of the run ({reason}): {path:?}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The results were changed after they were written.
    #[error("results were edited after they were written: {path:?}")]
    Edited {
        /// Their file.
        path: PathBuf,
    },
    /// Another program holds the folder.
    #[error("another program is training in this folder: {path:?}")]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The folder cannot be written into, or cannot be locked.
    #[error("cannot write into folder: {path:?}")]
    Lock {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Results of fewer updates cannot be removed.
    #[error("cannot remove {path:?}")]
    Remove {
        /// Their file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A picture cannot be drawn.
    #[error(transparent)]
    Plot {
        /// Why.
        #[from]
        source: PlotError,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Write {
        /// Why.
        #[from]
        source: WriteError,
    },
}

impl From<ClaimError> for FolderError {
    fn from(source: ClaimError) -> Self {
        match source {
            ClaimError::Busy { path } => Self::Busy { path },
            source => Self::Claim { source },
        }
    }
}
