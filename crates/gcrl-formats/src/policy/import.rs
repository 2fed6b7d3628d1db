//! Policies of other tools, read for a task of ours.

use super::clips::Clips;
use gcrl_core::TaskSpec;
use gcrl_policy::{PolicyFileError, TaskMismatch, TrainedPolicy};
use std::io;
use std::path::{Path, PathBuf};

/// What a zip archive begins with.
const ZIP: &[u8] = b"PK\x03\x04";

/// A format that policies are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Weights alone, as safetensors; [`TrainedPolicy::from_raw`] has the names.
    Raw,
    /// The same names in an archive of NumPy.
    Npz,
    /// A graph of ONNX.
    Onnx,
    /// What `model.save` of Stable-Baselines3 writes.
    StableBaselines3,
}

/// A file that gives no policy.
#[derive(Debug, thiserror::Error)]
#[error("cannot read policy: {path:?}")]
pub struct ImportPolicyError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub source: ImportError,
}

/// A cause for a file not to give a policy.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The system refuses, or an archive is damaged.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The file is none of raw weights.
    #[error(transparent)]
    Policy(#[from] PolicyFileError),
    /// The policy does not fit the task.
    #[error(transparent)]
    Task(#[from] TaskMismatch),
    /// An archive holds neither arrays nor a model of Stable-Baselines3.
    #[error(
        "archive holds {found}: neither the arrays of an npz nor the `policy.pth` of Stable-Baselines3"
    )]
    Archive {
        /// Names in it, at most 8.
        found: String,
    },
    /// This program was built without the format.
    #[error("this program was built without the feature `{feature}` of gcrl-formats")]
    NotBuilt {
        /// The feature.
        feature: &'static str,
    },
    /// An archive of arrays is not one of a policy.
    #[cfg(feature = "npz")]
    #[error(transparent)]
    Npz(#[from] super::npz::NpzError),
    /// A graph is not one of a policy.
    #[cfg(feature = "onnx")]
    #[error(transparent)]
    Onnx(#[from] super::onnx::OnnxError),
    /// A model of Stable-Baselines3 cannot be used.
    #[cfg(feature = "sb3")]
    #[error(transparent)]
    StableBaselines3(#[from] super::sb3::Sb3Error),
}

/// Reads the policy at `path` for `task`, in `format` or in the one that its content shows. `clips` are
/// those of raw weights.
///
/// # Errors
///
/// If the file cannot be read, is not of the format, holds a network that no policy of ours can be, or
/// numbers that are not finite, or its sizes or its task are others than those of `task`.
pub fn import(
    path: &Path,
    format: Option<Format>,
    task: &TaskSpec,
    clips: Clips,
) -> Result<TrainedPolicy, ImportPolicyError> {
    let policy = gcrl_file::read(path).map_err(ImportError::from);
    let policy = policy.and_then(|file| read(&file, format, task, clips));
    policy.map_err(|source| ImportPolicyError { path: path.to_owned(), source })
}

/// As [`import`], from a file's bytes.
///
/// # Errors
///
/// As [`import`].
pub fn read(
    file: &[u8],
    format: Option<Format>,
    task: &TaskSpec,
    clips: Clips,
) -> Result<TrainedPolicy, ImportError> {
    let format = match format {
        Some(format) => format,
        None => recognize(file)?,
    };
    let policy = match format {
        Format::Raw => TrainedPolicy::from_raw(file, task, clips.input, clips.output)?,
        #[cfg(feature = "npz")]
        Format::Npz => super::npz::read(file, task, clips)?,
        #[cfg(feature = "onnx")]
        Format::Onnx => super::onnx::read(file, task)?,
        #[cfg(feature = "sb3")]
        Format::StableBaselines3 => super::sb3::read(file, task)?,
        #[cfg(not(feature = "npz"))]
        Format::Npz => return Err(ImportError::NotBuilt { feature: "npz" }),
        #[cfg(not(feature = "onnx"))]
        Format::Onnx => return Err(ImportError::NotBuilt { feature: "onnx" }),
        #[cfg(not(feature = "sb3"))]
        Format::StableBaselines3 => return Err(ImportError::NotBuilt { feature: "sb3" }),
    };
    policy.check_task(task)?;
    Ok(policy)
}

/// The format of a file's content; raw where it is not known, for that reader says what is missing.
fn recognize(file: &[u8]) -> Result<Format, ImportError> {
    if file.starts_with(ZIP) {
        return recognize_archive(file);
    }
    // Safetensors begin with the length of a header, an object of JSON; the first field of ONNX's model is
    // the version, a small number.
    let is_onnx = matches!(file, [8, 1..=64, ..]) && file.get(8) != Some(&b'{');
    Ok(if is_onnx { Format::Onnx } else { Format::Raw })
}

#[cfg(feature = "sb3")]
fn recognize_archive(file: &[u8]) -> Result<Format, ImportError> {
    let names = super::sb3::names(file)?;
    if names.iter().any(|name| name == super::sb3::WEIGHTS) {
        return Ok(Format::StableBaselines3);
    }
    if names.iter().any(|name| name.strip_suffix(".npy").is_some()) {
        return Ok(Format::Npz);
    }
    let found = match &names[..] {
        [] => "nothing".to_owned(),
        names => {
            let quoted = names.iter().take(8).map(|name| format!("`{}`", name.escape_debug()));
            quoted.collect::<Vec<_>>().join(", ")
        }
    };
    Err(ImportError::Archive { found })
}

#[cfg(not(feature = "sb3"))]
fn recognize_archive(_file: &[u8]) -> Result<Format, ImportError> {
    Ok(Format::Npz)
}
