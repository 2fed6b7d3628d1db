//! One episode, state by state, for whoever wants to see it rather than learn from it.

use crate::behavior::Behavior;
use crate::env::{Env, EnvError};
use crate::policy::ObservationBatch;
use crate::seed;

/// Plays episode `number` of root seed `root`, and shows every state to `see`: how many steps led to
/// it, the action of the last one (empty in the first state), and the environment.
///
/// It is the episode that [`crate::rollout::rollout`] makes, bit for bit.
///
/// # Errors
///
/// The first error of the environment.
pub fn play(
    env: &mut dyn Env,
    behavior: Behavior<'_>,
    root: u64,
    number: u64,
    mut see: impl FnMut(usize, &[f32], &dyn Env),
) -> Result<(), EnvError> {
    let spec = env.spec();
    let mut streams = [seed::stream(root, "behavior", number)];
    let mut action = vec![0.0; spec.action_dim()];
    env.reset(seed::child(root, "reset", number))?;
    see(0, &[], env);
    for t in 1..=spec.n_transitions() {
        let seen = env.observation();
        let batch = ObservationBatch {
            n_rows: 1,
            observation: seen.observation,
            desired_goal: seen.desired_goal,
        };
        behavior.act(&batch, &mut action, &mut streams);
        env.step(&action)?;
        see(t, &action, env);
    }
    Ok(())
}
