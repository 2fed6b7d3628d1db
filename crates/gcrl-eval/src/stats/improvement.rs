//! How probable it is that a run of one method returns more than a run of another.
//!
//! `P(X > Y) = 1/M Σ_m 1/(N K) Σ_i Σ_j S(x_mi, y_mj)`, `S = 1` if `x > y`, `1/2` if `x = y`, else `0`,
//! over `M` tasks with `N` runs of `X` and `K` of `Y` each: the Mann-Whitney statistic of each task,
//! averaged.
//!
//! Source: Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical Precipice", 2021,
//! section 4.3.

use super::{Interval, bootstrap_interval, mean};

/// `P(X > Y)`, in [0, 1]: a half where the two are alike.
///
/// `x` and `y` hold the runs of each task, tasks in the same order.
///
/// # Panics
///
/// If there is no task, a task without a run, or the two have different numbers of tasks.
pub fn probability_of_improvement(x: &[Vec<f64>], y: &[Vec<f64>]) -> f64 {
    assert_eq!(x.len(), y.len(), "both methods have runs of the same tasks");
    averaged(x.iter().map(Vec::as_slice).zip(y.iter().map(Vec::as_slice)))
}

/// The 95 % percentile interval of `P(X > Y)`: runs of each method and task are resampled by themselves.
///
/// # Panics
///
/// As [`probability_of_improvement`], and if `n_resamples` is 0.
pub fn improvement_interval(
    x: &[Vec<f64>],
    y: &[Vec<f64>],
    n_resamples: usize,
    seed: u64,
) -> Interval {
    assert_eq!(x.len(), y.len(), "both methods have runs of the same tasks");
    let statistic = |resample: &[f64]| {
        let (mut xs, mut ys) = resample.split_at(x.iter().map(Vec::len).sum());
        averaged(x.iter().zip(y).map(|(x, y)| (take(&mut xs, x.len()), take(&mut ys, y.len()))))
    };
    bootstrap_interval(&[x, y].concat(), statistic, n_resamples, seed)
}

/// Removes the first `n_values` of `values`.
fn take<'a>(values: &mut &'a [f64], n_values: usize) -> &'a [f64] {
    let (taken, rest) = values.split_at(n_values);
    *values = rest;
    taken
}

fn averaged<'a>(tasks: impl Iterator<Item = (&'a [f64], &'a [f64])>) -> f64 {
    mean(&tasks.map(|(x, y)| share_of_wins(x, y)).collect::<Vec<_>>())
}

/// `1/(N K) Σ_i Σ_j S(x_i, y_j)`.
fn share_of_wins(x: &[f64], y: &[f64]) -> f64 {
    let score = |x: f64, y: f64| f64::from(u8::from(y < x) + u8::from(y <= x)) / 2.0;
    let pairs: Vec<f64> = x.iter().flat_map(|&x| y.iter().map(move |&y| score(x, y))).collect();
    mean(&pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tie_is_half_a_win_and_tasks_weigh_the_same() {
        // First task: 3 > 1, 3 = 3, 3 < 5, 4 > 1, 4 > 3, 4 < 5: 3.5 of 6. Second: 1 of 1.
        let x = [vec![3.0, 4.0], vec![9.0]];
        let y = [vec![1.0, 3.0, 5.0], vec![8.0]];
        assert!((probability_of_improvement(&x, &y) - f64::midpoint(3.5 / 6.0, 1.0)).abs() < 1e-12);
        let other_way = probability_of_improvement(&y, &x);
        assert!((other_way + probability_of_improvement(&x, &y) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_probability_and_its_interval_are_those_of_rliable() {
        let x = [
            vec![44.39, 44.21, 44.62, 44.40, 44.18, 44.51, 44.33, 44.47],
            vec![36.15, 35.12, 37.44, 36.80, 35.95, 36.02, 34.71, 37.10],
            vec![10.73, 9.20, 12.15, 11.02, 8.87, 10.33, 13.41, 9.95],
        ];
        let y = [
            vec![44.40, 44.30, 44.10, 44.55, 44.05, 44.35, 44.21, 44.60],
            vec![33.05, 34.90, 35.12, 36.20, 33.80, 35.00, 34.10, 36.90],
            vec![10.10, 10.33, 9.00, 12.30, 8.10, 9.90, 11.20, 8.90],
        ];
        // Source: rliable 1.2.0 (with arch 7.2.0, scipy 1.17.1): `probability_of_improvement`, and
        // `get_interval_estimates` with 50,000 resamples.
        assert!((probability_of_improvement(&x, &y) - 0.671_875).abs() < 1e-12);
        let interval = improvement_interval(&x, &y, 20_000, 0);
        assert!((interval.low - 0.5104).abs() < 0.006, "{interval:?}");
        assert!((interval.high - 0.8177).abs() < 0.006, "{interval:?}");
    }
}
