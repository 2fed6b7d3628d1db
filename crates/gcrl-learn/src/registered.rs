//! What makes an algorithm one to choose by name: its names, its settings, and how it is built.

use crate::algorithm::Algorithm;
use crate::config_error::ConfigError;
use crate::setup::Setup;
use gcrl_file::from_toml;
use gcrl_nn::EngineError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

/// An algorithm that can be named, set and built.
pub trait Registered: Algorithm + Sized + 'static {
    /// The name users type, and the name of its table of settings.
    const NAME: &'static str;
    /// The name in tables of papers.
    const PAPER_NAME: &'static str;
    /// One sentence for lists.
    const SUMMARY: &'static str;
    /// Its own settings.
    type Config: AlgorithmConfig;

    /// Adds its networks.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    fn new(config: Self::Config, setup: &mut Setup<'_>) -> Result<Self, EngineError>;
}

/// An algorithm's own settings; the default is what its authors ran where a preset says nothing else.
pub trait AlgorithmConfig:
    Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Names the first setting out of its range, if any.
    fn problem(&self) -> Option<&'static str> {
        None
    }
}

/// Builds an algorithm's networks and returns it.
pub type Build =
    Box<dyn Fn(&mut Setup<'_>) -> Result<Box<dyn Algorithm>, EngineError> + Send + Sync>;

/// An algorithm to choose by name.
#[derive(Clone, Copy, Debug)]
pub struct AlgorithmEntry {
    /// The name users type, and the name of its table of settings.
    pub name: &'static str,
    /// The name in tables of papers.
    pub paper_name: &'static str,
    /// One sentence for lists.
    pub summary: &'static str,
    /// Its settings where nothing else is said.
    pub defaults: fn() -> Table,
    /// Checks that its settings, a table, are complete, known and of the right types.
    pub check_names: fn(&Value) -> Result<(), ConfigError>,
    /// Checks its settings, also their ranges, and returns what builds it.
    pub build: fn(Table) -> Result<Build, ConfigError>,
}

/// The entry of an algorithm.
pub const fn entry<A: Registered>() -> AlgorithmEntry {
    AlgorithmEntry {
        name: A::NAME,
        paper_name: A::PAPER_NAME,
        summary: A::SUMMARY,
        defaults: || {
            Table::try_from(A::Config::default()).expect("settings are numbers, words and tables")
        },
        check_names: |settings| read::<A>(settings.clone()).map(drop),
        build: |settings| {
            let config = read::<A>(Value::Table(settings))?;
            if let Some(problem) = config.problem() {
                return Err(ConfigError::OutOfRange { problem });
            }
            Ok(Box::new(move |setup| Ok(Box::new(A::new(config.clone(), setup)?))))
        },
    }
}

fn read<A: Registered>(settings: Value) -> Result<A::Config, ConfigError> {
    let invalid = |source| ConfigError::Table { table: A::NAME.to_owned(), source };
    from_toml(settings).map_err(invalid)
}
