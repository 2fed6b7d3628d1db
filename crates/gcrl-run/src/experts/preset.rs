//! How the expert of each task is trained: `presets/experts.toml`.

use crate::request::RunRequest;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// How an expert is trained.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpertPreset {
    /// The algorithm, which trains online.
    pub algorithm: String,
    /// The seed of the run.
    pub seed: u64,
    /// Updates between two policies that are kept, to choose from.
    pub keep_every: u64,
    /// Settings of the run that are not the algorithm's own on this task.
    pub settings: Table,
}

impl ExpertPreset {
    /// That of a task; `None` for a task without expert data.
    ///
    /// # Panics
    ///
    /// Never: a test reads the file, which is part of the program.
    pub fn of_task(task: &str) -> Option<Self> {
        presets().remove(task)
    }

    /// The run that trains the expert of `task`; what a request says itself wins over it.
    pub fn request(&self, task: &str) -> RunRequest {
        let mut settings = self.settings.clone();
        // As text, for TOML has no number for every seed.
        let seeds = Value::Array(vec![Value::String(self.seed.to_string())]);
        settings.insert("seeds".to_owned(), seeds);
        RunRequest {
            algorithm: self.algorithm.clone(),
            task: Some(task.to_owned()),
            is_online: true,
            preset: Some(settings),
            ..RunRequest::default()
        }
    }
}

fn presets() -> BTreeMap<String, ExpertPreset> {
    toml::from_str(include_str!("../../presets/experts.toml"))
        .expect("the embedded presets are tested to be valid")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalog, Run};

    #[test]
    fn every_task_of_the_paper_has_one() {
        for task in gcrl_eval::paper::TASKS {
            assert!(ExpertPreset::of_task(task).is_some(), "{task}");
        }
    }

    #[test]
    fn every_one_resolves_and_keeps_its_last_policy() {
        for (task, preset) in presets() {
            let run = Run::resolve(&preset.request(&task), &Catalog::default()).expect(&task);
            assert_eq!(run.config.seeds, [preset.seed]);
            assert!(run.config.train.n_updates.is_multiple_of(preset.keep_every));
        }
    }
}
