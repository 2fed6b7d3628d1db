//! Every algorithm there is, one entry each, in the order of the paper's tables.

use crate::algorithm::{Algorithm, Setup};
use crate::algos::{bc, ddpg, gcsl, her, marwil, wgcsl};
use crate::config::ConfigError;
use gcrl_nn::EngineError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Builds an algorithm's networks and returns it.
pub type Build = Box<dyn Fn(&mut Setup<'_>) -> Result<Box<dyn Algorithm>, EngineError>>;

/// A registered algorithm.
#[derive(Clone, Copy)]
pub struct AlgorithmEntry {
    /// The name users type, and the name of its table of settings.
    pub name: &'static str,
    /// The name in the paper's tables.
    pub paper_name: &'static str,
    /// One sentence for lists.
    pub summary: &'static str,
    /// Its settings for a task, as the paper has them.
    pub defaults: fn(task: &str) -> toml::Table,
    /// Reads its settings; every setting must be there, and no other.
    pub read: fn(toml::Table) -> Result<Build, ConfigError>,
}

/// Every algorithm.
pub const ALGORITHMS: &[AlgorithmEntry] = &[
    AlgorithmEntry {
        name: "wgcsl",
        paper_name: "WGCSL",
        summary: "regression on hindsight goals, weighted by distance in time and by advantage",
        defaults: |task| table(&wgcsl::Config::for_task(task)),
        read: |options| {
            let config: wgcsl::Config = parse("wgcsl", options)?;
            check(config.problem())?;
            Ok(Box::new(move |setup| Ok(Box::new(wgcsl::Wgcsl::new(config.clone(), setup)?))))
        },
    },
    AlgorithmEntry {
        name: "gcsl",
        paper_name: "GCSL",
        summary: "regression on hindsight goals",
        defaults: |_| table(&gcsl::Config::default()),
        read: |options| {
            let gcsl::Config {} = parse("gcsl", options)?;
            Ok(Box::new(|setup| Ok(Box::new(gcsl::Gcsl::new(setup)?))))
        },
    },
    AlgorithmEntry {
        name: "marwil",
        paper_name: "g-MARWIL",
        summary: "regression on original goals, weighted by advantage",
        defaults: |_| table(&marwil::Config::default()),
        read: |options| {
            let marwil::Config {} = parse("marwil", options)?;
            Ok(Box::new(|setup| Ok(Box::new(marwil::Marwil::new(setup)?))))
        },
    },
    AlgorithmEntry {
        name: "bc",
        paper_name: "g-BC",
        summary: "regression on original goals",
        defaults: |_| table(&bc::Config::default()),
        read: |options| {
            let bc::Config {} = parse("bc", options)?;
            Ok(Box::new(|setup| Ok(Box::new(bc::Bc::new(setup)?))))
        },
    },
    AlgorithmEntry {
        name: "her",
        paper_name: "HER",
        summary: "deterministic policy gradient on hindsight goals; also online",
        defaults: |_| table(&her::Config::default()),
        read: |options| {
            let config: her::Config = parse("her", options)?;
            check(config.problem())?;
            Ok(Box::new(move |setup| Ok(Box::new(her::Her::new(config.clone(), setup)?))))
        },
    },
    AlgorithmEntry {
        name: "ddpg",
        paper_name: "DDPG",
        summary: "deterministic policy gradient on original goals; also online",
        defaults: |_| table(&ddpg::Config::default()),
        read: |options| {
            let config: ddpg::Config = parse("ddpg", options)?;
            check(config.problem())?;
            Ok(Box::new(move |setup| Ok(Box::new(ddpg::Ddpg::new(config.clone(), setup)?))))
        },
    },
];

/// The algorithm of this name, if there is one.
pub fn find(name: &str) -> Option<&'static AlgorithmEntry> {
    ALGORITHMS.iter().find(|algorithm| algorithm.name == name)
}

fn table(config: &impl Serialize) -> toml::Table {
    toml::Table::try_from(config).expect("settings are numbers and switches")
}

fn parse<C: DeserializeOwned>(name: &str, options: toml::Table) -> Result<C, ConfigError> {
    options
        .try_into()
        .map_err(|source| ConfigError::Invalid { table: name.to_owned(), source: Box::new(source) })
}

fn check(problem: Option<&'static str>) -> Result<(), ConfigError> {
    problem.map_or(Ok(()), |problem| Err(ConfigError::OutOfRange { problem }))
}
