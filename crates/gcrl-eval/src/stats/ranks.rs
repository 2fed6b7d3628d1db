//! Ranks, and how far two rankings agree.
//!
//! `ρ = Σ (r − r̄)(s − s̄) / √(Σ (r − r̄)² Σ (s − s̄)²)` over ranks `r`, `s`; equal values share the mean of
//! their ranks.
//!
//! Source: Spearman, "The Proof and Measurement of Association between Two Things", 1904.

use super::mean;

/// The rank of each value, from 1 for the smallest; equal values share the mean of their ranks.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |value: &f64| {
        let n_below = values.iter().filter(|other| *other < value).count();
        let n_equal = values.iter().filter(|other| *other == value).count();
        // The mean of n_below + 1 ..= n_below + n_equal.
        n_below as f64 + f64::midpoint(1.0, n_equal as f64)
    };
    values.iter().map(rank).collect()
}

/// Spearman's ρ of paired values, in [-1, 1]; `None` where one side does not vary.
///
/// # Panics
///
/// If the two have different lengths.
pub fn spearman(x: &[f64], y: &[f64]) -> Option<f64> {
    assert_eq!(x.len(), y.len(), "values come in pairs");
    if x.len() < 2 {
        return None;
    }
    let (x, y) = (deviations(&ranks(x)), deviations(&ranks(y)));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let scale = (product(&x, &x) * product(&y, &y)).sqrt();
    (0.0 < scale).then(|| product(&x, &y) / scale)
}

fn deviations(values: &[f64]) -> Vec<f64> {
    let mean = mean(values);
    values.iter().map(|value| value - mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_their_ranks() {
        assert_eq!(ranks(&[5.0, 1.0, 5.0, 9.0]), [2.5, 1.0, 2.5, 4.0]);
    }

    #[test]
    fn correlations_are_those_of_scipy() {
        // Source: scipy 1.17.1, `spearmanr`.
        let x = [106.0, 86.0, 100.0, 101.0, 99.0, 103.0, 97.0, 113.0, 112.0, 110.0];
        let y = [7.0, 0.0, 27.0, 50.0, 28.0, 29.0, 20.0, 12.0, 6.0, 17.0];
        assert!((spearman(&x, &y).unwrap() + 0.175_757_575_757_575_75).abs() < 1e-12);
        let x = [44.4, 39.27, 42.95, 39.36, 39.27, 24.68];
        let y = [1.0, 2.0, 3.0, 3.0, 5.0, 0.5];
        assert!((spearman(&x, &y).unwrap() - 0.147_058_823_529_411_77).abs() < 1e-12);
    }

    #[test]
    fn what_does_not_vary_has_no_correlation() {
        assert_eq!(spearman(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(spearman(&[1.0], &[1.0]), None);
    }
}
