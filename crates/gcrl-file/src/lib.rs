//! Files that are whole or absent: written to a temporary name beside their place, synced, renamed.
//!
//! A program killed at any moment, or a disk that fills up, leaves under the final name either what
//! was there before or all of what is new.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// How names of temporary files and folders begin.
const PREFIX: &str = ".gcrl-";

/// A cause for a file not to be written; what stood there before still does.
#[derive(Debug, thiserror::Error)]
#[error("cannot {act}: {path:?}")]
pub struct WriteError {
    /// What was attempted, such as `create a folder`.
    pub act: &'static str,
    /// The file or folder it was attempted on.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
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
    write_by_name(path, |temporary| {
        let failed = |source| WriteError { act: "write", path: path.to_owned(), source };
        let file = File::options().write(true).open(temporary).map_err(failed)?;
        let mut writer = BufWriter::new(file);
        fill(&mut writer).and_then(|()| writer.flush()).map_err(failed)
    })
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
    let folder = parent(path);
    let failed = |act| move |source| WriteError { act, path: path.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(failed("create the folder of"))?;
    let temporary = tempfile::Builder::new()
        .prefix(PREFIX)
        .tempfile_in(folder)
        .map_err(failed("create a temporary file beside"))?;
    fill(temporary.path())?;
    make_readable(temporary.as_file()).map_err(failed("set permissions of"))?;
    temporary.as_file().sync_all().map_err(failed("sync"))?;
    temporary.persist(path).map_err(|error| failed("rename into place")(error.error))?;
    Ok(sync_folder(folder)?)
}

/// Writes a folder: `fill` receives a temporary one, which then takes the name `path`.
///
/// # Errors
///
/// If `path` exists and is not an empty folder, if `fill` fails, or the disk is full.
pub fn write_folder<E: From<WriteError>>(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let outer = parent(path);
    let failed = |act| move |source| WriteError { act, path: path.to_owned(), source };
    std::fs::create_dir_all(outer).map_err(failed("create the folder of"))?;
    let temporary = tempfile::Builder::new()
        .prefix(PREFIX)
        .tempdir_in(outer)
        .map_err(failed("create a temporary folder beside"))?;
    fill(temporary.path())?;
    sync_folder(temporary.path())?;
    // Renaming onto an existing folder fails unless that folder is empty: nothing is overwritten.
    std::fs::rename(temporary.path(), path).map_err(failed("rename into place"))?;
    make_traversable(path).map_err(failed("set permissions of"))?;
    // The folder has moved away from under its guard, which must not look for it any more.
    let _moved = temporary.keep();
    sync_folder(outer).map_err(E::from)
}

/// Whether a file or folder has a temporary name: a program that was killed leaves such behind.
pub fn is_temporary(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX))
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A rename is durable once its folder is.
fn sync_folder(folder: &Path) -> Result<(), WriteError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|source| WriteError {
        act: "sync the folder",
        path: folder.to_owned(),
        source,
    })
}

/// Temporary files are private; results are for the user's tools and colleagues.
#[cfg(unix)]
fn make_readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(unix)]
fn make_traversable(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_readable(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn make_traversable(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

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
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_file_that_another_program_writes_takes_its_name_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/a.txt");
        let failed = write_by_name(&path, |temporary| {
            std::fs::write(temporary, "half").unwrap();
            Err(WriteError { act: "test", path: path.clone(), source: io::Error::other("no") })
        });
        assert_eq!(failed.unwrap_err().act, "test");
        assert_eq!(names(path.parent().unwrap()), [""; 0]);
        write_by_name(&path, |temporary| {
            assert!(is_temporary(temporary) && !path.exists());
            std::fs::write(temporary, "whole").unwrap();
            Ok::<_, WriteError>(())
        })
        .unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
        assert_eq!(names(path.parent().unwrap()), ["a.txt"]);
    }

    #[test]
    fn a_folder_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set");
        let failed: Result<(), WriteError> = write_folder(&path, |inner| {
            std::fs::write(inner.join("a"), b"half").unwrap();
            write(&inner.join("b"), |_| Err(io::Error::other("disk full")))
        });
        assert!(failed.is_err());
        assert_eq!(names(folder.path()), [""; 0]);
        let fill = |inner: &Path| write(&inner.join("a"), |file| file.write_all(b"whole"));
        write_folder(&path, fill).unwrap();
        assert_eq!(names(&path), ["a"]);
    }

    #[test]
    fn a_folder_with_content_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set");
        let fill = |text: &'static [u8]| {
            move |inner: &Path| write(&inner.join("a"), |file| file.write_all(text))
        };
        write_folder(&path, fill(b"first")).unwrap();
        assert!(write_folder(&path, fill(b"second")).is_err());
        assert_eq!(std::fs::read(path.join("a")).unwrap(), b"first");
        assert_eq!(names(folder.path()), ["set"]);
    }
}
