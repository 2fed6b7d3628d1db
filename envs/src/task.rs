//! What one task must say.

use gcrl_core::scene::Pose;
use gcrl_core::seed::Stream;
use gcrl_core::{RecordedState, Scene, TaskSpec};

/// How many numbers a recorded state of a task's original has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedDims {
    /// Generalized positions.
    pub qpos: usize,
    /// Generalized velocities.
    pub qvel: usize,
    /// Coordinates of the commanded body: 3, or 0 where there is none.
    pub mocap: usize,
}

/// A task, in the order in which an episode calls it.
///
/// A task file contains no seeding, clipping, horizon or reward, so it cannot get them wrong: they
/// are written once, in [`crate::GoalEnv`].
pub trait Task: Send + Sync + 'static {
    /// Fields, horizon and success rules.
    const SPEC: TaskSpec;

    /// The size of a recorded state of the task's original.
    const RECORDED: RecordedDims;

    /// The task before its first episode.
    fn new() -> Self;

    /// Draws the goal and the start of an episode; nothing of the last one may remain.
    fn reset(&mut self, rng: &mut Stream);

    /// Takes over a recorded state, as if the episode had come to it.
    fn restore(&mut self, state: &RecordedState<'_>);

    /// Changes the goal, `[goal_dim]`.
    fn ask_for(&mut self, goal: &[f32]);

    /// Takes the command for one control step, `[action_dim]`, each component in [-1, 1].
    fn command(&mut self, action: &[f32]);

    /// Moves on by one physics step.
    fn advance(&mut self);

    /// Writes what the agent sees but goals, `[observation_dim]`.
    fn observation(&self, observation: &mut [f32]);

    /// Writes the goal that the current state satisfies, `[goal_dim]`.
    fn achieved_goal(&self, achieved_goal: &mut [f32]);

    /// Writes the goal that the episode asks for, `[goal_dim]`.
    fn desired_goal(&self, desired_goal: &mut [f32]);

    /// What there is to draw.
    fn scene(&self) -> Scene;

    /// Appends the poses of the scene's bodies, in its order.
    fn poses(&self, poses: &mut Vec<Pose>);

    /// The points in the world that stand for `goal`, `[goal_dim]`.
    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]>;
}
