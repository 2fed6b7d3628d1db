//! The names that users type: tasks and algorithms, ours and those of a user's own crate.

use crate::foreign_task;
use gcrl_data::TaskRecord;
use gcrl_envs::TaskEntry;
use gcrl_learn::AlgorithmEntry;
use std::fmt::{self, Display};

/// What names are known.
///
/// ```
/// let catalog = gcrl_run::Catalog::default();
/// assert_eq!(catalog.task("FetchPush").unwrap().spec.action_dim(), 4);
/// let error = catalog.algorithm("wgscl").err().unwrap();
/// assert_eq!(error.to_string(), "unknown algorithm `wgscl`; the nearest is `wgcsl`");
/// ```
#[derive(Clone)]
pub struct Catalog {
    tasks: Vec<&'static TaskEntry>,
    algorithms: Vec<&'static AlgorithmEntry>,
}

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// A task.
    Task,
    /// An algorithm.
    Algorithm,
    /// A data set of the benchmark.
    Dataset,
    /// A method of the paper's table.
    Method,
}

/// A name that nothing has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind} `{found}`{}", nearest_words(.nearest.as_deref()))]
pub struct UnknownName {
    /// What it should have been the name of.
    pub kind: NameKind,
    /// What was given.
    pub found: String,
    /// The known name that is most like it, if any is like it at all.
    pub nearest: Option<String>,
}

impl Default for Catalog {
    /// The tasks and algorithms of this library.
    fn default() -> Self {
        let tasks = gcrl_envs::TASKS.iter().chain(gcrl_envs::VARIANTS);
        Self { tasks: tasks.collect(), algorithms: gcrl_learn::ALGORITHMS.iter().collect() }
    }
}

impl Catalog {
    /// Adds a task of a user's own; it comes before one of the same name.
    #[must_use]
    pub fn with_task(mut self, task: &'static TaskEntry) -> Self {
        self.tasks.insert(0, task);
        self
    }

    /// Adds an algorithm of a user's own; it comes before one of the same name.
    #[must_use]
    pub fn with_algorithm(mut self, algorithm: &'static AlgorithmEntry) -> Self {
        self.algorithms.insert(0, algorithm);
        self
    }

    /// The task of this id.
    ///
    /// # Errors
    ///
    /// If there is none; the error names the nearest.
    pub fn task(&self, id: &str) -> Result<&'static TaskEntry, UnknownName> {
        let names = self.tasks.iter().map(|task| task.spec.id);
        let found = self.tasks.iter().find(|task| task.spec.id == id);
        found.copied().ok_or_else(|| UnknownName::new(NameKind::Task, id, names))
    }

    /// The task of a data set: the registered one of its id, or one that no program of ours simulates and
    /// that is known from the data alone.
    ///
    /// # Errors
    ///
    /// If there is none, and the data say that it was simulated.
    pub(crate) fn task_of(&self, record: &TaskRecord) -> Result<&'static TaskEntry, UnknownName> {
        let is_foreign = record.physics_version == 0;
        self.task(&record.id)
            .or_else(|error| is_foreign.then(|| foreign_task::of_record(record)).ok_or(error))
    }

    /// The algorithm of this name.
    ///
    /// # Errors
    ///
    /// If there is none; the error names the nearest.
    pub fn algorithm(&self, name: &str) -> Result<&'static AlgorithmEntry, UnknownName> {
        let names = self.algorithms.iter().map(|algorithm| algorithm.name);
        let found = self.algorithms.iter().find(|algorithm| algorithm.name == name);
        found.copied().ok_or_else(|| UnknownName::new(NameKind::Algorithm, name, names))
    }
}

impl UnknownName {
    pub(crate) fn new<'a>(
        kind: NameKind,
        found: &str,
        known: impl Iterator<Item = &'a str>,
    ) -> Self {
        Self { kind, found: found.to_owned(), nearest: nearest(found, known).map(str::to_owned) }
    }
}

impl Display for NameKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Task => "task",
            Self::Algorithm => "algorithm",
            Self::Dataset => "dataset",
            Self::Method => "method",
        })
    }
}

fn nearest_words(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; the nearest is `{nearest}`")).unwrap_or_default()
}

/// The known name that is most like `found`, if any is like it at all.
fn nearest<'a>(found: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |name: &str| strsim::jaro_winkler(&found.to_lowercase(), &name.to_lowercase());
    known.max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|name| 0.6 < likeness(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_finds_its_neighbor_and_nonsense_finds_none() {
        let nearest = |found| nearest(found, ["PointRooms", "PointReach"].into_iter());
        assert_eq!(nearest("pointrech"), Some("PointReach"));
        assert_eq!(nearest("xyzzy"), None);
    }
}
