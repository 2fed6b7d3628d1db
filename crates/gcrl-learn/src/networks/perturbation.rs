//! Small changes of generated actions, toward what a critic values.
//!
//! ```text
//! u = clip(a + Φ ξ(s, g, a), −1, 1)        ∂u/∂ξ = Φ where nothing is cut off, else 0
//! ```
//!
//! | rows | inputs |
//! |---|---|
//! | `now` | `(s_t, g, a)`, for `ξ` |
//! | `next` | `(s_{t+1}, g, a)`, several `a` a transition, one below the other, for its target network `ξ'` |
//!
//! Source: Fujimoto et al., "Off-Policy Deep Reinforcement Learning without Exploration", 2019, section 4.

use super::autoencoder::{Autoencoder, AutoencoderOutputs};
use super::rows::{Outputs, Pass, Rows, STATE, STATE_ACTION};
use crate::setup::{Network, Setup};
use crate::step::Step;
use gcrl_core::TransitionIndex;
use gcrl_nn::{Accumulate, At, EngineError, OutputActivation};

/// The networks, their rows and passes.
pub struct Perturbation {
    /// `ξ`
    pub online: Network,
    /// `ξ'`
    pub target: Network,
    /// Φ
    largest: f32,
    now: Rows,
    next: Rows,
    pass: Pass,
    target_pass: Pass,
}

/// Perturbed actions of a batch.
pub struct Perturbed {
    /// `a + Φ ξ(s_t, g, a)`
    unlimited: Outputs,
    /// `u` in `s_t`.
    pub now: Outputs,
    /// `u` in `s_{t+1}` by the target network, those of a transition's candidates one below the other.
    pub next: Outputs,
}

impl Perturbation {
    /// Adds the networks, with the run's hidden layers; `largest` is Φ.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn new(
        setup: &mut Setup<'_>,
        largest: f32,
        n_candidates: usize,
    ) -> Result<Self, EngineError> {
        let (n_outputs, output) = (setup.spec.action_dim(), OutputActivation::Tanh);
        let spec = setup.network_spec(&STATE_ACTION, n_outputs, output);
        let online = setup.add_network("perturbation", &spec)?;
        let target = setup.add_target(&online)?;
        let batch_size = setup.settings.batch_size;
        let [now, next] = setup.add_rows(&STATE_ACTION, [batch_size, n_candidates * batch_size])?;
        let pass = setup.add_pass(&online, &now, Some(&now))?;
        let target_pass = setup.add_pass(&target, &next, None)?;
        Ok(Self { online, target, largest, now, next, pass, target_pass })
    }

    /// Perturbs what was generated for a batch, and in `s_{t+1}` for its candidates.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn forward(
        &self,
        step: &mut Step<'_>,
        (transitions, candidates): (&[TransitionIndex], &[TransitionIndex]),
        (autoencoder, generated): (&Autoencoder, &AutoencoderOutputs),
    ) -> Result<Perturbed, EngineError> {
        step.gather(&self.now, transitions, At::Now, &STATE)?;
        step.gather(&self.next, candidates, At::Next, &STATE)?;
        autoencoder.copy_generated(step, &self.now.to(&self.next));
        step.forward(&self.pass);
        step.forward(&self.target_pass);
        let change = [step.outputs(&self.pass), step.outputs(&self.target_pass)];
        let generated =
            [&autoencoder.now, &autoencoder.next].map(|rows| generated.decoded.only(rows));
        let [unlimited, next] = std::array::from_fn(|i| self.perturb(&generated[i], &change[i]));
        Ok(Perturbed { now: limited(&unlimited), next: limited(&next), unlimited })
    }

    /// `a + Φ ξ`
    fn perturb(&self, generated: &Outputs, change: &Outputs) -> Outputs {
        let numbers = generated.numbers.iter().zip(&change.numbers);
        let numbers = numbers.map(|(a, change)| a + self.largest * change).collect();
        Outputs::new(&change.rows, change.width, numbers)
    }

    /// Sets the gradient, from the derivative of a loss by `u` in `s_t`.
    pub fn backward(&self, step: &mut Step<'_>, perturbed: &Perturbed, by_action: &Outputs) {
        let numbers = perturbed.unlimited.numbers.iter().zip(&by_action.numbers);
        let by_perturbation = |(unlimited, by_action): (&f32, &f32)| {
            if unlimited.abs() <= 1.0 { self.largest * by_action } else { 0.0 }
        };
        let gradient: Vec<f32> = numbers.map(by_perturbation).collect();
        step.backward(&self.pass, &self.now, &gradient, Accumulate::Set);
    }

    /// Steps the network along its gradient, and its target network when it is its turn.
    pub fn apply_gradients(&self, step: &mut Step<'_>) {
        step.adam(&self.online);
        step.move_target(&self.target, &self.online);
    }
}

/// `clip(u, −1, 1)`
fn limited(actions: &Outputs) -> Outputs {
    let numbers = actions.numbers.iter().map(|number| number.clamp(-1.0, 1.0)).collect();
    Outputs::new(&actions.rows, actions.width, numbers)
}
