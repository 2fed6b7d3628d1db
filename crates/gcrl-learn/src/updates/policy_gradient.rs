//! The deterministic policy gradient, off policy, with hindsight or without.
//!
//! ```text
//! L(Q) as in networks::actor_critic
//! L(π) = −1/B Σ_b Q(s_b, g_b, π(s_b, g_b)) + λ · 1/(B·U) Σ_b Σ_j π_j(s_b, g_b)²
//! ```
//!
//! Both gradients are taken at the same parameters. Inputs are scaled by normalizers that know
//! the batch.
//!
//! Source: Lillicrap et al., "Continuous Control with Deep Reinforcement Learning", 2016; the penalty
//! on actions: Plappert et al., "Multi-Goal Reinforcement Learning", 2018.

use crate::algorithm::Losses;
use crate::losses;
use crate::networks::actor_critic::{ActorCritic, ActsIn};
use crate::setup::Setup;
use crate::step::Step;
use gcrl_data::Relabel;
use gcrl_nn::{Accumulate, EngineError};

/// The networks; the actor acts in `s_t`, and there is one critic.
pub struct PolicyGradient {
    /// The networks.
    pub networks: ActorCritic,
}

impl PolicyGradient {
    /// Adds the networks.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn new(setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        Ok(Self { networks: ActorCritic::new(setup, ActsIn::Now, 1)? })
    }

    /// One step on critic and policy; `action_penalty` is λ.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn update(
        &mut self,
        step: &mut Step<'_>,
        relabel: Relabel,
        action_penalty: f32,
    ) -> Result<Vec<Losses>, EngineError> {
        let networks = &self.networks;
        let transitions = step.sample_batch(relabel);
        step.update_normalizers(&transitions);
        networks.gather_states(step, &transitions)?;
        networks.gather_data(step, &transitions)?;

        let outputs = networks.forward(step);
        let critic_losses = networks.regress_critics(step, &transitions, &outputs);
        let now = &networks.now;
        let batch_size = now.n_rows();
        let value_gradients = [vec![-1.0 / batch_size as f32; transitions.len()]];
        let mut gradient = networks.critics.action_gradient(step, now, &value_gradients).numbers;
        let n_actions = batch_size * step.spec.action_dim();
        for (gradient, action) in gradient.iter_mut().zip(&outputs.actions.numbers) {
            *gradient += action_penalty * 2.0 * action / n_actions as f32;
        }
        step.backward(&networks.actor_pass, now, &gradient, Accumulate::Set);
        networks.apply_gradients(step);

        let losses = critic_losses.into_iter().enumerate().map(|(member, critic_loss)| {
            let mean_q = losses::mean(&outputs.critics.mean(member, now));
            let mean_square = losses::mean_square(outputs.actions.of(member, now));
            vec![
                ("policy_loss", f64::from(action_penalty) * mean_square - mean_q),
                ("mean_q", mean_q),
                ("critic_loss", critic_loss),
            ]
        });
        Ok(losses.collect())
    }
}
