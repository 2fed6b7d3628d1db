//! Data sets in the formats of other tools.
//!
//! ```text
//! Dataset ──Source──▶ export ──▶ folder of a format ──▶ read ──▶ Imported ──▶ gcrl_data::write
//! ```
//!
//! | format | whose | written | read |
//! |---|---|---|---|
//! | [`Format::Npz`] | `NumPy`'s archive, our columns stacked | yes | yes |
//! | [`Format::MinariHdf5`], [`Format::MinariArrow`] | Minari 0.5 | yes | yes |
//! | [`Format::Ogbench`] | `OGBench`'s archive | yes | yes |
//! | [`Format::Lerobot`] | `LeRobot` 3.0 | yes | no |
//! | [`Format::Paper`] | the buffers of WGCSL's authors, as an archive | no | yes |
//!
//! Every format keeps our manifest in its own place for notes, so that an export that is read again has the
//! same columns and the same origin. Episodes are written one by one from the memory map.

#![cfg_attr(
    not(all(
        feature = "lerobot",
        feature = "minari-arrow",
        feature = "minari-hdf5",
        feature = "npz",
        feature = "ogbench",
        feature = "paper"
    )),
    allow(
        dead_code,
        unused_variables,
        reason = "a format alone leaves some of what all share unused"
    )
)]

mod error;
mod export;
mod format;
mod gather;
#[cfg(feature = "minari-hdf5")]
mod hdf5;
mod import;
#[cfg(feature = "lerobot")]
mod lerobot;
#[cfg(any(feature = "minari-hdf5", feature = "minari-arrow"))]
mod minari;
#[cfg(feature = "minari-arrow")]
mod minari_arrow;
#[cfg(feature = "minari-hdf5")]
mod minari_hdf5;
#[cfg(feature = "npz")]
mod npz;
#[cfg(feature = "ogbench")]
mod ogbench;
#[cfg(feature = "paper")]
mod paper;
mod recognize;
mod source;
#[cfg(feature = "archive")]
mod stacked;

pub use error::{ExportError, ImportError};
pub use export::export;
pub use format::Format;
pub use gather::{Imported, Note, Target};
pub use import::read;
pub use recognize::recognize;
pub use source::Source;
