//! Reads a data set from another format.

use super::error::ImportError;
use super::format::Format;
use super::gather::{Imported, Target};
use std::path::Path;

/// Reads the file or folder at `path` as episodes of the task of `target`.
///
/// Widths and the number of transitions are the task's; float64 is rounded to float32, other types are
/// refused. Rewards are those of the task, whatever the file says.
///
/// # Errors
///
/// If the file is damaged or of another format, an array is missing or of another type or shape, episodes
/// have other lengths than the task's, a number is not finite, an action is outside [-1, 1], the desired goal
/// changes within an episode, or the data set says of itself that it is of another task.
pub fn read<'a>(
    path: &Path,
    format: Format,
    target: impl Into<Target<'a>>,
) -> Result<Imported, ImportError> {
    let target = target.into();
    match format {
        #[cfg(feature = "npz")]
        Format::Npz => super::npz::read(path, target),
        #[cfg(feature = "minari-hdf5")]
        Format::MinariHdf5 => super::minari_hdf5::read(path, target),
        #[cfg(feature = "minari-arrow")]
        Format::MinariArrow => super::minari_arrow::read(path, target),
        #[cfg(feature = "ogbench")]
        Format::Ogbench => super::ogbench::read(path, target),
        #[cfg(feature = "paper")]
        Format::Paper => super::paper::read(path, target),
        Format::Lerobot => Err(ImportError::NotRead { format, path: path.to_owned() }),
        #[allow(unreachable_patterns, reason = "with all features there is no other format")]
        _ => Err(ImportError::NotBuilt { format }),
    }
}
