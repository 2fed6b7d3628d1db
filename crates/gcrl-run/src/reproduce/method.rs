//! The methods of the table and how they are evaluated: `presets/reproduce.toml`.

use crate::catalog::{NameKind, UnknownName};
use gcrl_eval::outcome::{Method, MethodGroup};
use serde::Deserialize;
use std::sync::LazyLock;
use toml::Table;

static PRESETS: LazyLock<Presets> = LazyLock::new(|| {
    toml::from_str(include_str!("../../presets/reproduce.toml"))
        .expect("the embedded presets are tested to be valid")
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Presets {
    evaluation: EvaluationPreset,
    methods: Vec<MethodPreset>,
}

/// How the runs of the table are evaluated.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "all are counts, as the file has them")]
pub(crate) struct EvaluationPreset {
    /// Evaluations during a run.
    pub(crate) n_curve_points: u64,
    /// Episodes of each of them.
    pub(crate) n_curve_episodes: usize,
    /// Episodes of the evaluation after the last update.
    n_final_episodes: usize,
    /// The same on the hard tasks.
    n_final_episodes_hard: usize,
}

/// A method of the table: an algorithm with settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodPreset {
    /// As `--methods` and folders name it.
    pub key: String,
    /// As tables name it.
    pub name: String,
    /// The method of the paper's table that it is held against.
    pub paper_name: Option<String>,
    /// Where it belongs.
    pub group: MethodGroup,
    /// The key of the method that it is but for its settings; only methods of the group `variants` have one.
    pub variant_of: Option<String>,
    /// The algorithm.
    pub algorithm: String,
    /// Settings that are not the algorithm's own on the task.
    #[serde(default)]
    pub settings: Table,
    /// The data sets, written `<Task>/<kind>`, that it is for when its whole group is asked for; without
    /// any, it is for all.
    #[serde(default)]
    pub datasets: Vec<String>,
}

impl EvaluationPreset {
    /// That of the table.
    pub(crate) fn of_table() -> Self {
        PRESETS.evaluation
    }

    /// Episodes of the evaluation after the last update on a task.
    pub(crate) fn n_final_episodes(&self, task: &str) -> usize {
        if is_hard(task) { self.n_final_episodes_hard } else { self.n_final_episodes }
    }
}

/// Whether a task is among those that take most updates.
pub(crate) fn is_hard(task: &str) -> bool {
    gcrl_learn::Preset::of_task(task).is_some_and(|preset| preset.schedule.n_updates > 20_000)
}

impl MethodPreset {
    /// All of them, in the order of the table.
    pub fn all() -> &'static [Self] {
        &PRESETS.methods
    }

    /// The method of this key.
    pub fn of_key(key: &str) -> Option<&'static Self> {
        Self::all().iter().find(|method| method.key == key)
    }

    /// For reports.
    pub fn method(&self) -> Method {
        Method {
            key: self.key.clone(),
            name: self.name.clone(),
            paper_name: self.paper_name.clone(),
            group: self.group,
            variant_of: self.variant_of.clone(),
        }
    }
}

/// A method that was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) preset: &'static MethodPreset,
    /// Whether its own key was given, and not only its group.
    by_key: bool,
}

impl Asked {
    /// The methods of these keys and groups (`paper`, `beyond`, `ablation`, `variants`, `all`), each once,
    /// in the order of the table.
    pub(crate) fn of_names<'a>(
        names: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<Self>, UnknownName> {
        let mut asked: Vec<Self> = Vec::new();
        for name in names {
            let found = MethodPreset::all().iter().filter(|method| {
                method.key == name || group_name(method.group) == name || name == "all"
            });
            let found: Vec<_> = found.collect();
            if found.is_empty() {
                let groups = ["paper", "beyond", "ablation", "variants", "all"].into_iter();
                let keys = MethodPreset::all().iter().map(|method| &*method.key);
                return Err(UnknownName::new(NameKind::Method, name, keys.chain(groups)));
            }
            for preset in found {
                let by_key = preset.key == name;
                match asked.iter_mut().find(|other| other.preset.key == preset.key) {
                    Some(other) => other.by_key |= by_key,
                    None => asked.push(Self { preset, by_key }),
                }
            }
        }
        let position =
            |asked: &Self| MethodPreset::all().iter().position(|it| it.key == asked.preset.key);
        asked.sort_by_key(position);
        Ok(asked)
    }

    /// Whether it is for a data set of this task and kind.
    pub(crate) fn is_for(self, task: &str, kind: &str) -> bool {
        let datasets = &self.preset.datasets;
        self.by_key || datasets.is_empty() || datasets.contains(&format!("{task}/{kind}"))
    }
}

fn group_name(group: MethodGroup) -> &'static str {
    match group {
        MethodGroup::Paper => "paper",
        MethodGroup::Beyond => "beyond",
        MethodGroup::Ablation => "ablation",
        MethodGroup::Variants => "variants",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_learn::Preset;

    #[test]
    fn every_method_has_an_algorithm_and_fits_every_task() {
        for method in MethodPreset::all() {
            let algorithm = gcrl_learn::find(&method.algorithm).expect(&method.key);
            for task in gcrl_envs::TASKS {
                let config = crate::defaults(algorithm, task);
                assert!(config.with_table(method.settings.clone(), algorithm).is_ok());
            }
        }
    }

    #[test]
    fn variants_are_those_of_other_methods() {
        for method in MethodPreset::all() {
            let of = method.variant_of.as_deref().map(|key| MethodPreset::of_key(key).expect(key));
            assert_eq!(of.is_some(), method.group == MethodGroup::Variants, "{}", method.key);
            assert!(of.is_none_or(|of| of.algorithm == method.algorithm), "{}", method.key);
        }
    }

    #[test]
    fn the_data_sets_without_drw_are_those_of_the_papers_authors() {
        let no_drw = MethodPreset::of_key("wgcsl-no-drw").expect("it is the paper's");
        let of_authors = gcrl_eval::paper::RANDOM_WITHOUT_DRW.map(|task| format!("{task}/random"));
        assert_eq!(no_drw.datasets, of_authors);
    }

    #[test]
    fn curves_end_with_the_last_update_of_every_task() {
        let n_points = EvaluationPreset::of_table().n_curve_points;
        for task in gcrl_envs::TASKS {
            let n_updates = Preset::of_task(task.spec.id).expect(task.spec.id).schedule.n_updates;
            assert!(n_updates.is_multiple_of(n_points), "{}", task.spec.id);
        }
    }

    #[test]
    fn a_group_leaves_a_method_out_where_it_is_not_for() {
        let asked = Asked::of_names(["paper"].into_iter()).expect("it is a group");
        let of_paper = |method: &&MethodPreset| method.group == MethodGroup::Paper;
        let n_of_paper = MethodPreset::all().iter().filter(of_paper).count();
        assert_eq!(asked.len(), n_of_paper);
        let is_no_drw = |asked: &&Asked| asked.preset.key == "wgcsl-no-drw";
        let no_drw = asked.iter().find(is_no_drw).expect("it is the paper's");
        assert!(no_drw.is_for("FetchPush", "random"));
        assert!(!no_drw.is_for("FetchPush", "expert") && !no_drw.is_for("Reacher", "random"));
        let by_key =
            Asked::of_names(["paper", "wgcsl-no-drw"].into_iter()).expect("both are names");
        let no_drw = by_key.iter().find(is_no_drw).expect("it is asked for");
        assert!(no_drw.is_for("Reacher", "random"));
        assert_eq!(by_key.len(), n_of_paper);
    }

    #[test]
    fn a_mistyped_method_finds_its_neighbor() {
        let error = Asked::of_names(["wgscl"].into_iter()).expect_err("it is none");
        assert_eq!(error.to_string(), "unknown method `wgscl`; the nearest is `wgcsl`");
    }
}
