//! Environments of one task that are made once and live as long as they are needed.
//!
//! A reset leaves nothing of the episode before it, so that a pool of any size, used any number of
//! times, makes the episodes of new environments, bit for bit.

use crate::behavior::Behavior;
use crate::env::{Env, EnvError};
use crate::episode::Episodes;
use crate::lock_step;
use crate::plan::{OnProgress, Plan};
use crate::spec::TaskSpec;

/// Builds one more environment of the same task.
pub type MakeEnv<'a> = &'a (dyn Fn() -> Box<dyn Env> + Sync);

/// Environments of one task.
pub struct EnvPool {
    spec: &'static TaskSpec,
    envs: Vec<Box<dyn Env>>,
}

impl EnvPool {
    /// `n_envs` environments, at least 1.
    pub fn new(make_env: MakeEnv<'_>, n_envs: usize) -> Self {
        let envs: Vec<_> = (0..n_envs.max(1)).map(|_| make_env()).collect();
        let spec = envs[0].spec();
        Self { spec, envs }
    }

    /// The task.
    pub fn spec(&self) -> &'static TaskSpec {
        self.spec
    }

    /// Makes the planned episodes, each of the task's `n_transitions` steps, with as many environments
    /// side by side as there are.
    ///
    /// # Errors
    ///
    /// The first error of any environment, or [`EnvError::Stopped`] if `on_progress` broke off.
    pub fn rollout(
        &mut self,
        behavior: &Behavior,
        plan: &Plan,
        on_progress: OnProgress<'_>,
    ) -> Result<Episodes, EnvError> {
        lock_step::fill(&mut self.envs, behavior, plan, on_progress)
    }
}
