//! Whether a data set still is what its manifest says.

use crate::dataset::Dataset;
use crate::manifest::Manifest;
use crate::record_diff::{EntryDifference, differences};
use crate::statistics::{describe_columns, describe_outcome};
use std::fmt;

/// Something wrong with a data set.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// A hash or a statistic is not that of the numbers: left is the manifest's, right is found.
    Entry(EntryDifference),
    /// An action lies outside [-1, 1].
    Action {
        /// The episode.
        episode: usize,
        /// The transition.
        t: usize,
        /// Which number of the action.
        component: usize,
        /// The number.
        found: f32,
    },
}

impl Dataset {
    /// Computes hashes and statistics again, and looks for actions outside [-1, 1] (the first is
    /// reported). Empty if all is well. That numbers are finite, [`Dataset::open`] has checked.
    pub fn verify(&self) -> Vec<Problem> {
        let (view, recorded) = (self.view(), self.manifest());
        let task = &recorded.task;
        let found = Manifest {
            outcome: describe_outcome(view, task.reward.into(), task.success.into()),
            columns: describe_columns(view),
            ..recorded.clone()
        };
        let entries = differences(recorded, &found).into_iter().map(Problem::Entry);
        let (action_dim, n_transitions) = (view.shape.action_dim, view.shape.n_transitions);
        let outside = view.action.iter().position(|action| 1.0 < action.abs());
        let action = outside.map(|index| Problem::Action {
            episode: index / action_dim / n_transitions,
            t: index / action_dim % n_transitions,
            component: index % action_dim,
            found: view.action[index],
        });
        entries.chain(action).collect()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(EntryDifference { entry, left, right }) => {
                let side = |value: &Option<String>| value.clone().unwrap_or("missing".to_owned());
                let (left, right) = (side(left), side(right));
                write!(f, "`{entry}` is {right} in the data, but {left} in the manifest")
            }
            Self::Action { episode, t, component, found } => write!(
                f,
                "component {component} of action {t} in episode {episode} is {found}, \
                 outside [-1, 1]"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::tests::random_episodes;
    use crate::store::EPISODES;
    use crate::store::tests::written;

    fn problems(path: &std::path::Path) -> Vec<String> {
        Dataset::open(path).unwrap().verify().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_was_written_is_in_order() {
        let (_folder, path) = written(&random_episodes(20));
        assert_eq!(problems(&path), [""; 0]);
    }

    #[test]
    fn a_flipped_bit_shows_in_the_hash_of_its_column() {
        let (_folder, path) = written(&random_episodes(20));
        let file = path.join(EPISODES);
        let mut bytes = std::fs::read(&file).unwrap();
        // The lowest bit of the first number of the last goal.
        let index = bytes.len() - 8;
        bytes[index] ^= 1;
        std::fs::write(&file, bytes).unwrap();
        let problems = problems(&path);
        assert!(problems[0].starts_with("`columns.desired_goal.blake3` is \""), "{problems:?}");
        assert!(problems.iter().all(|problem| problem.starts_with("`columns.desired_goal.")));
    }

    #[test]
    fn an_action_that_no_environment_takes_is_found() {
        let mut episodes = random_episodes(3);
        // Episodes have 4 actions of 2 numbers.
        episodes.action[8 + 2 * 3 + 1] = -1.5;
        let (_folder, path) = written(&episodes);
        assert_eq!(
            problems(&path),
            ["component 1 of action 3 in episode 1 is -1.5, outside [-1, 1]"]
        );
    }
}
