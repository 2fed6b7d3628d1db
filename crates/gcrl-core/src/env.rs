//! The promise of an environment, in the conventions of Gymnasium.
//!
//! `reset(seed)`, then `step` until `truncated`. Nothing ever terminates: sitting on the goal keeps
//! earning. Source: Towers et al., "Gymnasium: A Standard Interface for Reinforcement Learning
//! Environments", 2024.

use crate::policy::GoalObservation;
use crate::scene::{Pose, Scene};
use crate::spec::TaskSpec;
use std::any::Any;

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

/// A cause for an environment to refuse or to give up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvError {
    /// Who hears of the progress asked to stop.
    #[error("stopped before the last episode")]
    Stopped,
    /// `step` was called before `reset`, or after the horizon.
    #[error("step outside an episode of `{task}`: reset it first")]
    NotReset {
        /// The task's id.
        task: &'static str,
    },
    /// The task is known from its episodes alone.
    #[error("`{task}` is not simulated here: its policies act elsewhere")]
    NotSimulated {
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
    /// A goal has another length than the task's, or a number that is not finite.
    #[error("goal of {found} finite numbers, where `{task}` takes {expected}")]
    Goal {
        /// The task's id.
        task: &'static str,
        /// Finite numbers given.
        found: usize,
        /// Numbers taken.
        expected: usize,
    },
    /// A number of the simulated state became infinite or NaN.
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
pub trait Env: Any + Send + Sync {
    /// The task.
    fn spec(&self) -> &'static TaskSpec;

    /// Starts the episode of `seed`: samples the goal and the start.
    ///
    /// # Errors
    ///
    /// If the sampled state is not finite.
    fn reset(&mut self, seed: u64) -> Result<(), EnvError>;

    /// Applies `action`, `[action_dim]`, for one control step; components are limited to [-1, 1].
    ///
    /// # Errors
    ///
    /// If no episode is running, the action has a wrong length or a NaN, or the state became infinite
    /// or NaN; the episode is over then.
    fn step(&mut self, action: &[f32]) -> Result<Outcome, EnvError>;

    /// What steps several environments of this type at once, if something does.
    fn side_by_side(&self) -> Option<StepSideBySide> {
        None
    }

    /// What the agent sees now. All zero before the first `reset`.
    fn observation(&self) -> GoalObservation<'_>;

    /// Changes the goal that the running episode asks for, `[goal_dim]`.
    ///
    /// # Errors
    ///
    /// If its length is not the task's, or a number is not finite.
    fn set_goal(&mut self, goal: &[f32]) -> Result<(), EnvError>;
}

/// An environment, and the action that it steps with, `[action_dim]`.
pub type Turn<'a> = (&'a mut (dyn Env + 'static), &'a [f32]);

/// Steps each environment as [`Env::step`] does, to the same bits; answers in their order.
pub type StepSideBySide = fn(&mut [Turn<'_>]) -> Vec<Result<Outcome, EnvError>>;

/// Steps each environment: side by side where those of its type can, otherwise one by one. The answers,
/// in their order, are those of [`Env::step`].
pub fn step_each(turns: &mut [Turn<'_>]) -> Vec<Result<Outcome, EnvError>> {
    match turns.first().and_then(|(env, _)| env.side_by_side()) {
        Some(step) => step(turns),
        None => turns.iter_mut().map(|(env, action)| env.step(action)).collect(),
    }
}

/// An environment that can be drawn.
pub trait Depict: Env {
    /// What there is to draw; the same as long as the environment lives.
    fn scene(&self) -> Scene;

    /// Replaces `poses` by the poses in the world of the scene's bodies now.
    fn poses(&self, poses: &mut Vec<Pose>);

    /// The points in the world that stand for `goal`, `[goal_dim]`: where to draw it.
    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]>;
}
