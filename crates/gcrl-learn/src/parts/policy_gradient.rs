//! The deterministic policy gradient, off policy, with hindsight or without.
//!
//! ```text
//! L(Q) = 1/B Σ_b (clip(r + γ Q'(s_{t+1}, g, π'(s_{t+1}, g))) − Q(s_t, g, u_t))²
//! L(π) = −1/B Σ_b Q(s_b, g_b, π(s_b, g_b)) + λ · 1/(B·U) Σ_b Σ_j π_j(s_b, g_b)²
//! ```
//!
//! Both gradients are taken at the same parameters. Inputs are scaled by statistics that include the
//! batch.
//!
//! Source: Lillicrap et al., "Continuous Control with Deep Reinforcement Learning", 2016; the penalty
//! on actions: Plappert et al., "Multi-Goal Reinforcement Learning", 2018.

use super::actor_critic::ActorCritic;
use super::loss;
use crate::algorithm::{Losses, Setup, Step};
use gcrl_data::Relabel;
use gcrl_nn::{EngineError, NetworkId, RowContent, StateAt};

/// The networks; the actor chooses in `s_t`.
pub struct PolicyGradient {
    networks: ActorCritic,
}

impl PolicyGradient {
    /// Adds the networks.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    pub fn new(setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        let batch_size = setup.settings.batch_size;
        Ok(Self { networks: ActorCritic::new(setup, batch_size, 0..2 * batch_size)? })
    }

    /// One step on critic and policy; `action_penalty` is λ.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    pub fn update(
        &mut self,
        step: &mut Step<'_>,
        relabel: Relabel,
        action_penalty: f32,
    ) -> Result<Vec<Losses>, EngineError> {
        let (networks, batch_size) = (&self.networks, step.settings.batch_size);
        let transitions = step.draw(relabel);
        step.observe(&transitions);
        step.gather(networks.rows, 0, &transitions, StateAt::Now, RowContent::StateGoal)?;
        networks.gather(step, &transitions)?;

        let outputs = networks.forward(step);
        let critic_losses = networks.regress_critic(step, &transitions, &outputs);
        let value_gradient = vec![-1.0 / batch_size as f32; transitions.len()];
        let columns = networks.action_columns(step.spec.action_dim());
        let mut gradient =
            step.engine.input_gradient(networks.value, 0..batch_size, &value_gradient, columns);
        let n_actions = batch_size * step.spec.action_dim();
        for (gradient, chosen) in gradient.iter_mut().zip(&outputs.chosen) {
            *gradient += action_penalty * 2.0 * chosen / n_actions as f32;
        }
        step.engine.backward(networks.choice, 0..batch_size, &gradient);
        networks.descend(step);

        let values = outputs.values.chunks_exact(2 * batch_size);
        let members = critic_losses.iter().zip(values).zip(outputs.chosen.chunks_exact(n_actions));
        let losses = members.map(|((critic_loss, values), chosen)| {
            let mean_q = loss::mean(values[..batch_size].iter().copied());
            let mean_square = loss::mean(chosen.iter().map(|action| action * action));
            vec![
                ("policy_loss", f64::from(action_penalty) * mean_square - mean_q),
                ("mean_q", mean_q),
                ("critic_loss", critic_loss.value),
            ]
        });
        Ok(losses.collect())
    }

    /// The networks by name, the actor first.
    pub fn networks(&self) -> Vec<(&'static str, NetworkId)> {
        self.networks.networks()
    }
}
