//! A recording of another simulator: episodes with their states, actions and rewards, in one `.npz`.
//!
//! The file is named `<Task>_<name>.npz` and is what `numpy.savez` or `numpy.savez_compressed` writes.
//! Its arrays hold float32 or float64, in C order, of `E` episodes with `A` actions each:
//!
//! | array | shape | meaning |
//! |---|---|---|
//! | `observation` | `[E, A+1, D]` | what the agent saw: before action `t` at index `t`, after it at `t+1` |
//! | `achieved_goal` | `[E, A+1, G]` | the goal satisfied there; same indexing |
//! | `desired_goal` | `[E, G]` | constant within an episode |
//! | `action` | `[E, A, U]` | in [-1, 1] |
//! | `reward` | `[E, A]` | 0 and 1, or -1 and 0; of the state after the action |
//! | `qpos`, `qvel` | `[E, A+1, n]` | the simulator's state, where the task needs it to start from |
//! | `mocap_pos` | `[E, A+1, 3]` | place of the body that commands move, where the task needs it |
//!
//! `D`, `G` and `U` are those of the task, which says by its `RecordedDims` which of the last three it
//! needs, and of which `n`; those that it does not need, and arrays of other names, are ignored.
//!
//! Rewards with a -1 are of the convention -1 and 0, rewards with a 1 of the convention 0 and 1. Where all
//! are 0, the convention is the one by which more of them are what the task's own rule says.

use gcrl_core::TaskSpec;
use gcrl_envs::{RecordedDims, RecordedState};
use gcrl_formats::archive::{Archive, ArrayError, MAX_LEN};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

/// Arrays that every trace has.
const REQUIRED: [&str; 5] = ["observation", "achieved_goal", "desired_goal", "action", "reward"];

/// Recorded episodes, all of one length.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Episodes in it.
    pub n_episodes: usize,
    /// Actions in an episode; states are one more.
    pub n_actions: usize,
    observation: Array,
    achieved_goal: Array,
    desired_goal: Array,
    action: Array,
    reward: Array,
    qpos: Array,
    qvel: Array,
    mocap_pos: Array,
}

/// Rows of `dim` numbers.
#[derive(Clone, Debug, Default, PartialEq)]
struct Array {
    shape: Vec<usize>,
    dim: usize,
    numbers: Vec<f32>,
}

/// A cause for a file not to be used as a trace.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The file cannot be read, or is no npz, or is cut short.
    #[error("cannot read trace: {path:?}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system or the format's reader said.
        source: io::Error,
    },
    /// There is none of a trace's arrays.
    #[error("trace has arrays {found}, and none of {}: {path:?}", quoted(REQUIRED))]
    NotATrace {
        /// Names of the arrays that are there, at most 8.
        found: String,
        /// The file.
        path: PathBuf,
    },
    /// An array is missing.
    #[error("trace has no array `{array}`: {path:?}")]
    Missing {
        /// The array.
        array: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// An array holds something else than numbers in C order.
    #[error("array `{array}` holds {found}, not float32 or float64 in C order: {path:?}")]
    Type {
        /// The array.
        array: &'static str,
        /// What it holds.
        found: String,
        /// The file.
        path: PathBuf,
    },
    /// An array has a shape that does not go with the others, or with the task.
    #[error("array `{array}` has shape {found:?}, not {expected}: {path:?}")]
    Shape {
        /// The array.
        array: &'static str,
        /// Its shape.
        found: Vec<usize>,
        /// What it should be; letters as in the layout.
        expected: String,
        /// The file.
        path: PathBuf,
    },
    /// An array holds NaN or an infinity.
    #[error("array `{array}` holds {found} in episode {episode}: {path:?}")]
    NotFinite {
        /// The array.
        array: &'static str,
        /// The number.
        found: f32,
        /// The episode.
        episode: usize,
        /// The file.
        path: PathBuf,
    },
    /// A reward is none.
    #[error("reward is {found}, where a trace has 0 and 1, or -1 and 0: {path:?}")]
    Reward {
        /// The number.
        found: f32,
        /// The file.
        path: PathBuf,
    },
}

/// Names in backticks.
fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl Trace {
    /// Reads a trace of the task of `spec`, which needs `dims` of a recorded state.
    ///
    /// # Errors
    ///
    /// If the file is not in the layout of this module, or not of the task's sizes.
    pub fn read(path: &Path, spec: &TaskSpec, dims: RecordedDims) -> Result<Self, TraceError> {
        let failed = |source| TraceError::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        Self::read_from(BufReader::new(file), path, spec, dims)
    }

    /// As [`Trace::read`], from what was opened or is in memory; errors name `path`.
    ///
    /// # Errors
    ///
    /// As [`Trace::read`].
    pub fn read_from(
        file: impl Read + Seek,
        path: &Path,
        spec: &TaskSpec,
        dims: RecordedDims,
    ) -> Result<Self, TraceError> {
        let mut reader = Reader::new(file, path)?;
        let [observation, achieved_goal, desired_goal, action, reward] = reader.required()?;
        let needed = [("qpos", dims.qpos), ("qvel", dims.qvel), ("mocap_pos", dims.mocap_pos)];
        let [qpos, qvel, mocap_pos] = needed.map(|(name, dim)| match dim {
            0 => Ok(Array::default()),
            _ => reader.needed(name),
        });
        let trace = Self {
            n_episodes: action.shape.first().copied().unwrap_or(0),
            n_actions: action.shape.get(1).copied().unwrap_or(0),
            observation,
            achieved_goal,
            desired_goal,
            action,
            reward,
            qpos: qpos?,
            qvel: qvel?,
            mocap_pos: mocap_pos?,
        };
        trace.check_shapes(path, spec, dims)?;
        trace.with_rewards_from_zero(path, spec)
    }

    /// State `t` of an episode, from 0 to `n_actions`.
    pub fn state(&self, episode: usize, t: usize) -> RecordedState<'_> {
        let row = episode * (self.n_actions + 1) + t;
        RecordedState {
            observation: self.observation.row(row),
            achieved_goal: self.achieved_goal.row(row),
            qpos: self.qpos.row(row),
            qvel: self.qvel.row(row),
            mocap_pos: self.mocap_pos.row(row),
        }
    }

    /// The goal that an episode asks for, `[goal_dim]`.
    pub fn desired_goal(&self, episode: usize) -> &[f32] {
        self.desired_goal.row(episode)
    }

    /// Action `t` of an episode, `[action_dim]`.
    pub fn action(&self, episode: usize, t: usize) -> &[f32] {
        self.action.row(episode * self.n_actions + t)
    }

    /// The reward of action `t` of an episode: 0 or 1, whatever the recorder's convention.
    pub fn reward(&self, episode: usize, t: usize) -> f32 {
        self.reward.numbers[episode * self.n_actions + t]
    }

    fn check_shapes(
        &self,
        path: &Path,
        spec: &TaskSpec,
        dims: RecordedDims,
    ) -> Result<(), TraceError> {
        let (n_episodes, n_actions) = (self.n_episodes, self.n_actions);
        let refused = |array, found: &Array, expected: String| {
            let found = found.shape.clone();
            Err(TraceError::Shape { array, found, expected, path: path.to_owned() })
        };
        let action_dim = spec.action_dim();
        let has_length = (1..=spec.horizon).contains(&n_actions);
        if n_episodes == 0 || !has_length || self.action.shape[2..] != [action_dim] {
            let expected = format!("[E, A, {action_dim}] with A from 1 to {}", spec.horizon);
            return refused("action", &self.action, expected);
        }
        let n_states = n_actions + 1;
        for (name, array, expected) in [
            ("observation", &self.observation, vec![n_episodes, n_states, spec.observation_dim()]),
            ("achieved_goal", &self.achieved_goal, vec![n_episodes, n_states, spec.goal_dim()]),
            ("desired_goal", &self.desired_goal, vec![n_episodes, spec.goal_dim()]),
            ("reward", &self.reward, vec![n_episodes, n_actions]),
        ] {
            if array.shape != expected {
                return refused(name, array, format!("{expected:?}"));
            }
        }
        for (name, array, dim) in [
            ("qpos", &self.qpos, dims.qpos),
            ("qvel", &self.qvel, dims.qvel),
            ("mocap_pos", &self.mocap_pos, dims.mocap_pos),
        ] {
            let expected = vec![n_episodes, n_states, dim];
            if 0 < dim && array.shape != expected {
                return refused(name, array, format!("{expected:?}"));
            }
        }
        Ok(())
    }

    /// Turns -1 and 0 into 0 and 1.
    fn with_rewards_from_zero(mut self, path: &Path, spec: &TaskSpec) -> Result<Self, TraceError> {
        let is_all_zero = self.reward.numbers.iter().all(|reward| *reward == 0.0);
        let is_mostly_reached = is_all_zero && self.is_mostly_reached(spec);
        let rewards = &mut self.reward.numbers;
        let least = if is_mostly_reached || rewards.contains(&-1.0) { -1.0 } else { 0.0 };
        if let Some(&found) =
            rewards.iter().find(|&&reward| ![least, least + 1.0].contains(&reward))
        {
            return Err(TraceError::Reward { found, path: path.to_owned() });
        }
        for reward in rewards {
            *reward -= least;
        }
        Ok(self)
    }
}

impl Trace {
    /// Whether more than half of the actions lead to a state that the rule of `spec` rewards.
    fn is_mostly_reached(&self, spec: &TaskSpec) -> bool {
        let n_reached = |episode| {
            let goal = self.desired_goal(episode);
            let is_reached =
                |t: &usize| 0.0 < spec.reward_of(self.state(episode, *t).achieved_goal, goal);
            (1..=self.n_actions).filter(is_reached).count()
        };
        let n_reached: usize = (0..self.n_episodes).map(n_reached).sum();
        self.n_episodes * self.n_actions < 2 * n_reached
    }
}

impl Array {
    /// Row `i`; empty in an array that is missing.
    fn row(&self, i: usize) -> &[f32] {
        &self.numbers[i * self.dim..(i + 1) * self.dim]
    }
}

/// An open npz.
struct Reader<'a, R> {
    path: &'a Path,
    archive: Archive<R>,
}

impl<'a, R: Read + Seek> Reader<'a, R> {
    fn new(file: R, path: &'a Path) -> Result<Self, TraceError> {
        let failed = |source| TraceError::Read { path: path.to_owned(), source };
        Ok(Self { path, archive: Archive::open(file).map_err(failed)? })
    }

    fn required(&mut self) -> Result<[Array; 5], TraceError> {
        let path = || self.path.to_owned();
        if !REQUIRED.iter().any(|name| self.archive.has(name)) {
            let names: Vec<_> = self.archive.names().take(8).collect();
            let found = quoted(names.iter().map(String::as_str));
            return Err(TraceError::NotATrace { found, path: path() });
        }
        let mut arrays: [Array; 5] = std::array::from_fn(|_| Array::default());
        for (array, name) in arrays.iter_mut().zip(REQUIRED) {
            *array = self.needed(name)?;
        }
        Ok(arrays)
    }

    /// The array of this name, which must be there.
    fn needed(&mut self, name: &'static str) -> Result<Array, TraceError> {
        let path = || self.path.to_owned();
        let found = self.archive.array(name).map_err(|error| match error {
            ArrayError::Read(source) => TraceError::Read { path: path(), source },
            ArrayError::Type { found } => TraceError::Type { array: name, found, path: path() },
            ArrayError::TooLong { found } => {
                let expected = format!("at most {MAX_LEN} numbers");
                TraceError::Shape { array: name, found, expected, path: path() }
            }
        })?;
        let array = found.ok_or_else(|| TraceError::Missing { array: name, path: path() })?;
        let (shape, numbers) = (array.shape, array.numbers);
        if let Some(place) = numbers.iter().position(|number| !number.is_finite()) {
            let per_episode = numbers.len() / shape.first().copied().unwrap_or(1);
            let (found, episode) = (numbers[place], place / per_episode);
            return Err(TraceError::NotFinite { array: name, found, episode, path: path() });
        }
        let dim = if shape.len() < 2 { 1 } else { shape[shape.len() - 1] };
        Ok(Array { shape, dim, numbers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{self, Arrays, DIMS, LIFT};

    /// Reads the recording after `change`; the error's words without the path, if it is refused.
    fn read(change: impl FnOnce(&mut Arrays)) -> Result<Trace, String> {
        let folder = tempfile::tempdir().unwrap();
        let mut arrays = recording::arrays();
        change(&mut arrays);
        let trace = Trace::read(&recording::write(folder.path(), &arrays), &LIFT, DIMS);
        trace.map_err(|error| error.to_string().split(": \"").next().unwrap().to_owned())
    }

    #[test]
    fn states_and_actions_are_those_of_their_places() {
        let trace = read(|_| {}).unwrap();
        assert_eq!((trace.n_episodes, trace.n_actions), (1, 2));
        let state = trace.state(0, 1);
        assert_eq!(state.observation, [0.0, 0.0, 1.0, 3.0]);
        assert_eq!(state.achieved_goal, [0.0, 0.0, 1.0]);
        assert_eq!((state.qpos, state.qvel, state.mocap_pos), (&[1.0][..], &[][..], &[][..]));
        assert_eq!(trace.desired_goal(0), [0.0, 0.0, 1.0]);
        assert_eq!((trace.action(0, 0), trace.action(0, 1)), (&[0.5][..], &[0.0][..]));
    }

    #[test]
    fn rewards_start_from_zero_whatever_the_convention() {
        let rewards = |trace: &Trace| [trace.reward(0, 0), trace.reward(0, 1)];
        assert_eq!(rewards(&read(|_| {}).unwrap()), [0.0, 1.0]);
        let from_zero = |arrays: &mut Arrays| arrays.get_mut("reward").unwrap().1 = vec![1.0, 0.0];
        assert_eq!(rewards(&read(from_zero).unwrap()), [1.0, 0.0]);
        let mixed = |arrays: &mut Arrays| arrays.get_mut("reward").unwrap().1 = vec![1.0, -1.0];
        let refused = "reward is 1, where a trace has 0 and 1, or -1 and 0";
        assert_eq!(read(mixed).unwrap_err(), refused);
    }

    #[test]
    fn rewards_that_are_all_zero_are_those_of_the_convention_that_the_states_speak_for() {
        // The block is 0.5, then 0 m from its goal: reached within 0.25 m at 0 or at 2 of 2 actions.
        let rewards = |heights: [f64; 3]| {
            let trace = read(|arrays| {
                arrays.get_mut("reward").unwrap().1 = vec![0.0, 0.0];
                let achieved = &mut arrays.get_mut("achieved_goal").unwrap().1;
                for (place, height) in [2, 5, 8].into_iter().zip(heights) {
                    achieved[place] = height;
                }
            });
            let trace = trace.unwrap();
            [trace.reward(0, 0), trace.reward(0, 1)]
        };
        assert_eq!(rewards([0.5, 1.0, 1.0]), [1.0, 1.0]);
        assert_eq!(rewards([0.5, 0.5, 0.5]), [0.0, 0.0]);
    }

    #[test]
    fn arrays_that_the_task_does_not_need_are_ignored_whatever_they_hold() {
        let trace = read(|arrays| {
            arrays.insert("mocap_pos", (vec![7], vec![f64::NAN; 7]));
        });
        assert!(trace.unwrap().state(0, 2).mocap_pos.is_empty());
    }

    #[test]
    fn arrays_that_do_not_go_together_are_named() {
        let missing = |arrays: &mut Arrays| drop(arrays.remove("action"));
        assert_eq!(read(missing).unwrap_err(), "trace has no array `action`");
        let none = |arrays: &mut Arrays| arrays.retain(|name, _| *name == "qpos");
        let says = "trace has arrays `qpos`, and none of `observation`, `achieved_goal`, \
            `desired_goal`, `action`, `reward`";
        assert_eq!(read(none).unwrap_err(), says);
        let without_state = |arrays: &mut Arrays| drop(arrays.remove("qpos"));
        assert_eq!(read(without_state).unwrap_err(), "trace has no array `qpos`");
        for (array, shape, says) in [
            ("action", vec![2], "[2], not [E, A, 1] with A from 1 to 3"),
            ("action", vec![2, 1, 1], "`observation` has shape [1, 3, 4], not [2, 2, 4]"),
            ("observation", vec![1, 4, 3], "[1, 4, 3], not [1, 3, 4]"),
            ("desired_goal", vec![3], "[3], not [1, 3]"),
            ("qpos", vec![3, 1, 1], "[3, 1, 1], not [1, 3, 1]"),
        ] {
            let found = read(|arrays| arrays.get_mut(array).unwrap().0.clone_from(&shape));
            assert!(found.clone().unwrap_err().ends_with(says), "{array}: {found:?}");
        }
    }

    #[test]
    fn numbers_that_are_not_finite_are_found() {
        let nan = |arrays: &mut Arrays| arrays.get_mut("qpos").unwrap().1[2] = f64::NAN;
        assert_eq!(read(nan).unwrap_err(), "array `qpos` holds NaN in episode 0");
    }

    #[test]
    fn a_file_of_another_kind_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Lift_test.npz");
        std::fs::write(&path, "not an npz").unwrap();
        assert!(matches!(Trace::read(&path, &LIFT, DIMS), Err(TraceError::Read { .. })));
        assert!(matches!(Trace::read(folder.path(), &LIFT, DIMS), Err(TraceError::Read { .. })));
    }
}
