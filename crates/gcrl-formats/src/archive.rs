//! Archives of arrays, as `numpy.savez` and `numpy.savez_compressed` write them: `.npz`.
//!
//! Arrays may hold float32 or float64, in C order; float64 is rounded to float32. The files may be
//! damaged: none is believed to be longer than it is.

mod npy;

use npyz::{AutoSerialize, DType, NpyFile, Order, TypeChar, WriterBuilder};
use std::io::{self, BufWriter, ErrorKind, Read, Seek, Write};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Numbers in an array that is read, at most: 1 GiB of float32. Files can promise more than they hold.
pub const MAX_LEN: usize = 1 << 28;

/// Bytes of a text that is read, at most.
const MAX_TEXT_BYTES: u64 = 1 << 24;

/// An array of floats.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Array {
    /// Its lengths, the outermost first.
    pub shape: Vec<usize>,
    /// Its numbers, in C order.
    pub numbers: Vec<f32>,
}

/// A cause for an array not to be read.
#[derive(Debug, thiserror::Error)]
pub enum ArrayError {
    /// It is damaged, or the system refuses.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// It holds something else than floats in C order.
    #[error("holds {found}, not float32 or float64 in C order")]
    Type {
        /// What it holds.
        found: String,
    },
    /// It has more than [`MAX_LEN`] numbers.
    #[error("has shape {found:?}, of more than {MAX_LEN} numbers")]
    TooLong {
        /// Its shape.
        found: Vec<usize>,
    },
}

/// An open archive.
pub struct Archive<R> {
    files: ZipArchive<R>,
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the table of contents.
    ///
    /// # Errors
    ///
    /// If it is no archive, or cut short.
    pub fn open(file: R) -> io::Result<Self> {
        Ok(Self { files: ZipArchive::new(file).map_err(plain)? })
    }

    /// The names of its arrays.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.files.file_names().flatten().map(|name| name.trim_end_matches(".npy").to_owned())
    }

    /// Whether it has an array of this name.
    pub fn has(&self, name: &str) -> bool {
        self.files.index_for_name(&file_name(name)).is_some()
    }

    /// The array of this name; nothing where there is none.
    ///
    /// # Errors
    ///
    /// If it is damaged, or holds something else than floats.
    pub fn array(&mut self, name: &str) -> Result<Option<Array>, ArrayError> {
        let Some(file) = self.file(name)? else { return Ok(None) };
        let shape: Vec<usize> = file.shape().iter().map(|&len| len as usize).collect();
        let len = shape.iter().try_fold(1_usize, |len, dim| len.checked_mul(*dim));
        if len.is_none_or(|len| MAX_LEN < len) {
            return Err(ArrayError::TooLong { found: shape });
        }
        let found = format!("{} in {:?} order", file.dtype().descr(), file.order());
        let numbers = numbers(file).ok_or(ArrayError::Type { found })??;
        Ok(Some(Array { shape, numbers }))
    }

    /// The text of this name, which is stored as an array of bytes; nothing where there is none.
    ///
    /// # Errors
    ///
    /// If it is damaged, too long, or none.
    pub fn text(&mut self, name: &str) -> io::Result<Option<String>> {
        let Some(file) = self.file(name)? else { return Ok(None) };
        let no_text = || io::Error::new(ErrorKind::InvalidData, format!("`{name}` is no text"));
        if MAX_TEXT_BYTES < file.len() {
            return Err(no_text());
        }
        let bytes = file.data::<u8>().map_err(|_other_type| no_text())?;
        let bytes = bytes.collect::<io::Result<Vec<_>>>()?;
        String::from_utf8(bytes).map(Some).map_err(|_other_bytes| no_text())
    }

    fn file(&mut self, name: &str) -> io::Result<Option<NpyFile<impl Read>>> {
        match self.files.by_name(&file_name(name)) {
            Err(ZipError::FileNotFound) => Ok(None),
            file => npy::open(file.map_err(plain)?).map(Some),
        }
    }
}

/// An archive that is being written; arrays are stored as they are, uncompressed.
pub struct ArchiveWriter<W: Write + Seek> {
    files: ZipWriter<W>,
}

impl<W: Write + Seek> ArchiveWriter<W> {
    /// Begins an archive.
    pub fn new(file: W) -> Self {
        Self { files: ZipWriter::new(file) }
    }

    /// Adds a text, as an array of bytes.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.array(name, &[text.len()], text.bytes())
    }

    /// Adds an array of `shape` and as many numbers, one after another.
    ///
    /// # Errors
    ///
    /// If it cannot be written, or there are more or fewer numbers.
    pub fn array<T: AutoSerialize>(
        &mut self,
        name: &str,
        shape: &[usize],
        numbers: impl IntoIterator<Item = T>,
    ) -> io::Result<()> {
        let n_bytes = shape.iter().product::<usize>() as u64 * size_of::<T>() as u64;
        // A quarter more than the numbers has room for the header.
        let is_large = u64::from(u32::MAX) < n_bytes.saturating_add(n_bytes / 4);
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(is_large);
        self.files.start_file(file_name(name), options).map_err(plain)?;
        let mut file = BufWriter::with_capacity(1 << 16, &mut self.files);
        let shape: Vec<u64> = shape.iter().map(|&len| len as u64).collect();
        let options = npyz::WriteOptions::new().default_dtype().shape(&shape);
        let mut writer = options.writer(&mut file).begin_nd()?;
        writer.extend(numbers)?;
        writer.finish()?;
        file.flush()
    }

    /// Ends the archive, and hands back what it was written to.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn finish(self) -> io::Result<W> {
        self.files.finish().map_err(plain)
    }
}

/// The array's numbers, in C order; nothing if it holds something else.
fn numbers(file: NpyFile<impl Read>) -> Option<io::Result<Vec<f32>>> {
    let DType::Plain(plain) = file.dtype() else {
        return None;
    };
    if file.order() != Order::C || plain.type_char() != TypeChar::Float {
        return None;
    }
    // Not `into_vec`, which takes memory for all numbers that a file promises before it reads them.
    match plain.size_field() {
        4 => Some(file.data::<f32>().ok()?.collect()),
        8 => Some(file.data::<f64>().ok()?.map(|x| Ok(x? as f32)).collect()),
        _ => None,
    }
}

/// What `numpy.savez` calls the file of an array.
fn file_name(array: &str) -> String {
    format!("{array}.npy")
}

/// An error of the archive's format as one of reading.
fn plain(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        other => io::Error::new(ErrorKind::InvalidData, other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn written() -> Vec<u8> {
        let mut writer = ArchiveWriter::new(Cursor::new(Vec::new()));
        writer.array("a", &[2, 3], (0..6).map(|i| i as f32)).unwrap();
        writer.text("note", "größer").unwrap();
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn what_is_written_is_read() {
        let mut archive = Archive::open(Cursor::new(written())).unwrap();
        assert_eq!(archive.names().collect::<Vec<_>>(), ["a", "note"]);
        let array = archive.array("a").unwrap().unwrap();
        assert_eq!((array.shape, array.numbers), (vec![2, 3], vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]));
        assert_eq!(archive.text("note").unwrap().as_deref(), Some("größer"));
        assert!(archive.has("a") && !archive.has("b"));
        assert_eq!(archive.array("b").unwrap(), None);
        assert_eq!(archive.text("b").unwrap(), None);
    }

    #[test]
    fn arrays_of_other_types_are_refused() {
        let mut archive = Archive::open(Cursor::new(written())).unwrap();
        assert_eq!(
            archive.array("note").unwrap_err().to_string(),
            "holds '|u1' in C order, not float32 or float64 in C order"
        );
        assert_eq!(archive.text("a").unwrap_err().to_string(), "`a` is no text");
        assert!(Archive::open(Cursor::new(b"PK")).is_err());
    }
}
