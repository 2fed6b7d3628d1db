//! A trained policy as a file, and its inference in plain Rust.
//!
//! Everything downstream of training (evaluation, collecting data, viewing) acts through this crate,
//! so it needs no engine. Actions are bit-equal on every CPU and for every batch size.

mod dispatch;
mod file;
mod import;
mod mlp;
mod packed;
mod parts;
mod self_test;
mod tensors;

pub use file::{FORMAT_VERSION, ReadError};
pub use mlp::{MlpPolicy, TaskMismatch};
pub use parts::{InvalidPolicy, Layer, PolicyParts};
pub use tensors::TensorError;
