//! Temporary files and folders: whose they are, and whether their writer still runs.
//!
//! ```text
//! .NAME.gcrl-PID-RANDOM    beside the file or folder NAME that process PID is writing
//! .gcrl-PID-RANDOM         in a folder that is filled in place
//! ```
//!
//! A writer holds a lock on its temporary, which the system releases when the process ends, however it
//! ends: a temporary without a lock is abandoned.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

const MARK: &str = ".gcrl-";
const RANDOM_LEN: usize = 6;

/// How the name of a folder ends whose content is whole and about to be moved out of it.
pub(crate) const WHOLE: &str = ".whole";

/// Longest name of a file on common systems, in bytes.
const NAME_MAX: usize = 255;

/// The temporaries of this process; a static, because a signal concerns the process.
static LIVE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn live() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// While this is held, no thread of this process begins or ends writing a file.
#[derive(Debug)]
#[must_use = "other threads go on writing when this is dropped"]
pub struct WritingStopped {
    _live: MutexGuard<'static, BTreeSet<PathBuf>>,
}

/// Removes all temporaries of this process, for a program that is about to end at a signal.
///
/// Not to be called in a signal handler, but in a thread that was told of the signal.
pub fn stop_writing() -> WritingStopped {
    let mut live = live();
    for path in std::mem::take(&mut *live) {
        // A thread may still be writing into a folder.
        let _ = (0..3).find(|_| remove_tree(&path).is_ok());
    }
    WritingStopped { _live: live }
}

/// A file or folder under a temporary name; removed when dropped.
#[derive(Debug)]
pub(crate) struct Temporary {
    path: PathBuf,
    file: File,
}

impl Temporary {
    /// An empty file beside `target`.
    pub(crate) fn file_beside(target: &Path) -> io::Result<Self> {
        Self::make(parent(target), &prefix(name(target)), |path| {
            File::options().read(true).write(true).create_new(true).open(path)
        })
    }

    /// An empty folder beside `target`.
    pub(crate) fn folder_beside(target: &Path) -> io::Result<Self> {
        Self::make(parent(target), &prefix(name(target)), make_folder)
    }

    /// An empty folder in `folder`.
    pub(crate) fn folder_in(folder: &Path) -> io::Result<Self> {
        Self::make(folder, &prefix(OsStr::new("")), make_folder)
    }

    fn make(
        folder: &Path,
        prefix: &OsStr,
        create: impl Fn(&Path) -> io::Result<File>,
    ) -> io::Result<Self> {
        let mut live = live();
        let created = tempfile::Builder::new()
            .prefix(prefix)
            .rand_bytes(RANDOM_LEN)
            .make_in(folder, |path| create(path).and_then(|file| lock(file, path)))?;
        let (file, path) = created.keep().map_err(|error| error.error)?;
        live.insert(path.clone());
        Ok(Self { path, file })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Of a file: open for writing. Of a folder: open to be synced.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Gives it another name, under which it is no temporary of this process any more.
    pub(crate) fn rename(self, path: &Path) -> Result<(), (Self, io::Error)> {
        let renamed = {
            let mut live = live();
            let renamed = fs::rename(&self.path, path);
            if renamed.is_ok() {
                live.remove(&self.path);
            }
            renamed
        };
        renamed.map_err(|error| (self, error))
    }

    /// Leaves it where it is.
    pub(crate) fn keep(self) -> PathBuf {
        live().remove(&self.path);
        self.path.clone()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let mut live = live();
        if live.remove(&self.path) {
            let _ = remove_tree(&self.path);
        }
    }
}

fn make_folder(path: &Path) -> io::Result<File> {
    fs::create_dir(path)?;
    File::open(path).inspect_err(|_| {
        let _ = fs::remove_dir(path);
    })
}

/// Locks what was just made; another program that found it without a lock may have removed it. A file
/// system without locks leaves it without one.
fn lock(file: File, path: &Path) -> io::Result<File> {
    let is_taken = matches!(file.try_lock(), Err(TryLockError::WouldBlock));
    let is_there = fs::symlink_metadata(path)
        .and_then(|found| Ok(is_same(&found, &file.metadata()?)))
        .unwrap_or(false);
    // `tempfile` tries another name at this error.
    if is_taken || !is_there { Err(io::ErrorKind::AlreadyExists.into()) } else { Ok(file) }
}

/// Who writes a temporary.
#[derive(Debug)]
pub(crate) enum Writer {
    /// A program that ended; this holds the lock that it held.
    Gone(File),
    /// A program that runs.
    Running,
    /// The file system has no locks, or this is no temporary.
    Unknown,
}

/// Who writes the temporary at `path`, which is `found`.
pub(crate) fn writer(path: &Path, found: &Metadata) -> Writer {
    if live().contains(path) {
        return Writer::Running;
    }
    // Opening a pipe would wait.
    let is_ours = found.is_file() || found.is_dir();
    let Some(file) = is_ours.then(|| File::open(path).ok()).flatten() else {
        return Writer::Unknown;
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Writer::Running,
        Err(TryLockError::Error(_)) => return Writer::Unknown,
    }
    let now = fs::symlink_metadata(path).and_then(|now| Ok((now, file.metadata()?)));
    match now {
        Ok((now, opened)) if is_same(found, &now) && is_same(found, &opened) => Writer::Gone(file),
        _ => Writer::Unknown,
    }
}

/// Removes a file, or a folder with all that is in it, without following links or leaving the file
/// system.
pub(crate) fn remove_tree(path: &Path) -> io::Result<()> {
    let found = fs::symlink_metadata(path)?;
    if !found.is_dir() {
        return fs::remove_file(path);
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?.path();
        if !is_on_one_device(&found, &fs::symlink_metadata(&entry)?) {
            return Err(io::ErrorKind::CrossesDevices.into());
        }
        remove_tree(&entry)?;
    }
    fs::remove_dir(path)
}

#[cfg(unix)]
fn is_same(left: &Metadata, right: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (left.dev(), left.ino()) == (right.dev(), right.ino())
}

#[cfg(not(unix))]
fn is_same(_left: &Metadata, _right: &Metadata) -> bool {
    true
}

#[cfg(unix)]
pub(crate) fn is_on_one_device(left: &Metadata, right: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    left.dev() == right.dev()
}

#[cfg(not(unix))]
pub(crate) fn is_on_one_device(_left: &Metadata, _right: &Metadata) -> bool {
    true
}

/// Whether a file or folder has a temporary name.
pub fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let tail = name.rfind(MARK).map(|at| &name[at + MARK.len()..]);
    name.starts_with('.') && tail.is_some_and(is_tail)
}

/// Whether `name` is that of a temporary of the file or folder called `target`; in a folder that is
/// filled in place, `target` is empty.
pub(crate) fn is_temporary_of(name: &OsStr, target: &OsStr) -> bool {
    let mark = mark(target);
    let tail = name.as_encoded_bytes().strip_prefix(mark.as_encoded_bytes());
    tail.and_then(|tail| str::from_utf8(tail).ok()).is_some_and(is_tail)
}

/// Whether a name ends as a temporary's: `PID-RANDOM`.
fn is_tail(tail: &str) -> bool {
    let tail = tail.strip_suffix(WHOLE).unwrap_or(tail);
    tail.split_once('-').is_some_and(|(process, random)| {
        let is_number = !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit());
        is_number
            && random.len() == RANDOM_LEN
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// How the names of all temporaries of `target` begin.
fn mark(target: &OsStr) -> OsString {
    let mut mark = OsString::new();
    if !target.is_empty() {
        mark.push(".");
        mark.push(cut(target, NAME_MAX - 40));
    }
    mark.push(MARK);
    mark
}

/// How the names of this process's temporaries of `target` begin.
fn prefix(target: &OsStr) -> OsString {
    let mut prefix = mark(target);
    prefix.push(format!("{}-", std::process::id()));
    prefix
}

/// The beginning of a name, of at most so many bytes, where it is too long and text.
fn cut(name: &OsStr, most: usize) -> &OsStr {
    let Some(text) = name.to_str().filter(|text| most < text.len()) else { return name };
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    OsStr::new(&text[..end])
}

/// The folder of a file or folder.
pub(crate) fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The name of a file or folder; empty for `..` and the like.
pub(crate) fn name(path: &Path) -> &OsStr {
    path.file_name().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_written_and_by_which_process() {
        let folder = tempfile::tempdir().unwrap();
        let temporary = Temporary::file_beside(&folder.path().join("a.csv")).unwrap();
        let name = name(temporary.path()).to_str().unwrap();
        let expected = format!(".a.csv.gcrl-{}-", std::process::id());
        assert!(name.starts_with(&expected), "{name}");
        assert!(is_temporary(temporary.path()));
        let is_of = |target| is_temporary_of(OsStr::new(name), OsStr::new(target));
        assert!(is_of("a.csv") && !is_of("a") && !is_of("") && !is_of("b.csv"));
        for other in ["a.csv", ".a.csv", ".a.gcrl-", ".a.gcrl-1-short", ".gcrl-x-abcdef"] {
            assert!(!is_temporary(Path::new(other)), "{other}");
        }
    }

    #[test]
    fn the_longest_name_has_a_temporary() {
        let folder = tempfile::tempdir().unwrap();
        for letter in ["x", "é"] {
            let target = folder.path().join(letter.repeat(NAME_MAX / letter.len()));
            let temporary = Temporary::file_beside(&target).unwrap();
            assert!(is_temporary_of(name(temporary.path()), name(&target)));
        }
    }

    #[test]
    fn a_temporary_goes_with_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let temporary = Temporary::folder_in(folder.path()).unwrap();
        fs::create_dir(temporary.path().join("b")).unwrap();
        fs::write(temporary.path().join("b/c"), "c").unwrap();
        drop(temporary);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn removing_follows_no_link() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("precious")).unwrap();
        fs::write(folder.path().join("precious/a"), "a").unwrap();
        let temporary = Temporary::folder_in(folder.path()).unwrap();
        std::os::unix::fs::symlink("../precious", temporary.path().join("link")).unwrap();
        drop(temporary);
        assert_eq!(fs::read(folder.path().join("precious/a")).unwrap(), b"a");
    }
}
