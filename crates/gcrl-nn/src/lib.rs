//! What learning needs of arithmetic: the [`Engine`] trait, and the engine in plain Rust.

pub mod choice;
pub mod engine;
pub mod gather;
pub mod kernels;
pub mod memory;
pub mod native;
pub mod network;

pub use choice::{DeviceKind, EngineKind, ParseKindError};
pub use engine::{Accumulate, Destination, Engine, EngineError, PassId};
pub use gather::{At, Column, EpisodesId, Gather, InputNormalizers, RowsId, Source, Version};
pub use kernels::KernelChoice;
pub use native::Native;
pub use network::{HiddenActivation, NetworkId, NetworkShape, NetworkState, OutputActivation};
