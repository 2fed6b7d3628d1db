//! What one task must say.

use gcrl_core::scene::Pose;
use gcrl_core::seed::Stream;
use gcrl_core::{Scene, TaskSpec};

/// A task, in the order in which an episode calls it.
///
/// A task file contains no seeding, clipping, horizon, reward or goal, so it cannot get them wrong:
/// they are written once, in [`crate::GoalEnv`].
pub trait Task: Sized + Send + Sync + 'static {
    /// Fields, horizon and success rules.
    const SPEC: TaskSpec;

    /// The task before its first episode.
    fn new() -> Self;

    /// Samples the start of an episode, and writes the goal it asks for, `[goal_dim]`; nothing of
    /// the last episode may remain.
    fn reset(&mut self, goal: &mut [f32], rng: &mut Stream);

    /// Takes the command for one control step, `[action_dim]`, each component in [-1, 1].
    fn command(&mut self, action: &[f32]);

    /// Moves each of `tasks` on by one control step, which is `SPEC.sub_steps` physics steps; what becomes
    /// of a task does not depend on the others.
    fn advance(tasks: &mut [&mut Self]);

    /// Writes what the agent sees but goals, `[observation_dim]`. `goal`, `[goal_dim]`, is for tasks
    /// whose originals show it here too.
    fn observation(&self, goal: &[f32], observation: &mut [f32]);

    /// Writes the goal that the current state satisfies, `[goal_dim]`.
    fn achieved_goal(&self, achieved_goal: &mut [f32]);

    /// What there is to draw; the same as long as the task lives.
    fn scene(&self) -> Scene;

    /// Appends the poses of the scene's bodies, in its order.
    fn poses(&self, poses: &mut Vec<Pose>);

    /// The points in the world that stand for `goal`, `[goal_dim]`.
    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]>;
}
