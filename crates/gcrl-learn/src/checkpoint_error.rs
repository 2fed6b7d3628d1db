//! Causes for a checkpoint not to be read.

use crate::checkpoint_header::{OLDEST_VERSION, VERSION};
use std::path::PathBuf;

/// A cause for a checkpoint not to be read.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file cannot be read at all.
    #[error("cannot read checkpoint: {path:?}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not a whole checkpoint.
    #[error("not a whole checkpoint ({reason}): {path:?}")]
    Format {
        /// What is wrong with it.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a program that is too old or too new.
    #[error(
        "checkpoint has format version {found}, where this program reads {OLDEST_VERSION} to \
         {VERSION}: {path:?}"
    )]
    Version {
        /// The file's version.
        found: u32,
        /// The file.
        path: PathBuf,
    },
}
