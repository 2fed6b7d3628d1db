//! Supervised learning of a policy alone: no critic.
//!
//! `L(π) = 1/B Σ_b w_b ‖u_b − π(s_b, g_b)‖² / U`

use super::loss;
use crate::algorithm::{Losses, Setup, Step};
use gcrl_core::TransitionIndex;
use gcrl_data::Relabel;
use gcrl_nn::{EngineError, NetworkId, PassId, RowContent, RowsId, StateAt};

/// An actor and its batch.
pub struct Regression {
    actor: NetworkId,
    rows: RowsId,
    chosen: PassId,
}

impl Regression {
    /// Adds the actor.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    pub fn new(setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        let batch_size = setup.settings.batch_size;
        let actor = setup.add_actor("actor")?;
        let width = setup.spec.observation_dim() + setup.spec.goal_dim();
        let rows = setup.engine.add_rows(batch_size, width)?;
        let chosen = setup.engine.add_pass(actor, rows, 0..batch_size, 0..batch_size)?;
        Ok(Self { actor, rows, chosen })
    }

    /// One step of regression; `weigh` gives the weights of a member's batch, `[batch]`.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    pub fn update(
        &mut self,
        step: &mut Step<'_>,
        relabel: Relabel,
        weigh: impl Fn(&[TransitionIndex]) -> Vec<f32>,
    ) -> Result<Vec<Losses>, EngineError> {
        let transitions = step.draw(relabel);
        step.gather(self.rows, 0, &transitions, StateAt::Now, RowContent::StateGoal)?;
        step.observe(&transitions);
        step.engine.forward(self.chosen);
        let chosen = step.engine.outputs(self.chosen).to_vec();
        let batch_size = step.settings.batch_size;
        let members = transitions
            .chunks_exact(batch_size)
            .zip(chosen.chunks_exact(batch_size * step.spec.action_dim()));
        let losses: Vec<_> = members
            .map(|(batch, chosen)| {
                loss::weighted_regression(chosen, &step.actions(batch), &weigh(batch))
            })
            .collect();
        let gradient: Vec<f32> = losses.iter().flat_map(|loss| &loss.gradient).copied().collect();
        step.engine.backward(self.chosen, 0..batch_size, &gradient);
        step.engine.adam(self.actor, step.settings.learning_rate);
        Ok(losses.iter().map(|loss| vec![("policy_loss", loss.value)]).collect())
    }

    /// The actor.
    pub fn networks(&self) -> Vec<(&'static str, NetworkId)> {
        vec![("actor", self.actor)]
    }
}
