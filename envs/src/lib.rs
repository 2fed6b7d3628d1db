//! The tasks, and the one environment that runs them all.
//!
//! A task says where things start, how they move and what is seen; [`GoalEnv`] does everything else.
//! Adding a task: one file in `tasks/`, its `mod` line, one line in [`registry::TASKS`].

pub mod goal_env;
mod not_simulated;
pub mod recorded;
pub mod registry;
mod robots;
pub mod task;
mod tasks;

pub use goal_env::GoalEnv;
pub use recorded::{RecordedDims, RecordedState, Restore, RestoreRecorded, RestoreRecordedError};
pub use registry::{TASKS, TaskEntry, VARIANTS, entry, find, not_simulated};
pub use task::Task;

/// Version of what episodes do for a seed and actions, in all tasks at once; it grows when one changes.
pub const PHYSICS_VERSION: u32 = 1;
