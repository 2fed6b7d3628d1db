//! Named f32 tensors in the bytes of a safetensors file, taken out one by one until none is left.
//!
//! Source: the safetensors format, version 0.8 of its Rust library.

use safetensors::tensor::Metadata;
use safetensors::{Dtype, SafeTensorError};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a header, at most, some 100 times what a policy needs: parsing JSON takes more memory than
/// its text.
const MAX_HEADER_BYTES: u64 = 1 << 18;

/// A cause for a file's tensors not to be the ones that are needed.
#[derive(Debug, thiserror::Error)]
pub enum TensorError {
    /// The bytes are not a whole safetensors file.
    #[error("not a whole safetensors file")]
    Format(#[from] SafeTensorError),
    /// A tensor is not there.
    #[error("tensor `{name}` is missing")]
    Missing {
        /// Its name.
        name: String,
    },
    /// Tensors are there that do not belong there.
    #[error("unknown tensor `{name}`")]
    Unknown {
        /// The first one's name.
        name: String,
    },
    /// A tensor holds something else than f32.
    #[error("tensor `{name}` holds {found}, not F32")]
    Type {
        /// Its name.
        name: String,
        /// What it holds.
        found: Dtype,
    },
    /// A tensor is not a vector, or not a matrix.
    #[error("tensor `{name}` has shape {found:?}, where {expected} dimensions are needed")]
    Rank {
        /// Its name.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// Needed dimensions.
        expected: usize,
    },
    /// A tensor has the wrong shape.
    #[error("tensor `{name}` has shape {found:?}, not {expected:?}")]
    Shape {
        /// Its name.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// The needed shape.
        expected: Vec<usize>,
    },
}

/// The tensors of a file that are not taken yet.
pub(crate) struct Tensors<'a> {
    metadata: Metadata,
    data: &'a [u8],
    left: BTreeSet<String>,
}

impl<'a> Tensors<'a> {
    /// Reads the header of `file`.
    pub(crate) fn new(file: &'a [u8]) -> Result<Self, TensorError> {
        let claimed = file.first_chunk().map_or(0, |length| u64::from_le_bytes(*length));
        if MAX_HEADER_BYTES < claimed {
            return Err(SafeTensorError::HeaderTooLarge.into());
        }
        let (length, metadata) = gcrl_file::read_tensor_header(file)?;
        let data = &file[size_of::<u64>() + length..];
        let left = metadata.offset_keys().into_iter().collect();
        Ok(Self { metadata, data, left })
    }

    /// An entry of the header's free text.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.metadata.metadata().as_ref()?.get(key).map(String::as_str)
    }

    /// The bytes of all tensors.
    pub(crate) fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Whether the tensor is there and not taken.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.left.contains(name)
    }

    /// Takes a tensor of `RANK` dimensions: its shape and its numbers, row by row.
    pub(crate) fn take<const RANK: usize>(
        &mut self,
        name: &str,
    ) -> Result<([usize; RANK], Vec<f32>), TensorError> {
        let (shape, values) = self.numbers(name)?;
        let Ok(shape) = <[usize; RANK]>::try_from(shape) else {
            let found = shape.to_vec();
            return Err(TensorError::Rank { name: name.to_owned(), found, expected: RANK });
        };
        self.left.remove(name);
        Ok((shape, values))
    }

    /// A tensor's shape and numbers.
    fn numbers(&self, name: &str) -> Result<(&[usize], Vec<f32>), TensorError> {
        let missing = || TensorError::Missing { name: name.to_owned() };
        let info = self.metadata.info(name).ok_or_else(missing)?;
        if info.dtype != Dtype::F32 {
            return Err(TensorError::Type { name: name.to_owned(), found: info.dtype });
        }
        let (start, end) = info.data_offsets;
        let (numbers, _) = self.data[start..end].as_chunks();
        Ok((&info.shape, numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()))
    }

    /// Takes a tensor of the given shape: its numbers, row by row.
    pub(crate) fn take_shaped<const RANK: usize>(
        &mut self,
        name: &str,
        expected: [usize; RANK],
    ) -> Result<Vec<f32>, TensorError> {
        let (found, values) = self.take(name)?;
        if found == expected {
            return Ok(values);
        }
        let (name, found) = (name.to_owned(), found.to_vec());
        Err(TensorError::Shape { name, found, expected: expected.to_vec() })
    }

    /// Takes every tensor, of any shape.
    pub(crate) fn take_all(&mut self) -> Result<TensorMap, TensorError> {
        let names = std::mem::take(&mut self.left).into_iter();
        names
            .map(|name| {
                let (shape, values) = self.numbers(&name)?;
                Ok((name, (shape.to_vec(), values)))
            })
            .collect()
    }

    /// Checks that everything was taken.
    pub(crate) fn finish(self) -> Result<(), TensorError> {
        match self.left.into_iter().next() {
            None => Ok(()),
            Some(name) => Err(TensorError::Unknown { name }),
        }
    }
}

/// All tensors of a file, by name: their shape and their numbers, row by row.
pub type TensorMap = BTreeMap<String, (Vec<usize>, Vec<f32>)>;
