//! Places: whether two are one, folders that are made on the way to one, and other names where it is taken.

use crate::ClaimError;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Whether two paths lead to one file or folder, which is there.
pub fn is_same(left: &Path, right: &Path) -> bool {
    match (fs::canonicalize(left), fs::canonicalize(right)) {
        (Ok(left), Ok(right)) => left == right,
        _ => false,
    }
}

/// Folders that were made on the way to a place; removed when dropped, where they are empty.
#[derive(Debug, Default)]
pub(crate) struct MadeFolders(Vec<PathBuf>);

impl MadeFolders {
    /// Makes `folder` and those that it is missing in.
    pub(crate) fn make(folder: &Path) -> Result<Self, ClaimError> {
        let missing = folder.ancestors().take_while(|folder| {
            !folder.as_os_str().is_empty() && fs::symlink_metadata(folder).is_err()
        });
        let made = Self(missing.map(Path::to_owned).collect());
        fs::create_dir_all(folder).map_err(|source| ClaimError::Refused {
            act: "create the folder",
            path: folder.to_owned(),
            source,
        })?;
        Ok(made)
    }

    /// Leaves them.
    pub(crate) fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for MadeFolders {
    fn drop(&mut self) {
        for folder in &self.0 {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// The first of `x-1.gif`, `x-2.gif`, … beside `x.gif` that is free.
pub(crate) fn free_name(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or("result".as_ref());
    let numbered = |number: u32| {
        let mut name = stem.to_owned();
        name.push(format!("-{number}"));
        if let Some(ending) = path.extension() {
            name.push(".");
            name.push(ending);
        }
        path.with_file_name(name)
    };
    let is_free = |path: &PathBuf| {
        fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    };
    (1..=u32::MAX).map(numbered).find(is_free).expect("no folder holds 2^32 entries of one name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_were_made_go_again_unless_something_is_in_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/c");
        drop(MadeFolders::make(&path).unwrap());
        assert!(!folder.path().join("a").exists());
        let made = MadeFolders::make(&path).unwrap();
        fs::write(folder.path().join("a/file"), "").unwrap();
        drop(made);
        assert!(folder.path().join("a/file").exists() && !folder.path().join("a/b").exists());
        MadeFolders::make(&path).unwrap().keep();
        assert!(path.exists());
    }

    #[test]
    fn other_names_keep_their_ending() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x-1.gif"), "").unwrap();
        assert_eq!(free_name(&folder.path().join("x.gif")), folder.path().join("x-2.gif"));
        assert_eq!(free_name(&folder.path().join("set")), folder.path().join("set-1"));
    }
}
