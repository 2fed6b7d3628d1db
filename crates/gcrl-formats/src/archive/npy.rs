//! An array's file, whose header may be damaged.
//!
//! The library takes memory for a header before it reads it, and the time that it takes to read one doubles
//! with every bracket in another: headers that promise to be longer, or hold more brackets, than those of
//! arrays of numbers are refused before.

use npyz::NpyFile;
use std::io::{self, Cursor, ErrorKind, Read};

/// Bytes of a header, at most, some 100 times what an array of numbers needs.
const MAX_HEADER_BYTES: u32 = 1 << 14;

/// Opening brackets in a header, at most; an array of numbers has two.
const MAX_BRACKETS: usize = 8;

/// Begins to read an array.
///
/// # Errors
///
/// If it is cut short, or its header is none.
pub(crate) fn open(mut file: impl Read) -> io::Result<NpyFile<impl Read>> {
    let refused = |what| Err(io::Error::new(ErrorKind::InvalidData, what));
    // The format's name, its version in two bytes, and the header's length: a u16 in version 1.
    let mut start = [0; 12];
    file.read_exact(&mut start)?;
    let [.., major, _, a, b, c, d] = start;
    let header_bytes = u32::from_le_bytes(if major == 1 { [a, b, 0, 0] } else { [a, b, c, d] });
    if MAX_HEADER_BYTES < header_bytes {
        return refused("the array's header is too long");
    }
    let mut header = start.to_vec();
    file.by_ref().take(u64::from(header_bytes)).read_to_end(&mut header)?;
    if MAX_BRACKETS < header.iter().filter(|byte| b"([{".contains(byte)).count() {
        return refused("the array's header has too many brackets");
    }
    NpyFile::new(Cursor::new(header).chain(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a file of version 1 with this header.
    fn refusal(header: &str) -> Option<String> {
        let length = (header.len() as u16).to_le_bytes();
        let file = [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes()].concat();
        open(&file[..]).err().map(|error| error.to_string())
    }

    #[test]
    fn headers_that_take_memory_or_time_are_refused() {
        let header = |shape: &str| {
            format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n")
        };
        assert_eq!(refusal(&header("(0, 2)")), None);
        let too_many = "the array's header has too many brackets";
        assert_eq!(refusal(&header(&"(2, ".repeat(20))).as_deref(), Some(too_many));
        let promise = b"\x93NUMPY\x02\x00\xff\xff\xff\x7f";
        let error = open(&promise[..]).err().unwrap();
        assert_eq!(error.to_string(), "the array's header is too long");
    }
}
