//! Environments of one task that are made once and live as long as they are needed.
//!
//! A reset leaves nothing of the episode before it, so that a pool of any size, used any number of
//! times, makes the episodes of new environments, bit for bit.

use crate::behavior::Behavior;
use crate::env::{self, Env, EnvError, Outcome};
use crate::episode::Episodes;
use crate::lock_step;
use crate::plan::Plan;
use crate::spec::TaskSpec;
use crate::threads::on_threads;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Builds one more environment of the same task.
pub type MakeEnv<'a> = &'a (dyn Fn() -> Box<dyn Env> + Sync);

/// Environments of one task.
pub struct EnvPool {
    spec: &'static TaskSpec,
    envs: Vec<Box<dyn Env>>,
    seen: PoolObservation,
    outcomes: Vec<Outcome>,
}

/// What the agents of a pool see, environment by environment.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolObservation {
    /// `[n_envs, observation_dim]`
    pub observation: Vec<f32>,
    /// `[n_envs, goal_dim]`
    pub achieved_goal: Vec<f32>,
    /// `[n_envs, goal_dim]`
    pub desired_goal: Vec<f32>,
}

impl EnvPool {
    /// `n_envs` environments, at least 1.
    pub fn new(make_env: MakeEnv<'_>, n_envs: usize) -> Self {
        let envs: Vec<_> = (0..n_envs.max(1)).map(|_| make_env()).collect();
        let spec = envs[0].spec();
        let numbers = |dim| vec![0.0; envs.len() * dim];
        let seen = PoolObservation {
            observation: numbers(spec.observation_dim()),
            achieved_goal: numbers(spec.goal_dim()),
            desired_goal: numbers(spec.goal_dim()),
        };
        let outcome = Outcome { reward: 0.0, success: false, truncated: false };
        let outcomes = vec![outcome; envs.len()];
        Self { spec, envs, seen, outcomes }
    }

    /// The task.
    pub fn spec(&self) -> &'static TaskSpec {
        self.spec
    }

    /// How many environments there are.
    pub fn n_envs(&self) -> usize {
        self.envs.len()
    }

    /// Makes the planned episodes, each of the task's `n_transitions` steps, with as many environments
    /// side by side as there are.
    ///
    /// `on_progress` hears, from any thread, how many more episodes are done.
    ///
    /// # Errors
    ///
    /// The first error of any environment.
    pub fn rollout(
        &mut self,
        behavior: &Behavior,
        plan: &Plan,
        on_progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Episodes, EnvError> {
        lock_step::fill(&mut self.envs, behavior, plan, on_progress)
    }

    /// Starts an episode in every environment; the first has the first of `seeds`.
    ///
    /// # Errors
    ///
    /// The error of the first environment that has one.
    ///
    /// # Panics
    ///
    /// If there is not one seed for each environment.
    pub fn reset_all(&mut self, seeds: &[u64]) -> Result<(), EnvError> {
        assert_eq!(seeds.len(), self.envs.len(), "every environment has a seed");
        let reset = |(env, seed): (&mut Box<dyn Env>, &u64)| env.reset(*seed);
        let result = self.envs.iter_mut().zip(seeds).try_for_each(reset);
        self.see();
        result
    }

    /// Steps every environment over `n_threads` threads; `actions` is `[n_envs, action_dim]`.
    ///
    /// # Errors
    ///
    /// The error of the first environment that has one; all others have stepped.
    ///
    /// # Panics
    ///
    /// If there is not one action for each environment.
    pub fn step_all(&mut self, actions: &[f32], n_threads: usize) -> Result<&[Outcome], EnvError> {
        let (n_envs, action_dim) = (self.envs.len(), self.spec.action_dim());
        assert_eq!(actions.len(), n_envs * action_dim, "every environment has an action");
        let n_together = n_envs.div_ceil(n_threads.max(1));
        let envs = self.envs.chunks_mut(n_together);
        let outcomes = self.outcomes.chunks_mut(n_together);
        let actions = actions.chunks(n_together * action_dim);
        let parts = envs.zip(outcomes).zip(actions);
        let n_parts = parts.len();
        let (parts, failures) = (Mutex::new(parts.enumerate()), Mutex::new(BTreeMap::new()));
        let next = || parts.lock().expect("no thread panics").next();
        on_threads(n_parts, || {
            while let Some((part, ((envs, outcomes), actions))) = next() {
                if let Err(error) = step(envs, outcomes, actions) {
                    failures.lock().expect("no thread panics").insert(part, error);
                }
            }
        });
        self.see();
        match failures.into_inner().expect("no thread panics").pop_first() {
            Some((_first, error)) => Err(error),
            None => Ok(&self.outcomes),
        }
    }

    /// What the agents see since the last `reset_all` or `step_all`.
    pub fn seen(&self) -> &PoolObservation {
        &self.seen
    }

    fn see(&mut self) {
        let (observation_dim, goal_dim) = (self.spec.observation_dim(), self.spec.goal_dim());
        for (lane, env) in self.envs.iter().enumerate() {
            let seen = env.observation();
            let put = |rows: &mut [f32], dim, row| {
                rows[lane * dim..(lane + 1) * dim].copy_from_slice(row);
            };
            put(&mut self.seen.observation, observation_dim, seen.observation);
            put(&mut self.seen.achieved_goal, goal_dim, seen.achieved_goal);
            put(&mut self.seen.desired_goal, goal_dim, seen.desired_goal);
        }
    }
}

/// Steps every environment, and returns the error of the first that has one; `actions` is `[n_envs,
/// action_dim]`.
fn step(
    envs: &mut [Box<dyn Env>],
    outcomes: &mut [Outcome],
    actions: &[f32],
) -> Result<(), EnvError> {
    let action_dim = actions.len() / envs.len();
    let actions = actions.chunks_exact(action_dim);
    let mut turns: Vec<_> = envs.iter_mut().map(|env| &mut **env).zip(actions).collect();
    let mut result = Ok(());
    for (next, outcome) in env::step_each(&mut turns).into_iter().zip(outcomes) {
        match next {
            Ok(next) => *outcome = next,
            Err(error) => result = result.and(Err(error)),
        }
    }
    result
}
