//! Episodes of a behavior in environments made for them alone.

use crate::behavior::Behavior;
use crate::env::EnvError;
use crate::episode::Episodes;
use crate::pool::{EnvPool, MakeEnv};

pub use crate::plan::{OnProgress, Plan, to_the_end};

/// Makes the planned episodes with environments made for them alone; see [`EnvPool::rollout`].
///
/// # Errors
///
/// The first error of any environment, or [`EnvError::Stopped`] if `on_progress` broke off.
pub fn rollout(
    make_env: MakeEnv<'_>,
    behavior: &Behavior,
    plan: &Plan,
    on_progress: OnProgress<'_>,
) -> Result<Episodes, EnvError> {
    EnvPool::new(make_env, plan.n_envs()).rollout(behavior, plan, on_progress)
}
