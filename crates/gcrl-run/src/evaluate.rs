//! Episodes of a behavior, scored.

use gcrl_core::rollout::{Plan, to_the_end};
use gcrl_core::{Behavior, EnvError, EnvPool};
use gcrl_envs::TaskEntry;
use gcrl_eval::Evaluation;

/// What `seed` plays: other starts and goals than collecting with the same seed.
pub fn evaluation_plan(seed: u64, n_episodes: u64, n_threads: usize) -> Plan {
    Plan { seed: gcrl_eval::evaluation_seed(seed), episodes: 0..n_episodes, n_threads }
}

/// Plays `n_episodes` of `seed` and scores them, the same on any number of threads.
///
/// # Errors
///
/// The first error of any environment.
///
/// # Panics
///
/// If `n_episodes` is 0.
pub fn evaluate(
    task: &TaskEntry,
    behavior: &Behavior,
    seed: u64,
    n_episodes: u64,
    n_threads: usize,
) -> Result<Evaluation, EnvError> {
    let plan = evaluation_plan(seed, n_episodes, n_threads);
    let mut pool = EnvPool::new(&|| task.make(), plan.n_envs());
    let evaluation = gcrl_eval::evaluate(&mut pool, behavior, &plan, &to_the_end)?;
    Ok(Evaluation { seed, ..evaluation })
}
