//! One episode, step by step, for whoever wants to see it rather than learn from it.

use crate::behavior::Behavior;
use crate::env::{Env, EnvError};
use crate::policy::ObservationBatch;
use crate::seed::{self, Stream};

/// An episode that is being played. Its environment and who acts are passed to every step.
///
/// It is the episode that [`crate::rollout::rollout`] makes, bit for bit.
pub struct Play {
    stream: [Stream; 1],
    action: Vec<f32>,
    t: usize,
}

impl Play {
    /// Starts episode `number` of root seed `root` in `env`.
    ///
    /// # Errors
    ///
    /// If the environment cannot be reset.
    pub fn start(env: &mut dyn Env, root: u64, number: u64) -> Result<Self, EnvError> {
        env.reset(seed::child(root, "reset", number))?;
        let stream = [seed::stream(root, "behavior", number)];
        Ok(Self { stream, action: vec![0.0; env.spec().action_dim()], t: 0 })
    }

    /// Makes the next step, and returns its action, `[action_dim]`.
    ///
    /// # Errors
    ///
    /// The environment's.
    pub fn step(&mut self, env: &mut dyn Env, behavior: &Behavior) -> Result<&[f32], EnvError> {
        let seen = env.observation();
        let batch = ObservationBatch {
            n_rows: 1,
            observation: seen.observation,
            desired_goal: seen.desired_goal,
        };
        behavior.act(&batch, &mut self.action, &mut self.stream);
        env.step(&self.action)?;
        self.t += 1;
        Ok(&self.action)
    }

    /// Steps made so far.
    pub fn t(&self) -> usize {
        self.t
    }

    /// Whether the episode is as long as those that are learned from.
    pub fn is_over(&self, env: &dyn Env) -> bool {
        env.spec().n_transitions <= self.t
    }
}
