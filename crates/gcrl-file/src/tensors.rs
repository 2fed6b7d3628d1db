//! The header of a safetensors file that may be damaged.
//!
//! Source: the safetensors format, version 0.8 of its Rust library.

use safetensors::SafeTensorError;
use safetensors::tensor::Metadata;

/// Bytes of a header, at most: the limit of the format.
const MAX_HEADER_BYTES: u64 = 100_000_000;

/// Reads the header of a safetensors file: its length in bytes, and what it says of tensors, all of which
/// lie in the file.
///
/// The library's own `read_metadata` adds up lengths that a file claims without a check; it is safe for
/// files that this accepts.
///
/// # Errors
///
/// If `file` is not a whole safetensors file.
pub fn read_tensor_header(file: &[u8]) -> Result<(usize, Metadata), SafeTensorError> {
    let (length, rest) = file.split_first_chunk().ok_or(SafeTensorError::HeaderTooSmall)?;
    let header_bytes = u64::from_le_bytes(*length);
    if MAX_HEADER_BYTES < header_bytes {
        return Err(SafeTensorError::HeaderTooLarge);
    }
    let (header, data) =
        rest.split_at_checked(header_bytes as usize).ok_or(SafeTensorError::InvalidHeaderLength)?;
    let metadata: Metadata =
        serde_json::from_slice(header).map_err(SafeTensorError::InvalidHeaderDeserialization)?;
    if metadata.data_len() != data.len() {
        return Err(SafeTensorError::MetadataIncompleteBuffer);
    }
    Ok((header.len(), metadata))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file without numbers, of this header.
    fn file(header: &str) -> Vec<u8> {
        [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat()
    }

    #[test]
    fn a_claim_of_2_to_the_64_bytes_is_refused() {
        let header = r#"{"a":{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,18446744073709551615]}}"#;
        let found = read_tensor_header(&file(header));
        assert!(
            matches!(found, Err(SafeTensorError::InvalidHeaderDeserialization(_))),
            "{found:?}"
        );
        let found = read_tensor_header(&u64::MAX.to_le_bytes());
        assert!(matches!(found, Err(SafeTensorError::HeaderTooLarge)), "{found:?}");
    }

    #[test]
    fn a_whole_header_is_read() {
        let header = r#"{"a":{"dtype":"U8","shape":[2,1],"data_offsets":[0,2]}}"#;
        let mut bytes = file(header);
        bytes.extend([7, 8]);
        let (length, metadata) = read_tensor_header(&bytes).unwrap();
        assert_eq!((length, metadata.info("a").unwrap().shape.clone()), (header.len(), vec![2, 1]));
        bytes.pop();
        assert!(read_tensor_header(&bytes).is_err());
    }
}
