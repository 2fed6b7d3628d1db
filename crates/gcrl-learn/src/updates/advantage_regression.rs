//! Supervised learning of a policy, weighted by advantages, beside a critic.
//!
//! ```text
//! A_b  = r(s_{t+1}, g) + γ V(s_{t+1}, g) − V(s_t, g)        V as in networks::actor_critic
//! L(π) = 1/B Σ_b w(A)_b ‖u_b − π(s_b, g_b)‖² / U
//! L(Q) as in networks::actor_critic, under goals g̃
//! ```
//!
//! `g` is the goal that the policy learns from; `g̃` is `g`, or with some probability the goal that the
//! episode asked for. Both steps are taken from the same parameters. The policy's inputs are scaled
//! by normalizers of all batches before this one, the critic's by those that include it: the first
//! policy step sees inputs as they are.
//!
//! **Deviation** from the paper's text, as in the authors' code: the advantage is a TD error of `V` by
//! the online networks; the data's action enters it through `s_{t+1}` alone.

use crate::algorithm::Losses;
use crate::losses;
use crate::networks::actor_critic::{ActorCritic, ActsIn};
use crate::setup::Setup;
use crate::step::Step;
use gcrl_core::TransitionIndex;
use gcrl_data::Relabel;
use gcrl_nn::{Accumulate, EngineError};

/// Where the goals of a batch come from.
#[derive(Clone, Copy, Debug)]
pub struct Goals {
    /// The policy's.
    pub relabel: Relabel,
    /// Probability that the critic's is the one the episode asked for.
    pub original_goal_probability: f32,
}

/// A member's batch, as the critics judge it: what weights are made of.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// The transitions under the policy's goals, `[batch]`.
    pub transitions: &'a [TransitionIndex],
    /// `A`, `[batch]`
    pub advantages: &'a [f32],
    /// What each critic says of `(s_t, g, π(s_t, g))`, `[n_critics]`, each `[batch]`.
    pub values: &'a [&'a [f32]],
}

/// The networks; the actor acts in `s_t` and in `s_{t+1}`.
pub struct AdvantageRegression {
    /// The networks.
    pub networks: ActorCritic,
}

impl AdvantageRegression {
    /// Adds the networks, with `n_critics` critics, at least 1.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn new(setup: &mut Setup<'_>, n_critics: usize) -> Result<Self, EngineError> {
        Ok(Self { networks: ActorCritic::new(setup, ActsIn::NowAndNext, n_critics)? })
    }

    /// One step on policy and critics; `weigh` makes the weights of a member's batch, `[batch]`.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn update(
        &mut self,
        step: &mut Step<'_>,
        goals: Goals,
        mut weigh: impl FnMut(usize, Judged<'_>) -> Vec<f32>,
    ) -> Result<Vec<Losses>, EngineError> {
        let networks = &self.networks;
        let transitions = step.sample_batch(goals.relabel);
        networks.gather_states(step, &transitions)?;
        let critic_transitions = step.restore_goals(&transitions, goals.original_goal_probability);
        step.update_normalizers(&critic_transitions);
        networks.gather_data(step, &critic_transitions)?;

        let outputs = networks.forward(step);
        let mut gradient = Vec::with_capacity(transitions.len() * step.spec.action_dim());
        let mut all_losses = Vec::with_capacity(step.n_members());
        for (member, batch) in step.batches(&transitions).enumerate() {
            let values = outputs.critics.each(member, &networks.now);
            let value = losses::mean_over_critics(&values);
            let next_value = outputs.critics.mean(member, &networks.next);
            let rewards = step.rewards(batch);
            let discount = step.settings.discount;
            let advantages = losses::temporal_differences(&rewards, &value, &next_value, discount);
            let judged = Judged { transitions: batch, advantages: &advantages, values: &values };
            let weights = weigh(member, judged);
            let policy_actions = outputs.actions.of(member, &networks.now);
            let loss = losses::weighted_regression(policy_actions, &step.actions(batch), &weights);
            gradient.extend(&loss.gradient);
            all_losses.push(vec![
                ("policy_loss", loss.value),
                ("mean_advantage", losses::mean(&advantages)),
                ("mean_weight", losses::mean(&weights)),
                ("mean_q", losses::mean(&value)),
            ]);
        }
        step.backward(&networks.actor_pass, &networks.now, &gradient, Accumulate::Set);
        let critic_losses = networks.regress_critics(step, &critic_transitions, &outputs);
        for (losses, critic_loss) in all_losses.iter_mut().zip(critic_losses) {
            losses.push(("critic_loss", critic_loss));
        }
        networks.apply_gradients(step);
        Ok(all_losses)
    }
}
