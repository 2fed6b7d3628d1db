//! Episodes that are read, checked one by one and put together.

use super::error::ImportError;
use super::source::IMPORTED;
use gcrl_core::{EpisodeShape, Episodes, TaskSpec};
use gcrl_data::{BehaviorRecord, Manifest, Origin, TaskRecord, differences};
use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

/// A data set that was read from another format.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// Its episodes.
    pub episodes: Episodes,
    /// What the program that wrote it knew of it, if that was this program.
    pub manifest: Option<Manifest>,
    /// What its reader should know.
    pub notes: Vec<Note>,
}

/// Something about a data set that does not keep it from being used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// Its rewards are not those of the task, which count.
    Rewards {
        /// Steps whose reward is another.
        n_different: usize,
        /// All steps.
        n_steps: usize,
    },
    /// It has notes in the place of our manifest that are none.
    Manifest,
}

impl Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rewards { n_different, n_steps } => write!(
                formatter,
                "{n_different} of {n_steps} rewards in the file are not those of the task, which are used"
            ),
            Self::Manifest => formatter.write_str(
                "the file's notes are not a manifest of this version of the program; they are not used",
            ),
        }
    }
}

impl Imported {
    /// Where its episodes come from: as its manifest says, or from elsewhere.
    pub fn origin(&self) -> Origin {
        match &self.manifest {
            Some(manifest) => Origin { behavior: manifest.behavior.clone(), seed: manifest.seed },
            None => Origin {
                behavior: BehaviorRecord::Custom {
                    name: IMPORTED.to_owned(),
                    noise_std: 0.0,
                    random_action_probability: 0.0,
                },
                seed: 0,
            },
        }
    }
}

/// The task whose episodes are read.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Its numbers, lengths and rules.
    pub spec: &'a TaskSpec,
    /// Which numbers of an observation are the goal that it achieves, `[goal_dim]`, each below
    /// `observation_dim`: for files that do not say. The goal of an episode is then, where the file does not say
    /// that either, the one that it ends at.
    pub achieved_goal: Option<&'a [usize]>,
}

impl<'a> From<&'a TaskSpec> for Target<'a> {
    fn from(spec: &'a TaskSpec) -> Self {
        Self { spec, achieved_goal: None }
    }
}

/// What a format calls the arrays of an episode.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    pub(super) observation: &'static str,
    pub(super) achieved_goal: &'static str,
    pub(super) desired_goal: &'static str,
    pub(super) action: &'static str,
}

/// One episode as a reader found it: rows of the task's widths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    /// `[n_transitions + 1, observation_dim]`
    pub(super) observation: &'a [f32],
    /// `[n_transitions + 1, goal_dim]`, where the file has them.
    pub(super) achieved_goal: Option<&'a [f32]>,
    /// `[1 or more, goal_dim]`, all of them equal, where the file has them.
    pub(super) desired_goal: Option<&'a [f32]>,
    /// `[n_transitions, action_dim]`
    pub(super) action: &'a [f32],
    /// `[n_transitions]`, where the format has rewards.
    pub(super) reward: Option<&'a [f32]>,
}

/// An episode with its goals.
struct Whole<'a> {
    observation: &'a [f32],
    achieved_goal: &'a [f32],
    desired_goal: &'a [f32],
    action: &'a [f32],
}

/// Puts episodes of one task together.
pub(super) struct Gatherer<'a> {
    target: Target<'a>,
    shape: EpisodeShape,
    names: Names,
    path: PathBuf,
    episodes: Episodes,
    /// Steps whose reward is another, if rewards are 0 and 1, and if they are -1 and 0.
    n_different: [usize; 2],
}

impl<'a> Gatherer<'a> {
    pub(super) fn new(target: Target<'a>, names: Names, path: &Path) -> Self {
        let shape = target.spec.episode_shape();
        let episodes = Episodes::zeros(shape, 0);
        Self { target, shape, names, path: path.to_owned(), episodes, n_different: [0; 2] }
    }

    /// Checks an episode and adds it.
    pub(super) fn push(&mut self, found: Found<'_>) -> Result<(), ImportError> {
        let goal_dim = self.shape.goal_dim;
        let made = match found.achieved_goal {
            Some(_) => Vec::new(),
            None => self.achieved_goals(found.observation)?,
        };
        let achieved_goal = found.achieved_goal.unwrap_or(&made);
        // Without a goal of its own, an episode asks for the one that it ends at.
        let last = achieved_goal.len().saturating_sub(goal_dim);
        let ending = self.target.achieved_goal.map(|_| &achieved_goal[last..]);
        let desired_goal = found.desired_goal.or(ending);
        let desired_goal = desired_goal.ok_or_else(|| self.missing(self.names.desired_goal))?;
        let Found { observation, action, .. } = found;
        let whole = Whole { observation, achieved_goal, desired_goal, action };
        self.check_lengths(&whole)?;
        self.check_numbers(&whole)?;
        let episodes = &mut self.episodes;
        episodes.n_episodes += 1;
        episodes.observation.extend_from_slice(observation);
        episodes.achieved_goal.extend_from_slice(achieved_goal);
        episodes.action.extend_from_slice(action);
        episodes.desired_goal.extend_from_slice(&desired_goal[..goal_dim]);
        self.compare_rewards(found.reward);
        Ok(())
    }

    /// The goals that observations achieve.
    fn achieved_goals(&self, observation: &[f32]) -> Result<Vec<f32>, ImportError> {
        let missing = || self.missing(self.names.achieved_goal);
        let places = self.target.achieved_goal.ok_or_else(missing)?;
        let rows = observation.chunks_exact(self.shape.observation_dim);
        Ok(rows.flat_map(|row| places.iter().map(|place| row[*place])).collect())
    }

    fn missing(&self, array: &str) -> ImportError {
        let (array, episode) = (array.to_owned(), Some(self.episodes.n_episodes));
        ImportError::Missing { array, episode, path: self.path.clone() }
    }

    fn check_lengths(&self, found: &Whole<'_>) -> Result<(), ImportError> {
        let (episode, path, shape) = (self.episodes.n_episodes, || self.path.clone(), self.shape);
        let n_found = found.action.len() / shape.action_dim;
        if n_found != shape.n_transitions {
            let expected = shape.n_transitions;
            return Err(ImportError::Length { episode, found: n_found, expected, path: path() });
        }
        let n_states = shape.n_states();
        for (array, numbers, dim) in [
            (self.names.observation, found.observation, shape.observation_dim),
            (self.names.achieved_goal, found.achieved_goal, shape.goal_dim),
        ] {
            let (array, n_found) = (array.to_owned(), numbers.len() / dim);
            if n_found != n_states {
                let (found, expected) = (n_found, n_states);
                return Err(ImportError::Rows { array, episode, found, expected, path: path() });
            }
        }
        if found.desired_goal.is_empty() {
            let (array, expected) = (self.names.desired_goal.to_owned(), n_states);
            return Err(ImportError::Rows { array, episode, found: 0, expected, path: path() });
        }
        Ok(())
    }

    fn check_numbers(&self, found: &Whole<'_>) -> Result<(), ImportError> {
        let (episode, path, shape) = (self.episodes.n_episodes, || self.path.clone(), self.shape);
        for (array, numbers, dim) in [
            (self.names.observation, found.observation, shape.observation_dim),
            (self.names.achieved_goal, found.achieved_goal, shape.goal_dim),
            (self.names.desired_goal, found.desired_goal, shape.goal_dim),
            (self.names.action, found.action, shape.action_dim),
        ] {
            if let Some(place) = numbers.iter().position(|number| !number.is_finite()) {
                let (array, found, step) = (array.to_owned(), numbers[place], place / dim);
                return Err(ImportError::NotFinite { array, found, episode, step, path: path() });
            }
        }
        if let Some(place) = found.action.iter().position(|component| 1.0 < component.abs()) {
            return Err(ImportError::Action {
                component: place % shape.action_dim,
                step: place / shape.action_dim,
                episode,
                found: found.action[place],
                path: path(),
            });
        }
        let goals = || found.desired_goal.chunks(shape.goal_dim);
        let first = &found.desired_goal[..shape.goal_dim];
        match goals().position(|goal| goal != first) {
            Some(step) => Err(ImportError::GoalChanges { episode, step, path: path() }),
            None => Ok(()),
        }
    }

    /// Counts where the rewards of the episode that was added last are not those of the task.
    fn compare_rewards(&mut self, rewards: Option<&[f32]>) {
        let Some(rewards) = rewards else { return };
        let (spec, view) = (self.target.spec, self.episodes.view());
        let expected = view.rewards(spec, view.n_episodes - 1);
        for (expected, found) in expected.zip(rewards) {
            for (n_different, shift) in self.n_different.iter_mut().zip([0.0, 1.0]) {
                *n_different += usize::from(found + shift != expected);
            }
        }
    }

    /// All episodes, with what `notes`, the manifest in the format's own place for notes, says of them.
    pub(super) fn finish(self, notes: Option<&str>) -> Result<Imported, ImportError> {
        let Self { target, path, episodes, n_different, .. } = self;
        if episodes.n_episodes == 0 {
            return Err(ImportError::Empty { path });
        }
        let mut found = Vec::new();
        let n_different = n_different[0].min(n_different[1]);
        if 0 < n_different {
            let n_steps = episodes.n_episodes * episodes.shape.n_transitions;
            found.push(Note::Rewards { n_different, n_steps });
        }
        let manifest = match notes.map(serde_json::from_str::<Manifest>) {
            Some(Ok(manifest)) => {
                check_task(&manifest.task, target.spec, &path)?;
                Some(manifest)
            }
            Some(Err(_other_notes)) => {
                found.push(Note::Manifest);
                None
            }
            None => None,
        };
        Ok(Imported { episodes, manifest, notes: found })
    }
}

/// Checks that what a data set says of its task is what the task says.
fn check_task(found: &TaskRecord, spec: &TaskSpec, path: &Path) -> Result<(), ImportError> {
    let (task, path) = (spec.id.to_owned(), path.to_owned());
    if found.id != task {
        return Err(ImportError::Task { found: found.id.clone(), expected: task, path });
    }
    let differences = differences(found, &TaskRecord::from(spec));
    if differences.is_empty() {
        return Ok(());
    }
    Err(ImportError::Version { task, differences, path })
}
