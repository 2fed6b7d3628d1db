//! The episodes of a data set, mapped into memory: read when they are looked at, shared by processes.

#![allow(unsafe_code, reason = "a map is sound while nobody changes its file; see SAFETY below")]

use crate::columns::{columns, layouts};
use gcrl_core::{EpisodeShape, EpisodeView};
use memmap2::Mmap;
use safetensors::{Dtype, SafeTensorError};
use std::fs::File;
use std::io;
use std::ops::{Deref, Range};
use std::path::Path;

#[cfg(target_endian = "big")]
compile_error!("data sets are little-endian and are mapped into memory as they are");

/// A cause for a file not to hold the episodes that its manifest promises.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// The file cannot be opened or mapped.
    #[error("cannot map it into memory")]
    Io(#[from] io::Error),
    /// The bytes are not a whole safetensors file.
    #[error("not a whole safetensors file")]
    Format(#[from] SafeTensorError),
    /// A column is not there.
    #[error("column `{column}` is missing")]
    Missing {
        /// The column.
        column: &'static str,
    },
    /// A column is there that does not belong there.
    #[error("unknown column `{column}`")]
    Unknown {
        /// The column.
        column: String,
    },
    /// A column holds something else than f32.
    #[error("column `{column}` holds {found}, not F32")]
    Type {
        /// The column.
        column: &'static str,
        /// What it holds.
        found: Dtype,
    },
    /// A column has another shape than the manifest says.
    #[error("column `{column}` has shape {found:?}, where the manifest says {expected:?}")]
    Shape {
        /// The column.
        column: &'static str,
        /// Its shape.
        found: Vec<usize>,
        /// The manifest's.
        expected: Vec<usize>,
    },
    /// The header has a length that puts numbers between the places where a CPU reads them.
    #[error("column `{column}` does not start at a multiple of 4 bytes")]
    Misaligned {
        /// The column.
        column: &'static str,
    },
    /// A number is NaN or infinite.
    #[error("column `{column}` holds {found} in episode {episode}")]
    NotFinite {
        /// The column.
        column: &'static str,
        /// The episode.
        episode: usize,
        /// The number.
        found: f32,
    },
}

/// The content of a file.
#[derive(Debug)]
pub(crate) enum Bytes {
    Map(Mmap),
    Memory(Vec<u8>),
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Map(map) => map,
            Self::Memory(bytes) => bytes,
        }
    }
}

/// Episodes where they lie in a file.
#[derive(Debug)]
pub(crate) struct MappedEpisodes {
    bytes: Bytes,
    shape: EpisodeShape,
    n_episodes: usize,
    /// Bytes of each column, in the order of `columns`.
    ranges: [Range<usize>; 4],
}

impl MappedEpisodes {
    /// Maps `path`, which is to hold `n_episodes` episodes of `shape`, all finite.
    pub(crate) fn open(
        path: &Path,
        shape: EpisodeShape,
        n_episodes: usize,
    ) -> Result<Self, MapError> {
        let file = File::open(path)?;
        // SAFETY: the bytes may not change while they are mapped. Data sets are written under another
        // name, take their own when they are whole, and are never changed by this program.
        let map = unsafe { Mmap::map(&file)? };
        Self::of(Bytes::Map(map), shape, n_episodes)
    }

    /// Finds `n_episodes` episodes of `shape`, all finite, in the content of a file.
    pub(crate) fn of(
        bytes: Bytes,
        shape: EpisodeShape,
        n_episodes: usize,
    ) -> Result<Self, MapError> {
        let (header_len, metadata) = gcrl_file::read_tensor_header(&bytes)?;
        let names = metadata.offset_keys();
        let layouts = layouts(shape);
        if let Some(column) = names.into_iter().find(|name| layouts.iter().all(|l| l.name != name))
        {
            return Err(MapError::Unknown { column });
        }
        let mut ranges = [const { 0..0 }; 4];
        for (range, layout) in ranges.iter_mut().zip(layouts) {
            let column = layout.name;
            let info = metadata.info(column).ok_or(MapError::Missing { column })?;
            if info.dtype != Dtype::F32 {
                return Err(MapError::Type { column, found: info.dtype });
            }
            let expected = layout.shape(n_episodes);
            if info.shape != expected {
                return Err(MapError::Shape { column, found: info.shape.clone(), expected });
            }
            let start = size_of::<u64>() + header_len;
            *range = start + info.data_offsets.0..start + info.data_offsets.1;
            if bytemuck::try_cast_slice::<u8, f32>(&bytes[range.clone()]).is_err() {
                return Err(MapError::Misaligned { column });
            }
        }
        let episodes = Self { bytes, shape, n_episodes, ranges };
        for column in columns(episodes.view()) {
            if let Some((episode, found)) = column.first_not_finite() {
                let column = column.layout.name;
                return Err(MapError::NotFinite { column, episode, found });
            }
        }
        Ok(episodes)
    }

    /// Borrows the columns.
    pub(crate) fn view(&self) -> EpisodeView<'_> {
        let [observation, achieved_goal, action, desired_goal] =
            self.ranges.each_ref().map(|range| bytemuck::cast_slice(&self.bytes[range.clone()]));
        EpisodeView {
            shape: self.shape,
            n_episodes: self.n_episodes,
            n_written: self.n_episodes as u64,
            observation,
            achieved_goal,
            action,
            desired_goal,
        }
    }
}
