//! Supervised learning of a policy alone: no critic.
//!
//! `L(π) = 1/B Σ_b w_b ‖u_b − π(s_b, g_b)‖² / U`

use crate::algorithm::Losses;
use crate::losses;
use crate::networks::rows::{Pass, Rows, STATE};
use crate::setup::{Network, Setup};
use crate::step::Step;
use gcrl_core::TransitionIndex;
use gcrl_data::Relabel;
use gcrl_nn::{Accumulate, At, EngineError};

/// An actor and its batch.
pub struct Regression {
    /// `π`
    pub actor: Network,
    rows: Rows,
    pass: Pass,
}

impl Regression {
    /// Adds the actor.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn new(setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        let actor = setup.add_actor("actor")?;
        let [rows] = setup.add_rows(&STATE, [setup.settings.batch_size])?;
        let pass = setup.add_pass(&actor, &rows, Some(&rows))?;
        Ok(Self { actor, rows, pass })
    }

    /// One step of regression; `weigh` gives the weights of a member's batch, `[batch]`.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn update(
        &mut self,
        step: &mut Step<'_>,
        relabel: Relabel,
        weigh: impl Fn(&[TransitionIndex]) -> Vec<f32>,
    ) -> Result<Vec<Losses>, EngineError> {
        let transitions = step.sample_batch(relabel);
        step.gather(&self.rows, &transitions, At::Now, &STATE)?;
        step.update_normalizers(&transitions);
        step.forward(&self.pass);
        let outputs = step.outputs(&self.pass);
        let mut gradient = Vec::with_capacity(outputs.numbers.len());
        let mut all_losses = Vec::with_capacity(step.n_members());
        for (member, batch) in step.batches(&transitions).enumerate() {
            let (found, actions) = (outputs.of(member, &self.rows), step.actions(batch));
            let loss = losses::weighted_regression(found, &actions, &weigh(batch));
            gradient.extend(loss.gradient);
            all_losses.push(vec![("policy_loss", loss.value)]);
        }
        step.backward(&self.pass, &self.rows, &gradient, Accumulate::Set);
        step.adam(&self.actor);
        Ok(all_losses)
    }
}
