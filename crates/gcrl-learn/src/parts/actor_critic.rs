//! An actor, a critic and their slow copies, applied to a batch in four large products.
//!
//! | block | rows | inputs |
//! |---|---|---|
//! | `rows` | `0..n_chosen` | `(s, g, π(s, g))`: the actor chooses, the critic values |
//! | `rows` | `n_chosen..n_chosen + B` | `(s_t, g, u_t)`: the critic values what the data did |
//! | `next_rows` | `0..B` | `(s_{t+1}, g, π'(s_{t+1}, g))`, by the slow copies |

use super::loss::{self, Loss};
use crate::algorithm::{Setup, Step};
use gcrl_core::TransitionIndex;
use gcrl_nn::{EngineError, NetworkId, PassId, RowContent, RowsId, StateAt};
use std::ops::Range;

/// The networks, their rows and passes.
pub struct ActorCritic {
    actor: NetworkId,
    critic: NetworkId,
    target_actor: NetworkId,
    target_critic: NetworkId,
    /// Rows for the actor and the critic, see above.
    pub rows: RowsId,
    next_rows: RowsId,
    /// The actor on the first rows.
    pub choice: PassId,
    /// The critic on all rows.
    pub value: PassId,
    next_choice: PassId,
    next_value: PassId,
    /// Rows for which the actor chooses.
    pub n_chosen: usize,
    batch_size: usize,
    first_action_column: usize,
}

/// What the networks say about a batch; all `[members, rows, dim]`.
pub struct Outputs {
    /// `π(s, g)`, `n_chosen` rows.
    pub chosen: Vec<f32>,
    /// `Q(s, g, π(s, g))`, then `Q(s_t, g, u_t)`: `n_chosen + B` rows.
    pub values: Vec<f32>,
    /// `Q'(s_{t+1}, g, π'(s_{t+1}, g))`, `B` rows.
    pub next_values: Vec<f32>,
}

impl ActorCritic {
    /// Adds the networks; the actor will choose for `n_chosen` rows, and learn from the first batch of
    /// them. The critic's way back may be asked for rows `critic_kept`.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    pub fn new(
        setup: &mut Setup<'_>,
        n_chosen: usize,
        critic_kept: Range<usize>,
    ) -> Result<Self, EngineError> {
        let batch_size = setup.settings.batch_size;
        let (actor, target_actor) = (setup.add_actor("actor")?, setup.add_actor("actor")?);
        let (critic, target_critic) = (setup.add_critic("critic")?, setup.add_critic("critic")?);
        let first_action_column = setup.spec.observation_dim() + setup.spec.goal_dim();
        let width = first_action_column + setup.spec.action_dim();
        let engine = &mut *setup.engine;
        let n_rows = n_chosen + batch_size;
        let rows = engine.add_rows(n_rows, width)?;
        let next_rows = engine.add_rows(batch_size, width)?;
        Ok(Self {
            actor,
            critic,
            target_actor,
            target_critic,
            rows,
            next_rows,
            choice: engine.add_pass(actor, rows, 0..n_chosen, 0..batch_size)?,
            value: engine.add_pass(critic, rows, 0..n_rows, critic_kept)?,
            next_choice: engine.add_pass(target_actor, next_rows, 0..batch_size, 0..0)?,
            next_value: engine.add_pass(target_critic, next_rows, 0..batch_size, 0..0)?,
            n_chosen,
            batch_size,
            first_action_column,
        })
    }

    /// Fills the rows of the critic's own loss.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    pub fn gather(
        &self,
        step: &mut Step<'_>,
        transitions: &[TransitionIndex],
    ) -> Result<(), EngineError> {
        let data = RowContent::StateGoalAction;
        step.gather(self.rows, self.n_chosen, transitions, StateAt::Now, data)?;
        step.gather(self.next_rows, 0, transitions, StateAt::Next, RowContent::StateGoal)
    }

    /// Applies all four networks to their rows, each once.
    pub fn forward(&self, step: &mut Step<'_>) -> Outputs {
        let engine = &mut *step.engine;
        engine.forward(self.choice);
        engine.join(self.choice, self.first_action_column, self.n_chosen);
        engine.forward(self.next_choice);
        engine.join(self.next_choice, self.first_action_column, self.batch_size);
        engine.forward(self.value);
        engine.forward(self.next_value);
        Outputs {
            chosen: engine.outputs(self.choice).to_vec(),
            values: engine.outputs(self.value).to_vec(),
            next_values: engine.outputs(self.next_value).to_vec(),
        }
    }

    /// Sets the critic's gradient from `(y − Q(s_t, g, u_t))²`; returns each member's loss.
    pub fn regress_critic(
        &self,
        step: &mut Step<'_>,
        transitions: &[TransitionIndex],
        outputs: &Outputs,
    ) -> Vec<Loss> {
        let n_rows = self.n_chosen + self.batch_size;
        let members = transitions
            .chunks_exact(self.batch_size)
            .zip(outputs.values.chunks_exact(n_rows))
            .zip(outputs.next_values.chunks_exact(self.batch_size));
        let losses: Vec<_> = members
            .map(|((batch, values), next_values)| {
                let rewards = step.rewards(batch);
                let targets = loss::critic_targets(&rewards, next_values, step.settings.discount);
                loss::squared_error(&values[self.n_chosen..], &targets)
            })
            .collect();
        let gradient: Vec<f32> = losses.iter().flat_map(|loss| &loss.gradient).copied().collect();
        step.engine.backward(self.value, self.n_chosen..n_rows, &gradient);
        losses
    }

    /// Steps actor and critic along their gradients, and the slow copies when it is their turn.
    pub fn descend(&self, step: &mut Step<'_>) {
        let (learning_rate, tau) = (step.settings.learning_rate, step.settings.tau);
        step.engine.adam(self.actor, learning_rate);
        step.engine.adam(self.critic, learning_rate);
        if step.moves_targets() {
            step.engine.polyak(self.target_actor, self.actor, tau);
            step.engine.polyak(self.target_critic, self.critic, tau);
        }
    }

    /// The networks by name, the actor first.
    pub fn networks(&self) -> Vec<(&'static str, NetworkId)> {
        vec![
            ("actor", self.actor),
            ("critic", self.critic),
            ("target_actor", self.target_actor),
            ("target_critic", self.target_critic),
        ]
    }

    /// Columns of a row that hold the action.
    pub fn action_columns(&self, action_dim: usize) -> Range<usize> {
        self.first_action_column..self.first_action_column + action_dim
    }
}
