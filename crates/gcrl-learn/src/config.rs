//! What a run is: task, data, algorithm, seeds and every setting, resolved from the paper's defaults,
//! then a file, then single settings, and written into the run's folder.
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

use crate::registry::{self, AlgorithmEntry, Build};
use crate::settings::{Online, Settings};
use gcrl_core::spec;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

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
        source: Box<toml::de::Error>,
    },
    /// A table holds an unknown key, lacks one, or a value has the wrong type.
    #[error("settings in `[{table}]` are invalid")]
    Invalid {
        /// The table's name.
        table: String,
        /// Which key, and why.
        source: Box<toml::de::Error>,
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
    /// There is no such algorithm.
    #[error("unknown algorithm `{found}`")]
    UnknownAlgorithm {
        /// What was given.
        found: String,
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
    /// `native` or `torch`.
    pub engine: String,
    /// `auto`, `cpu` or `cuda`; the native engine runs on the CPU.
    pub device: String,
    /// One training run each.
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
    /// The paper's settings of an algorithm on a task, with neither data nor online collection yet.
    ///
    /// A variant has the settings of its task.
    pub fn new(algorithm: &AlgorithmEntry, task: &str) -> Self {
        let base_task = spec::base_id(task);
        Self {
            algorithm: algorithm.name.to_owned(),
            task: task.to_owned(),
            dataset: None,
            engine: "native".to_owned(),
            device: "auto".to_owned(),
            seeds: (0..5).collect(),
            train: Settings::for_task(base_task),
            online: None,
            options: (algorithm.defaults)(base_task),
        }
    }

    /// Replaces settings by those of a TOML file that holds any part of a run's settings.
    ///
    /// # Errors
    ///
    /// If the text is not TOML, or a setting is unknown or of a wrong type.
    pub fn with_file(self, text: &str) -> Result<Self, ConfigError> {
        let changes: Table = text.parse().map_err(Box::new)?;
        let mut table = self.to_table();
        merge(&mut table, changes);
        Self::from_table(table)
    }

    /// Replaces one setting, written `table.key=value`, such as `wgcsl.advantage_clip=5`.
    ///
    /// # Errors
    ///
    /// If it is not of that form, is unknown, or has a wrong type.
    pub fn with_setting(self, setting: &str) -> Result<Self, ConfigError> {
        let malformed = || ConfigError::Setting { setting: setting.to_owned() };
        let (path, value) = setting.split_once('=').ok_or_else(malformed)?;
        let value = parse_value(value.trim());
        let mut keys: Vec<&str> = path.trim().split('.').collect();
        let last = keys.pop().filter(|key| !key.is_empty()).ok_or_else(malformed)?;
        let mut changes = Table::from_iter([(last.to_owned(), value)]);
        for key in keys.into_iter().rev() {
            changes = Table::from_iter([(key.to_owned(), Value::Table(changes))]);
        }
        let mut table = self.to_table();
        merge(&mut table, changes);
        Self::from_table(table)
    }

    /// The run as TOML text, complete: `from_text` gives it back.
    pub fn to_text(&self) -> String {
        toml::to_string(&self.to_table()).expect("settings are plain values")
    }

    /// Reads what `to_text` wrote.
    ///
    /// # Errors
    ///
    /// If it is not a complete run.
    pub fn from_text(text: &str) -> Result<Self, ConfigError> {
        Self::from_table(text.parse().map_err(Box::new)?)
    }

    /// Checks every range, and returns what builds the algorithm.
    ///
    /// # Errors
    ///
    /// The first setting out of its range.
    pub fn check(&self) -> Result<Build, ConfigError> {
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
        (find(&self.algorithm)?.read)(self.options.clone())
    }

    fn to_table(&self) -> Table {
        let mut table = Table::try_from(self).expect("settings are plain values");
        table.insert(self.algorithm.clone(), Value::Table(self.options.clone()));
        table
    }

    fn from_table(mut table: Table) -> Result<Self, ConfigError> {
        let name = table.get("algorithm").and_then(Value::as_str).unwrap_or_default().to_owned();
        let options = table.remove(&name);
        let articulation = table.remove("articulation");
        if articulation.is_some_and(|how| how.as_str() != Some("joint-space")) {
            let task = table.get("task").and_then(Value::as_str).unwrap_or_default();
            let variant = format!("{}@rapier", spec::base_id(task));
            return Err(ConfigError::Articulation { variant });
        }
        let invalid = |source| ConfigError::Invalid { table: "run".to_owned(), source };
        let mut config: Self = table.try_into().map_err(|error| invalid(Box::new(error)))?;
        if let Some(Value::Table(options)) = options {
            config.options = options;
        }
        // Unknown keys of the algorithm are refused here, where they were given.
        let build = (find(&config.algorithm)?.read)(config.options.clone());
        match build {
            Err(error @ ConfigError::Invalid { .. }) => Err(error),
            _ => Ok(config),
        }
    }
}

fn find(name: &str) -> Result<&'static AlgorithmEntry, ConfigError> {
    registry::find(name).ok_or_else(|| ConfigError::UnknownAlgorithm { found: name.to_owned() })
}

/// A TOML value where it reads as one, otherwise a string: `--set engine=torch` needs no quotes.
fn parse_value(text: &str) -> Value {
    let parsed: Option<Value> =
        format!("value = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
}

fn merge(table: &mut Table, changes: Table) {
    for (key, change) in changes {
        match (table.get_mut(&key), change) {
            (Some(Value::Table(inner)), Value::Table(changes)) => merge(inner, changes),
            (_, change) => {
                table.insert(key, change);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> RunConfig {
        let wgcsl = registry::find("wgcsl").unwrap();
        RunConfig { dataset: Some("x".to_owned()), ..RunConfig::new(wgcsl, "PointReach") }
    }

    #[test]
    fn every_default_passes_its_own_check() {
        for algorithm in registry::ALGORITHMS {
            for task in ["PointReach", "Reacher", "FetchReach", "HandReach", "Unknown"] {
                let config = RunConfig::new(algorithm, task);
                let config = RunConfig { dataset: Some(String::new()), ..config };
                assert!(config.check().is_ok(), "{} {task}", algorithm.name);
                let online = RunConfig { dataset: None, online: Some(Online::default()), ..config };
                assert!(online.check().is_ok(), "{} {task} online", algorithm.name);
            }
        }
    }

    #[test]
    fn text_and_back_is_the_identity() {
        let config = config();
        assert_eq!(RunConfig::from_text(&config.to_text()).unwrap(), config);
    }

    #[test]
    fn settings_replace_the_file_and_the_file_replaces_defaults() {
        let file = "[train]\nbatch_size = 64\nn_updates = 7\n[wgcsl]\nadvantage_clip = 3.0";
        let config = config().with_file(file).unwrap();
        let config = config.with_setting("wgcsl.advantage_clip=5").unwrap();
        let config = config.with_setting("train.n_updates = 9").unwrap();
        let config = config.with_setting("engine=torch").unwrap();
        assert_eq!((config.train.batch_size, config.train.n_updates), (64, 9));
        assert_eq!(config.options["advantage_clip"], Value::Integer(5));
        assert_eq!(config.engine, "torch");
        assert!(config.check().is_ok());
    }

    #[test]
    fn unknown_and_mistyped_settings_are_refused() {
        let chain = |error: ConfigError| {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            format!("{error}: {}", source.unwrap_or_default())
        };
        let unknown = chain(config().with_setting("wgcsl.advantage_clp=5").unwrap_err());
        assert!(unknown.contains("unknown field `advantage_clp`"), "{unknown}");
        assert!(unknown.contains("[wgcsl]"), "{unknown}");
        let unknown = chain(config().with_setting("train.batch=5").unwrap_err());
        assert!(unknown.contains("unknown field `batch`"), "{unknown}");
        let mistyped = chain(config().with_setting("train.batch_size=many").unwrap_err());
        assert!(mistyped.contains("invalid type"), "{mistyped}");
        for malformed in ["wgcsl.advantage_clip", "=5", ".=5"] {
            assert!(config().with_setting(malformed).is_err(), "{malformed}");
        }
        assert!(config().with_file("[train").is_err());
    }

    #[test]
    fn a_variant_has_the_settings_of_its_task() {
        let wgcsl = registry::find("wgcsl").unwrap();
        let [task, variant] =
            ["HandReach", "HandReach@rapier"].map(|task| RunConfig::new(wgcsl, task));
        assert_eq!(RunConfig { task: task.task.clone(), ..variant }, task);
    }

    #[test]
    fn the_setting_that_became_a_task_is_refused_by_the_tasks_name() {
        let error = config().with_setting("articulation=rapier").unwrap_err().to_string();
        assert!(error.ends_with("the task that rapier moves is `PointReach@rapier`"), "{error}");
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for setting in
            ["train.batch_size=0", "train.discount=1.0", "wgcsl.advantage_clip=-1", "seeds=[1, 1]"]
        {
            assert!(config().with_setting(setting).unwrap().check().is_err(), "{setting}");
        }
        assert!(RunConfig { dataset: None, ..config() }.check().is_err());
    }
}
