//! Making files and folders durable, where the file system can.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Waits until the file's bytes are on the disk.
pub(crate) fn sync_file(file: &File) -> io::Result<()> {
    tolerate(file.sync_all())
}

/// Waits until the folder's entries are on the disk: a rename is durable once its folder is.
///
/// A folder that may be written but not read cannot be opened, and is not waited for.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    tolerate(File::open(folder).and_then(|folder| folder.sync_all()))
}

/// Network file systems and those in user space answer that they cannot sync: nothing is lost by that.
fn tolerate(synced: io::Result<()>) -> io::Result<()> {
    match synced {
        Err(error) if is_no_loss(error.kind()) => Ok(()),
        synced => synced,
    }
}

fn is_no_loss(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::InvalidInput | ErrorKind::Unsupported | ErrorKind::PermissionDenied)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_failing_disk_is_an_error_of_syncing() {
        let answer = |errno| tolerate(Err(io::Error::from_raw_os_error(errno))).is_ok();
        // Linux: EPERM, EIO, EINVAL, ENOSPC, ENOSYS, EOPNOTSUPP.
        assert_eq!([1, 5, 22, 28, 38, 95].map(answer), [true, false, true, false, true, true]);
    }
}
