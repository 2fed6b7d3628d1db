//! Causes for a checkpoint not to be read.

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
    /// The file was written by an older or a newer program.
    #[error("checkpoint has format version {found}, and this program reads {expected}: {path:?}")]
    Version {
        /// The file's version.
        found: u32,
        /// The program's.
        expected: u32,
        /// The file.
        path: PathBuf,
    },
}
