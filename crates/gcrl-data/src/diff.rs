//! What differs between two data sets.

use crate::columns::{Column, columns};
use crate::dataset::Dataset;
use crate::record_diff::{EntryDifference, differences};
use std::fmt;

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
    use crate::columns::tests::random_episodes;
    use crate::store::tests::written;

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
}
