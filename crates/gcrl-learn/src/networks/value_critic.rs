//! A value `V(s, g)` beside critics `Q_k(s, g, a)` and an actor.
//!
//! | rows | inputs |
//! |---|---|
//! | `next` | `(s_{t+1}, g)`, for the value |
//! | `data` | `(s_t, g, u_t)`, for value, critics and target networks |
//! | `policy` | `(s_t, h, a)`, for all but target networks: `h` is the actor's goal, `a` an action of the data or of the actor |

use super::critics::Critics;
use super::rows::{Pass, Rows, STATE, STATE_ACTION};
use crate::setup::{Network, Setup};
use crate::step::Step;
use gcrl_nn::{EngineError, NetworkId, OutputActivation};
use std::borrow::Cow;

/// The networks, their rows and passes.
pub struct ValueCritic {
    /// `π`
    pub actor: Network,
    /// `V`
    pub value: Network,
    /// `Q_k` and `Q'_k`
    pub critics: Critics,
    /// Where transitions of the data end.
    pub next: Rows,
    /// Where they begin, with their actions.
    pub data: Rows,
    /// Where the actor acts, under goals of its own.
    pub policy: Rows,
    /// The actor on `policy`.
    pub actor_pass: Pass,
    /// The value on all rows; it learns from `data`.
    pub value_pass: Pass,
}

impl ValueCritic {
    /// Adds the networks, with `n_critics` critics, at least 1.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn new(setup: &mut Setup<'_>, n_critics: usize) -> Result<Self, EngineError> {
        let batch_size = setup.settings.batch_size;
        let [next, data, policy] = setup.add_rows(&STATE_ACTION, [batch_size; 3])?;
        let actor = setup.add_actor("actor")?;
        let spec = setup.network_spec(&STATE, 1, OutputActivation::Linear);
        let value = setup.add_network("value", &spec)?;
        let learned = data.to(&policy);
        let critics = Critics::new(setup, n_critics, (&learned, &learned), &data)?;
        let actor_pass = setup.add_pass(&actor, &policy, Some(&policy))?;
        let value_pass = setup.add_pass(&value, &next.to(&policy), Some(&data))?;
        Ok(Self { actor, value, critics, next, data, policy, actor_pass, value_pass })
    }

    /// Steps every network along its gradient, and target networks when it is their turn.
    pub fn apply_gradients(&self, step: &mut Step<'_>) {
        step.adam(&self.actor);
        step.adam(&self.value);
        self.critics.apply_gradients(step);
    }

    /// The networks by name.
    pub fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)> {
        let networks = [&self.actor, &self.value].into_iter().chain(self.critics.networks());
        networks.map(Network::entry).collect()
    }
}
