//! The formats by name.

use std::fmt::{self, Display};

/// A format of data sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Our columns, stacked, in one archive of arrays.
    Npz,
    /// Minari's, in one HDF5 file.
    MinariHdf5,
    /// Minari's, in one Arrow file an episode.
    MinariArrow,
    /// `OGBench`'s archive of arrays.
    Ogbench,
    /// `LeRobot` 3.0: Parquet and JSON.
    Lerobot,
    /// The buffers of WGCSL's authors, as an archive of arrays.
    Paper,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 6] =
        [Self::Npz, Self::MinariHdf5, Self::MinariArrow, Self::Ogbench, Self::Lerobot, Self::Paper];

    /// Those that are written.
    pub const EXPORTS: [Self; 5] =
        [Self::Npz, Self::MinariHdf5, Self::MinariArrow, Self::Ogbench, Self::Lerobot];

    /// Those that are read.
    pub const IMPORTS: [Self; 5] =
        [Self::Npz, Self::MinariHdf5, Self::MinariArrow, Self::Ogbench, Self::Paper];

    /// What users call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Npz => "npz",
            Self::MinariHdf5 => "minari-hdf5",
            Self::MinariArrow => "minari-arrow",
            Self::Ogbench => "ogbench",
            Self::Lerobot => "lerobot",
            Self::Paper => "paper",
        }
    }
}

impl Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
