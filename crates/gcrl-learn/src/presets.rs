//! Settings that a publication ran on each task, as data: `presets/wgcsl-2022.toml`.

use crate::settings::Schedule;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// What a publication set differently from task to task.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    /// How long and with which batches to train, for every algorithm.
    pub schedule: Schedule,
    /// Settings of single algorithms, by the algorithm's name; the others stay at their defaults.
    pub algorithms: Table,
}

/// A file of presets.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Presets {
    /// The algorithms that have a table `curriculum`.
    curriculum_of: Vec<String>,
    fallback: Entry,
    tasks: BTreeMap<String, Entry>,
}

/// One preset of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    schedule: Schedule,
    /// Settings in the table `curriculum` of every algorithm that has one.
    curriculum: Table,
    /// Settings of single algorithms, over these.
    #[serde(default)]
    algorithms: Table,
}

impl Entry {
    fn resolve(self, curriculum_of: &[String]) -> Preset {
        let options = Table::from_iter([("curriculum".to_owned(), Value::Table(self.curriculum))]);
        let with_curriculum =
            curriculum_of.iter().map(|name| (name.clone(), Value::Table(options.clone())));
        let mut algorithms: Table = with_curriculum.collect();
        merge(&mut algorithms, self.algorithms);
        Preset { schedule: self.schedule, algorithms }
    }
}

impl Preset {
    /// The settings of Yang et al., 2022, for a task, or for the task that it is a variant of: the
    /// name before `@`. `None` for a task that the paper does not have.
    pub fn of_task(task: &str) -> Option<Self> {
        let name = task.split_once('@').map_or(task, |(name, _)| name);
        let Presets { curriculum_of, mut tasks, .. } = wgcsl_2022();
        Some(tasks.remove(name)?.resolve(&curriculum_of))
    }

    /// Settings to begin with on a task that no publication has: the shortest schedule of Yang et
    /// al., 2022, that of their Point tasks.
    pub fn fallback() -> Self {
        let Presets { curriculum_of, fallback, .. } = wgcsl_2022();
        fallback.resolve(&curriculum_of)
    }
}

/// Replaces settings of a table by those of another, table by table.
pub(crate) fn merge(table: &mut Table, changes: Table) {
    for (key, change) in changes {
        match (table.get_mut(&key), change) {
            (Some(Value::Table(inner)), Value::Table(changes)) => merge(inner, changes),
            (_, change) => {
                table.insert(key, change);
            }
        }
    }
}

fn wgcsl_2022() -> Presets {
    toml::from_str(include_str!("../presets/wgcsl-2022.toml"))
        .expect("the embedded presets are tested to be valid")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::ALGORITHMS;

    #[test]
    fn every_algorithm_with_a_curriculum_has_the_one_of_its_task() {
        let has_one = ALGORITHMS.iter().filter(|it| (it.defaults)().contains_key("curriculum"));
        let names: Vec<_> = has_one.map(|algorithm| algorithm.name).collect();
        assert_eq!(wgcsl_2022().curriculum_of, names);
    }

    #[test]
    fn settings_of_one_algorithm_stand_over_the_curriculum_of_all() {
        let Preset { algorithms, .. } = Preset::of_task("HandReach").unwrap();
        assert_eq!(algorithms["wgcsl"].to_string(), "{ curriculum = { percentile_step = 0.01 } }");
        let largest = &algorithms["goat"]["curriculum"]["largest_percentile"];
        assert_eq!(largest.as_float(), Some(50.0));
        let step = &algorithms["goat"]["curriculum"]["percentile_step"];
        assert_eq!(step.as_float(), Some(0.01));
    }

    #[test]
    fn a_variant_of_a_task_has_the_preset_of_the_task() {
        let hand = Preset::of_task("HandReach").unwrap();
        assert_eq!(hand.schedule.n_updates, 40_000);
        assert_eq!(Preset::of_task("HandReach@rapier"), Some(hand));
    }

    #[test]
    fn a_task_that_the_paper_does_not_have_has_no_preset() {
        assert_eq!(Preset::of_task("Mine"), None);
        assert_eq!(Preset::of_task(""), None);
    }

    #[test]
    fn the_fallback_is_the_papers_shortest_schedule() {
        let presets = wgcsl_2022();
        let shortest = presets.tasks.values().map(|preset| preset.schedule.n_updates).min();
        assert_eq!(shortest, Some(presets.fallback.schedule.n_updates));
    }
}
