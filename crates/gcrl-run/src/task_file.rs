//! Tasks that are described by a file, for data sets of tasks that are not simulated here.
//!
//! ```toml
//! id = "MyArm-v1"
//! n_transitions = 100            # of every episode
//! observation = 31               # how many numbers, or fields: [{ name = "joints", len = 7, unit = "rad" }, …]
//! goal = 3
//! action = 7                     # each in [-1, 1]
//! reward = { within = 0.05 }     # the goal is reached where it is at most this far away; or `inside`: less than
//! success = { inside = 0.05 }    # when an episode is successful at its last step; as `reward` unless given
//! achieved_goal = [0, 1, 2]      # which numbers of an observation are the goal it achieves, for files without any
//! ```

use crate::catalog::Catalog;
use crate::foreign_task;
use gcrl_core::{FieldRecord, TaskSpec};
use gcrl_data::{RuleRecord, TaskRecord};
use gcrl_file::{TomlError, parse_toml};
use gcrl_policy::MAX_WIDTH;
use serde::Deserialize;
use std::io;
use std::path::{Path, PathBuf};

/// Steps of an episode, at most.
const MAX_TRANSITIONS: usize = 1 << 20;

/// A task as a file describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignTask {
    /// Its fields, horizon and rules.
    pub spec: &'static TaskSpec,
    /// Which numbers of an observation are the goal that it achieves, `[goal_dim]`, if the file says so.
    pub achieved_goal: Option<Vec<usize>>,
}

/// A cause for a task not to be read from a file.
#[derive(Debug, thiserror::Error)]
pub enum TaskFileError {
    /// The file cannot be read.
    #[error("cannot read task: {path:?}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no TOML, or has other keys or values than it should.
    #[error("cannot use task: {path:?}")]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: TomlError,
    },
    /// The task is one of this library.
    #[error("task `{id}` needs no file, for this program has it: {path:?}")]
    Ours {
        /// Its id.
        id: String,
        /// The file.
        path: PathBuf,
    },
    /// A value makes no task.
    #[error("{problem}: {path:?}")]
    Value {
        /// What is wrong.
        problem: String,
        /// The file.
        path: PathBuf,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskFile {
    id: String,
    n_transitions: usize,
    observation: Parts,
    goal: Parts,
    action: Parts,
    reward: RuleRecord,
    success: Option<RuleRecord>,
    achieved_goal: Option<Vec<usize>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Parts {
    Dim(usize),
    Fields(Vec<FieldRecord>),
}

impl ForeignTask {
    /// Reads the task that the file at `path` describes.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, a key is missing, unknown or of another type, or a value makes no task.
    pub fn read(path: &Path) -> Result<Self, TaskFileError> {
        let text = gcrl_file::read_text(path)
            .map_err(|source| TaskFileError::Read { path: path.to_owned(), source })?;
        let file: TaskFile = parse_toml(&text)
            .map_err(|source| TaskFileError::Toml { path: path.to_owned(), source })?;
        if Catalog::default().task(&file.id).is_ok() {
            return Err(TaskFileError::Ours { id: file.id, path: path.to_owned() });
        }
        file.task().map_err(|problem| TaskFileError::Value { problem, path: path.to_owned() })
    }
}

impl TaskFile {
    fn task(self) -> Result<ForeignTask, String> {
        let Self { id, n_transitions, reward, .. } = self;
        if id.is_empty() {
            return Err("`id` is empty".to_owned());
        }
        if !(1..=MAX_TRANSITIONS).contains(&n_transitions) {
            return Err(format!(
                "`n_transitions` is {n_transitions}, not in [1, {MAX_TRANSITIONS}]"
            ));
        }
        let success = self.success.unwrap_or(reward);
        for (key, RuleRecord::Within(radius) | RuleRecord::Inside(radius)) in
            [("reward", reward), ("success", success)]
        {
            if !(radius.is_finite() && 0.0 < radius) {
                return Err(format!("the radius of `{key}` is {radius}, not positive"));
            }
        }
        let observation = self.observation.fields("observation")?;
        let goal = self.goal.fields("goal")?;
        let action = self.action.fields("action")?;
        let record = TaskRecord {
            id,
            horizon: n_transitions,
            n_transitions,
            sub_steps: 1,
            physics_dt_secs: 0.0,
            physics_version: 0,
            reward,
            success,
            observation,
            goal,
            action,
        };
        let shape = record.episode_shape();
        let n_inputs = shape.observation_dim + shape.goal_dim + shape.action_dim;
        if MAX_WIDTH < n_inputs {
            return Err(format!(
                "observation, goal and action have {n_inputs} numbers together, where networks take \
                 {MAX_WIDTH}"
            ));
        }
        if let Some(map) = &self.achieved_goal {
            let (found, dim) = (map.len(), shape.goal_dim);
            if found != dim {
                return Err(format!(
                    "`achieved_goal` names {found} numbers, where a goal has {dim}"
                ));
            }
            if let Some(column) = map.iter().find(|column| shape.observation_dim <= **column) {
                let dim = shape.observation_dim;
                return Err(format!(
                    "`achieved_goal` names number {column} of an observation, which has {dim}, counted from 0"
                ));
            }
        }
        let spec = foreign_task::of_record(&record).spec;
        Ok(ForeignTask { spec, achieved_goal: self.achieved_goal })
    }
}

impl Parts {
    fn fields(self, key: &str) -> Result<Vec<FieldRecord>, String> {
        let fields = match self {
            Self::Dim(len) => {
                vec![FieldRecord { name: key.to_owned(), len, unit: "1".to_owned() }]
            }
            Self::Fields(fields) => fields,
        };
        let dim = fields.iter().map(|field| field.len).fold(0, usize::saturating_add);
        if !(1..=MAX_WIDTH).contains(&dim) {
            return Err(format!("`{key}` has {dim} numbers, not 1 to {MAX_WIDTH}"));
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::SuccessRule;

    const WHOLE: &str = "id = 'MyArm-v1'\nn_transitions = 100\nobservation = 31\n\
        goal = [{ name = 'hand_in_world', len = 3, unit = 'm' }]\naction = 7\n\
        reward = { within = 0.05 }\nachieved_goal = [0, 1, 30]\n";

    fn read(text: &str) -> Result<ForeignTask, TaskFileError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        ForeignTask::read(file.path())
    }

    #[test]
    fn a_file_is_a_task_with_these_sizes_and_rules() {
        let ForeignTask { spec, achieved_goal } = read(WHOLE).unwrap();
        let dims = (spec.observation_dim(), spec.goal_dim(), spec.action_dim());
        assert_eq!((spec.id, spec.n_transitions, dims), ("MyArm-v1", 100, (31, 3, 7)));
        assert_eq!(spec.goal[0].name, "hand_in_world");
        assert_eq!((spec.reward, spec.success), (SuccessRule::Within(0.05), spec.reward));
        assert_eq!(achieved_goal, Some(vec![0, 1, 30]));
    }

    #[test]
    fn a_task_of_ours_needs_no_file() {
        let error = read(&WHOLE.replace("MyArm-v1", "FetchPush")).unwrap_err();
        assert!(error.to_string().starts_with("task `FetchPush` needs no file"), "{error}");
    }

    #[test]
    fn values_that_make_no_task_are_named() {
        let problem = |from: &str, to: &str| {
            assert!(WHOLE.contains(from));
            match read(&WHOLE.replace(from, to)).unwrap_err() {
                TaskFileError::Value { problem, .. } => problem,
                TaskFileError::Toml { source, .. } => source.to_string(),
                error => panic!("{error}"),
            }
        };
        let found = [
            problem("= 100", "= 0"),
            problem("observation = 31", "observation = 0"),
            problem("observation = 31", "observation = 65530"),
            problem("0.05", "-0.05"),
            problem("[0, 1, 30]", "[0, 1]"),
            problem("[0, 1, 30]", "[0, 1, 31]"),
            problem("action = 7", "actions = 7"),
        ];
        let expected = [
            "`n_transitions` is 0, not in [1, 1048576]",
            "`observation` has 0 numbers, not 1 to 65536",
            "observation, goal and action have 65540 numbers together, where networks take 65536",
            "the radius of `reward` is -0.05, not positive",
            "`achieved_goal` names 2 numbers, where a goal has 3",
            "`achieved_goal` names number 31 of an observation, which has 31, counted from 0",
            "line 5, column 1: unknown field `actions`, expected one of `id`, `n_transitions`, `observation`, `goal`, `action`, \
             `reward`, `success`, `achieved_goal`",
        ];
        assert_eq!(found, expected);
    }
}
