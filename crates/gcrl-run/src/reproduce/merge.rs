//! One folder of what several programs trained in folders of their own.

use crate::datasets;
use crate::folder::RunFolder;
use crate::folder_error::FolderError;
use crate::reproduce::gather::{GatherError, SameSettings, cells};
use crate::results::RunResult;
use gcrl_file::{ClaimError, OutputFolder, WriteError};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What merging came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Finished cells that were copied.
    pub n_copied: usize,
    /// Finished cells that were there already.
    pub n_there: usize,
    /// Cells that are not finished, in any of the folders, which were left alone.
    pub n_unfinished: usize,
}

/// A cause for folders not to be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A folder holds no cells.
    #[error("no cells in folder: {path:?}")]
    NoCells {
        /// The folder.
        path: PathBuf,
    },
    /// Two folders have different results of one cell.
    #[error("two results of one cell differ: {left:?} and {right:?}")]
    Different {
        /// The one that was there.
        left: PathBuf,
        /// The one to be copied.
        right: PathBuf,
    },
    /// A cell that is to be copied is begun in the folder that all are copied to.
    #[error("cell is begun, and finished elsewhere: {path:?}")]
    Unfinished {
        /// The one that is begun.
        path: PathBuf,
    },
    /// A folder cannot be listed.
    #[error(transparent)]
    Gather {
        /// Why.
        #[from]
        source: GatherError,
    },
    /// The results of a cell cannot be read.
    #[error(transparent)]
    Folder {
        /// Why.
        #[from]
        source: FolderError,
    },
    /// The place of a cell cannot be written to.
    #[error(transparent)]
    Claim {
        /// Why.
        #[from]
        source: ClaimError,
    },
    /// A file cannot be copied.
    #[error("cannot copy {path:?}")]
    Copy {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A cell cannot be written.
    #[error(transparent)]
    Write {
        /// Why.
        #[from]
        source: WriteError,
    },
}

/// Copies the finished cells of `sources` into `out`, all but their checkpoints. Done again, it copies
/// nothing.
///
/// # Errors
///
/// Before anything is copied: if a source has no cells, two results of one cell differ, a cell to be copied is
/// begun in `out`, cells of one method have different settings, or a cell is of another version. Then if a
/// file cannot be read or written; what was copied stays.
pub fn merge(sources: &[PathBuf], out: &Path) -> Result<Merged, MergeError> {
    let mut merged = Merged::default();
    let mut same: BTreeMap<PathBuf, SameSettings> = BTreeMap::new();
    let mut check = |root: &Path, cell: &Path, results: &RunResult| {
        let method = cell.parent().expect("a cell is in a method's folder");
        let place = method.strip_prefix(root).expect("it was found in there").to_owned();
        let set = place.parent().and_then(|set| set.strip_prefix("cells").ok());
        let set = set.and_then(|set| datasets::published_of(&set.to_string_lossy()).ok());
        let set = set.ok_or_else(|| GatherError::Foreign { path: cell.to_owned() })?;
        same.entry(place).or_default().check(&set, results, cell)
    };
    for cell in cells(out)? {
        match RunFolder::finished(&cell)? {
            Some(results) => check(out, &cell, &results)?,
            None => merged.n_unfinished += 1,
        }
    }
    let mut copies: Vec<(PathBuf, PathBuf)> = Vec::new();
    for source in sources.iter().filter(|source| !gcrl_file::is_same(source, out)) {
        let cells = cells(source)?;
        if cells.is_empty() {
            return Err(MergeError::NoCells { path: source.clone() });
        }
        for from in cells {
            let Some(results) = RunFolder::finished(&from)? else {
                merged.n_unfinished += 1;
                continue;
            };
            check(source, &from, &results)?;
            let place = from.strip_prefix(source).expect("it was found in there");
            let to = out.join(place);
            let planned = copies.iter().find(|(_, other)| *other == to).map(|(from, _)| from);
            let there = planned.unwrap_or(&to);
            match RunFolder::finished(there)? {
                None if RunFolder::is_run(&to) => return Err(MergeError::Unfinished { path: to }),
                None => copies.push((from, to)),
                Some(other) if other == results => merged.n_there += 1,
                Some(_) => {
                    return Err(MergeError::Different { left: there.clone(), right: from });
                }
            }
        }
    }
    for (from, to) in copies {
        OutputFolder::claim(&to)?.write::<MergeError>(|folder| copy(&from, folder))?;
        merged.n_copied += 1;
    }
    Ok(merged)
}

/// Copies a run but for what continues it.
fn copy(from: &Path, to: &Path) -> Result<(), MergeError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| MergeError::Copy { path, source }
    };
    for entry in fs::read_dir(from).map_err(failed(from))? {
        let path = entry.map_err(failed(from))?.path();
        let name = path.file_name().unwrap_or_default();
        let to = to.join(name);
        if path.is_dir() && name != RunFolder::CHECKPOINTS {
            fs::create_dir(&to).map_err(failed(&to))?;
            copy(&path, &to)?;
        } else if path.is_file() && name != RunFolder::LOCK && !gcrl_file::is_temporary(&path) {
            fs::copy(&path, &to).map_err(failed(&path))?;
        }
    }
    Ok(())
}
