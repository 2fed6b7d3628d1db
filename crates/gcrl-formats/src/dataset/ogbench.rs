//! `OGBench`'s archive: the states of all episodes one after another, each episode's last one flagged.
//!
//! | array of `NAME.npz` and `NAME-val.npz` | shape | is |
//! |---|---|---|
//! | `observations` | `[n, observation_dim]` | the states; `n = n_episodes · (n_transitions + 1)` |
//! | `actions` | `[n, action_dim]` | the action in each state; zero in an episode's last one, as nothing follows |
//! | `terminals` | `[n]` | 1 in an episode's last state, else 0 |
//! | `achieved_goals` | `[n, goal_dim]` | ours: the goal achieved in each state |
//! | `goals` | `[n, goal_dim]` | ours: the goal that the episode asks for, repeated |
//! | `gcrl_manifest` | bytes | ours: the manifest as JSON |
//!
//! `OGBench`'s loader ignores arrays of other names; its data ask for no goals, and its rewards are computed
//! while sampling. It wants a second file of episodes for validation: every 20th is in there, too.
//!
//! Source: `ogbench.utils.load_dataset`, version 1.2.

use super::error::{ExportError, ImportError};
use super::gather::{Found, Gatherer, Imported, Names, Target};
use super::recognize::archive_file;
use super::source::Source;
use super::stacked::{self, MANIFEST};
use crate::archive::{ArchiveWriter, Array};
use gcrl_core::EpisodeShape;
use std::io;
use std::ops::Range;
use std::path::Path;

const NAMES: Names = Names {
    observation: "observations",
    achieved_goal: "achieved_goals",
    desired_goal: "goals",
    action: "actions",
};

/// Of so many episodes, one is also in the file for validation.
const VALIDATION_STRIDE: usize = 20;

/// Writes `NAME.npz` and `NAME-val.npz` into `folder`.
pub(super) fn write(
    source: Source<'_>,
    name: &str,
    folder: &Path,
    on_episodes: &dyn Fn(u64),
) -> Result<(), ExportError> {
    let n_episodes = source.view.n_episodes;
    stacked::write_file(&folder.join(format!("{name}.npz")), |archive| {
        write_arrays(source, 1, archive)?;
        archive.text(MANIFEST, &source.notes())
    })?;
    stacked::write_file(&folder.join(format!("{name}-val.npz")), |archive| {
        write_arrays(source, VALIDATION_STRIDE, archive)
    })?;
    on_episodes(n_episodes as u64);
    Ok(())
}

/// Adds every `stride`-th episode.
fn write_arrays<W: io::Write + io::Seek>(
    source: Source<'_>,
    stride: usize,
    archive: &mut ArchiveWriter<W>,
) -> io::Result<()> {
    let view = source.view;
    let EpisodeShape { observation_dim, goal_dim, action_dim, n_transitions } = view.shape;
    let n_states = n_transitions + 1;
    let episodes = || (0..view.n_episodes).step_by(stride);
    let n = episodes().len() * n_states;
    let states = || episodes().flat_map(|episode| (0..n_states).map(move |t| (episode, t)));
    let observations = states().flat_map(|(episode, t)| view.observation(episode, t));
    archive.array("observations", &[n, observation_dim], observations.copied())?;
    let last_action = vec![0.0; action_dim];
    let actions =
        states().flat_map(
            |(episode, t)| {
                if t < n_transitions { view.action(episode, t) } else { &last_action }
            },
        );
    archive.array("actions", &[n, action_dim], actions.copied())?;
    let terminals = states().map(|(_, t)| f32::from(u8::from(t == n_transitions)));
    archive.array("terminals", &[n], terminals)?;
    let achieved_goals = states().flat_map(|(episode, t)| view.achieved_goal(episode, t));
    archive.array("achieved_goals", &[n, goal_dim], achieved_goals.copied())?;
    let goals = states().flat_map(|(episode, _)| view.desired_goal(episode));
    archive.array("goals", &[n, goal_dim], goals.copied())
}

/// Reads the archive `path`, or the one in the folder `path` that is not for validation.
pub(super) fn read(path: &Path, target: Target<'_>) -> Result<Imported, ImportError> {
    let path = &archive_file(path)?;
    let mut archive = stacked::open(path)?;
    let observations = stacked::needed(&mut archive, NAMES.observation, path)?;
    let actions = stacked::needed(&mut archive, NAMES.action, path)?;
    let terminals = stacked::needed(&mut archive, "terminals", path)?;
    let achieved_goals = stacked::optional(&mut archive, NAMES.achieved_goal, path)?;
    let goals = stacked::optional(&mut archive, NAMES.desired_goal, path)?;
    let (n, shape) = (terminals.numbers.len(), target.spec.episode_shape());
    for (array, name, expected) in [
        (Some(&terminals), "terminals", vec![n]),
        (Some(&observations), NAMES.observation, vec![n, shape.observation_dim]),
        (Some(&actions), NAMES.action, vec![n, shape.action_dim]),
        (achieved_goals.as_ref(), NAMES.achieved_goal, vec![n, shape.goal_dim]),
        (goals.as_ref(), NAMES.desired_goal, vec![n, shape.goal_dim]),
    ] {
        array.map_or(Ok(()), |array| stacked::check_shape(array, name, &[&expected], path))?;
    }
    let mut gatherer = Gatherer::new(target, NAMES, path);
    let mut first = 0;
    for (last, _) in terminals.numbers.iter().enumerate().filter(|(_, flag)| **flag != 0.0) {
        let states = first..last + 1;
        gatherer.push(Found {
            observation: rows(&observations, states.clone()),
            achieved_goal: achieved_goals.as_ref().map(|goals| rows(goals, states.clone())),
            desired_goal: goals.as_ref().map(|goals| rows(goals, states)),
            action: rows(&actions, first..last),
            reward: None,
        })?;
        first = last + 1;
    }
    if first < n {
        return Err(ImportError::Unfinished { path: path.clone() });
    }
    let notes = stacked::notes(&mut archive, path)?;
    gatherer.finish(notes.as_deref())
}

fn rows(array: &Array, rows: Range<usize>) -> &[f32] {
    let dim = array.shape[1];
    &array.numbers[rows.start * dim..rows.end * dim]
}
