//! What the runs of a table led to: one [`Outcome`] for each seed of each method on each data set.

use crate::evaluate::Evaluation;
use serde::{Deserialize, Serialize};

/// A method of a table: an algorithm with settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// As commands and files name it, such as `wgcsl-no-drw`.
    pub key: String,
    /// As tables and plots name it, such as `WGCSL, no DRW`; where the paper has it, the paper's name.
    pub name: String,
    /// The method of the paper's table that it is held against.
    pub paper_name: Option<String>,
    /// Where it belongs.
    pub group: MethodGroup,
}

/// Where a method belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MethodGroup {
    /// A column of the paper's table.
    Paper,
    /// Not in the paper.
    Beyond,
    /// A part of WGCSL alone, for the paper's figure of ablations.
    Ablation,
}

/// What one seed of a method on a data set led to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The task's id, such as `FetchPush`.
    pub task: String,
    /// The data set's name without the task, such as `random-v1`.
    pub dataset: String,
    /// The method's key.
    pub method: String,
    /// The seed of the run.
    pub seed: u64,
    /// Updates of the run.
    pub n_updates: u64,
    /// Scores of the policy after the last update.
    pub evaluation: Evaluation,
    /// Evaluations during training, by updates.
    pub curve: Vec<CurveSample>,
    /// What it took; `None` where that was not recorded.
    pub cost: Option<Cost>,
}

/// Scores of a policy during training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurveSample {
    /// Updates before it.
    pub n_updates: u64,
    /// Mean return of the evaluation's episodes, in steps on the goal, in [0, 49].
    pub mean_return: f64,
    /// The same, discounted by 0.98 a step, in [0, 31.42].
    pub discounted_return: f64,
    /// Share of episodes that ended on the goal.
    pub success: f64,
    /// Mean of the critic's values over the batches since the last sample; `None` for a method without a
    /// critic.
    pub mean_q: Option<f64>,
}

/// What a run took, over all its sessions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Time from the first update to the last score, in seconds.
    pub seconds: f64,
    /// Part of it that was spent in evaluations, in seconds.
    pub evaluation_seconds: f64,
    /// Threads that the run had to itself.
    pub n_threads: usize,
}
