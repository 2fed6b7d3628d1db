//! What a run is: task, data, algorithm, seeds and every setting, resolved from a preset, then a file,
//! then single settings, and written into the run's folder.
//!
//! ```toml
//! algorithm = "wgcsl"
//! task = "PointReach"
//! dataset = "datasets/PointReach/random-v0"   # or a table [online]
//! engine = "native"
//! seeds = [0, 1, 2, 3, 4]
//! [train]                                     # crate::settings::Settings
//! [wgcsl]                                     # the algorithm's own settings
//! ```
//!
//! Everything here is given the algorithm's entry: an algorithm of another crate is set like ours.

use crate::config_error::ConfigError;
use crate::presets::{Preset, merge};
use crate::registered::{AlgorithmEntry, Build};
use crate::settings::{Online, Settings};
use gcrl_core::spec;
use gcrl_file::from_toml;
use gcrl_nn::{DeviceKind, EngineKind};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// A run, resolved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// The algorithm's name.
    pub algorithm: String,
    /// The task's id.
    pub task: String,
    /// The folder of the data set; absent online.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// What multiplies: `native` or `torch`.
    pub engine: EngineKind,
    /// Where: `auto`, `cpu` or `cuda`; the native engine runs on the CPU.
    pub device: DeviceKind,
    /// One training run each. A seed of 2⁶³ or more, which TOML has no number for, is written as text.
    #[serde(with = "seeds")]
    pub seeds: Vec<u64>,
    /// What every algorithm shares.
    pub train: Settings,
    /// How to collect; absent offline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub online: Option<Online>,
    /// The algorithm's own settings; in a file, the table of its name.
    #[serde(skip)]
    pub options: Table,
}

impl RunConfig {
    /// The settings of an algorithm on a task, with neither data nor online collection yet:
    /// the algorithm's defaults, and over them those of the preset.
    pub fn new(algorithm: &AlgorithmEntry, task: &str, preset: &Preset) -> Self {
        let mut options = (algorithm.defaults)();
        if let Some(Value::Table(changes)) = preset.algorithms.get(algorithm.name) {
            merge(&mut options, changes.clone());
        }
        Self {
            algorithm: algorithm.name.to_owned(),
            task: task.to_owned(),
            dataset: None,
            engine: EngineKind::Native,
            device: DeviceKind::Auto,
            seeds: (0..5).collect(),
            train: Settings::new(&preset.schedule),
            online: None,
            options,
        }
    }

    /// Replaces settings by those of a table that holds any part of a run's settings.
    ///
    /// # Errors
    ///
    /// If a setting is unknown or of a wrong type, or the table is of another algorithm.
    pub fn with_table(
        self,
        changes: Table,
        algorithm: &AlgorithmEntry,
    ) -> Result<Self, ConfigError> {
        let mut table = self.to_table();
        merge(&mut table, changes);
        Self::from_table(table, algorithm)
    }

    /// Replaces one setting, written `table.key=value`, such as `wgcsl.advantage_clip=5`.
    ///
    /// # Errors
    ///
    /// If it is not of that form, is unknown, or has a wrong type.
    pub fn with_setting(
        self,
        setting: &str,
        algorithm: &AlgorithmEntry,
    ) -> Result<Self, ConfigError> {
        self.with_table(parse_setting(setting)?, algorithm)
    }

    /// The run as TOML text, complete: `from_table` gives it back.
    pub fn to_text(&self) -> String {
        toml::to_string(&self.to_table()).expect("settings are plain values")
    }

    /// Checks every range, and returns what builds the algorithm.
    ///
    /// # Errors
    ///
    /// The first setting out of its range, or settings of another algorithm than this.
    pub fn resolve(&self, algorithm: &AlgorithmEntry) -> Result<Build, ConfigError> {
        self.check_algorithm(algorithm)?;
        let problem = self.train.problem().or_else(|| self.online.as_ref()?.problem());
        if let Some(problem) = problem {
            return Err(ConfigError::OutOfRange { problem });
        }
        match (&self.dataset, &self.online) {
            (None, None) => return Err(ConfigError::Source { found: "neither" }),
            (Some(_), Some(_)) => return Err(ConfigError::Source { found: "both" }),
            _ => {}
        }
        let mut seeds = self.seeds.clone();
        seeds.sort_unstable();
        seeds.dedup();
        if seeds.is_empty() || seeds.len() != self.seeds.len() {
            return Err(ConfigError::Seeds);
        }
        (algorithm.build)(self.options.clone())
    }

    /// Every setting, those of the algorithm in the table of its name.
    pub fn to_table(&self) -> Table {
        let mut table = Table::try_from(self).expect("settings are plain values");
        table.insert(self.algorithm.clone(), Value::Table(self.options.clone()));
        table
    }

    /// Reads what `to_table` made. Names and types are checked here, where settings are given; ranges
    /// when all are.
    ///
    /// # Errors
    ///
    /// If a setting is missing, unknown, of a wrong type or not finite, or they are of another algorithm.
    pub fn from_table(mut table: Table, algorithm: &AlgorithmEntry) -> Result<Self, ConfigError> {
        if let Some(setting) = not_finite(&table) {
            return Err(ConfigError::NotFinite { setting });
        }
        let articulation = table.remove("articulation");
        if articulation.is_some_and(|how| how.as_str() != Some("joint-space")) {
            let task = table.get("task").and_then(Value::as_str).unwrap_or_default();
            let variant = format!("{}@rapier", spec::base_id(task));
            return Err(ConfigError::Articulation { variant });
        }
        let options = table.remove(algorithm.name).unwrap_or_else(|| Value::Table(Table::new()));
        check_table::<Settings>(&table, "train")?;
        check_table::<Online>(&table, "online")?;
        let mut config: Self =
            from_toml(table).map_err(|source| ConfigError::TopLevel { source })?;
        config.check_algorithm(algorithm)?;
        (algorithm.check_names)(&options)?;
        config.options = options.try_into().expect("an algorithm's settings are a table");
        Ok(config)
    }

    fn check_algorithm(&self, algorithm: &AlgorithmEntry) -> Result<(), ConfigError> {
        if self.algorithm == algorithm.name {
            return Ok(());
        }
        Err(ConfigError::Algorithm { found: self.algorithm.clone(), expected: algorithm.name })
    }
}

/// The first setting that holds an infinity or NaN, which JSON, and so a run's results, cannot hold.
fn not_finite(table: &Table) -> Option<String> {
    fn is_finite(value: &Value) -> bool {
        match value {
            Value::Float(number) => number.is_finite(),
            Value::Array(values) => values.iter().all(is_finite),
            _ => true,
        }
    }
    table.iter().find_map(|(key, value)| match value {
        Value::Table(table) => not_finite(table).map(|rest| format!("{key}.{rest}")),
        value => (!is_finite(value)).then(|| key.clone()),
    })
}

/// Checks names and types in a table of a run's settings, if it is there.
fn check_table<T: DeserializeOwned>(run: &Table, name: &str) -> Result<(), ConfigError> {
    let Some(table) = run.get(name) else { return Ok(()) };
    let read = from_toml::<T>(table.clone());
    read.map(drop).map_err(|source| ConfigError::Table { table: name.to_owned(), source })
}

/// Reads a single setting, written `table.key=value`, as a table that holds it alone.
///
/// # Errors
///
/// If it is not of that form.
pub fn parse_setting(setting: &str) -> Result<Table, ConfigError> {
    let malformed = || ConfigError::Setting { setting: setting.to_owned() };
    let (path, value) = setting.split_once('=').ok_or_else(malformed)?;
    let value = parse_value(value.trim());
    let mut keys: Vec<&str> = path.trim().split('.').collect();
    let last = keys.pop().filter(|key| !key.is_empty()).ok_or_else(malformed)?;
    let mut table = Table::from_iter([(last.to_owned(), value)]);
    for key in keys.into_iter().rev() {
        table = Table::from_iter([(key.to_owned(), Value::Table(table))]);
    }
    Ok(table)
}

/// A TOML value where it reads as one, otherwise a string: `--set engine=torch` needs no quotes.
fn parse_value(text: &str) -> Value {
    let parsed: Option<Value> =
        format!("value = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Seeds as TOML numbers, and as text where they exceed them.
mod seeds {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Seed {
        Number(i64),
        Text(String),
    }

    pub(super) fn serialize<S: Serializer>(seeds: &[u64], to: S) -> Result<S::Ok, S::Error> {
        let word = |seed: &u64| match i64::try_from(*seed) {
            Ok(number) => Seed::Number(number),
            Err(_) => Seed::Text(seed.to_string()),
        };
        seeds.iter().map(word).collect::<Vec<_>>().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u64>, D::Error> {
        let number = |seed: Seed| {
            let text = match seed {
                Seed::Number(number) => number.to_string(),
                Seed::Text(text) => text,
            };
            let refused = |error| D::Error::custom(format!("seed `{text}`: {error}"));
            text.parse().map_err(refused)
        };
        Vec::<Seed>::deserialize(from)?.into_iter().map(number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{self, ALGORITHMS};

    fn wgcsl() -> &'static AlgorithmEntry {
        registry::find("wgcsl").unwrap()
    }

    fn config() -> RunConfig {
        let config = RunConfig::new(wgcsl(), "PointReach", &Preset::fallback());
        RunConfig { dataset: Some("x".to_owned()), ..config }
    }

    fn read(text: &str) -> Result<RunConfig, ConfigError> {
        RunConfig::from_table(text.parse().unwrap(), wgcsl())
    }

    #[test]
    fn every_default_passes_its_own_check() {
        for algorithm in ALGORITHMS {
            for task in ["PointReach", "Reacher", "FetchReach", "HandReach", "Unknown"] {
                let preset = Preset::of_task(task).unwrap_or_else(Preset::fallback);
                let config = RunConfig::new(algorithm, task, &preset);
                let config = RunConfig { dataset: Some(String::new()), ..config };
                assert!(config.resolve(algorithm).is_ok(), "{} {task}", algorithm.name);
                let online = RunConfig { dataset: None, online: Some(Online::default()), ..config };
                assert!(online.resolve(algorithm).is_ok(), "{} {task} online", algorithm.name);
            }
        }
    }

    #[test]
    fn text_and_back_is_the_identity() {
        let config = config();
        assert_eq!(read(&config.to_text()).unwrap(), config);
    }

    #[test]
    fn settings_replace_the_file_and_the_file_replaces_defaults() {
        let file = "[train]\nbatch_size = 64\nn_updates = 7\n[wgcsl]\nadvantage_clip = 3.0";
        let config = config().with_table(file.parse().unwrap(), wgcsl()).unwrap();
        let config = config.with_setting("wgcsl.advantage_clip=5", wgcsl()).unwrap();
        let config = config.with_setting("train.n_updates = 9", wgcsl()).unwrap();
        let config = config.with_setting("engine=torch", wgcsl()).unwrap();
        assert_eq!((config.train.batch_size, config.train.n_updates), (64, 9));
        assert_eq!(config.options["advantage_clip"], Value::Integer(5));
        assert_eq!(config.engine, EngineKind::Torch);
        assert!(config.resolve(wgcsl()).is_ok());
    }

    #[test]
    fn unknown_and_mistyped_settings_are_refused() {
        let chain = |error: ConfigError| {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            format!("{error}: {}", source.unwrap_or_default())
        };
        let unknown = chain(config().with_setting("wgcsl.advantage_clp=5", wgcsl()).unwrap_err());
        assert!(unknown.contains("unknown field `advantage_clp`"), "{unknown}");
        assert!(unknown.contains("[wgcsl]"), "{unknown}");
        let unknown = chain(config().with_setting("train.batch=5", wgcsl()).unwrap_err());
        assert!(unknown.contains("unknown field `batch`"), "{unknown}");
        let mistyped = chain(config().with_setting("train.batch_size=many", wgcsl()).unwrap_err());
        assert!(mistyped.contains("invalid type"), "{mistyped}");
        for malformed in ["wgcsl.advantage_clip", "=5", ".=5"] {
            assert!(config().with_setting(malformed, wgcsl()).is_err(), "{malformed}");
        }
    }

    #[test]
    fn every_message_names_a_table_that_there_is() {
        let refusal =
            |setting: &str| config().with_setting(setting, wgcsl()).unwrap_err().to_string();
        assert_eq!(refusal("train.batch=5"), "settings in `[train]` are invalid");
        assert_eq!(refusal("wgcsl.batch=5"), "settings in `[wgcsl]` are invalid");
        assert_eq!(refusal("wgcsl=5"), "settings in `[wgcsl]` are invalid");
        assert_eq!(refusal("online.batch=5"), "settings in `[online]` are invalid");
        assert_eq!(refusal("batch=5"), "top-level settings are invalid");
        assert_eq!(refusal("algorithm=bc"), "settings are those of algorithm `bc`, not of `wgcsl`");
    }

    #[test]
    fn the_setting_that_became_a_task_is_refused_by_the_tasks_name() {
        let error = config().with_setting("articulation=rapier", wgcsl()).unwrap_err().to_string();
        assert!(error.ends_with("the task that rapier moves is `PointReach@rapier`"), "{error}");
    }

    #[test]
    fn every_seed_survives_a_file() {
        let seeds = vec![0, (1 << 53) + 1, i64::MAX as u64, 1 << 63, u64::MAX];
        let config = RunConfig { seeds, ..config() };
        assert_eq!(read(&config.to_text()).unwrap(), config);
        for refused in ["seeds=[-1]", "seeds=[\"18446744073709551616\"]", "seeds=[1.5]"] {
            assert!(config.clone().with_setting(refused, wgcsl()).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_preset_replaces_an_algorithms_defaults_and_no_others() {
        let preset = Preset::of_task("HandReach").unwrap();
        let config = RunConfig::new(wgcsl(), "HandReach", &preset);
        let curriculum = config.options["curriculum"].as_table().unwrap();
        assert_eq!(curriculum["percentile_step"].as_float(), Some(0.01));
        assert_eq!(curriculum["largest_percentile"].as_float(), Some(80.0));
        let bc = RunConfig::new(registry::find("bc").unwrap(), "HandReach", &preset);
        assert!(bc.options.is_empty());
        assert_eq!(bc.train.batch_size, 512);
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for setting in
            ["train.batch_size=0", "train.discount=1.0", "wgcsl.advantage_clip=-1", "seeds=[1, 1]"]
        {
            assert!(
                config().with_setting(setting, wgcsl()).unwrap().resolve(wgcsl()).is_err(),
                "{setting}"
            );
        }
        assert!(RunConfig { dataset: None, ..config() }.resolve(wgcsl()).is_err());
    }
}
