//! Which format a place holds.

use super::error::ImportError;
use super::format::Format;
use std::path::{Path, PathBuf};

/// Which format the file or folder at `path` has, by its names and by what an archive holds.
///
/// # Errors
///
/// If nothing is there, it cannot be looked into, or it is none of them.
pub fn recognize(path: &Path) -> Result<Format, ImportError> {
    let refused = |source| ImportError::Read { path: path.to_owned(), source };
    let is_folder = std::fs::metadata(path).map_err(refused)?.is_dir();
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if !is_folder {
        return match ending.as_str() {
            "npz" => archive_format(path),
            "hdf5" | "h5" => Ok(Format::MinariHdf5),
            "arrow" => Ok(Format::MinariArrow),
            "pkl" | "pickle" => Err(ImportError::Pickle { path: path.to_owned() }),
            _ => Err(ImportError::Unknown { path: path.to_owned() }),
        };
    }
    if path.join("meta/info.json").exists() {
        return Ok(Format::Lerobot);
    }
    folder_format(path)
}

/// The format of a folder: Minari's, or that of the one archive in it.
fn folder_format(path: &Path) -> Result<Format, ImportError> {
    #[cfg(any(feature = "minari-hdf5", feature = "minari-arrow"))]
    if let Some(folder) = super::minari::find(path)? {
        return super::minari::format(&folder);
    }
    archive_format(&archive_file(path)?)
}

/// The archive at `path`: the file itself, or the only one in the folder beside those for validation.
pub(super) fn archive_file(path: &Path) -> Result<PathBuf, ImportError> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let refused = |source| ImportError::Read { path: path.to_owned(), source };
    let entries = std::fs::read_dir(path).map_err(refused)?;
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_archive = |file: &PathBuf| {
        let name = file.to_string_lossy();
        name.ends_with(".npz") && !name.ends_with("-val.npz")
    };
    let mut files = files.filter(is_archive);
    match (files.next(), files.next()) {
        (Some(file), None) => Ok(file),
        _ => Err(ImportError::Unknown { path: path.to_owned() }),
    }
}

/// The format of an archive, by the names of its arrays.
#[cfg(feature = "archive")]
fn archive_format(path: &Path) -> Result<Format, ImportError> {
    let archive = super::stacked::open(path)?;
    let has = |names: &[&str]| names.iter().all(|name| archive.has(name));
    if has(&["o", "ag"]) {
        Ok(Format::Paper)
    } else if has(&["observations", "terminals"]) {
        Ok(Format::Ogbench)
    } else if has(&["observation"]) {
        Ok(Format::Npz)
    } else {
        let found = super::stacked::names(&archive);
        Err(ImportError::UnknownArrays { found, path: path.to_owned() })
    }
}

#[cfg(not(feature = "archive"))]
fn archive_format(_path: &Path) -> Result<Format, ImportError> {
    Err(ImportError::NotBuilt { format: Format::Npz })
}
