//! Supervised learning of a policy, weighted by advantages, beside a critic.
//!
//! ```text
//! A_b  = r(s_{t+1}, g) + γ V(s_{t+1}, g) − V(s_t, g)        V(s, g) = Q(s, g, π(s, g))
//! L(π) = 1/B Σ_b w(A)_b ‖u_b − π(s_b, g_b)‖² / U
//! L(Q) = 1/B Σ_b (clip(r + γ Q'(s_{t+1}, g̃, π'(s_{t+1}, g̃))) − Q(s_t, g̃, u_t))²
//! ```
//!
//! `g` is the goal that the policy learns from; `g̃` is `g`, or with some probability the goal that the
//! episode asked for. Both steps are taken from the same parameters. The policy's inputs are scaled
//! by the statistics of all batches before this one, the critic's by those that include it: the first
//! policy step sees inputs as they are.
//!
//! **Deviation** from the paper's text, as in the authors' code: the advantage is a TD error of `V` by
//! the online networks; the data's action enters it through `s_{t+1}` alone.

use super::actor_critic::ActorCritic;
use super::loss;
use crate::algorithm::{Losses, Setup, Step};
use gcrl_core::TransitionIndex;
use gcrl_data::Relabel;
use gcrl_nn::{EngineError, NetworkId, RowContent, StateAt};

/// Where the goals of a batch come from.
#[derive(Clone, Copy, Debug)]
pub struct Goals {
    /// The policy's.
    pub relabel: Relabel,
    /// Probability that the critic's is the one the episode asked for.
    pub original_goal_probability: f32,
}

/// The networks; the actor chooses in `s_t`, then in `s_{t+1}`.
pub struct AdvantageRegression {
    networks: ActorCritic,
}

impl AdvantageRegression {
    /// Adds the networks.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    pub fn new(setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        let batch_size = setup.settings.batch_size;
        let data_rows = 2 * batch_size..3 * batch_size;
        Ok(Self { networks: ActorCritic::new(setup, 2 * batch_size, data_rows)? })
    }

    /// One step on policy and critic; `weigh` turns a member's transitions and advantages, `[batch]`,
    /// into weights, `[batch]`.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    pub fn update(
        &mut self,
        step: &mut Step<'_>,
        goals: Goals,
        mut weigh: impl FnMut(usize, &[TransitionIndex], &[f32]) -> Vec<f32>,
    ) -> Result<Vec<Losses>, EngineError> {
        let (networks, batch_size) = (&self.networks, step.settings.batch_size);
        let transitions = step.draw(goals.relabel);
        let rows = networks.rows;
        step.gather(rows, 0, &transitions, StateAt::Now, RowContent::StateGoal)?;
        step.gather(rows, batch_size, &transitions, StateAt::Next, RowContent::StateGoal)?;
        let critic_transitions = step.restore_goals(&transitions, goals.original_goal_probability);
        step.observe(&critic_transitions);
        networks.gather(step, &critic_transitions)?;

        let outputs = networks.forward(step);
        let mut gradient = Vec::with_capacity(transitions.len() * step.spec.action_dim());
        let mut all_losses = Vec::with_capacity(step.n_members());
        for (member, batch) in transitions.chunks_exact(batch_size).enumerate() {
            let values = &outputs.values[3 * batch_size * member..][..3 * batch_size];
            let (values, next_values) = values[..2 * batch_size].split_at(batch_size);
            let advantages =
                advantages(&step.rewards(batch), values, next_values, step.settings.discount);
            let weights = weigh(member, batch, &advantages);
            let n_actions = batch_size * step.spec.action_dim();
            let chosen = &outputs.chosen[2 * n_actions * member..][..n_actions];
            let loss = loss::weighted_regression(chosen, &step.actions(batch), &weights);
            gradient.extend(&loss.gradient);
            all_losses.push(vec![
                ("policy_loss", loss.value),
                ("mean_advantage", loss::mean(advantages.iter().copied())),
                ("mean_weight", loss::mean(weights.iter().copied())),
                ("mean_q", loss::mean(values.iter().copied())),
            ]);
        }
        step.engine.backward(networks.choice, 0..batch_size, &gradient);
        let critic_losses = networks.regress_critic(step, &critic_transitions, &outputs);
        for (losses, critic_loss) in all_losses.iter_mut().zip(critic_losses) {
            losses.push(("critic_loss", critic_loss.value));
        }
        networks.descend(step);
        Ok(all_losses)
    }

    /// The networks by name, the actor first.
    pub fn networks(&self) -> Vec<(&'static str, NetworkId)> {
        self.networks.networks()
    }
}

/// `A = r + γ V(s') − V(s)`, all `[batch]`.
fn advantages(rewards: &[f32], values: &[f32], next_values: &[f32], discount: f32) -> Vec<f32> {
    let rows = rewards.iter().zip(values).zip(next_values);
    rows.map(|((reward, value), next_value)| reward + discount * next_value - value).collect()
}
