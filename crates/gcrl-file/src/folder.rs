//! A folder, written whole or not at all.
//!
//! | the place | how it is filled |
//! |---|---|
//! | nothing is there | a temporary folder beside it takes its name |
//! | an empty folder, such as `.`, a mount point, or what a link leads to | a temporary folder in it, whose entries then move up, in the order of their names |
//!
//! A program killed while entries move up leaves a folder that the next claim completes.

use crate::abandoned::{Settled, settle};
use crate::file::keep;
use crate::place::MadeFolders;
use crate::space::free_bytes;
use crate::sync::sync_folder;
use crate::temporary::{Temporary, WHOLE, is_temporary_of, name, parent};
use crate::{ClaimError, WriteError};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A place for a folder, tried and held; the folder is there once it was written.
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
    temporary: Temporary,
    found: Found,
    made: MadeFolders,
}

/// What was at the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    EmptyFolder,
}

impl OutputFolder {
    /// Checks that a folder can be written at `path`, before the work of making its content, by
    /// creating and removing there.
    ///
    /// # Errors
    ///
    /// If there is anything but an empty folder, another program is writing there, or the system
    /// refuses.
    pub fn claim(path: &Path) -> Result<Self, ClaimError> {
        Self::claim_despite(path, &[])
    }

    /// As [`OutputFolder::claim`], for a folder that may hold entries of these names.
    ///
    /// # Errors
    ///
    /// If there is anything but a folder that is empty but for them, another program is writing there,
    /// or the system refuses.
    pub fn claim_despite(path: &Path, expected: &[&str]) -> Result<Self, ClaimError> {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Self::claim_existing(path, expected),
            Ok(_) => Err(ClaimError::NotAFolder { path: path.to_owned() }),
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                Err(ClaimError::NotAFolder { path: path.to_owned() })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Self::claim_new(path),
            Err(source) => {
                Err(ClaimError::Refused { act: "look at", path: path.to_owned(), source })
            }
        }
    }

    fn claim_new(path: &Path) -> Result<Self, ClaimError> {
        let made = MadeFolders::make(parent(path))?;
        check_busy(path, settle(parent(path), name(path), |_| {}))?;
        // Whether the name is one that this file system takes, and no link that leads nowhere.
        make_folder(path)?;
        // Another program may have begun to fill it.
        fs::remove_dir(path).map_err(|source| taken(source, path, "try the folder"))?;
        let temporary = Temporary::folder_beside(path)
            .map_err(|source| taken(source, path, "write beside the folder"))?;
        try_file(temporary.path(), path)?;
        Ok(Self { path: path.to_owned(), temporary, found: Found::Nothing, made })
    }

    fn claim_existing(path: &Path, expected: &[&str]) -> Result<Self, ClaimError> {
        let refused =
            |act| move |source| ClaimError::Refused { act, path: path.to_owned(), source };
        let complete = |whole: &Path| {
            let _ = move_up(whole, path);
        };
        check_busy(path, settle(path, OsStr::new(""), complete))?;
        if !name(path).is_empty() {
            // Of a program that was killed when it had just made the folder.
            check_busy(path, settle(parent(path), name(path), |_| {}))?;
        }
        for expected in expected {
            check_busy(path, settle(path, OsStr::new(expected), |_| {}))?;
        }
        let entries = fs::read_dir(path).map_err(|source| taken(source, path, "look into"))?;
        for entry in entries {
            let name = entry.map_err(refused("look into"))?.file_name();
            // Made since the temporaries were looked at.
            if is_temporary_of(&name, OsStr::new("")) {
                return Err(ClaimError::Busy { path: path.to_owned() });
            }
            // The system keeps the latter at the root of a disk.
            if !expected.iter().any(|expected| name == *expected) && name != "lost+found" {
                return Err(ClaimError::Occupied { path: path.to_owned() });
            }
        }
        let temporary =
            Temporary::folder_in(path).map_err(|source| taken(source, path, "write into"))?;
        try_file(temporary.path(), path)?;
        let path = path.to_owned();
        Ok(Self { path, temporary, found: Found::EmptyFolder, made: MadeFolders::default() })
    }

    /// Where the folder will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Checks that its disk has room for so many bytes, where the file system tells.
    ///
    /// # Errors
    ///
    /// If there is less room.
    pub fn check_space(&self, needed: u64) -> Result<(), ClaimError> {
        match free_bytes(self.temporary.path()) {
            Some(found) if found < needed => {
                Err(ClaimError::Space { needed, found, path: self.path.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Writes the folder: `fill` receives a temporary one, whose content then is at the place.
    ///
    /// # Errors
    ///
    /// If `fill` fails, the disk is full, or the place is no longer free.
    pub fn write<E: From<WriteError>>(
        self,
        fill: impl FnOnce(&Path) -> Result<(), E>,
    ) -> Result<(), E> {
        fill(self.temporary.path())?;
        let Self { path, temporary, found, made } = self;
        made.keep();
        let refused = |act| {
            let path = path.clone();
            move |source| WriteError::Refused { act, path, source }
        };
        sync_folder(temporary.path()).map_err(refused("sync"))?;
        let outer = match found {
            Found::Nothing => {
                if let Err((temporary, source)) = temporary.rename(&path) {
                    return Err(keep(temporary, path, source).into());
                }
                parent(&path)
            }
            Found::EmptyFolder => {
                publish_in_place(temporary, &path)?;
                &path
            }
        };
        Ok(sync_folder(outer).map_err(refused("sync the folder of"))?)
    }

    /// Makes the folder, empty, for a program that fills it over time.
    ///
    /// # Errors
    ///
    /// If the place is no longer free.
    pub fn create(self) -> Result<PathBuf, ClaimError> {
        if self.found == Found::Nothing {
            make_folder(&self.path)?;
        }
        self.made.keep();
        Ok(self.path)
    }
}

fn check_busy(path: &Path, settled: Settled) -> Result<(), ClaimError> {
    match settled {
        Settled::Free => Ok(()),
        Settled::Busy => Err(ClaimError::Busy { path: path.to_owned() }),
    }
}

/// Makes a folder where there was nothing a moment ago.
fn make_folder(path: &Path) -> Result<(), ClaimError> {
    fs::create_dir(path).map_err(|source| {
        let is_folder_or_gone = fs::symlink_metadata(path).map_or(true, |found| found.is_dir());
        if source.kind() == ErrorKind::AlreadyExists && is_folder_or_gone {
            return ClaimError::Busy { path: path.to_owned() };
        }
        let act = "create the folder";
        if source.kind() == ErrorKind::NotFound && parent(path).is_dir() {
            // As of `/proc`, where nothing can be made.
            return ClaimError::Refused { act, path: path.to_owned(), source };
        }
        taken(source, path, act)
    })
}

/// Why a place cannot be used that could be a moment ago: what was there is gone, or something is in it,
/// because another program is trying the same place; or the system refuses.
fn taken(source: io::Error, path: &Path, act: &'static str) -> ClaimError {
    if matches!(source.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) {
        return ClaimError::Busy { path: path.to_owned() };
    }
    ClaimError::Refused { act, path: path.to_owned(), source }
}

/// Tries whether files can be made in a folder that was just made for `path`.
fn try_file(folder: &Path, path: &Path) -> Result<(), ClaimError> {
    let file = folder.join("try");
    fs::write(&file, b"").and_then(|()| fs::remove_file(&file)).map_err(|source| {
        ClaimError::Refused { act: "create files in", path: path.to_owned(), source }
    })
}

/// Moves the entries of `temporary`, which lies in `folder`, into `folder`.
fn publish_in_place(temporary: Temporary, folder: &Path) -> Result<(), WriteError> {
    if let Some(taken) = first_taken(temporary.path(), folder) {
        let source = io::Error::new(ErrorKind::AlreadyExists, format!("there is {taken:?}"));
        return Err(keep(temporary, folder.to_owned(), source));
    }
    let mut whole = temporary.path().as_os_str().to_owned();
    whole.push(WHOLE);
    let whole = PathBuf::from(whole);
    // Another program that claims this folder sees by the lock that it is not to complete it.
    let _lock = temporary.file().try_clone();
    if let Err((temporary, source)) = temporary.rename(&whole) {
        return Err(keep(temporary, folder.to_owned(), source));
    }
    move_up(&whole, folder).map_err(|source| WriteError::Kept {
        kept: whole,
        path: folder.to_owned(),
        source,
    })
}

/// A name in `inner` that `outer` has too.
fn first_taken(inner: &Path, outer: &Path) -> Option<OsString> {
    let names = entries(inner).unwrap_or_default();
    names.into_iter().find(|name| fs::symlink_metadata(outer.join(name)).is_ok())
}

/// Moves all entries of `whole` to `folder`, and removes `whole`.
fn move_up(whole: &Path, folder: &Path) -> io::Result<()> {
    for name in entries(whole)? {
        fs::rename(whole.join(&name), folder.join(&name))?;
    }
    fs::remove_dir(whole)
}

/// Names in a folder, sorted.
fn entries(folder: &Path) -> io::Result<Vec<OsString>> {
    let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name()));
    let mut names = names.collect::<io::Result<Vec<_>>>()?;
    names.sort_unstable();
    Ok(names)
}

/// Writes a folder: `fill` receives a temporary one, whose content then is at `path`.
///
/// # Errors
///
/// If there is anything but an empty folder at `path`, if `fill` fails, or the disk is full.
pub fn write_folder<E: From<WriteError>>(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    OutputFolder::claim(path).map_err(WriteError::from)?.write(fill)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::names;

    fn fill(text: &'static str) -> impl FnOnce(&Path) -> Result<(), WriteError> {
        move |folder| {
            fs::write(folder.join("a"), text).unwrap();
            fs::write(folder.join("b"), text).unwrap();
            Ok(())
        }
    }

    #[test]
    fn a_folder_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/set");
        let failed: Result<(), WriteError> = write_folder(&path, |inner| {
            fs::write(inner.join("a"), b"half").unwrap();
            crate::write(&inner.join("b"), |_| Err(io::Error::other("disk full")))
        });
        assert!(failed.is_err());
        assert_eq!(names(folder.path()), [""; 0]);
        write_folder(&path, fill("whole")).unwrap();
        assert_eq!(names(&path), ["a", "b"]);
        assert_eq!(names(&folder.path().join("new")), ["set"]);
    }

    #[test]
    fn a_folder_that_a_killed_program_had_just_begun_is_claimed_and_cleaned() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        fs::create_dir_all(folder.path().join(".run.gcrl-1-abcdef/half")).unwrap();
        fs::create_dir(&path).unwrap();
        fs::write(path.join(".data.json.gcrl-1-abcdef"), "half").unwrap();
        assert!(OutputFolder::claim(&path).is_err());
        OutputFolder::claim_despite(&path, &["data.json"]).unwrap().create().unwrap();
        assert_eq!(names(folder.path()), ["run"]);
        assert_eq!(names(&path), [""; 0]);
    }

    #[test]
    fn of_programs_that_claim_one_place_at_once_one_has_it_and_the_others_are_told_that_it_is_busy()
    {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..200 {
            let path = folder.path().join(format!("{round}/run"));
            fs::create_dir(path.parent().unwrap()).unwrap();
            let claim = || OutputFolder::claim(&path).and_then(OutputFolder::create);
            let claims = std::thread::scope(|scope| {
                let threads = [0; 4].map(|_| scope.spawn(claim));
                threads.map(|thread| thread.join().unwrap())
            });
            assert!(claims.iter().any(Result::is_ok) && path.is_dir(), "{claims:?}");
            let is_expected =
                |claim: &Result<_, _>| matches!(claim, Ok(_) | Err(ClaimError::Busy { .. }));
            assert!(claims.iter().all(is_expected), "{claims:?}");
        }
    }

    #[test]
    fn a_folder_with_content_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set");
        write_folder(&path, fill("first")).unwrap();
        let again = write_folder(&path, fill("second"));
        assert!(matches!(again, Err(WriteError::Claim(ClaimError::Occupied { .. }))));
        assert_eq!(fs::read(path.join("a")).unwrap(), b"first");
        assert_eq!(names(folder.path()), ["set"]);
        let file = OutputFolder::claim(&path.join("a")).unwrap_err();
        assert!(matches!(file, ClaimError::NotAFolder { .. }));
        let below_file = OutputFolder::claim(&path.join("a/set")).unwrap_err();
        assert!(matches!(below_file, ClaimError::NotAFolder { .. }));
    }

    #[test]
    fn a_folder_that_is_taken_meanwhile_keeps_its_content_and_the_result_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set");
        let claimed = OutputFolder::claim(&path).unwrap();
        fs::create_dir_all(path.join("taken")).unwrap();
        let error = claimed.write(fill("result")).unwrap_err();
        let WriteError::Kept { kept, .. } = error else { panic!("{error}") };
        assert_eq!(kept, folder.path().join("set-1"));
        assert_eq!(names(&kept), ["a", "b"]);
        assert_eq!(names(&path), ["taken"]);
    }

    #[test]
    fn an_empty_folder_is_filled_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set");
        fs::create_dir(&path).unwrap();
        let held = fs::File::open(&path).unwrap();
        write_folder(&path, fill("whole")).unwrap();
        assert_eq!(names(&path), ["a", "b"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let ino = |found: fs::Metadata| found.ino();
            assert_eq!(ino(held.metadata().unwrap()), ino(fs::metadata(&path).unwrap()));
        }
        drop(held);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_an_empty_folder_is_filled_and_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink("real", &link).unwrap();
        write_folder(&link, fill("whole")).unwrap();
        assert_eq!(names(&real), ["a", "b"]);
        assert!(link.is_symlink());
        std::os::unix::fs::symlink("nowhere", folder.path().join("dangling")).unwrap();
        let error = OutputFolder::claim(&folder.path().join("dangling")).unwrap_err();
        assert!(matches!(error, ClaimError::Refused { .. }));
    }

    #[test]
    fn names_that_come_up_in_a_folder_meanwhile_are_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let claimed = OutputFolder::claim(folder.path()).unwrap();
        fs::write(folder.path().join("b"), "theirs").unwrap();
        let error = claimed.write(fill("ours")).unwrap_err();
        let WriteError::Kept { kept, .. } = error else { panic!("{error}") };
        assert_eq!(names(&kept), ["a", "b"]);
        assert_eq!(fs::read(folder.path().join("b")).unwrap(), b"theirs");
        assert_eq!(names(folder.path()).len(), 2);
    }

    #[test]
    fn a_claim_that_is_not_used_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/set");
        let claimed = OutputFolder::claim(&path).unwrap();
        assert_eq!(names(&folder.path().join("new")).len(), 1);
        assert!(matches!(OutputFolder::claim(&path), Err(ClaimError::Busy { .. })));
        drop(claimed);
        assert_eq!(names(folder.path()), [""; 0]);
        OutputFolder::claim(&path).unwrap().create().unwrap();
        assert_eq!(names(&folder.path().join("new")), ["set"]);
    }

    #[test]
    fn a_disk_without_room_is_found_out_before_it_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let claimed = OutputFolder::claim(folder.path()).unwrap();
        claimed.check_space(1).unwrap();
        let error = claimed.check_space(u64::MAX).unwrap_err();
        assert!(matches!(error, ClaimError::Space { needed: u64::MAX, .. }));
    }

    #[test]
    fn expected_entries_do_not_occupy() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".lock"), "").unwrap();
        assert!(OutputFolder::claim(folder.path()).is_err());
        assert!(OutputFolder::claim_despite(folder.path(), &[".lock"]).is_ok());
    }

    #[test]
    fn what_a_killed_program_left_in_place_is_removed_or_completed() {
        let folder = tempfile::tempdir().unwrap();
        let half = folder.path().join(".gcrl-1-abcdef");
        fs::create_dir(&half).unwrap();
        fs::write(half.join("a"), "half").unwrap();
        drop(OutputFolder::claim(folder.path()).unwrap());
        assert_eq!(names(folder.path()), [""; 0]);
        // Killed between two renames: `a` moved up, `b` did not.
        let whole = folder.path().join(".gcrl-1-abcdef.whole");
        fs::create_dir(&whole).unwrap();
        fs::write(folder.path().join("a"), "whole").unwrap();
        fs::write(whole.join("b"), "whole").unwrap();
        let claimed = OutputFolder::claim(folder.path());
        assert!(matches!(claimed, Err(ClaimError::Occupied { .. })));
        assert_eq!(names(folder.path()), ["a", "b"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_may_not_be_written_is_found_out_at_once() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
        // The superuser may write everywhere.
        if fs::write(folder.path().join("probe"), "").is_err() {
            let claimed = OutputFolder::claim(folder.path()).unwrap_err();
            assert!(matches!(claimed, ClaimError::Refused { act: "write into", .. }));
            let claimed = OutputFolder::claim(&folder.path().join("set")).unwrap_err();
            assert!(matches!(claimed, ClaimError::Refused { act: "create the folder", .. }));
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    }
}
