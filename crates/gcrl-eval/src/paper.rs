//! The paper's published numbers, for reports to stand beside: `papers/wgcsl-2022.toml`.
//!
//! A return is the count of successful steps among the 49 counted ones, as in `evaluate`; `±` is taken
//! for one standard deviation over training seeds. Policies are scored on the goal achieved after each
//! step, data sets on the one before it, so that one behavior returns up to 1 more as a policy.
//!
//! Source: Yang et al., "Rethinking Goal-Conditioned Supervised Learning and Its Connection to Offline
//! RL", 2022, table of average returns.

use crate::stats::MeanStd;
use gcrl_core::spec;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::sync::LazyLock;

/// The numbers by task and kind of data.
type Numbers = BTreeMap<String, BTreeMap<DatasetKind, DatasetNumbers>>;

static NUMBERS: LazyLock<Numbers> = LazyLock::new(|| {
    let text = include_str!("../papers/wgcsl-2022.toml");
    toml::from_str(text).expect("the file is part of the program, and a test reads it")
});

/// The paper's tasks by id, in the order of its tables.
pub const TASKS: [&str; 10] = [
    "PointReach",
    "PointRooms",
    "Reacher",
    "SawyerReach",
    "SawyerDoor",
    "FetchReach",
    "FetchPush",
    "FetchSlide",
    "FetchPickAndPlace",
    "HandReach",
];

/// The paper's methods, in the order of its table's columns.
pub const METHODS: [&str; 7] = ["WGCSL", "GCSL", "g-MARWIL", "g-BC", "g-BCQ", "g-CQL", "HER"];

/// Tasks on whose random data the paper's authors recommend to leave DRW, the weight of
/// discounted relabeling, out of WGCSL.
pub const RANDOM_WITHOUT_DRW: [&str; 4] =
    ["FetchPush", "FetchSlide", "FetchPickAndPlace", "HandReach"];

/// Who collected a data set of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatasetKind {
    /// Uniformly random actions.
    Random,
    /// An expert policy with exploration noise.
    Expert,
}

impl DatasetKind {
    /// The kind of a data set by its name without the task, such as `random-v1`; `None` of a data set that is
    /// not the paper's.
    pub fn of(dataset: &str) -> Option<Self> {
        let kind = kind_name(dataset);
        [Self::Expert, Self::Random].into_iter().find(|known| known.to_string() == kind)
    }
}

/// What precedes the version in the name of a data set without its task: `random` of `random-v1`.
pub fn kind_name(dataset: &str) -> &str {
    dataset.split_once("-v").map_or(dataset, |(kind, _version)| kind)
}

/// What the paper says of one data set.
#[derive(Debug, Deserialize)]
struct DatasetNumbers {
    /// Mean return of its episodes.
    data: f64,
    /// Return of policies trained on it, by the paper's name of the method.
    #[serde(flatten)]
    methods: BTreeMap<String, MeanStd>,
}

impl Display for DatasetKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Random => "random",
            Self::Expert => "expert",
        })
    }
}

/// The average return of `method` (its name in the paper) trained on a data set of `task` (its id, or a
/// variant's).
pub fn result(task: &str, dataset: DatasetKind, method: &str) -> Option<MeanStd> {
    NUMBERS.get(spec::base_id(task))?.get(&dataset)?.methods.get(method).copied()
}

/// The average return of a data set of `task` (its id, or a variant's).
pub fn dataset_return(task: &str, dataset: DatasetKind) -> Option<f64> {
    Some(NUMBERS.get(spec::base_id(task))?.get(&dataset)?.data)
}

#[cfg(test)]
mod tests {
    use super::DatasetKind::{Expert, Random};
    use super::*;

    #[test]
    fn a_result_is_found_by_task_data_set_and_method() {
        let found = |kind, method| {
            result("PointReach", kind, method).map(|MeanStd { mean, std }| (mean, std.unwrap()))
        };
        assert_eq!(found(Expert, "WGCSL"), Some((44.40, 0.14)));
        assert_eq!(found(Random, "HER"), Some((45.17, 0.13)));
        assert_eq!(found(Expert, "g-BCQ"), Some((40.42, 0.57)));
        assert_eq!(found(Random, "DDPG"), None);
        assert_eq!(result("AntMaze", Expert, "WGCSL"), None);
        assert_eq!(result("Reacher@rapier", Random, "HER"), result("Reacher", Random, "HER"));
        assert_eq!(dataset_return("HandReach", Expert), Some(0.50));
        assert_eq!(dataset_return("AntMaze", Expert), None);
    }

    #[test]
    fn the_kind_of_a_data_set_is_in_its_name() {
        let kinds = ["expert-v1", "random-v0", "random", "random-small-v0", "mine"];
        let expected = [Some(Expert), Some(Random), Some(Random), None, None];
        assert_eq!(kinds.map(DatasetKind::of), expected);
    }

    #[test]
    fn its_tasks_have_both_data_sets_and_the_same_methods() {
        assert_eq!(NUMBERS.len(), TASKS.len());
        assert!(TASKS.iter().chain(&RANDOM_WITHOUT_DRW).all(|task| NUMBERS.contains_key(*task)));
        for (task, kinds) in &*NUMBERS {
            assert_eq!(kinds.keys().collect::<Vec<_>>(), [&Random, &Expert], "{task}");
            for (kind, numbers) in kinds {
                let methods: Vec<_> = numbers.methods.keys().collect();
                let mut expected = METHODS;
                expected.sort_unstable();
                assert_eq!(methods, expected.iter().collect::<Vec<_>>(), "{task} {kind}");
                for (method, MeanStd { mean, std }) in &numbers.methods {
                    assert!((0.0..=49.0).contains(mean), "{task} {kind} {method}");
                    assert!(Some(0.0) <= *std, "{task} {kind} {method}");
                }
            }
        }
    }

    #[test]
    fn wgcsl_returns_more_than_gcsl_everywhere() {
        // The paper's main claim; a swapped row or column would break it.
        for (task, kinds) in &*NUMBERS {
            for (kind, DatasetNumbers { methods, .. }) in kinds {
                assert!(methods["GCSL"].mean < methods["WGCSL"].mean, "{task} {kind}");
            }
        }
    }
}
