//! Our columns, stacked, in one archive of arrays: what `numpy.load` opens.
//!
//! | array of `episodes.npz` | shape | is |
//! |---|---|---|
//! | `observation` | `[n_episodes, n_transitions + 1, observation_dim]` | before action `t` at `t`, after it at `t + 1` |
//! | `achieved_goal` | `[n_episodes, n_transitions + 1, goal_dim]` | the same of the goal |
//! | `desired_goal` | `[n_episodes, goal_dim]` | what the episode asks for |
//! | `action` | `[n_episodes, n_transitions, action_dim]` | in [-1, 1] |
//! | `reward` | `[n_episodes, n_transitions]` | 1 where the goal is reached after the action, else 0 |
//! | `gcrl_manifest` | bytes | our manifest as JSON |
//!
//! All but the last are float32. Recordings for `gcrl parity` have the same names.

use super::error::{ExportError, ImportError};
use super::gather::{Imported, Names, Target};
use super::recognize::archive_file;
use super::source::Source;
use super::stacked::{self, Columns, MANIFEST};
use crate::archive::ArchiveWriter;
use std::io;
use std::path::Path;

const NAMES: Names = Names {
    observation: "observation",
    achieved_goal: "achieved_goal",
    desired_goal: "desired_goal",
    action: "action",
};

/// Writes `episodes.npz` into `folder`.
pub(super) fn write(
    source: Source<'_>,
    folder: &Path,
    on_episodes: &dyn Fn(u64),
) -> Result<(), ExportError> {
    stacked::write_file(&folder.join("episodes.npz"), |archive| write_arrays(source, archive))?;
    on_episodes(source.view.n_episodes as u64);
    Ok(())
}

fn write_arrays<W: io::Write + io::Seek>(
    source: Source<'_>,
    archive: &mut ArchiveWriter<W>,
) -> io::Result<()> {
    let (view, shape) = (source.view, source.view.shape);
    let (n, n_states) = (view.n_episodes, shape.n_states());
    let observation = [n, n_states, shape.observation_dim];
    archive.array("observation", &observation, view.observation.iter().copied())?;
    let achieved_goal = [n, n_states, shape.goal_dim];
    archive.array("achieved_goal", &achieved_goal, view.achieved_goal.iter().copied())?;
    let desired_goal = [n, shape.goal_dim];
    archive.array("desired_goal", &desired_goal, view.desired_goal.iter().copied())?;
    let action = [n, shape.n_transitions, shape.action_dim];
    archive.array("action", &action, view.action.iter().copied())?;
    let rewards = (0..n).flat_map(|episode| source.rewards(episode));
    archive.array("reward", &[n, shape.n_transitions], rewards)?;
    archive.text(MANIFEST, &source.notes())
}

/// Reads the archive `path`, or the one in the folder `path`.
pub(super) fn read(path: &Path, target: Target<'_>) -> Result<Imported, ImportError> {
    let path = &archive_file(path)?;
    let mut archive = stacked::open(path)?;
    let reward = stacked::optional(&mut archive, "reward", path)?;
    let columns = Columns { reward, ..Columns::read(&mut archive, NAMES, path)? };
    let notes = stacked::notes(&mut archive, path)?;
    columns.gather(target, NAMES, notes.as_deref(), path)
}
