//! What the runs of a table led to: one [`Outcome`] for each seed of each method on each data set.
//!
//! As files, they are three tables ([`OutcomeFiles`]): scores, learning curves, and what runs took.

use crate::evaluate::Evaluation;
use serde::{Deserialize, Serialize};

mod columns;
mod read;
mod read_outcomes_error;
mod write;

pub use columns::OutcomeFiles;
pub use read_outcomes_error::ReadOutcomesError;

/// A method of a table: an algorithm with settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// As commands and files name it, such as `wgcsl-no-drw`.
    pub key: String,
    /// As tables and plots name it, such as `WGCSL, no DRW`.
    pub name: String,
    /// The method of the paper that it is compared with, by the paper's name; `None` without one.
    pub paper_name: Option<String>,
    /// Where it belongs.
    pub group: MethodGroup,
    /// The key of the method that it is but for a setting; `None` where it is one of its own.
    pub variant_of: Option<String>,
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
    /// Another method with a setting changed, shown beside it.
    Variants,
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
    pub score: FinalScore,
    /// Evaluations during training, by updates.
    pub curve: Vec<CurveSample>,
    /// What it took; `None` where that was not recorded.
    pub cost: Option<Cost>,
}

/// Scores of a policy after the last update: the part of an [`Evaluation`] that reports show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FinalScore {
    /// Episodes that were played, at least 1.
    pub n_episodes: usize,
    /// Mean return of the episodes, in steps on the goal, in [0, 49].
    pub mean_return: f64,
    /// Standard error of it over episodes; of a single episode there is none.
    pub return_standard_error: Option<f64>,
    /// Mean of the returns discounted by 0.98 a step, in [0, 31.42].
    pub discounted_return: f64,
    /// Share of episodes that ended on the goal, in [0, 1].
    pub success: f64,
    /// Mean distance of the last achieved goal from the desired one, in units of the goal.
    pub final_distance: f64,
}

impl From<&Evaluation> for FinalScore {
    fn from(evaluation: &Evaluation) -> Self {
        Self {
            n_episodes: evaluation.episodes,
            mean_return: evaluation.undiscounted_return.mean,
            return_standard_error: evaluation.undiscounted_return.standard_error,
            discounted_return: evaluation.discounted_return.mean,
            success: evaluation.success.rate,
            final_distance: evaluation.final_distance.mean,
        }
    }
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
    /// critic. It need not be finite: a critic may diverge.
    pub mean_q: Option<f64>,
}

/// What a run took, over all its sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Time of processors from the first update to the last score, in seconds of one core.
    pub core_seconds: f64,
    /// Part of it that was spent in evaluations.
    pub evaluation_core_seconds: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::SuccessRate;
    use crate::stats::Summary;

    #[test]
    fn a_final_score_is_part_of_an_evaluation() {
        let evaluation = Evaluation {
            task: "PointReach".to_owned(),
            episodes: 2,
            seed: 7,
            undiscounted_return: Summary::of(&[40.0, 44.0]),
            discounted_return: Summary::of(&[20.0, 30.0]),
            success: SuccessRate { rate: 0.5, low: 0.1, high: 0.9 },
            final_distance: Summary::of(&[0.25, 0.75]),
        };
        let expected = FinalScore {
            n_episodes: 2,
            mean_return: 42.0,
            // √8 / √2.
            return_standard_error: Some(2.0),
            discounted_return: 25.0,
            success: 0.5,
            final_distance: 0.5,
        };
        let score = FinalScore::from(&evaluation);
        let rounded = score.return_standard_error.map(|error| (1e9 * error).round() / 1e9);
        assert_eq!(FinalScore { return_standard_error: rounded, ..score }, expected);
    }
}
