//! A trained policy as a file, and its inference in plain Rust.
//!
//! Everything downstream of training (evaluation, collecting data, viewing) acts through this crate,
//! so it needs no engine. Actions are bit-equal on every CPU and for every batch size.
//!
//! [`PolicyParts`] are what a policy consists of, [`TrainedPolicy`] is one that acts, is saved and is
//! loaded. [`PolicyKind`] lists the ways to act.

mod activation;
mod bcq;
mod dispatch;
pub mod fuzz;
mod header;
mod import;
mod invalid;
mod layer;
mod network;
mod packed;
mod parts;
mod policy;
mod read;
mod read_error;
mod self_test;
mod tensors;
#[cfg(test)]
mod test_policies;
mod unpacked;
mod write;

pub use activation::Activation;
pub use header::FORMAT_VERSION;
pub use invalid::{InvalidPolicy, MAX_LATENTS, MAX_WIDTH};
pub use layer::Layer;
pub use network::Network;
pub use parts::{BcqParts, PolicyKind, PolicyParts, TrainingRecord};
pub use policy::{TaskMismatch, TrainedPolicy};
pub use read_error::{PolicyFileError, ReadPolicyError};
pub use tensors::{TensorError, TensorMap};
pub use unpacked::UnpackedPolicy;
