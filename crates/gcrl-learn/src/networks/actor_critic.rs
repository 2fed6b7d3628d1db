//! An actor, its critics, and their target networks, each applied to a batch once.
//!
//! ```text
//! V(s, g) = 1/K Σ_k Q_k(s, g, π(s, g))        K critics; with one, V is what it says
//! y_k     = clip(r + γ Q'_k(s_{t+1}, g, π'(s_{t+1}, g)))        Q', π': target networks
//! L(Q_k)  = 1/B Σ_b (y_k − Q_k(s_t, g, u_t))²
//! ```
//!
//! | rows | inputs |
//! |---|---|
//! | `now`, `next` | `(s, g, π(s, g))`: the actor acts, the critics value it; `next` only if asked for |
//! | `data` | `(s_t, g, u_t)`: the critics value what the data did |
//! | `target` | `(s_{t+1}, g, π'(s_{t+1}, g))`, by the target networks |
//!
//! Several critics: Yang et al., "What is Essential for Unseen Goal Generalization of Offline
//! Goal-conditioned RL?", 2023, in whose code each learns from its own target network and their mean is
//! the value.

use super::critics::{CriticOutputs, Critics};
use super::rows::{Input, Outputs, Pass, Rows, STATE, STATE_ACTION};
use crate::losses;
use crate::setup::{Network, Setup};
use crate::step::Step;
use gcrl_core::TransitionIndex;
use gcrl_nn::{At, EngineError, NetworkId};
use std::borrow::Cow;

/// In which states the actor acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActsIn {
    /// `s_t`, where critics can be asked for the derivative by its actions.
    Now,
    /// `s_t` and `s_{t+1}`.
    NowAndNext,
}

/// The networks, their rows and passes.
pub struct ActorCritic {
    /// `π`
    pub actor: Network,
    target_actor: Network,
    /// `Q_k` and `Q'_k`
    pub critics: Critics,
    /// Rows in which the actor acts in `s_t`.
    pub now: Rows,
    /// Rows in which it acts in `s_{t+1}`; none if it does not.
    pub next: Rows,
    data: Rows,
    target: Rows,
    /// The actor on `now` and `next`.
    pub actor_pass: Pass,
    target_actor_pass: Pass,
}

/// What the networks say about a batch.
pub struct ActorCriticOutputs {
    /// `π(s, g)` in `now` and `next`.
    pub actions: Outputs,
    /// `Q_k` in `now`, `next` and `data`; `Q'_k` in `target`.
    pub critics: CriticOutputs,
}

impl ActorCritic {
    /// Adds the networks, with `n_critics` critics, at least 1.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn new(
        setup: &mut Setup<'_>,
        acts_in: ActsIn,
        n_critics: usize,
    ) -> Result<Self, EngineError> {
        let batch_size = setup.settings.batch_size;
        let n_next = if acts_in == ActsIn::NowAndNext { batch_size } else { 0 };
        let [now, next, data] = setup.add_rows(&STATE_ACTION, [batch_size, n_next, batch_size])?;
        let [target] = setup.add_rows(&STATE_ACTION, [batch_size])?;
        let all = now.to(&data);
        let saved = if acts_in == ActsIn::Now { &all } else { &data };
        let actor = setup.add_actor("actor")?;
        let target_actor = setup.add_target(&actor)?;
        let critics = Critics::new(setup, n_critics, (&all, saved), &target)?;
        let actor_pass = setup.add_pass(&actor, &now.to(&next), Some(&now))?;
        let target_actor_pass = setup.add_pass(&target_actor, &target, None)?;
        Ok(Self {
            actor,
            target_actor,
            critics,
            now,
            next,
            data,
            target,
            actor_pass,
            target_actor_pass,
        })
    }

    /// Fills the rows in which the actor acts.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn gather_states(
        &self,
        step: &mut Step<'_>,
        transitions: &[TransitionIndex],
    ) -> Result<(), EngineError> {
        step.gather(&self.now, transitions, At::Now, &STATE)?;
        if self.next.n_rows() == 0 {
            return Ok(());
        }
        step.gather(&self.next, transitions, At::Next, &STATE)
    }

    /// Fills the rows that the critics learn from.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn gather_data(
        &self,
        step: &mut Step<'_>,
        transitions: &[TransitionIndex],
    ) -> Result<(), EngineError> {
        step.gather(&self.data, transitions, At::Now, &STATE_ACTION)?;
        step.gather(&self.target, transitions, At::Next, &STATE)
    }

    /// Applies all networks to their rows, each once.
    pub fn forward(&self, step: &mut Step<'_>) -> ActorCriticOutputs {
        for pass in [&self.actor_pass, &self.target_actor_pass] {
            step.forward(pass);
            step.copy_outputs(pass, &pass.rows, Input::Action);
        }
        let critics = self.critics.forward(step);
        ActorCriticOutputs { actions: step.outputs(&self.actor_pass), critics }
    }

    /// Sets the critics' gradients, from the transitions that `gather_data` was given; returns each
    /// member's mean loss.
    pub fn regress_critics(
        &self,
        step: &mut Step<'_>,
        transitions: &[TransitionIndex],
        outputs: &ActorCriticOutputs,
    ) -> Vec<f64> {
        let discount = step.settings.discount;
        let rewards: Vec<_> = step.batches(transitions).map(|batch| step.rewards(batch)).collect();
        self.critics.regress(step, &self.data, &outputs.critics, |critic, member| {
            let next_values = outputs.critics.target[critic].of(member, &self.target);
            losses::critic_targets(&rewards[member], next_values, discount)
        })
    }

    /// Steps every network along its gradient, and target networks when it is their turn.
    pub fn apply_gradients(&self, step: &mut Step<'_>) {
        step.adam(&self.actor);
        step.move_target(&self.target_actor, &self.actor);
        self.critics.apply_gradients(step);
    }

    /// The networks by name.
    pub fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)> {
        let actors = [&self.actor, &self.target_actor];
        actors.into_iter().chain(self.critics.networks()).map(Network::entry).collect()
    }
}
