//! A part of a grid, for one of several programs.

use std::fmt::{self, Display};
use std::str::FromStr;

/// The cells of a grid whose index, counted from 0, leaves the remainder `index` when it is divided by
/// `count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u64,
    count: u64,
}

/// A cause for a shard not to be known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// It is not of the form `I/N`.
    #[error("a shard is written I/N with I from 0 to N-1, such as 0/4, not {found:?}")]
    Form {
        /// What was given.
        found: String,
    },
    /// A scheduler says which, and not of how many.
    #[error("{variable} is set, and nothing says how many shards there are")]
    NoCount {
        /// The environment variable that says which.
        variable: &'static str,
    },
    /// A scheduler's variable is no number, or its task is outside of the array.
    #[error("environment variable {variable} holds {found:?}, which is no task of {count}")]
    Variable {
        /// The environment variable.
        variable: &'static str,
        /// What it holds.
        found: String,
        /// How many shards there are.
        count: u64,
    },
}

/// What schedulers say in the environment of an array's task: which one it is; the lowest number, the
/// step between numbers, and how many there are, if the scheduler says so.
const SCHEDULERS: [Scheduler; 3] = [
    Scheduler {
        index: "SLURM_ARRAY_TASK_ID",
        lowest: "SLURM_ARRAY_TASK_MIN",
        step: "SLURM_ARRAY_TASK_STEP",
        count: "SLURM_ARRAY_TASK_COUNT",
    },
    // An Indexed Job of Kubernetes counts from 0.
    Scheduler { index: "JOB_COMPLETION_INDEX", lowest: "", step: "", count: "GCRL_SHARDS" },
    Scheduler { index: "HQ_TASK_ID", lowest: "", step: "", count: "GCRL_SHARDS" },
];

struct Scheduler {
    index: &'static str,
    lowest: &'static str,
    step: &'static str,
    count: &'static str,
}

impl Shard {
    /// The whole grid.
    pub const WHOLE: Self = Self { index: 0, count: 1 };

    /// That of an array's task of Slurm, Kubernetes or HyperQueue, by the environment variables that
    /// these set; the whole grid outside of any.
    ///
    /// # Errors
    ///
    /// If a variable is no number, or nothing says how many tasks there are.
    pub fn of_environment() -> Result<Self, ShardError> {
        Self::of_variables(|name| std::env::var(name).ok())
    }

    fn of_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ShardError> {
        let Some(scheduler) = SCHEDULERS.iter().find(|it| variable(it.index).is_some()) else {
            return Ok(Self::WHOLE);
        };
        let text = variable(scheduler.index).unwrap_or_default();
        let number = |name: &str| variable(name).and_then(|text| text.trim().parse::<u64>().ok());
        let count = number(scheduler.count)
            .filter(|count| *count > 0)
            .ok_or(ShardError::NoCount { variable: scheduler.index })?;
        let lowest = number(scheduler.lowest).unwrap_or(0);
        let step = number(scheduler.step).unwrap_or(1).max(1);
        let task = text.trim().parse::<u64>().ok().and_then(|id| id.checked_sub(lowest));
        let index = task.map(|task| task / step).filter(|index| *index < count);
        let (variable, found) = (scheduler.index, text);
        let index = index.ok_or(ShardError::Variable { variable, found, count })?;
        Ok(Self { index, count })
    }

    /// Whether the cell of this index belongs to it.
    pub fn has(self, cell_idx: usize) -> bool {
        cell_idx as u64 % self.count == self.index
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let numbers = text.split_once('/').and_then(|(index, count)| {
            Some((index.trim().parse().ok()?, count.trim().parse().ok()?))
        });
        match numbers {
            Some((index, count)) if index < count => Ok(Self { index, count }),
            _ => Err(ShardError::Form { found: text.to_owned() }),
        }
    }
}

impl Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Shard, ShardError> {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name);
        Shard::of_variables(|name| find(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn shards_are_written_as_index_and_count() {
        assert_eq!("1/4".parse(), Ok(Shard { index: 1, count: 4 }));
        for wrong in ["", "1", "4/4", "-1/4", "0/0", "1/4/5", "a/b"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_cell_is_of_one_shard() {
        let shards: Vec<Shard> = (0..3).map(|index| Shard { index, count: 3 }).collect();
        for cell_idx in 0..10 {
            assert_eq!(shards.iter().filter(|shard| shard.has(cell_idx)).count(), 1);
        }
    }

    #[test]
    fn schedulers_are_understood() {
        assert_eq!(of(&[]), Ok(Shard::WHOLE));
        let slurm = [
            ("SLURM_ARRAY_TASK_ID", "5"),
            ("SLURM_ARRAY_TASK_MIN", "1"),
            ("SLURM_ARRAY_TASK_STEP", "2"),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
        ];
        assert_eq!(of(&slurm), Ok(Shard { index: 2, count: 3 }));
        let kubernetes = [("JOB_COMPLETION_INDEX", "1"), ("GCRL_SHARDS", "2")];
        assert_eq!(of(&kubernetes), Ok(Shard { index: 1, count: 2 }));
    }

    #[test]
    fn a_task_of_an_array_of_unknown_size_is_an_error() {
        let error = of(&[("HQ_TASK_ID", "1")]);
        assert_eq!(error, Err(ShardError::NoCount { variable: "HQ_TASK_ID" }));
        let outside = of(&[("HQ_TASK_ID", "2"), ("GCRL_SHARDS", "2")]);
        assert!(matches!(outside, Err(ShardError::Variable { .. })));
    }
}
