//! What a finished run led to: a table for the terminal, results as JSON, learning curves.

use super::RunFolder;
use super::session::SeedOutcome;
use gcrl_eval::paper::{self, DatasetKind};
use gcrl_eval::plots::{Curve, CurvePoint, LearningCurves, Reference};
use gcrl_eval::{Evaluation, MeanStd};
use gcrl_learn::RunConfig;
use serde::Serialize;
use std::collections::BTreeMap;

/// A finished run.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    config: RunConfig,
    seeds: Vec<SeedOutcome>,
}

/// `results.json`.
#[derive(Serialize)]
struct Results<'a> {
    task: &'a str,
    algorithm: &'a str,
    dataset: Option<&'a str>,
    engine: &'a str,
    updates: u64,
    /// Over seeds.
    #[serde(rename = "return")]
    mean_return: MeanStd,
    evaluations: BTreeMap<u64, &'a Evaluation>,
}

impl Outcome {
    pub(crate) fn new(config: &RunConfig, seeds: Vec<SeedOutcome>) -> Self {
        Self { config: config.clone(), seeds }
    }

    /// The final return of each seed.
    pub(crate) fn returns(&self) -> Vec<f64> {
        self.seeds.iter().map(|seed| seed.evaluation.undiscounted_return.mean).collect()
    }

    /// The final return over seeds.
    pub(crate) fn mean_return(&self) -> MeanStd {
        MeanStd::of(&self.returns())
    }

    /// The algorithm's name in the paper's tables.
    pub(crate) fn paper_name(&self) -> &'static str {
        gcrl_learn::find(&self.config.algorithm).map_or("", |algorithm| algorithm.paper_name)
    }

    /// Writes results and curves into the run's folder.
    pub(crate) fn write(&self, folder: &RunFolder) -> anyhow::Result<()> {
        let results = Results {
            task: &self.config.task,
            algorithm: &self.config.algorithm,
            dataset: self.config.dataset.as_deref(),
            engine: self.config.engine.name(),
            updates: self.config.train.n_updates,
            mean_return: self.mean_return(),
            evaluations: self.seeds.iter().map(|seed| (seed.seed, &seed.evaluation)).collect(),
        };
        folder.write("results.json", serde_json::to_string_pretty(&results)?.as_bytes())?;
        let title = format!("{} on {}", self.paper_name(), self.config.task);
        let picture = learning_curves(&title, &[self], None).draw()?;
        folder.write("plots/return.svg", picture.svg().as_bytes())?;
        folder.write("plots/return.png", &picture.png()?)
    }

    /// The mean return over updates, with a band over seeds.
    fn curve(&self) -> Curve {
        let logs: Vec<_> = self.seeds.iter().map(|seed| seed.log.column("return")).collect();
        let n_points = logs.iter().map(Vec::len).min().unwrap_or(0);
        let points = (0..n_points).map(|point| {
            let returns: Vec<_> = logs.iter().map(|log| log[point].1).collect();
            CurvePoint::over_seeds(logs[0][point].0 as f64, &returns)
        });
        Curve { label: self.paper_name().to_owned(), points: points.collect() }
    }
}

/// Learning curves of several runs, with the data set's own return where the paper has one.
pub(crate) fn learning_curves(
    title: &str,
    runs: &[&Outcome],
    data: Option<(&str, DatasetKind)>,
) -> LearningCurves {
    let data_return = data.and_then(|(task, kind)| paper::dataset_return(task, kind));
    let reference = data_return.map(|y| Reference { label: "data (paper)".to_owned(), y });
    LearningCurves {
        title: title.to_owned(),
        x_label: "updates".to_owned(),
        y_label: "return".to_owned(),
        curves: runs.iter().map(|run| run.curve()).collect(),
        references: reference.into_iter().collect(),
    }
}
