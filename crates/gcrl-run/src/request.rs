//! What a user asks a run to be, before names are looked up and files are read.

use gcrl_nn::{DeviceKind, EngineKind};
use std::path::PathBuf;
use toml::Table;

/// A run as it was asked for. [`Run::resolve`](crate::Run::resolve) makes it whole.
///
/// Each setting is taken from the last of these that says something about it: the paper's settings for
/// the task, `preset`, the file `config`, each of `settings`, the other fields.
#[derive(Clone, Debug, Default)]
pub struct RunRequest {
    /// The algorithm's name.
    pub algorithm: String,
    /// The task's id; without it, that of the data set.
    pub task: Option<String>,
    /// The folder of the data set.
    pub dataset: Option<PathBuf>,
    /// Whether to learn while collecting, even where the file names a data set.
    pub is_online: bool,
    /// One training run each.
    pub seeds: Option<Vec<u64>>,
    /// What multiplies matrices.
    pub engine: Option<EngineKind>,
    /// Where it does.
    pub device: Option<DeviceKind>,
    /// Settings of a preset that comes with the program.
    pub preset: Option<Table>,
    /// A file of settings, as TOML. Tables of other algorithms in it are left aside, so that one file
    /// can serve several.
    pub config: Option<PathBuf>,
    /// Single settings, each written `table.key=value`.
    pub settings: Vec<String>,
}
