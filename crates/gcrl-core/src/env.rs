//! The promise of an environment, in the conventions of Gymnasium.
//!
//! `reset(seed)`, then `step` until `truncated`. Nothing ever terminates: sitting on the goal keeps
//! earning. Source: Towers et al., "Gymnasium: A Standard Interface for Reinforcement Learning
//! Environments", 2024.

use crate::policy::GoalObservation;
use crate::scene::{Pose, Scene};
use crate::spec::TaskSpec;

/// What a step led to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// 1 if the goal is reached after the step, otherwise 0.
    pub reward: f32,
    /// Whether the goal is reached by the rule for successful episodes.
    pub success: bool,
    /// Whether the horizon is reached; the next call must be `reset`.
    pub truncated: bool,
}

/// A state that another simulator of the same task was in, part by part.
///
/// Layouts of `qpos`, `qvel` and `mocap` are those of the task's original, and stand in its file.
#[derive(Clone, Copy, Debug)]
pub struct RecordedState<'a> {
    /// What the agent saw, `[observation_dim]`.
    pub observation: &'a [f32],
    /// The goal that the state satisfied, `[goal_dim]`.
    pub achieved_goal: &'a [f32],
    /// Generalized positions; empty where the task's original has none.
    pub qpos: &'a [f32],
    /// Generalized velocities; empty where the task's original has none.
    pub qvel: &'a [f32],
    /// Position of the body that the commands move, in meters; empty where there is none.
    pub mocap: &'a [f32],
}

/// A cause for an environment to refuse or to give up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvError {
    /// `step` was called before `reset`, or after the horizon.
    #[error("step outside an episode of `{task}`: reset it first")]
    NotReset {
        /// The task's id.
        task: &'static str,
    },
    /// The action has another length than the task's.
    #[error("action of {found} numbers, where `{task}` takes {expected}")]
    ActionLength {
        /// The task's id.
        task: &'static str,
        /// Numbers given.
        found: usize,
        /// Numbers taken.
        expected: usize,
    },
    /// The action holds a NaN.
    #[error("action {component} of `{task}` is not a number, at step {step} of seed {seed}")]
    ActionNotFinite {
        /// The task's id.
        task: &'static str,
        /// The seed of the episode.
        seed: u64,
        /// The control step, from 0.
        step: usize,
        /// Which number of the action.
        component: usize,
    },
    /// A part of a recorded state has another length than the task's, or a number that is not finite.
    #[error("recorded `{part}` of `{task}` needs {expected} finite numbers, and has {found}")]
    RecordedState {
        /// The task's id.
        task: &'static str,
        /// Which part.
        part: &'static str,
        /// Finite numbers given.
        found: usize,
        /// Numbers taken.
        expected: usize,
    },
    /// The simulated state left the numbers.
    #[error("state of `{task}` is not finite, at step {step} of seed {seed}; please report both")]
    StateNotFinite {
        /// The task's id.
        task: &'static str,
        /// The seed of the episode.
        seed: u64,
        /// The control step, from 0.
        step: usize,
    },
}

/// One environment.
///
/// Equal seed and equal actions give bit-equal episodes.
pub trait Env: Send + Sync {
    /// The task.
    fn spec(&self) -> &'static TaskSpec;

    /// Starts the episode of `seed`: draws the goal and the start.
    ///
    /// # Errors
    ///
    /// If the drawn state is not finite.
    fn reset(&mut self, seed: u64) -> Result<(), EnvError>;

    /// Applies `action`, `[action_dim]`, for one control step; components are limited to [-1, 1].
    ///
    /// # Errors
    ///
    /// If no episode is running, the action has a wrong length or a NaN, or the state left the
    /// numbers; the episode is over then.
    fn step(&mut self, action: &[f32]) -> Result<Outcome, EnvError>;

    /// What the agent sees now. All zero before the first `reset`.
    fn observation(&self) -> GoalObservation<'_>;

    /// Starts an episode from a recorded state and a chosen goal, `[goal_dim]`, instead of drawn ones.
    ///
    /// # Errors
    ///
    /// If a part of the state has not the length of the task's, or is not finite.
    fn start_at(&mut self, state: &RecordedState<'_>, goal: &[f32]) -> Result<(), EnvError>;

    /// Changes the goal that the running episode asks for, `[goal_dim]`.
    ///
    /// # Errors
    ///
    /// If its length is not the task's, or a number is not finite.
    fn ask_for(&mut self, goal: &[f32]) -> Result<(), EnvError>;

    /// What there is to draw; the same as long as the environment lives.
    fn scene(&self) -> Scene;

    /// Replaces `poses` by the poses in the world of the scene's bodies now.
    fn poses(&self, poses: &mut Vec<Pose>);

    /// The points in the world that stand for `goal`, `[goal_dim]`: where to draw it.
    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]>;
}
