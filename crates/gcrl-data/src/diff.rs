//! What differs between two data sets, and between two records of any kind.

use crate::columns::{Column, columns};
use crate::dataset::Dataset;
use serde::Serialize;
use std::fmt;
use toml::Value;

/// An entry of a manifest that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryDifference {
    /// Where it stands, such as `task.reward.within`.
    pub entry: String,
    /// Its value on the left, as in the file; `None` where it is missing.
    pub left: Option<String>,
    /// Its value on the right.
    pub right: Option<String>,
}

/// How a column differs.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnDifference {
    /// The shapes differ, so the numbers were not compared.
    Shape {
        /// The column.
        column: &'static str,
        /// Its shape on the left.
        left: Vec<usize>,
        /// Its shape on the right.
        right: Vec<usize>,
    },
    /// Numbers differ in their bits.
    Values {
        /// The column.
        column: &'static str,
        /// The first episode that differs.
        first_episode: usize,
        /// Episodes that differ.
        n_episodes: usize,
        /// Largest absolute difference, in units of the column.
        largest: f32,
    },
}

/// What differs between two data sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Entries of their manifests.
    pub manifest: Vec<EntryDifference>,
    /// Their columns.
    pub columns: Vec<ColumnDifference>,
}

/// Compares two data sets, bit by bit.
pub fn diff(left: &Dataset, right: &Dataset) -> Difference {
    let pairs = columns(left.view()).into_iter().zip(columns(right.view()));
    Difference {
        manifest: differences(left.manifest(), right.manifest()),
        columns: pairs.filter_map(|(left, right)| column_difference(left, right)).collect(),
    }
}

impl Difference {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.manifest.is_empty() && self.columns.is_empty()
    }
}

/// Compares the entries of two records of one type, in the order of their names.
pub(crate) fn differences<T: Serialize>(left: &T, right: &T) -> Vec<EntryDifference> {
    let value = |record| Value::try_from(record).expect("records are TOML tables");
    let mut found = Vec::new();
    compare("", Some(&value(left)), Some(&value(right)), &mut found);
    found
}

fn compare(
    entry: &str,
    left: Option<&Value>,
    right: Option<&Value>,
    found: &mut Vec<EntryDifference>,
) {
    match (left, right) {
        (Some(Value::Table(left)), Some(Value::Table(right))) => {
            let added = right.keys().filter(|key| !left.contains_key(*key));
            for key in left.keys().chain(added) {
                let entry = if entry.is_empty() { key.clone() } else { format!("{entry}.{key}") };
                compare(&entry, left.get(key), right.get(key), found);
            }
        }
        (Some(Value::Array(left)), Some(Value::Array(right))) => {
            for i in 0..left.len().max(right.len()) {
                compare(&format!("{entry}[{i}]"), left.get(i), right.get(i), found);
            }
        }
        _ if left == right => {}
        _ => found.push(EntryDifference {
            entry: entry.to_owned(),
            left: left.map(ToString::to_string),
            right: right.map(ToString::to_string),
        }),
    }
}

fn column_difference(left: Column<'_>, right: Column<'_>) -> Option<ColumnDifference> {
    let column = left.layout.name;
    let shape = |of: Column<'_>| of.layout.shape(of.values.len() / of.layout.episode_len());
    if shape(left) != shape(right) {
        return Some(ColumnDifference::Shape { column, left: shape(left), right: shape(right) });
    }
    let episode_len = left.layout.episode_len();
    let right_episodes = right.values.chunks_exact(episode_len);
    let pairs = left.values.chunks_exact(episode_len).zip(right_episodes).enumerate();
    let bytes = bytemuck::cast_slice::<f32, u8>;
    let mut differing = pairs.filter(|(_, (left, right))| bytes(left) != bytes(right)).peekable();
    let first_episode = differing.peek()?.0;
    let (mut n_episodes, mut largest) = (0, 0.0_f32);
    for (_, (left, right)) in differing {
        n_episodes += 1;
        largest =
            left.iter().zip(right).fold(largest, |largest, (l, r)| largest.max((l - r).abs()));
    }
    Some(ColumnDifference::Values { column, first_episode, n_episodes, largest })
}

impl fmt::Display for EntryDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |value: &Option<String>| value.clone().unwrap_or("missing".to_owned());
        write!(f, "`{}` is {}, not {}", self.entry, side(&self.left), side(&self.right))
    }
}

impl fmt::Display for ColumnDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape { column, left, right } => {
                write!(f, "column `{column}` has shape {left:?}, not {right:?}")
            }
            Self::Values { column, first_episode, n_episodes, largest } => write!(
                f,
                "column `{column}` differs in {n_episodes} episodes, first in {first_episode}, \
                 by at most {largest}"
            ),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for entry in &self.manifest {
            writeln!(f, "{entry}")?;
        }
        self.columns.iter().try_for_each(|column| writeln!(f, "{column}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::tests::{SPEC, random_episodes};
    use crate::manifest::TaskRecord;
    use crate::store::tests::written;
    use gcrl_core::{SuccessRule, TaskSpec};

    #[test]
    fn a_data_set_does_not_differ_from_itself() {
        let (_folder, path) = written(&random_episodes(4));
        let (left, right) = (Dataset::open(&path).unwrap(), Dataset::open(&path).unwrap());
        assert!(diff(&left, &right).is_empty());
    }

    #[test]
    fn differing_numbers_are_counted_and_measured() {
        let mut episodes = random_episodes(9);
        let (_left, left) = written(&episodes);
        // Episodes have 4 actions of 2 numbers.
        episodes.action[2 * 8 + 3] = 0.25;
        episodes.action[7 * 8] += 0.001;
        episodes.action[7 * 8 + 1] = -0.0;
        let (_before, before) = written(&episodes);
        episodes.action[2 * 8 + 3] = -0.5;
        episodes.action[7 * 8 + 1] = 0.0;
        let (_after, after) = written(&episodes);
        let open = |path| Dataset::open(path).unwrap();
        assert!(!diff(&open(&left), &open(&before)).is_empty());
        let difference = diff(&open(&before), &open(&after));
        let expected = ColumnDifference::Values {
            column: "action",
            first_episode: 2,
            n_episodes: 2,
            largest: 0.75,
        };
        assert_eq!(difference.columns, [expected]);
        assert!(difference.manifest.iter().all(|entry| entry.entry.starts_with("columns.action.")));
        assert!(
            difference
                .to_string()
                .ends_with("column `action` differs in 2 episodes, first in 2, by at most 0.75\n")
        );
    }

    #[test]
    fn data_sets_of_different_lengths_differ_in_shape() {
        let (_left, left) = written(&random_episodes(2));
        let (_right, right) = written(&random_episodes(3));
        let difference = diff(&Dataset::open(&left).unwrap(), &Dataset::open(&right).unwrap());
        assert_eq!(
            difference.columns[3].to_string(),
            "column `desired_goal` has shape [2, 2], not [3, 2]"
        );
        let entries: Vec<_> = difference.manifest.iter().map(ToString::to_string).collect();
        assert!(entries.contains(&"`n_episodes` is 2, not 3".to_owned()), "{entries:?}");
    }

    #[test]
    fn entries_are_compared_wherever_they_stand() {
        let other = TaskSpec {
            reward: SuccessRule::Inside(1.0),
            observation: &SPEC.observation[..1],
            horizon: 6,
            n_transitions: 5,
            ..SPEC
        };
        let found = differences(&TaskRecord::from(&SPEC), &TaskRecord::from(&other));
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "`horizon` is 5, not 6",
                "`n_transitions` is 4, not 5",
                "`observation[1]` is { len = 1, name = \"speed\", unit = \"m/s\" }, not missing",
                "`reward.within` is 1.0, not missing",
                "`reward.inside` is missing, not 1.0",
            ]
        );
    }
}
