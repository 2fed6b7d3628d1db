//! What learning needs of arithmetic: the [`Engine`] trait, and the engine in plain Rust.

pub mod choice;
pub mod engine;
pub mod kernels;
pub mod native;
pub mod network;

pub use choice::{DeviceKind, EngineKind, ParseKindError};
pub use engine::{
    Engine, EngineError, Gather, InputNormalizers, PassId, RowContent, RowsId, StateAt,
};
pub use kernels::KernelChoice;
pub use native::Native;
pub use network::{NetworkId, NetworkShape, NetworkState, OutputActivation};
