//! Performance profiles: the share of runs above each score.
//!
//! `F(τ) = 1/M Σ_m 1/N Σ_n 1[τ < x_mn]`, over `M` tasks with `N` runs each; tasks weigh the same, however
//! many runs they have.
//!
//! Source: Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical Precipice", 2021,
//! section 4.2 (run-score distributions).

use super::{Interval, bootstrap_interval, mean};

/// `F(score)`, in [0, 1].
///
/// `tasks` holds the runs of each task.
///
/// # Panics
///
/// If there is no task, or a task without a run.
pub fn performance_profile(tasks: &[Vec<f64>], score: f64) -> f64 {
    mean(&tasks.iter().map(|runs| share_above(runs, score)).collect::<Vec<_>>())
}

/// The 95 % percentile interval of `F(score)`: the runs of each task are resampled by themselves. Equal
/// seeds resample equally at every score.
///
/// # Panics
///
/// As [`performance_profile`], and if `n_resamples` is 0.
pub fn profile_interval(tasks: &[Vec<f64>], score: f64, n_resamples: usize, seed: u64) -> Interval {
    let statistic = |resample: &[f64]| {
        let mut rest = resample;
        let mut sum = 0.0;
        for task in tasks {
            let (runs, others) = rest.split_at(task.len());
            sum += share_above(runs, score);
            rest = others;
        }
        sum / tasks.len() as f64
    };
    bootstrap_interval(tasks, statistic, n_resamples, seed)
}

fn share_above(runs: &[f64], score: f64) -> f64 {
    assert!(!runs.is_empty(), "a share needs a run");
    runs.iter().filter(|run| score < **run).count() as f64 / runs.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_exactly_at_the_score_is_not_above_it_and_tasks_weigh_the_same() {
        // One of two runs, and all of three: (1/2 + 1) / 2.
        assert_eq!(performance_profile(&[vec![1.0, 2.0], vec![2.0, 3.0, 4.0]], 1.0), 0.75);
    }

    #[test]
    fn a_profile_and_its_interval_are_those_of_rliable() {
        let tasks = [
            vec![44.39, 44.21, 44.62, 44.40, 44.18, 44.51, 44.33, 44.47],
            vec![36.15, 35.12, 37.44, 36.80, 35.95, 36.02, 34.71, 37.10],
            vec![10.73, 9.20, 12.15, 11.02, 8.87, 10.33, 13.41, 9.95],
        ];
        // Source: rliable 1.2.0 (with arch 7.2.0): `create_performance_profile` with 20,000 resamples.
        // Replications are multiples of 1/24: their quantiles are exact.
        for (score, share, low, high) in [
            (9.95, 21.0 / 24.0, 18.0 / 24.0, 23.0 / 24.0),
            (30.0, 16.0 / 24.0, 16.0 / 24.0, 16.0 / 24.0),
            (36.0, 13.0 / 24.0, 10.0 / 24.0, 15.0 / 24.0),
            (44.4, 3.0 / 24.0, 1.0 / 24.0, 6.0 / 24.0),
        ] {
            assert!((performance_profile(&tasks, score) - share).abs() < 1e-12, "{score}");
            let interval = profile_interval(&tasks, score, 20_000, 0);
            assert!((interval.low - low).abs() < 1e-12, "{score}: {interval:?}");
            assert!((interval.high - high).abs() < 1e-12, "{score}: {interval:?}");
        }
    }
}
