//! Policies as archives of NumPy: the arrays of a policy file by the same names, and its header, JSON, as
//! bytes in the array `header`. What lies beside the weights is enough to act, and to check it:
//!
//! ```python
//! p = np.load("policy.npz"); h = json.loads(bytes(p["header"]))
//! def normalized(x, name):
//!     x = np.clip(x, -h[name]["input_clip"], h[name]["input_clip"])
//!     x = (x - p[f"normalizer.{name}.mean"]) / p[f"normalizer.{name}.std"]
//!     return np.clip(x, -h[name]["output_clip"], h[name]["output_clip"])
//! def act(observation, goal):
//!     x = np.concatenate([normalized(observation, "observation"), normalized(goal, "goal")], -1)
//!     for i in range(n := sum(k.startswith("actor") for k in p) // 2):
//!         x = x @ p[f"actor.{i}.weight"] + p[f"actor.{i}.bias"]
//!         x = np.maximum(x, 0) if i < n - 1 else np.tanh(x)
//!     return np.clip(x, -1, 1)
//! ```

use super::clips::Clips;
use crate::archive::{Archive, ArchiveWriter, ArrayError};
use gcrl_core::TaskSpec;
use gcrl_policy::{PolicyFileError, TensorError, TensorMap, TrainedPolicy, UnpackedPolicy};
use std::io::{self, Cursor};
use std::path::Path;

/// The array with the header.
const HEADER: &str = "header";

/// Arrays that are read, at most; a policy has some 30.
const MAX_ARRAYS: usize = 1 << 10;

/// A cause for an archive of arrays not to be read.
#[derive(Debug, thiserror::Error)]
pub enum NpzError {
    /// The archive is damaged.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The arrays make no policy.
    #[error(transparent)]
    Policy(#[from] PolicyFileError),
    /// Sizes of arrays do not fit.
    #[error(transparent)]
    Tensors(#[from] TensorError),
    /// An array cannot be used.
    #[error("array `{name}`")]
    Array {
        /// Its name.
        name: String,
        /// Why.
        source: ArrayError,
    },
    /// There are more arrays than a policy has.
    #[error("archive has {found} arrays, where a policy has {MAX_ARRAYS} at most")]
    TooMany {
        /// Arrays in it.
        found: usize,
    },
}

/// The archive of `policy`; equal policies give equal bytes.
///
/// # Errors
///
/// If there is no memory for it.
pub fn write(policy: &TrainedPolicy) -> io::Result<Vec<u8>> {
    let UnpackedPolicy { header, tensors } = UnpackedPolicy::new(policy);
    let mut archive = ArchiveWriter::new(Cursor::new(Vec::new()));
    for (name, (shape, numbers)) in &tensors {
        archive.array(name, shape, numbers.iter().copied())?;
    }
    archive.text(HEADER, &header.unwrap_or_default())?;
    Ok(archive.finish()?.into_inner())
}

/// Reads an archive: one of [`write`], or one without `header`, of raw weights.
pub(super) fn read(file: &[u8], task: &TaskSpec, clips: Clips) -> Result<TrainedPolicy, NpzError> {
    let mut archive = Archive::open(Cursor::new(file))?;
    let names: Vec<String> = archive.names().collect();
    if MAX_ARRAYS < names.len() {
        return Err(NpzError::TooMany { found: names.len() });
    }
    let mut tensors = TensorMap::new();
    for name in names.into_iter().filter(|name| name != HEADER) {
        let array = archive.array(&name);
        let array = array.map_err(|source| NpzError::Array { name: name.clone(), source })?;
        if let Some(array) = array {
            tensors.insert(name, (array.shape, array.numbers));
        }
    }
    let unpacked = UnpackedPolicy { header: archive.text(HEADER)?, tensors };
    let bytes = unpacked.to_bytes()?;
    if unpacked.header.is_none() {
        return Ok(TrainedPolicy::from_raw(&bytes, task, clips.input, clips.output)?);
    }
    Ok(TrainedPolicy::from_bytes(&bytes, Path::new("")).map_err(|error| error.source)?)
}
