//! Writes a data set in another format.

use super::error::ExportError;
use super::format::Format;
use super::source::Source;
use gcrl_file::OutputFolder;
use std::path::{Path, PathBuf};

/// Writes episodes in a format to the folder `out`, whole or not at all. The folder must not hold anything yet;
/// that of a format of Minari may hold other data sets of Minari.
///
/// `name` is what the data set is called there, such as `expert-v1`; `on_episodes` hears how many more
/// episodes were written.
///
/// # Errors
///
/// If the folder cannot be written or is not empty, the disk has no room, or the format is not written here.
pub fn export(
    source: Source<'_>,
    format: Format,
    name: &str,
    out: &Path,
    on_episodes: &dyn Fn(u64),
) -> Result<(), ExportError> {
    let claimed = OutputFolder::claim(&place(source, format, name, out))?;
    let view = source.view;
    let columns = [view.observation, view.achieved_goal, view.action, view.desired_goal];
    claimed.check_space(columns.iter().map(|column| size_of_val(*column) as u64).sum())?;
    claimed.write(|folder| match format {
        #[cfg(feature = "npz")]
        Format::Npz => super::npz::write(source, folder, on_episodes),
        #[cfg(feature = "minari-hdf5")]
        Format::MinariHdf5 => super::minari_hdf5::write(source, name, folder, on_episodes),
        #[cfg(feature = "minari-arrow")]
        Format::MinariArrow => super::minari_arrow::write(source, name, folder, on_episodes),
        #[cfg(feature = "ogbench")]
        Format::Ogbench => super::ogbench::write(source, name, folder, on_episodes),
        #[cfg(feature = "lerobot")]
        Format::Lerobot => super::lerobot::write(source, name, folder, on_episodes),
        Format::Paper => Err(ExportError::NotWritten { format }),
        #[allow(unreachable_patterns, reason = "with all features there is no other format")]
        _ => Err(ExportError::NotBuilt { format }),
    })
}

/// The folder that a data set has for itself.
#[cfg_attr(
    not(any(feature = "minari-hdf5", feature = "minari-arrow")),
    expect(unused_variables, reason = "only Minari has many data sets in a folder")
)]
fn place(source: Source<'_>, format: Format, name: &str, out: &Path) -> PathBuf {
    match format {
        #[cfg(any(feature = "minari-hdf5", feature = "minari-arrow"))]
        Format::MinariHdf5 | Format::MinariArrow => out.join(super::minari::id(source, name)),
        _ => out.to_owned(),
    }
}
