//! Episodes that start from the recorded state of another simulator, to be held against its episodes.

use crate::goal_env::GoalEnv;
use crate::task::Task;
use gcrl_core::{Env, EnvError};

/// A state that another simulator of the same task was in, part by part.
///
/// Layouts of `qpos`, `qvel` and `mocap_pos` are those of the task's original, and stand in its file.
#[derive(Clone, Copy, Debug)]
pub struct RecordedState<'a> {
    /// What the agent saw, `[observation_dim]`.
    pub observation: &'a [f32],
    /// The goal that the state satisfied, `[goal_dim]`.
    pub achieved_goal: &'a [f32],
    /// Generalized positions; not looked at where the task needs none.
    pub qpos: &'a [f32],
    /// Generalized velocities; not looked at where the task needs none.
    pub qvel: &'a [f32],
    /// Position of the body that the commands move, in meters; not looked at where the task needs none.
    pub mocap_pos: &'a [f32],
}

/// How many numbers a task needs of a recorded state of its original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedDims {
    /// Generalized positions.
    pub qpos: usize,
    /// Generalized velocities.
    pub qvel: usize,
    /// Coordinates of the commanded body: 3, or 0 where there is none.
    pub mocap_pos: usize,
}

/// A cause for a recorded state not to be started from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreRecordedError {
    /// A part has another length than the task's, or a number that is not finite.
    #[error("recorded `{part}` of `{task}` has {found} finite numbers, and needs {expected}")]
    Part {
        /// The task's id.
        task: &'static str,
        /// Which part.
        part: &'static str,
        /// Finite numbers given.
        found: usize,
        /// Numbers needed.
        expected: usize,
    },
    /// The environment refuses the goal, or its state is not finite.
    #[error(transparent)]
    Env(#[from] EnvError),
}

/// A task whose episodes can start from recorded states.
pub trait Restore: Task {
    /// The size of a recorded state of the task's original.
    const RECORDED: RecordedDims;

    /// Takes over a recorded state, as if the episode had come to it.
    fn restore(&mut self, state: &RecordedState<'_>);
}

/// An environment whose episodes can start from recorded states.
pub trait RestoreRecorded: Env {
    /// The size of a recorded state.
    fn recorded_dims(&self) -> RecordedDims;

    /// Starts an episode from a recorded state and a chosen goal, `[goal_dim]`, instead of drawn ones.
    ///
    /// # Errors
    ///
    /// If a part of the state that the task needs, or the goal, has another length than the task's or is not
    /// finite.
    fn start_at(
        &mut self,
        state: &RecordedState<'_>,
        goal: &[f32],
    ) -> Result<(), RestoreRecordedError>;
}

impl<T: Restore> RestoreRecorded for GoalEnv<T> {
    fn recorded_dims(&self) -> RecordedDims {
        T::RECORDED
    }

    fn start_at(
        &mut self,
        state: &RecordedState<'_>,
        goal: &[f32],
    ) -> Result<(), RestoreRecordedError> {
        let (spec, dims) = (const { &T::SPEC }, T::RECORDED);
        check_part(spec.id, "observation", state.observation, spec.observation_dim())?;
        check_part(spec.id, "achieved_goal", state.achieved_goal, spec.goal_dim())?;
        for (part, numbers, needed) in [
            ("qpos", state.qpos, dims.qpos),
            ("qvel", state.qvel, dims.qvel),
            ("mocap_pos", state.mocap_pos, dims.mocap_pos),
        ] {
            if needed > 0 {
                check_part(spec.id, part, numbers, needed)?;
            }
        }
        check_part(spec.id, "desired_goal", goal, spec.goal_dim())?;
        Ok(self.start_with(goal, |task| task.restore(state))?)
    }
}

/// Says whether a part of a recorded state has `expected` numbers, all finite.
fn check_part(
    task: &'static str,
    part: &'static str,
    numbers: &[f32],
    expected: usize,
) -> Result<(), RestoreRecordedError> {
    let found = numbers.iter().filter(|number| number.is_finite()).count();
    if found == expected && found == numbers.len() {
        return Ok(());
    }
    Err(RestoreRecordedError::Part { task, part, found, expected })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goal_env::tests::{Counter, counter};
    use gcrl_core::Outcome;

    impl Restore for Counter {
        const RECORDED: RecordedDims = RecordedDims { qpos: 1, qvel: 0, mocap_pos: 0 };
        fn restore(&mut self, state: &RecordedState<'_>) {
            self.0 = state.qpos[0];
        }
    }

    fn recorded(qpos: &[f32]) -> RecordedState<'_> {
        RecordedState {
            observation: &[0.0],
            achieved_goal: &[0.0],
            qpos,
            qvel: &[],
            mocap_pos: &[],
        }
    }

    #[test]
    fn an_episode_starts_at_a_recorded_state() {
        let mut env = counter();
        env.start_at(&recorded(&[0.75]), &[0.0]).unwrap();
        assert_eq!(env.observation().observation, [0.75]);
        let outcome = env.step(&[0.25]).unwrap();
        assert_eq!(env.observation().observation, [0.25]);
        assert_eq!(outcome, Outcome { reward: 1.0, success: true, truncated: false });
    }

    #[test]
    fn parts_that_the_task_does_not_need_may_be_there() {
        let mut env = counter();
        let state = RecordedState { mocap_pos: &[f32::NAN; 3], ..recorded(&[0.75]) };
        env.start_at(&state, &[0.0]).unwrap();
        assert_eq!(env.observation().observation, [0.75]);
    }

    #[test]
    fn a_recorded_state_of_another_size_is_refused() {
        let refused = |part, found| {
            Err(RestoreRecordedError::Part { task: "Counter", part, found, expected: 1 })
        };
        assert_eq!(counter().start_at(&recorded(&[]), &[0.0]), refused("qpos", 0));
        assert_eq!(counter().start_at(&recorded(&[f32::NAN]), &[0.0]), refused("qpos", 0));
        assert_eq!(counter().start_at(&recorded(&[0.0]), &[0.0; 2]), refused("desired_goal", 2));
    }
}
