//! What killed programs leave: temporaries whose lock nobody holds.

use crate::temporary::{
    WHOLE, Writer, is_on_one_device, is_temporary, is_temporary_of, name, parent, remove_tree,
    writer,
};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Removes the temporaries of the file or folder `path` whose writers were killed.
///
/// Touches nothing else: no temporary of another file or of a program that runs, no link, nothing on
/// another file system. What cannot be removed does no harm.
pub fn remove_abandoned(path: &Path) {
    // In a temporary folder there are no other writers.
    if !is_temporary(parent(path)) {
        settle(parent(path), name(path), |_| {});
    }
}

/// What became of the temporaries of one target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// No program writes the target.
    Free,
    /// A program does.
    Busy,
}

/// Removes the abandoned temporaries in `folder` of the target called `target`; those whose content is
/// whole go to `finish` instead.
pub(crate) fn settle(folder: &Path, target: &OsStr, finish: impl Fn(&Path)) -> Settled {
    let mut settled = Settled::Free;
    let Ok(here) = fs::metadata(folder) else { return settled };
    for path in temporaries(folder, target) {
        let Ok(found) = fs::symlink_metadata(&path) else { continue };
        if !is_on_one_device(&here, &found) {
            continue;
        }
        match writer(&path, &found) {
            Writer::Gone(_lock) if name(&path).as_encoded_bytes().ends_with(WHOLE.as_bytes()) => {
                finish(&path);
            }
            Writer::Gone(_lock) => {
                let _ = remove_tree(&path);
            }
            Writer::Running => settled = Settled::Busy,
            Writer::Unknown => {}
        }
    }
    settled
}

fn temporaries(folder: &Path, target: &OsStr) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let of_target = entries.filter(|entry| is_temporary_of(&entry.file_name(), target));
    of_target.map(|entry| folder.join(entry.file_name())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::temporary::Temporary;

    /// A temporary of `name` as a killed program leaves it.
    fn leave(folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(format!(".{name}.gcrl-1-abcdef"));
        fs::write(&path, "half").unwrap();
        path
    }

    #[test]
    fn only_what_nobody_writes_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a");
        let (mine, other) = (leave(folder.path(), "a"), leave(folder.path(), "b"));
        let live = Temporary::file_beside(&target).unwrap();
        remove_abandoned(&target);
        assert!(!mine.exists() && other.exists() && live.path().exists());
    }

    #[test]
    fn a_lock_of_another_handle_protects() {
        let folder = tempfile::tempdir().unwrap();
        let path = leave(folder.path(), "a");
        let lock = fs::File::open(&path).unwrap();
        lock.try_lock().unwrap();
        assert_eq!(settle(folder.path(), OsStr::new("a"), |_| {}), Settled::Busy);
        assert!(path.exists());
        drop(lock);
        assert_eq!(settle(folder.path(), OsStr::new("a"), |_| {}), Settled::Free);
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_with_a_temporary_name_stays() {
        let folder = tempfile::tempdir().unwrap();
        let precious = folder.path().join("precious");
        fs::write(&precious, "a").unwrap();
        let link = folder.path().join(".a.gcrl-1-abcdef");
        std::os::unix::fs::symlink(&precious, &link).unwrap();
        remove_abandoned(&folder.path().join("a"));
        assert!(precious.exists() && link.is_symlink());
    }
}
