//! BAW, the best-advantage weight, and its curriculum.
//!
//! ```text
//! ε(A) = 1 where A is at least the N-th percentile of recent advantages, else ε_min
//! N    = min(ΔN · (updates made + 1), N_max)
//! ```
//!
//! Source: Yang et al., 2022, section 4.3. **Deviation** from the text, as in the authors' code: equality
//! counts as above, the recent advantages include those that are weighed, and N reaches `N_max` only in
//! runs longer than `N_max / ΔN` updates (not on the Point tasks).

use crate::percentile::PercentileRing;
use crate::settings::first_problem;
use serde::{Deserialize, Serialize};

/// How the bar for advantages rises, in the table `curriculum` of an algorithm that weighs by BAW.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curriculum {
    /// `ε_min`: the weight of advantages below the percentile, in [0, 1].
    #[serde(serialize_with = "crate::settings::shortest")]
    pub floor: f32,
    /// ΔN, in percent an update; not negative.
    pub percentile_step: f64,
    /// `N_max`, in percent, 0 to 100.
    pub largest_percentile: f64,
    /// Advantages that the percentile is taken of; at least 1.
    pub n_recent: usize,
}

impl Default for Curriculum {
    /// The paper's settings for short schedules; [`crate::presets`] has those of each task.
    fn default() -> Self {
        Self { floor: 0.05, percentile_step: 0.15, largest_percentile: 80.0, n_recent: 50_000 }
    }
}

impl Curriculum {
    /// Names the first setting out of its range, if any.
    pub fn problem(&self) -> Option<&'static str> {
        first_problem([
            ((0.0..=1.0).contains(&self.floor), "curriculum.floor must be in [0, 1]"),
            (0.0 <= self.percentile_step, "curriculum.percentile_step must not be negative"),
            (
                (0.0..=100.0).contains(&self.largest_percentile),
                "curriculum.largest_percentile must be in [0, 100]",
            ),
            (0 < self.n_recent, "curriculum.n_recent must be at least 1"),
        ])
    }

    /// N after `n_updates`, in percent: it has risen once before the first.
    pub fn percentile(&self, n_updates: u64) -> f64 {
        (self.percentile_step * (n_updates + 1) as f64).min(self.largest_percentile)
    }

    /// `ε(A)`, `[batch]`, after the advantages, `[batch]`, have joined the recent ones.
    pub fn weights(
        &self,
        recent: &mut PercentileRing,
        advantages: &[f32],
        n_updates: u64,
    ) -> Vec<f32> {
        recent.push(advantages);
        let threshold = recent.percentile(self.percentile(n_updates));
        let weight = |advantage: &f32| if threshold <= *advantage { 1.0 } else { self.floor };
        advantages.iter().map(weight).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_advantage_at_the_percentile_counts_as_best() {
        let curriculum = Curriculum { percentile_step: 25.0, ..Curriculum::default() };
        let mut recent = PercentileRing::new(5);
        // The median, at the second update.
        let weights = curriculum.weights(&mut recent, &[3.0, 1.0, 2.0, 4.0, 5.0], 1);
        assert_eq!(weights, [1.0, 0.05, 0.05, 1.0, 1.0]);
    }

    #[test]
    fn the_percentile_rises_to_its_largest_value_at_the_papers_pace() {
        // The Point tasks end at 37.5 after 250 updates; the hard tasks reach 80 after 8,000.
        let short = Curriculum::default();
        assert!((short.percentile(249) - 37.5).abs() < 1e-9);
        assert!(short.percentile(532) < 80.0);
        assert_eq!(short.percentile(533), 80.0);
        let long = Curriculum { percentile_step: 0.01, ..Curriculum::default() };
        assert!(long.percentile(7_998) < 80.0);
        assert!((long.percentile(7_999) - 80.0).abs() < 1e-9);
    }
}
