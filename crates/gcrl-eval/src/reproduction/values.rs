//! What critics estimate during training beside what their policies earn: how far offline values are
//! overestimated.
//!
//! Three methods are shown, so that a picture stays readable; they learn one critic in three ways: WGCSL, whose
//! critic only weighs the data's actions, HER, whose policy climbs it under the same relabeled goals, and DDPG,
//! whose policy climbs it under the original ones. What the critics of all others estimate is in `curves.csv`,
//! column `mean_q`.

use super::document::{Drawing, Part, Section, drawn};
use super::grid::{DataRow, Grid, Runs};
use super::words;
use crate::evaluate::DISCOUNT;
use crate::plots::{Reference, ValueCurves, ValueEstimates};

const ANCHOR: &str = "values";
const TITLE: &str = "Value estimates";

/// Methods whose critics are shown, by key; see above.
const CRITICS: [&str; 3] = ["wgcsl", "her", "ddpg"];
/// Estimates of a diverging critic, outside these, count as the nearer of them: the others stay readable.
const SHOWN: (f64, f64) = (-50.0, 150.0);
/// Transitions of an episode that count.
const N_COUNTED: i32 = 49;

pub(super) fn section(grid: &Grid<'_>) -> Section {
    let pictures: Vec<_> = grid
        .measured_rows()
        .filter_map(|row| Some((row, picture(grid, row)?)))
        .map(|(row, picture)| Drawing {
            name: words::slug(&format!("values-{}-{}", row.task, row.dataset)),
            title: format!("Value estimates on {}", row.name()),
            caption: String::new(),
            plot: picture.draw(),
        })
        .collect();
    if pictures.is_empty() {
        let why = "Left out: no run of WGCSL, HER or DDPG has recorded the values of its critic.";
        return Section::left_out(ANCHOR, TITLE, why);
    }
    let text = format!(
        "Mean of the critic's values over the batches of training (solid), beside the discounted return \
         that the policy really earns (dashed); means over seeds. Critics are not limited in time: a \
         policy that stays on the goal forever is worth 1 / (1 − {DISCOUNT}) = {:.0}, of which an episode's \
         {N_COUNTED} counted steps earn at most {:.2}; both are dashed gray lines. Batches are sampled \
         from the data, with relabeled goals (DDPG: original ones); evaluations start anew. Estimates \
         outside {} to {} are drawn at that edge.",
        forever(),
        within_episode(),
        words::signed(SHOWN.0, 0),
        words::signed(SHOWN.1, 0),
    );
    let parts = [Part::Text(text)].into_iter().chain(drawn(pictures)).collect();
    Section { anchor: ANCHOR, title: TITLE, parts }
}

/// `Σ_{t=0}^∞ γ^t = 1 / (1 − γ)`.
fn forever() -> f64 {
    1.0 / (1.0 - DISCOUNT)
}

/// `Σ_{t=0}^{48} γ^t = (1 − γ^49) / (1 − γ)`.
fn within_episode() -> f64 {
    (1.0 - DISCOUNT.powi(N_COUNTED)) / (1.0 - DISCOUNT)
}

fn picture(grid: &Grid<'_>, row: &DataRow) -> Option<ValueEstimates> {
    let methods: Vec<ValueCurves> = CRITICS
        .iter()
        .map(|key| {
            // A critic that is not a number anymore has no place in the picture.
            let shown = |q: f64| (!q.is_nan()).then(|| q.clamp(SHOWN.0, SHOWN.1));
            let estimated = |runs: &Runs<'_>| runs.curve(|sample| sample.mean_q.and_then(shown));
            let earned = |runs: &Runs<'_>| runs.curve(|sample| Some(sample.discounted_return));
            let runs = grid.runs(row, key);
            let estimated = runs.map(estimated).unwrap_or_default();
            let has_critic = !estimated.is_empty();
            ValueCurves {
                label: grid.method(key).map_or_else(String::new, |method| method.name.clone()),
                estimated,
                earned: runs.filter(|_| has_critic).map(earned).unwrap_or_default(),
            }
        })
        .collect();
    let has_critic = methods.iter().any(|method| !method.estimated.is_empty());
    let reference = |label: &str, y| Reference { label: label.to_owned(), y };
    has_critic.then(|| ValueEstimates {
        title: row.name(),
        x_label: "update".to_owned(),
        y_label: "discounted return".to_owned(),
        methods,
        references: vec![
            reference("50, forever", forever()),
            reference("31.42, 49 steps", within_episode()),
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_at_50_and_31_42() {
        assert!((forever() - 50.0).abs() < 1e-9);
        // Summed one by one.
        let sum: f64 = (0..49).map(|t| 0.98_f64.powi(t)).sum();
        assert!((within_episode() - sum).abs() < 1e-9);
        assert!((sum - 31.42).abs() < 0.005);
    }
}
