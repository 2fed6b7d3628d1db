//! What formats share that are one archive of arrays: opening it, and columns stacked by episodes.

use super::error::{ExportError, ImportError};
use super::gather::{Found, Gatherer, Imported, Names, Target};
use crate::archive::{Archive, ArchiveWriter, Array, ArrayError, MAX_LEN};
use gcrl_file::WriteError;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Error, ErrorKind, Write};
use std::path::Path;

/// An archive on disk.
pub(super) type FileArchive = Archive<BufReader<File>>;

/// Array of bytes that holds our manifest as JSON.
pub(super) const MANIFEST: &str = "gcrl_manifest";

/// Writes an archive at `path`, whole or not at all.
pub(super) fn write_file(
    path: &Path,
    fill: impl FnOnce(&mut ArchiveWriter<BufWriter<File>>) -> io::Result<()>,
) -> Result<(), ExportError> {
    let refused = |source| WriteError::Refused { act: "write", path: path.to_owned(), source };
    gcrl_file::write_by_name(path, |temporary| {
        let file = File::options().write(true).open(temporary).map_err(refused)?;
        let mut archive = ArchiveWriter::new(BufWriter::new(file));
        fill(&mut archive).and_then(|()| archive.finish()?.flush()).map_err(refused)?;
        Ok(())
    })
}

/// Opens the archive `path`.
pub(super) fn open(path: &Path) -> Result<FileArchive, ImportError> {
    let refused = |source| ImportError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(refused)?;
    if !file.metadata().map_err(refused)?.is_file() {
        return Err(refused(Error::new(ErrorKind::InvalidInput, "it is not a file")));
    }
    Archive::open(BufReader::new(file)).map_err(refused)
}

/// The names of its arrays, at most 8, for messages.
pub(super) fn names(archive: &FileArchive) -> String {
    archive.names().take(8).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The array `name`; nothing where there is none.
pub(super) fn optional(
    archive: &mut FileArchive,
    name: &str,
    path: &Path,
) -> Result<Option<Array>, ImportError> {
    let (array, path) = (name.to_owned(), path.to_owned());
    archive.array(name).map_err(|error| match error {
        ArrayError::Read(source) => ImportError::Read { path, source },
        ArrayError::Type { found } => ImportError::Type { array, found, path },
        ArrayError::TooLong { found } => {
            let expected = format!("at most {MAX_LEN} numbers");
            ImportError::Shape { array, episode: None, found, expected, path }
        }
    })
}

/// The array `name`, which must be there.
pub(super) fn needed(
    archive: &mut FileArchive,
    name: &str,
    path: &Path,
) -> Result<Array, ImportError> {
    let missing =
        || ImportError::Missing { array: name.to_owned(), episode: None, path: path.to_owned() };
    optional(archive, name, path)?.ok_or_else(missing)
}

/// Our manifest, where the archive has it.
pub(super) fn notes(archive: &mut FileArchive, path: &Path) -> Result<Option<String>, ImportError> {
    let refused = |source| ImportError::Read { path: path.to_owned(), source };
    archive.text(MANIFEST).map_err(refused)
}

/// Checks that an array has one of some shapes.
pub(super) fn check_shape(
    array: &Array,
    name: &str,
    expected: &[&[usize]],
    path: &Path,
) -> Result<(), ImportError> {
    if expected.contains(&&array.shape[..]) {
        return Ok(());
    }
    let expected = expected.iter().map(|shape| format!("{shape:?}")).collect::<Vec<_>>();
    Err(ImportError::Shape {
        array: name.to_owned(),
        episode: None,
        found: array.shape.clone(),
        expected: expected.join(" or "),
        path: path.to_owned(),
    })
}

/// Columns of episodes of one length.
pub(super) struct Columns {
    /// `[n_episodes, n_transitions + 1, observation_dim]`
    pub(super) observation: Array,
    /// `[n_episodes, n_transitions + 1, goal_dim]`
    pub(super) achieved_goal: Option<Array>,
    /// `[n_episodes, goal_dim]`, or with rows for each transition or state.
    pub(super) desired_goal: Option<Array>,
    /// `[n_episodes, n_transitions, action_dim]`
    pub(super) action: Array,
    /// `[n_episodes, n_transitions]`
    pub(super) reward: Option<Array>,
}

impl Columns {
    /// Reads those that have names, of which goals may be absent; rewards are none.
    pub(super) fn read(
        archive: &mut FileArchive,
        names: Names,
        path: &Path,
    ) -> Result<Self, ImportError> {
        Ok(Self {
            observation: needed(archive, names.observation, path)?,
            achieved_goal: optional(archive, names.achieved_goal, path)?,
            desired_goal: optional(archive, names.desired_goal, path)?,
            action: needed(archive, names.action, path)?,
            reward: None,
        })
    }

    /// Checks all shapes and puts the episodes together.
    pub(super) fn gather(
        &self,
        target: Target<'_>,
        names: Names,
        notes: Option<&str>,
        path: &Path,
    ) -> Result<Imported, ImportError> {
        let spec = target.spec;
        let (action_dim, goal_dim) = (spec.action_dim(), spec.goal_dim());
        let (n_episodes, n_transitions) = match self.action.shape[..] {
            [n_episodes, n_transitions, dim] if dim == action_dim => (n_episodes, n_transitions),
            _ => {
                return Err(ImportError::Shape {
                    array: names.action.to_owned(),
                    episode: None,
                    found: self.action.shape.clone(),
                    expected: format!("[episodes, {}, {action_dim}]", spec.n_transitions),
                    path: path.to_owned(),
                });
            }
        };
        if 0 < n_episodes && n_transitions != spec.n_transitions {
            let (found, expected) = (n_transitions, spec.n_transitions);
            return Err(ImportError::Length { episode: 0, found, expected, path: path.to_owned() });
        }
        let n_states = spec.n_transitions + 1;
        let check =
            |array: &Array, name, shapes: &[&[usize]]| check_shape(array, name, shapes, path);
        let states = |dim| [n_episodes, n_states, dim];
        check(&self.observation, names.observation, &[&states(spec.observation_dim())])?;
        if let Some(achieved_goal) = &self.achieved_goal {
            check(achieved_goal, names.achieved_goal, &[&states(goal_dim)])?;
        }
        let goals = [n_episodes, goal_dim];
        let goals_each = [n_episodes, n_transitions, goal_dim];
        let desired = &[&goals[..], &goals_each, &states(goal_dim)];
        if let Some(desired_goal) = &self.desired_goal {
            check(desired_goal, names.desired_goal, desired)?;
        }
        if let Some(reward) = &self.reward {
            check(reward, "reward", &[&[n_episodes, n_transitions]])?;
        }
        let mut gatherer = Gatherer::new(target, names, path);
        for episode in 0..n_episodes {
            gatherer.push(Found {
                observation: rows(&self.observation, episode),
                achieved_goal: self.achieved_goal.as_ref().map(|goals| rows(goals, episode)),
                desired_goal: self.desired_goal.as_ref().map(|goals| rows(goals, episode)),
                action: rows(&self.action, episode),
                reward: self.reward.as_ref().map(|reward| rows(reward, episode)),
            })?;
        }
        gatherer.finish(notes)
    }
}

/// The numbers of an episode.
fn rows(array: &Array, episode: usize) -> &[f32] {
    let len: usize = array.shape[1..].iter().product();
    &array.numbers[episode * len..][..len]
}
