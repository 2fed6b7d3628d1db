//! What a finished run led to: `results.json`, written and read as one type.

use crate::provenance::Provenance;
use crate::run::Run;
use gcrl_eval::outcome::Cost;
use gcrl_eval::{Evaluation, MeanStd};
use serde::{Deserialize, Serialize};

/// The result of a run, over all its seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunResult {
    /// The task's id.
    pub task: String,
    /// The algorithm's name.
    pub algorithm: String,
    /// The algorithm's name in the paper's tables.
    pub paper_name: String,
    /// Updates of each seed.
    pub n_updates: u64,
    /// The final return, over seeds; none where the task is not simulated.
    #[serde(rename = "return", default, skip_serializing_if = "Option::is_none")]
    pub mean_return: Option<MeanStd>,
    /// Each seed, in the order of the run's settings.
    pub seeds: Vec<SeedResult>,
    /// What determined these numbers.
    pub provenance: Provenance,
    /// BLAKE3 of all the above as text; empty in results of programs that did not seal them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub seal: String,
}

/// What one seed led to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedResult {
    /// The seed.
    pub seed: u64,
    /// The evaluation after the last update; none where the task is not simulated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Evaluation>,
    /// Evaluations during training: updates, and the mean return after them.
    pub curve: Vec<(u64, f64)>,
}

/// What a seed led to, and what it took.
pub(crate) struct TrainedSeed {
    pub(crate) result: SeedResult,
    /// `None` where not all of it was counted.
    pub(crate) cost: Option<Cost>,
}

impl RunResult {
    /// The result of a run from those of its seeds.
    pub(crate) fn new(run: &Run, seeds: Vec<SeedResult>) -> Self {
        let returns = returns(&seeds);
        let results = Self {
            task: run.config.task.clone(),
            algorithm: run.config.algorithm.clone(),
            paper_name: run.algorithm.paper_name.to_owned(),
            n_updates: run.config.train.n_updates,
            mean_return: (!returns.is_empty()).then(|| MeanStd::of(&returns)),
            seeds,
            provenance: run.provenance(),
            seal: String::new(),
        };
        Self { seal: results.expected_seal(), ..results }
    }

    /// The seal of what is here.
    fn expected_seal(&self) -> String {
        let unsealed = Self { seal: String::new(), ..self.clone() };
        let text = serde_json::to_string(&unsealed).expect("results are plain values");
        blake3::hash(text.as_bytes()).to_hex().to_string()
    }

    /// Whether nobody has changed these results since they were written.
    pub fn is_sealed(&self) -> bool {
        self.seal == self.expected_seal()
    }

    /// The final return of each seed that was evaluated.
    pub fn returns(&self) -> Vec<f64> {
        returns(&self.seeds)
    }
}

fn returns(seeds: &[SeedResult]) -> Vec<f64> {
    let evaluations = seeds.iter().filter_map(|seed| seed.evaluation.as_ref());
    evaluations.map(|evaluation| evaluation.undiscounted_return.mean).collect()
}
