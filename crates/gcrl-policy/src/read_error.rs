//! Causes for a file not to give a policy.

use crate::header::FORMAT_VERSION;
use crate::invalid::InvalidPolicy;
use crate::policy::TaskMismatch;
use crate::tensors::TensorError;
use std::io;
use std::path::PathBuf;

/// Bytes of a file, at most: what has no end, such as a device, is not read until memory is full.
pub(crate) const MAX_FILE_BYTES: u64 = 1 << 30;

/// A file that gives no policy.
#[derive(Debug, thiserror::Error)]
#[error("cannot read policy: {path:?}")]
pub struct ReadPolicyError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub source: PolicyFileError,
}

/// A cause for a file not to give a policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyFileError {
    /// The file cannot be read.
    #[error(transparent)]
    Open(#[from] io::Error),
    /// The file is larger than policies can be.
    #[error("file is larger than {MAX_FILE_BYTES} bytes")]
    TooLarge,
    /// The file's tensors are not those of a policy.
    #[error(transparent)]
    Tensors(#[from] TensorError),
    /// A safetensors file that another program wrote.
    #[error("safetensors file without the header of a policy")]
    Foreign,
    /// The header is not that of a policy.
    #[error("header is not that of a policy")]
    Header(#[from] serde_json::Error),
    /// A later version of this program wrote the file.
    #[error("policy has format version {found}, where this program reads 1 to {FORMAT_VERSION}")]
    Version {
        /// The file's version.
        found: u32,
    },
    /// The policy acts in a way that is not known here.
    #[error("policy is of the kind `{found}`, where `mlp` and `bcq` are known")]
    Kind {
        /// The file's kind.
        found: String,
    },
    /// The header lacks a network.
    #[error("policy of the kind `{kind}` lacks the network `{network}`")]
    MissingNetwork {
        /// The file's kind.
        kind: String,
        /// The network.
        network: &'static str,
    },
    /// The header names a network that its kind does not have.
    #[error("policy of the kind `{kind}` has no network `{network}`")]
    UnknownNetwork {
        /// The file's kind.
        kind: String,
        /// The first such network.
        network: String,
    },
    /// The file was changed after it was saved.
    #[error("policy does not match its checksum")]
    Checksum,
    /// The parts do not make a policy.
    #[error(transparent)]
    Invalid(#[from] InvalidPolicy),
    /// A raw policy does not fit the task it is imported for.
    #[error(transparent)]
    Task(#[from] TaskMismatch),
    /// The policy does not act as it did when it was saved.
    #[error("self-test row {row} gives action {found:?}, not {expected:?}")]
    SelfTest {
        /// The row, from 0.
        row: usize,
        /// The action here.
        found: Vec<f32>,
        /// The action in the file.
        expected: Vec<f32>,
    },
}
