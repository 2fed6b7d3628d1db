//! Reading a file that a user named: one that ends.

use std::fs::{self, FileType};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Reads a whole file; a pipe counts as one.
///
/// # Errors
///
/// If the system refuses, or it is a device, such as `/dev/zero`, which may never end.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    if is_device(fs::metadata(path)?.file_type()) {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is a device, and not a file"));
    }
    fs::read(path)
}

/// As [`read`], for a file of text.
///
/// # Errors
///
/// As [`read`], and if it is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

#[cfg(unix)]
fn is_device(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    kind.is_char_device() || kind.is_block_device()
}

#[cfg(not(unix))]
fn is_device(_kind: FileType) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_whole_and_text_must_be_utf_8() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), b"a\xffb").unwrap();
        assert_eq!(read(file.path()).unwrap(), b"a\xffb");
        assert_eq!(read_text(file.path()).unwrap_err().kind(), ErrorKind::InvalidData);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_that_never_ends_is_refused() {
        let error = read(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(error.to_string(), "it is a device, and not a file");
    }
}
