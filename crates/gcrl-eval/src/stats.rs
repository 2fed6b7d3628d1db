//! Statistics of a few seeds and of many episodes.
//!
//! | what | formula | source |
//! |---|---|---|
//! | standard deviation | `s² = Σ (x − x̄)² / (n − 1)` | |
//! | standard error | `s / √n` | |
//! | Wilson interval | `(p̂ + z²/2n ± z √(p̂(1−p̂)/n + z²/4n²)) / (1 + z²/n)` | Wilson, 1927 |
//! | interquartile mean | mean of the middle half of the sorted values | Agarwal et al., 2021 |
//! | bootstrap interval | 2.5 % and 97.5 % quantiles of the statistic over resamples | Efron and Tibshirani, 1993 |
//! | probability of improvement | share of pairs of runs in which one method returns more | Agarwal et al., 2021 |
//! | performance profile | share of runs above a score | Agarwal et al., 2021 |
//! | rank correlation | Pearson's correlation of ranks | Spearman, 1904 |
//!
//! Sources: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927;
//! Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical Precipice", 2021;
//! Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, section 13.3.

use crate::json;
use gcrl_core::seed;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display};

mod improvement;
mod profile;
mod ranks;

pub use improvement::{improvement_interval, probability_of_improvement};
pub use profile::{performance_profile, profile_interval};
pub use ranks::{ranks, spearman};

/// 97.5 % quantile of the normal distribution: all intervals here are two-sided 95 % intervals.
const Z: f64 = 1.959_963_984_540_054;

/// A mean and a sample standard deviation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanStd {
    /// Mean.
    #[serde(serialize_with = "json::finite")]
    pub mean: f64,
    /// Sample standard deviation, at least 0; of a single value there is none.
    #[serde(serialize_with = "json::finite_or_null")]
    pub std: Option<f64>,
}

impl MeanStd {
    /// Describes `values`.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn of(values: &[f64]) -> Self {
        Self { mean: mean(values), std: std(values) }
    }
}

/// `mean ± std`, with two decimals; the mean alone where there is no deviation.
impl Display for MeanStd {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.std {
            Some(std) => formatter.pad(&format!("{:.2} ± {std:.2}", self.mean)),
            None => formatter.pad(&format!("{:.2}", self.mean)),
        }
    }
}

/// A mean, how far values lie from it, and how far it may lie from the truth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Mean.
    #[serde(serialize_with = "json::finite")]
    pub mean: f64,
    /// Sample standard deviation, at least 0; of a single value there is none (in JSON, null).
    #[serde(serialize_with = "json::finite_or_null")]
    pub std: Option<f64>,
    /// Standard error of the mean, at least 0; of a single value there is none (in JSON, null).
    #[serde(serialize_with = "json::finite_or_null")]
    pub standard_error: Option<f64>,
}

impl Summary {
    /// Describes `values`.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn of(values: &[f64]) -> Self {
        Self { mean: mean(values), std: std(values), standard_error: standard_error(values) }
    }
}

/// `low <= high`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    #[serde(serialize_with = "json::finite")]
    pub low: f64,
    /// Upper end.
    #[serde(serialize_with = "json::finite")]
    pub high: f64,
}

/// Arithmetic mean.
///
/// # Panics
///
/// If there are no values.
pub fn mean(values: &[f64]) -> f64 {
    assert!(!values.is_empty(), "a mean needs a value");
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sample standard deviation; `None` for a single value, which says nothing about spread.
///
/// # Panics
///
/// If there are no values.
pub fn std(values: &[f64]) -> Option<f64> {
    let variance = sum_of_squared_deviations(values) / (values.len() as f64 - 1.0);
    (1 < values.len()).then(|| variance.sqrt())
}

/// Standard error of the mean; `None` for a single value.
///
/// # Panics
///
/// If there are no values.
pub fn standard_error(values: &[f64]) -> Option<f64> {
    Some(std(values)? / (values.len() as f64).sqrt())
}

fn sum_of_squared_deviations(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean) * (value - mean)).sum()
}

/// The 95 % Wilson score interval of a probability, from `n_successes` in `n_trials`.
///
/// # Panics
///
/// If there are no trials, or more successes than trials.
pub fn wilson_interval(n_successes: usize, n_trials: usize) -> Interval {
    assert!(0 < n_trials && n_successes <= n_trials, "successes are some of at least one trial");
    let n = n_trials as f64;
    let p = n_successes as f64 / n;
    let center = p + Z * Z / (2.0 * n);
    let half_width = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    // The ends at 0 and 1 are exact in theory; rounding must not push them outside, nor past p.
    Interval {
        low: ((center - half_width) / scale).clamp(0.0, p),
        high: ((center + half_width) / scale).clamp(p, 1.0),
    }
}

/// Mean of the middle half of the sorted values; values on the border of it count in part.
///
/// # Panics
///
/// If there are no values.
pub fn interquartile_mean(values: &[f64]) -> f64 {
    assert!(!values.is_empty(), "an interquartile mean needs a value");
    let quarter = values.len() as f64 / 4.0;
    let weighted = sorted(values).into_iter().enumerate().map(|(value_idx, value)| {
        // The value occupies [i, i + 1] of [0, n]; what lies in [n/4, 3n/4] counts.
        let from = (value_idx as f64).max(quarter);
        let to = (value_idx as f64 + 1.0).min(3.0 * quarter);
        (to - from).max(0.0) * value
    });
    weighted.sum::<f64>() / (2.0 * quarter)
}

/// The 95 % percentile interval of `statistic` under a stratified bootstrap.
///
/// Each of `strata` (the seeds of one task) is resampled within itself, so that every task stays as
/// present as it is; `statistic` sees all resampled values together, stratum after stratum.
///
/// # Panics
///
/// If `n_resamples` is 0, or there is a stratum without values.
pub fn bootstrap_interval(
    strata: &[Vec<f64>],
    statistic: impl Fn(&[f64]) -> f64,
    n_resamples: usize,
    seed: u64,
) -> Interval {
    let replications = sorted(&bootstrap_replications(strata, statistic, n_resamples, seed));
    Interval { low: quantile(&replications, 0.025), high: quantile(&replications, 0.975) }
}

fn bootstrap_replications(
    strata: &[Vec<f64>],
    statistic: impl Fn(&[f64]) -> f64,
    n_resamples: usize,
    seed: u64,
) -> Vec<f64> {
    let mut resample = Vec::with_capacity(strata.iter().map(Vec::len).sum());
    (0..n_resamples as u64)
        .map(|resample_idx| {
            let mut rng = seed::stream(seed, "bootstrap", resample_idx);
            resample.clear();
            for stratum in strata {
                resample.extend(stratum.iter().map(|_| stratum[rng.random_range(..stratum.len())]));
            }
            statistic(&resample)
        })
        .collect()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Linear between order statistics: definition 7 of Hyndman, Fan, "Sample Quantiles in Statistical
/// Packages", 1996.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let position = share * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[position.floor() as usize], sorted[position.ceil() as usize]);
    below + (above - below) * position.fract()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::RngExt;

    /// Survival of treated mice, in days. Source: Efron, Tibshirani, 1993, table 2.1.
    const TREATED_MICE: [f64; 7] = [94.0, 197.0, 16.0, 38.0, 99.0, 141.0, 23.0];

    #[test]
    fn wilson_intervals_are_those_of_newcombe() {
        // Source: Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I,
        // method 3, to four decimals.
        for (n_successes, n_trials, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let interval = wilson_interval(n_successes, n_trials);
            assert!((interval.low - low).abs() < 5e-5, "{n_successes}/{n_trials}: {interval:?}");
            assert!((interval.high - high).abs() < 5e-5, "{n_successes}/{n_trials}: {interval:?}");
        }
    }

    #[test]
    fn the_interquartile_mean_of_twelve_values_drops_three_at_each_end() {
        // Sorted: 1 3 4 | 5 6 6 7 7 8 | 8 9 38.
        let values = [5.0, 8.0, 4.0, 38.0, 8.0, 6.0, 9.0, 7.0, 7.0, 3.0, 1.0, 6.0];
        assert_eq!(interquartile_mean(&values), 6.5);
    }

    #[test]
    fn the_interquartile_mean_of_nine_values_counts_border_values_in_part() {
        // (0.75 * 5 + 7 + 9 + 11 + 0.75 * 13) / 4.5.
        let values = [1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0, 15.0, 17.0];
        assert_eq!(interquartile_mean(&values), 9.0);
    }

    #[test]
    fn the_interquartile_mean_of_one_value_is_that_value() {
        assert_eq!(interquartile_mean(&[7.0]), 7.0);
    }

    #[test]
    fn a_standard_error_is_that_of_the_mice() {
        // Source: Efron, Tibshirani, 1993, table 2.1: mean 86.86, estimated standard error 25.24.
        assert!((mean(&TREATED_MICE) - 86.86).abs() < 0.005);
        assert!((standard_error(&TREATED_MICE).unwrap() - 25.24).abs() < 0.005);
    }

    #[test]
    fn one_value_has_no_spread() {
        let summary = Summary::of(&[3.0]);
        assert_eq!(summary.mean, 3.0);
        assert_eq!((summary.std, summary.standard_error), (None, None));
    }

    #[test]
    fn a_large_bootstrap_approaches_the_ideal_standard_error_of_the_mice() {
        // Source: Efron, Tibshirani, 1993, table 2.2: 23.36 for the mean of the treatment group. The
        // exact value is √(Σ (x − x̄)² / n²).
        let ideal = sum_of_squared_deviations(&TREATED_MICE).sqrt() / 7.0;
        assert!((ideal - 23.36).abs() < 0.005);
        let replications = bootstrap_replications(&[TREATED_MICE.to_vec()], mean, 100_000, 0);
        // The standard deviation of m numbers has a relative error near 1/√(2m) = 0.22 %; allow 4 of them.
        assert!((std(&replications).unwrap() / ideal - 1.0).abs() < 0.009);
    }

    #[test]
    fn intervals_of_three_tasks_are_those_of_rliable() {
        let strata = [
            vec![44.39, 44.21, 44.62, 44.40, 44.18, 44.51, 44.33, 44.47],
            vec![36.15, 35.12, 37.44, 36.80, 35.95, 36.02, 34.71, 37.10],
            vec![10.73, 9.20, 12.15, 11.02, 8.87, 10.33, 13.41, 9.95],
        ];
        // Source: rliable 1.2.0 (with arch 7.2.0, scipy 1.17.1): `aggregate_iqm`, and the means of two
        // runs of `get_interval_estimates` with 200,000 resamples, which differ by up to 0.0025. Ends from
        // 50,000 resamples have a standard error near 0.003.
        let all = strata.concat();
        assert!((interquartile_mean(&all) - 33.603_333_333_333_33).abs() < 1e-12);
        let iqm = bootstrap_interval(&strata, interquartile_mean, 50_000, 0);
        assert!((iqm.low - 33.0525).abs() < 0.015, "{iqm:?}");
        assert!((iqm.high - 34.0188).abs() < 0.015, "{iqm:?}");
        let mean = bootstrap_interval(&strata, mean, 50_000, 0);
        assert!((mean.low - 30.0454).abs() < 0.015, "{mean:?}");
        assert!((mean.high - 30.8125).abs() < 0.015, "{mean:?}");
    }

    #[test]
    fn a_stratified_interval_covers_the_truth_about_as_often_as_it_says() {
        // Four tasks of very different means, ten seeds each, noise uniform with mean 0. A resampled
        // stratum of n has the variance (n − 1)/n of the estimate: 1.96 √0.9 = 1.86 standard errors,
        // on 36 degrees of freedom, cover 93 %. Of 400 trials that is 372 ± 5; allow 4 deviations.
        // Resampling across tasks would cover always, and is thus refused by the upper bound.
        let n_covered = (0..400)
            .filter(|&trial| {
                let mut rng = seed::stream(1, "coverage", trial);
                let strata = [0.0, 10.0, 20.0, 40.0]
                    .map(|truth| (0..10).map(|_| truth + rng.random::<f64>() - 0.5).collect());
                let interval = bootstrap_interval(&strata, mean, 400, trial);
                interval.low <= 17.5 && 17.5 <= interval.high
            })
            .count();
        assert!((352..=392).contains(&n_covered), "{n_covered} of 400");
    }

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(quantile(&[0.0, 10.0, 20.0], 0.25), 5.0);
        assert_eq!(quantile(&[3.0], 0.975), 3.0);
    }

    proptest! {
        #[test]
        fn a_wilson_interval_holds_the_rate_and_stays_a_probability(
            (n_successes, n_trials) in (1_usize..500).prop_flat_map(|n| (0..=n, Just(n)))
        ) {
            let Interval { low, high } = wilson_interval(n_successes, n_trials);
            let rate = n_successes as f64 / n_trials as f64;
            prop_assert!(0.0 <= low && low <= rate && rate <= high && high <= 1.0);
        }

        #[test]
        fn an_interquartile_mean_ignores_order_and_moves_with_the_values(
            mut values in prop::collection::vec(-100.0..100.0_f64, 1..30)
        ) {
            let before = interquartile_mean(&values);
            values.reverse();
            prop_assert_eq!(interquartile_mean(&values), before);
            let moved: Vec<f64> = values.iter().map(|value| 2.0 * value + 1.0).collect();
            prop_assert!((interquartile_mean(&moved) - (2.0 * before + 1.0)).abs() < 1e-9);
        }

        #[test]
        fn bootstrap_intervals_stay_within_the_values(
            values in prop::collection::vec(-100.0..100.0_f64, 1..10), seed: u64
        ) {
            let interval = bootstrap_interval(std::slice::from_ref(&values), mean, 50, seed);
            let sorted = sorted(&values);
            prop_assert!(sorted[0] - 1e-9 <= interval.low && interval.low <= interval.high);
            prop_assert!(interval.high <= sorted[sorted.len() - 1] + 1e-9);
        }
    }
}
