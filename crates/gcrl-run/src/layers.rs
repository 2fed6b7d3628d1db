//! Settings in the order of their precedence: defaults, then a preset's, then those of a file, then single
//! ones, then what the request says itself. What is said later wins.

use crate::catalog::Catalog;
use gcrl_file::{from_toml, parse_toml};
use gcrl_learn::{AlgorithmEntry, ConfigError, RunConfig, parse_setting};
use gcrl_nn::{DeviceKind, EngineKind};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Table;

/// Where a setting was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In a preset that comes with the program.
    Preset,
    /// In this file.
    File(PathBuf),
    /// As a single setting, written `table.key=value`.
    Setting(String),
    /// In a field of the request.
    Request,
}

/// Settings from one place.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) table: Table,
    /// What the table says of what the run is.
    pub(crate) named: Named,
    pub(crate) origin: Origin,
}

/// What a run is, as far as a table of settings says it; what is of another type is an error, also where
/// something else decides.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Named {
    #[serde(rename = "algorithm")]
    _algorithm: Option<String>,
    pub(crate) task: Option<String>,
    pub(crate) dataset: Option<String>,
    pub(crate) online: Option<Table>,
}

/// What is wrong with the settings of one place.
#[derive(Debug)]
pub(crate) struct LayerError {
    pub(crate) origin: Origin,
    pub(crate) source: ConfigError,
}

/// Settings that requests have fields for.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub(crate) seeds: Option<&'a [u64]>,
    pub(crate) engine: Option<EngineKind>,
    pub(crate) device: Option<DeviceKind>,
}

/// Replaces defaults by the settings of each layer, and those by the fields of the request.
pub(crate) fn settle<'a>(
    defaults: RunConfig,
    layers: impl IntoIterator<Item = &'a Layer>,
    fields: Fields<'_>,
    algorithm: &AlgorithmEntry,
) -> Result<RunConfig, LayerError> {
    let mut layers = layers.into_iter();
    let mut config = layers.try_fold(defaults, |config, layer| layer.apply(config, algorithm))?;
    config.seeds = fields.seeds.map_or(config.seeds, <[u64]>::to_vec);
    config.engine = fields.engine.unwrap_or(config.engine);
    config.device = fields.device.unwrap_or(config.device);
    Ok(config)
}

impl Origin {
    /// Its place in the order: what has a higher one wins, and two of one place must agree.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Self::Preset => 0,
            Self::File(_) => 1,
            // Both were typed for this run.
            Self::Setting(_) | Self::Request => 2,
        }
    }
}

impl Layer {
    /// The settings of a preset.
    pub(crate) fn of_preset(table: Table) -> Result<Self, LayerError> {
        Self::new(table, Origin::Preset)
    }

    /// The settings in the text of a file for a run of `algorithm`; the file may be of another one.
    pub(crate) fn of_file(
        text: &str,
        path: &Path,
        algorithm: &AlgorithmEntry,
        catalog: &Catalog,
    ) -> Result<Self, LayerError> {
        let origin = Origin::File(path.to_owned());
        let table: Table = parse_toml(text)
            .map_err(|source| LayerError { origin: origin.clone(), source: source.into() })?;
        let mut layer = Self::new(table, origin)?;
        layer.table.remove("algorithm");
        layer.table.retain(|key, _| key == algorithm.name || catalog.algorithm(key).is_err());
        Ok(layer)
    }

    /// A single setting, written `table.key=value`.
    pub(crate) fn of_setting(setting: &str) -> Result<Self, LayerError> {
        let origin = Origin::Setting(setting.to_owned());
        match parse_setting(setting) {
            Ok(table) => Self::new(table, origin),
            Err(source) => Err(LayerError { origin, source }),
        }
    }

    fn new(table: Table, origin: Origin) -> Result<Self, LayerError> {
        match from_toml(table.clone()) {
            Ok(named) => Ok(Self { table, named, origin }),
            Err(source) => Err(LayerError { origin, source: ConfigError::TopLevel { source } }),
        }
    }

    /// Replaces settings by those of this layer.
    pub(crate) fn apply(
        &self,
        config: RunConfig,
        algorithm: &AlgorithmEntry,
    ) -> Result<RunConfig, LayerError> {
        let changed = config.with_table(self.table.clone(), algorithm);
        changed.map_err(|source| LayerError { origin: self.origin.clone(), source })
    }
}
