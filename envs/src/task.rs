//! What one task must say.

use gcrl_core::TaskSpec;
use gcrl_core::seed::Stream;

/// A task, in the order in which an episode calls it.
///
/// A task file contains no seeding, clipping, horizon or reward, so it cannot get them wrong: they
/// are written once, in [`crate::GoalEnv`].
pub trait Task: Send + 'static {
    /// Fields, horizon and success rules.
    const SPEC: TaskSpec;

    /// The task before its first episode.
    fn new() -> Self;

    /// Draws the goal and the start of an episode; nothing of the last one may remain.
    fn reset(&mut self, rng: &mut Stream);

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
}
