//! A file, written whole or not at all.

use crate::abandoned::remove_abandoned;
use crate::place::{MadeFolders, free_name};
use crate::sync::{sync_file, sync_folder};
use crate::temporary::{Temporary, name, parent};
use crate::{ClaimError, WriteError};
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A place for a file, tried and held; the file is there once it was written.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
    temporary: Temporary,
    made: MadeFolders,
}

impl OutputFile {
    /// Checks that a file can be written at `path`, before the work of making its content, and makes
    /// the missing folders on the way. A file that is there will be replaced; where a link leads, the
    /// file behind it.
    ///
    /// # Errors
    ///
    /// If there is anything but a file, or the system refuses.
    pub fn claim(path: &Path) -> Result<Self, ClaimError> {
        let refused = |act| {
            let path = path.to_owned();
            move |source| ClaimError::Refused { act, path, source }
        };
        match fs::metadata(path) {
            Ok(found) if !found.is_file() => {
                return Err(ClaimError::NotAFile { path: path.to_owned() });
            }
            Err(_) if path.file_name().is_none() => {
                return Err(ClaimError::NotAFile { path: path.to_owned() });
            }
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(refused("look at")(error));
            }
            _ => {}
        }
        let behind_link = fs::canonicalize(path).ok().filter(|_| path.is_symlink());
        let path = behind_link.unwrap_or_else(|| path.to_owned());
        remove_abandoned(&path);
        let made = MadeFolders::make(parent(&path))?;
        let temporary = Temporary::file_beside(&path).map_err(refused("create a file"))?;
        Ok(Self { path, temporary, made })
    }

    /// Writes the file: `fill` receives a buffered writer, then the file is synced and takes its name.
    ///
    /// # Errors
    ///
    /// If `fill` fails, the disk is full, or the place is no longer free.
    pub fn write(
        self,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), WriteError> {
        let refused = |act| {
            let path = self.path.clone();
            move |source| WriteError::Refused { act, path, source }
        };
        let mut writer = BufWriter::new(self.temporary.file());
        fill(&mut writer).and_then(|()| writer.flush()).map_err(refused("write"))?;
        drop(writer);
        sync_file(self.temporary.file()).map_err(refused("sync"))?;
        self.publish()
    }

    /// As [`OutputFile::write`], where another program writes: `fill` receives the name of an empty
    /// file.
    ///
    /// # Errors
    ///
    /// If `fill` fails, the disk is full, or the place is no longer free.
    pub fn write_by_name<E: From<WriteError>>(
        self,
        fill: impl FnOnce(&Path) -> Result<(), E>,
    ) -> Result<(), E> {
        fill(self.temporary.path())?;
        let path = self.path.clone();
        File::open(self.temporary.path())
            .and_then(|file| sync_file(&file))
            .map_err(|source| WriteError::Refused { act: "sync", path, source })?;
        Ok(self.publish()?)
    }

    fn publish(self) -> Result<(), WriteError> {
        let Self { path, temporary, made } = self;
        made.keep();
        match temporary.rename(&path) {
            Ok(()) => sync_folder(parent(&path)).map_err(|source| WriteError::Refused {
                act: "sync the folder of",
                path,
                source,
            }),
            Err((temporary, source)) => Err(keep(temporary, path, source)),
        }
    }
}

/// Leaves a result that cannot be put at `path` beside it.
pub(crate) fn keep(temporary: Temporary, path: PathBuf, source: io::Error) -> WriteError {
    let other = parent(temporary.path()).join(name(&path));
    let other = free_name(&other);
    let kept = match temporary.rename(&other) {
        Ok(()) => other,
        Err((temporary, _)) => temporary.keep(),
    };
    WriteError::Kept { kept, path, source }
}

/// Writes a file: `fill` receives a buffered writer, then the file is synced and takes its name.
/// Missing folders on the way are created.
///
/// # Errors
///
/// If a folder or file cannot be made, `fill` fails, or the disk is full.
pub fn write(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    OutputFile::claim(path)?.write(fill)
}

/// As [`write`], where another program writes: `fill` receives the name of an empty file.
///
/// # Errors
///
/// If a folder or file cannot be made, `fill` fails, or the disk is full.
pub fn write_by_name<E: From<WriteError>>(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    OutputFile::claim(path).map_err(WriteError::from)?.write_by_name(fill)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::is_temporary;
    use crate::tests::names;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, |file| file.write_all(b"old")).unwrap();
        let error = write(&path, |file| {
            file.write_all(b"half of the new")?;
            Err(io::Error::other("disk full"))
        });
        assert!(error.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_file_that_another_program_writes_takes_its_name_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/a.txt");
        let failed = write_by_name(&path, |temporary| {
            fs::write(temporary, "half").unwrap();
            Err(WriteError::Claim(ClaimError::Occupied { path: path.clone() }))
        });
        assert!(matches!(failed, Err(WriteError::Claim(ClaimError::Occupied { .. }))));
        assert_eq!(names(folder.path()), [""; 0]);
        write_by_name(&path, |temporary| {
            assert!(is_temporary(temporary) && !path.exists());
            fs::write(temporary, "whole").unwrap();
            Ok::<_, WriteError>(())
        })
        .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(names(path.parent().unwrap()), ["a.txt"]);
    }

    #[test]
    fn the_next_writer_removes_what_a_killed_one_left() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".a.txt.gcrl-1-abcdef"), "half").unwrap();
        write(&folder.path().join("a.txt"), |file| file.write_all(b"whole")).unwrap();
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_file_whose_place_is_taken_meanwhile_is_kept_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gif");
        let claimed = OutputFile::claim(&path).unwrap();
        fs::create_dir_all(path.join("taken")).unwrap();
        let error = claimed.write(|file| file.write_all(b"a video")).unwrap_err();
        let WriteError::Kept { kept, .. } = &error else { panic!("{error}") };
        assert_eq!(fs::read(kept).unwrap(), b"a video");
        assert_eq!(*kept, folder.path().join("a-1.gif"));
        assert_eq!(names(folder.path()), ["a-1.gif", "a.gif"]);
        assert!(
            error.to_string().starts_with("cannot rename into place, so that the result stays")
        );
    }

    #[test]
    fn a_folder_is_no_place_for_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = OutputFile::claim(folder.path()).unwrap_err();
        assert!(matches!(error, ClaimError::NotAFile { .. }));
        let error = OutputFile::claim(&folder.path().join("new/..")).unwrap_err();
        assert!(matches!(error, ClaimError::NotAFile { .. }));
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_not_replaced_and_links_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        let claimed = OutputFile::claim(Path::new("/dev/null"));
        assert!(matches!(claimed, Err(ClaimError::NotAFile { .. })));
        fs::create_dir(folder.path().join("real")).unwrap();
        fs::write(folder.path().join("real/a"), "old").unwrap();
        std::os::unix::fs::symlink("real/a", folder.path().join("link")).unwrap();
        write(&folder.path().join("link"), |file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read(folder.path().join("real/a")).unwrap(), b"new");
        assert!(folder.path().join("link").is_symlink());
    }
}
