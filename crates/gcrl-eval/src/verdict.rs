//! Whether a measured return agrees with the paper's.

use crate::outcome::Method;
use crate::paper::{self, DatasetKind};
use crate::stats::MeanStd;
use gcrl_core::spec;
use serde::{Deserialize, Serialize};

/// Standard deviations of the paper around its mean, within which a measured mean agrees.
const N_STDS: f64 = 3.0;

/// The key of WGCSL without the weight of discounted relabeling (DRW).
pub const WGCSL_NO_DRW: &str = "wgcsl-no-drw";

/// Whether a measured mean agrees with the paper's `mean ± std`.
///
/// Below: `measured mean < paper mean − 3 paper std`. Above: `paper mean + 3 paper std < measured mean`.
/// Within: neither. The paper's deviation stands for that of single runs, so that the rule asks whether the
/// measured mean could be one of the paper's runs; where it is 0.00, every other mean is above or below.
/// The project counts the paper's table as reproduced if at least 18 of the 20 cells of WGCSL are not below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The measured mean is smaller than the paper's by more than 3 of its deviations.
    Below,
    /// The measured mean agrees with the paper's.
    Within,
    /// The measured mean is larger than the paper's by more than 3 of its deviations.
    Above,
}

/// A measured mean beside the paper's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgment {
    /// What the paper has.
    pub paper: MeanStd,
    /// Whether the two agree.
    pub verdict: Verdict,
    /// Measured mean minus the paper's, in steps on the goal.
    pub difference: f64,
    /// The same in deviations of the paper; `None` where that deviation is 0.
    pub difference_in_stds: Option<f64>,
}

impl Verdict {
    /// The verdict as a word: `below`, `within` or `above`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Below => "below",
            Self::Within => "within",
            Self::Above => "above",
        }
    }
}

impl Judgment {
    /// Compares a measured mean with the paper's `mean ± std`; a missing deviation counts as 0.
    pub fn of(measured: f64, paper: MeanStd) -> Self {
        let std = paper.std.unwrap_or(0.0);
        let verdict = if measured < paper.mean - N_STDS * std {
            Verdict::Below
        } else if paper.mean + N_STDS * std < measured {
            Verdict::Above
        } else {
            Verdict::Within
        };
        let difference = measured - paper.mean;
        let difference_in_stds = (0.0 < std).then(|| difference / std);
        Self { paper, verdict, difference, difference_in_stds }
    }
}

/// What the paper has for `method` on a data set: the number of the method that it is compared with.
///
/// WGCSL without DRW is compared with the paper's WGCSL where the paper's authors recommend to leave DRW
/// out, [`paper::RANDOM_WITHOUT_DRW`], and with nothing elsewhere.
pub fn paper_result(method: &Method, task: &str, dataset: &str) -> Option<MeanStd> {
    let kind = DatasetKind::of(dataset)?;
    if method.key == WGCSL_NO_DRW && !is_without_drw(task, kind) {
        return None;
    }
    paper::result(task, kind, method.paper_name.as_deref()?)
}

/// Whether the paper's authors recommend to leave DRW out on a data set.
pub fn is_without_drw(task: &str, kind: DatasetKind) -> bool {
    kind == DatasetKind::Random && paper::RANDOM_WITHOUT_DRW.contains(&spec::base_id(task))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::MethodGroup;

    #[test]
    fn three_deviations_are_within_and_more_is_not() {
        let verdict =
            |measured| Judgment::of(measured, MeanStd { mean: 40.0, std: Some(0.5) }).verdict;
        assert_eq!([38.49, 38.5, 40.0, 41.5, 41.51].map(verdict), {
            use Verdict::{Above, Below, Within};
            [Below, Within, Within, Within, Above]
        });
    }

    #[test]
    fn a_difference_is_given_in_returns_and_in_deviations() {
        let judgment = Judgment::of(38.0, MeanStd { mean: 40.0, std: Some(0.5) });
        assert_eq!((judgment.difference, judgment.difference_in_stds), (-2.0, Some(-4.0)));
        let judgment = Judgment::of(0.01, MeanStd { mean: 0.0, std: Some(0.0) });
        assert_eq!((judgment.verdict, judgment.difference_in_stds), (Verdict::Above, None));
    }

    #[test]
    fn wgcsl_without_drw_is_compared_on_four_random_sets_alone() {
        let method = Method {
            key: WGCSL_NO_DRW.to_owned(),
            name: "WGCSL, no DRW".to_owned(),
            paper_name: Some("WGCSL".to_owned()),
            group: MethodGroup::Beyond,
            variant_of: None,
        };
        let mean = |task, dataset| paper_result(&method, task, dataset).map(|paper| paper.mean);
        assert_eq!(mean("FetchPush", "random-v1"), Some(11.48));
        assert_eq!(mean("FetchPush", "expert-v1"), None);
        assert_eq!(mean("PointReach", "random-v1"), None);
        let compared = paper::TASKS.iter().filter(|task| mean(task, "random-v1").is_some());
        assert_eq!(compared.count(), 4);
    }
}
