//! Files and folders that are whole or absent: written under a temporary name at their place, synced,
//! renamed.
//!
//! A program killed at any moment, or a disk that fills up, leaves under the final name either what
//! was there before or all of what is new.
//!
//! | what | how |
//! |---|---|
//! | before hours of work | [`OutputFolder::claim`], [`OutputFile::claim`]: the place is tried by creating and removing |
//! | a file, at once | [`write`] |
//! | a signal | [`stop_writing`] removes what this process was writing |
//! | a killed program | whoever writes the same file or folder next removes what it left |
//! | a file that a user named | [`read`], [`read_text`]: not a device that never ends |
//! | TOML | [`parse_toml`], [`from_toml`]: what is wrong is said in one line |
//! | a damaged file of tensors | [`read_tensor_header`] refuses it |
//! | a result that cannot be put in its place | is kept beside it; [`WriteError::Kept`] names it |
//!
//! Permissions are those that the user's umask leaves. File systems that cannot sync a folder lose no
//! result.

mod abandoned;
mod file;
mod folder;
mod place;
mod read;
mod space;
mod sync;
mod temporary;
mod tensors;
mod toml_text;

pub use abandoned::remove_abandoned;
pub use file::{OutputFile, write, write_by_name};
pub use folder::{OutputFolder, write_folder};
pub use place::is_same;
pub use read::{read, read_text};
pub use temporary::{WritingStopped, is_temporary, stop_writing};
pub use tensors::read_tensor_header;
pub use toml_text::{TomlError, from_toml, parse_toml};

use std::io;
use std::path::PathBuf;

/// A cause for a place not to be written to.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// The folder holds something.
    #[error("folder is not empty: {path:?}")]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// There is a file at the place of a folder.
    #[error("there is a file where a folder should be: {path:?}")]
    NotAFolder {
        /// The place.
        path: PathBuf,
    },
    /// There is a folder, a device or a pipe at the place of a file.
    #[error("there is something other than a file: {path:?}")]
    NotAFile {
        /// The place.
        path: PathBuf,
    },
    /// The same folder is being written by a program that runs.
    #[error("another program is writing this folder: {path:?}")]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// There is less room than the result takes.
    #[error("result takes {needed} bytes, where the disk has room for {found}: {path:?}")]
    Space {
        /// What it takes.
        needed: u64,
        /// What there is.
        found: u64,
        /// The place.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("cannot {act}: {path:?}")]
    Refused {
        /// What was attempted, such as `create a folder`.
        act: &'static str,
        /// The place.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A cause for a file or a folder not to be written; what stood there before still does.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Its place cannot be written to.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The system refused.
    #[error("cannot {act}: {path:?}")]
    Refused {
        /// What was attempted, such as `write`.
        act: &'static str,
        /// The file or folder it was attempted on.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// All was written, but its place is no longer free.
    #[error("cannot rename into place, so that the result stays at {kept:?}: {path:?}")]
    Kept {
        /// Where the result is.
        kept: PathBuf,
        /// Where it should be.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

#[cfg(test)]
mod tests {
    /// Names in a folder, sorted.
    pub(crate) fn names(folder: &std::path::Path) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}
