//! The algorithms, in plain Rust over an [`Engine`](gcrl_nn::Engine): they know no tensor library.
//!
//! Adding an algorithm: one file in `algos/`, its `mod` line, one line in [`registry::ALGORITHMS`].

pub mod algorithm;
pub mod algos;
pub mod checkpoint;
pub mod config;
pub mod parts;
pub mod percentile;
pub mod registry;
pub mod settings;
pub mod statistics;
pub mod trainer;

pub use algorithm::{Algorithm, Losses, Setup, Step};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use config::{ConfigError, RunConfig};
pub use registry::{ALGORITHMS, AlgorithmEntry, find};
pub use settings::{Online, Settings};
pub use trainer::Trainer;
