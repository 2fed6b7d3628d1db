//! The buffers of WGCSL's authors, as an archive of arrays.
//!
//! | array | shape | is |
//! |---|---|---|
//! | `o` | `[n_episodes, n_transitions + 1, observation_dim]` | observations |
//! | `ag` | `[n_episodes, n_transitions + 1, goal_dim]` | achieved goals |
//! | `u` | `[n_episodes, n_transitions, action_dim]` | actions |
//! | `g` | `[n_episodes, n_transitions, goal_dim]` | desired goals, constant within an episode |
//!
//! They publish a pickled dictionary of these, `buffer.pkl`, in float64. A pickle is a program that Python
//! runs; `numpy.savez("buffer.npz", **pickle.load(open("buffer.pkl", "rb")))` makes the archive.
//!
//! Source: Yang et al., "Rethinking Goal-Conditioned Supervised Learning and Its Connection to Offline RL",
//! 2022, as in the authors' published data.

use super::error::ImportError;
use super::gather::{Imported, Names, Target};
use super::recognize::archive_file;
use super::stacked::{self, Columns};
use std::path::Path;

const NAMES: Names =
    Names { observation: "o", achieved_goal: "ag", desired_goal: "g", action: "u" };

/// Reads the archive `path`, or the one in the folder `path`.
pub(super) fn read(path: &Path, target: Target<'_>) -> Result<Imported, ImportError> {
    let path = &archive_file(path)?;
    let mut archive = stacked::open(path)?;
    let columns = Columns::read(&mut archive, NAMES, path)?;
    columns.gather(target, NAMES, None, path)
}
