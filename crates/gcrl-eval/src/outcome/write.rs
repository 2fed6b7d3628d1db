//! Outcomes to CSV.

use super::columns::{COSTS, CURVES, Columns, OutcomeFiles, RESULTS};
use super::{Cost, CurveSample, FinalScore, Outcome};
use crate::csv_text::{self, number};
use std::iter;

impl OutcomeFiles {
    /// Writes `outcomes`, sorted by task (in the order of `tasks`, others behind them by name), data set,
    /// method and seed, so that equal outcomes give equal bytes. Lines end in `\n`.
    pub fn write(outcomes: &[Outcome], tasks: &[&str]) -> Self {
        let mut sorted: Vec<&Outcome> = outcomes.iter().collect();
        sorted.sort_by_key(|outcome| {
            let place = tasks.iter().position(|task| *task == outcome.task);
            let Outcome { task, dataset, method, seed, .. } = outcome;
            (place.unwrap_or(tasks.len()), task, dataset, method, *seed)
        });
        let rows = |columns: &Columns, rows: fn(&Outcome) -> Vec<Vec<String>>| {
            let body = sorted.iter().flat_map(|outcome| {
                rows(outcome).into_iter().map(|row| [run(outcome), row].concat())
            });
            csv_text::text(iter::once(columns.head()).chain(body))
        };
        Self {
            results: rows(&RESULTS, |outcome| vec![result(outcome)]),
            curves: rows(&CURVES, |outcome| outcome.curve.iter().map(sample).collect()),
            costs: rows(&COSTS, |outcome| outcome.cost.iter().map(cost).collect()),
        }
    }
}

fn run(outcome: &Outcome) -> Vec<String> {
    let Outcome { task, dataset, method, seed, .. } = outcome;
    vec![task.clone(), dataset.clone(), method.clone(), seed.to_string()]
}

fn result(outcome: &Outcome) -> Vec<String> {
    let FinalScore {
        n_episodes,
        mean_return,
        return_standard_error,
        discounted_return,
        success,
        final_distance,
    } = outcome.score;
    let scores = [
        Some(mean_return),
        return_standard_error,
        Some(discounted_return),
        Some(success),
        Some(final_distance),
    ];
    let counts = [outcome.n_updates.to_string(), n_episodes.to_string()];
    counts.into_iter().chain(scores.map(number)).collect()
}

fn sample(sample: &CurveSample) -> Vec<String> {
    let CurveSample { n_updates, mean_return, discounted_return, success, mean_q } = *sample;
    let scores = [Some(mean_return), Some(discounted_return), Some(success), mean_q];
    iter::once(n_updates.to_string()).chain(scores.map(number)).collect()
}

fn cost(cost: &Cost) -> Vec<String> {
    [Some(cost.core_seconds), Some(cost.evaluation_core_seconds)].map(number).to_vec()
}
