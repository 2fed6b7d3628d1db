//! Quantiles of errors.

use serde::Serialize;

/// Where most errors of a sample lie, in their unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Half of the errors are at most this.
    pub median: f64,
    /// Nine tenths of the errors are at most this.
    pub p90: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// The spread of `errors`.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn of(errors: &[f64]) -> Self {
        let mut sorted = errors.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self {
            median: quantile(&sorted, 0.5),
            p90: quantile(&sorted, 0.9),
            max: quantile(&sorted, 1.0),
        }
    }
}

/// The quantile of ascending numbers at `share` in [0, 1], linear between neighbors, as `NumPy` has it.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (place.floor(), place.ceil());
    let (low, high) = (sorted[below as usize], sorted[above as usize]);
    low + (place - below) * (high - low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbors() {
        // Of 1, 2, 3, 4: half way between 2 and 3; 0.9 · 3 = 2.7 places from the first.
        let spread = Spread::of(&[4.0, 1.0, 3.0, 2.0]);
        assert_eq!((spread.median, spread.max), (2.5, 4.0));
        assert!((spread.p90 - 3.7).abs() < 1e-12);
    }

    #[test]
    fn the_spread_of_one_error_is_that_error() {
        assert_eq!(Spread::of(&[0.5]), Spread { median: 0.5, p90: 0.5, max: 0.5 });
    }
}
