//! Settings that a publication ran on each task, as data: `presets/wgcsl-2022.toml`.

use crate::settings::Schedule;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Table;

/// What a publication set differently from task to task.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// How long and with which batches to train, for every algorithm.
    pub schedule: Schedule,
    /// Settings of single algorithms, by the algorithm's name; the others stay at their defaults.
    #[serde(default)]
    pub algorithms: Table,
}

/// A file of presets.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Presets {
    fallback: Preset,
    tasks: BTreeMap<String, Preset>,
}

impl Preset {
    /// The settings of Yang et al., 2022, for a task, or for the task that it is a variant of: the
    /// name before `@`. `None` for a task that the paper does not have.
    pub fn of_task(task: &str) -> Option<Self> {
        let name = task.split_once('@').map_or(task, |(name, _)| name);
        wgcsl_2022().tasks.remove(name)
    }

    /// Settings to begin with on a task that no publication has: the shortest schedule of Yang et
    /// al., 2022, that of their Point tasks.
    pub fn fallback() -> Self {
        wgcsl_2022().fallback
    }
}

fn wgcsl_2022() -> Presets {
    toml::from_str(include_str!("../presets/wgcsl-2022.toml"))
        .expect("the embedded presets are tested to be valid")
}

#[cfg(test)]
mod tests {
    use super::*;

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
