//! What is computed from the numbers of a data set for its manifest.
//!
//! One thread, one order of summation: equal numbers give equal statistics, so that a manifest can be
//! checked by computing it again.

use crate::columns::{Column, columns};
use crate::manifest::{ColumnRecord, Manifest, OutcomeRecord};
use gcrl_core::{EpisodeView, SuccessRule};
use std::collections::BTreeMap;

impl Manifest {
    /// Sample standard deviation over episodes of the return, as evaluations report it; of a single
    /// episode there is none. The manifest itself divides by `n`.
    pub fn return_std(&self) -> Option<f64> {
        self.sample_std(self.outcome.return_std)
    }

    /// The same of the return that scores the state before each action.
    pub fn paper_return_std(&self) -> Option<f64> {
        self.sample_std(self.outcome.paper_return_std)
    }

    /// `σ √(n / (n − 1))`.
    fn sample_std(&self, std: f64) -> Option<f64> {
        let n = self.n_episodes as f64;
        (1 < self.n_episodes).then(|| std * (n / (n - 1.0)).sqrt())
    }
}

/// Describes the columns of `view`, by name.
pub(crate) fn describe_columns(view: EpisodeView<'_>) -> BTreeMap<String, ColumnRecord> {
    let record = |column: Column<'_>| (column.layout.name.to_owned(), describe(column));
    columns(view).into_iter().map(record).collect()
}

fn describe(column: Column<'_>) -> ColumnRecord {
    let dim = column.layout.dim;
    let n = (column.values.len() / dim) as f64;
    let (mut min, mut max) = (vec![f32::INFINITY; dim], vec![f32::NEG_INFINITY; dim]);
    let mut sum = vec![0.0; dim];
    for row in column.values.chunks_exact(dim) {
        for (d, value) in row.iter().enumerate() {
            min[d] = min[d].min(*value);
            max[d] = max[d].max(*value);
            sum[d] += f64::from(*value);
        }
    }
    let mean: Vec<f64> = sum.iter().map(|sum| sum / n).collect();
    let mut squares = vec![0.0; dim];
    for row in column.values.chunks_exact(dim) {
        for (d, value) in row.iter().enumerate() {
            squares[d] += (f64::from(*value) - mean[d]).powi(2);
        }
    }
    let std = squares.iter().map(|squares: &f64| (squares / n).sqrt()).collect();
    let blake3 = blake3::hash(bytemuck::cast_slice(column.values)).to_string();
    ColumnRecord { blake3, min, max, mean, std }
}

/// Scores the episodes of `view` under the goals that they asked for.
pub fn describe_outcome(
    view: EpisodeView<'_>,
    reward: SuccessRule,
    success: SuccessRule,
) -> OutcomeRecord {
    let last = view.shape.n_transitions;
    let (mut returns, mut paper_returns, mut n_successes) = (vec![], vec![], 0_usize);
    for episode in 0..view.n_episodes {
        let desired_goal = view.desired_goal(episode);
        let n_rewards = |states: std::ops::Range<usize>| {
            let is_reached =
                |t: &usize| reward.is_reached(view.achieved_goal(episode, *t), desired_goal);
            states.filter(is_reached).count() as f64
        };
        returns.push(n_rewards(1..last + 1));
        paper_returns.push(n_rewards(0..last));
        n_successes +=
            usize::from(success.is_reached(view.achieved_goal(episode, last), desired_goal));
    }
    let (return_mean, return_std) = mean_and_std(&returns);
    let (paper_return_mean, paper_return_std) = mean_and_std(&paper_returns);
    OutcomeRecord {
        return_mean,
        return_std,
        paper_return_mean,
        paper_return_std,
        success_rate: n_successes as f64 / view.n_episodes as f64,
    }
}

fn mean_and_std(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::tests::SPEC;
    use gcrl_core::Episodes;

    #[test]
    fn columns_are_described_dimension_by_dimension() {
        let mut episodes = Episodes::zeros(SPEC.episode_shape(), 2);
        episodes.desired_goal = vec![1.0, -5.0, 3.0, 7.0];
        let record = &describe_columns(episodes.view())["desired_goal"];
        assert_eq!((&record.min, &record.max), (&vec![1.0, -5.0], &vec![3.0, 7.0]));
        assert_eq!((&record.mean, &record.std), (&vec![2.0, 1.0], &vec![1.0, 6.0]));
        // 1, -5, 3 and 7 as little-endian f32.
        let bytes = b"\x00\x00\x80\x3f\x00\x00\xa0\xc0\x00\x00\x40\x40\x00\x00\xe0\x40";
        assert_eq!(record.blake3, blake3::hash(bytes).to_string());
    }

    #[test]
    fn a_policy_is_scored_after_its_actions_and_the_papers_data_before_them() {
        // Rewards within 1, success inside 0.25, 5 states, goals at the origin. The first episode stands
        // on the goal in its states 1, 2 and 4; the second nearby (at 0.5) in its states 0 and 4.
        let far = [9.0, 9.0];
        let mut episodes = Episodes::zeros(SPEC.episode_shape(), 2);
        let (on, near) = ([0.0, 0.0], [0.5, 0.0]);
        episodes.achieved_goal = [far, on, on, far, on, near, far, far, far, near].concat();
        let outcome = describe_outcome(episodes.view(), SPEC.reward, SPEC.success);
        assert_eq!(
            outcome,
            OutcomeRecord {
                return_mean: 2.0, // of 3 and 1
                return_std: 1.0,
                paper_return_mean: 1.5, // of 2 and 1
                paper_return_std: 0.5,
                success_rate: 0.5,
            }
        );
    }
}
