//! What can be wrong with settings.

use gcrl_file::TomlError;

/// A cause for settings to be refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A setting has no dot, no value, or does not exist on the way.
    #[error("setting `{setting}` is not of the form `table.key=value`")]
    Setting {
        /// What was given.
        setting: String,
    },
    /// A file is not TOML.
    #[error("settings are not TOML")]
    Toml {
        /// Where and why.
        #[from]
        source: TomlError,
    },
    /// A table holds an unknown key, lacks one, or a value has the wrong type.
    #[error("settings in `[{table}]` are invalid")]
    Table {
        /// The table's name.
        table: String,
        /// Which key, and why.
        source: TomlError,
    },
    /// The same of settings that stand before the first table.
    #[error("top-level settings are invalid")]
    TopLevel {
        /// Which key, and why.
        source: TomlError,
    },
    /// How joints are moved was a setting, and is said by the task's name now.
    #[error("`articulation` is no setting; the task that rapier moves is `{variant}`")]
    Articulation {
        /// The id of that task.
        variant: String,
    },
    /// A setting is out of its range.
    #[error("{problem}")]
    OutOfRange {
        /// Which, and what its range is.
        problem: &'static str,
    },
    /// A number is infinite or NaN.
    #[error("`{setting}` must be a finite number")]
    NotFinite {
        /// The setting, with its table.
        setting: String,
    },
    /// Settings of one algorithm were given to another.
    #[error("settings are those of algorithm `{found}`, not of `{expected}`")]
    Algorithm {
        /// The algorithm that the settings name.
        found: String,
        /// The algorithm that is to run.
        expected: &'static str,
    },
    /// Neither data nor online collection was asked for, or both.
    #[error("a run learns either from a data set or online, and this one asks for {found}")]
    Source {
        /// `neither` or `both`.
        found: &'static str,
    },
    /// A seed appears twice, or there is none.
    #[error("seeds must be different from each other, and at least one")]
    Seeds,
}
