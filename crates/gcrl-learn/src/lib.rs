//! The algorithms, in plain Rust over an [`Engine`](gcrl_nn::Engine): they know no tensor library.
//!
//! Adding an algorithm: one file in `algos/`, its `mod` line, one line in [`registry::ALGORITHMS`]; or a
//! type of another crate that is [`Registered`], and its [`entry`].

pub mod algorithm;
pub mod algos;
pub mod checkpoint;
pub mod checkpoint_error;
mod checkpoint_header;
pub mod config;
pub mod config_error;
pub mod gaussian;
pub mod losses;
pub mod networks;
pub mod normalizer;
pub mod percentile;
pub mod presets;
pub mod registered;
pub mod registry;
pub mod settings;
pub mod setup;
pub mod step;
pub mod trainer;
pub mod updates;

pub use algorithm::{Algorithm, Losses, MemberState, PolicyFrame};
pub use checkpoint::Checkpoint;
pub use checkpoint_error::CheckpointError;
pub use config::{RunConfig, parse_setting};
pub use config_error::ConfigError;
pub use networks::rows::{Input, Outputs, Pass, Rows};
pub use presets::Preset;
pub use registered::{AlgorithmConfig, AlgorithmEntry, Build, Registered, entry};
pub use registry::{ALGORITHMS, find};
pub use settings::{Online, Rates, Schedule, Settings};
pub use setup::{Network, NetworkSpec, Setup};
pub use step::Step;
pub use trainer::{RestoreError, Trainer};
