//! A conditional variational autoencoder of actions: it generates such as the data hold in a state.
//!
//! ```text
//! z ~ N(μ, σ²),  (μ, log σ) = E(s_t, g, u_t),  log σ in [−4, 15]
//! L = 1/(B·U) Σ ‖D(s_t, g, z) − u_t‖² + ½ KL        KL: crate::gaussian
//! ```
//!
//! To generate, `z ~ N(0, 1)` limited to [−½, ½].
//!
//! | rows | inputs |
//! |---|---|
//! | `coded` | `(s_t, g, u_t)`, for the encoder |
//! | `now` | `(s_t, g, z)`, one `z` a transition, for the decoder |
//! | `next` | `(s_{t+1}, g, z)`, several `z` a transition, one below the other |
//! | `data` | `(s_t, g, z)`, with `z` from the encoder |
//!
//! Source: Fujimoto et al., "Off-Policy Deep Reinforcement Learning without Exploration", 2019, section 4,
//! and the code published with it (`sfujim/BCQ`), from which the numbers are.

use super::rows::{Input, Outputs, Pass, Rows, STATE, STATE_ACTION};
use crate::gaussian::Gaussian;
use crate::losses::{self, Loss, gradient_of};
use crate::setup::{Network, NetworkSpec, Setup};
use crate::step::Step;
use gcrl_core::TransitionIndex;
use gcrl_nn::{Accumulate, At, EngineError, HiddenActivation, OutputActivation};

/// What a latent is limited to where actions are generated.
const LARGEST_LATENT: f32 = 0.5;

/// The networks, their rows and passes.
pub struct Autoencoder {
    /// `E`
    pub encoder: Network,
    /// `D`
    pub decoder: Network,
    code: Gaussian,
    latent: Input,
    coded: Rows,
    /// `(s_t, g, z)`, where actions are generated.
    pub now: Rows,
    /// `(s_{t+1}, g, z)`, where candidates are generated.
    pub next: Rows,
    data: Rows,
    encoder_pass: Pass,
    decoder_pass: Pass,
}

/// What the networks say about a batch.
pub struct AutoencoderOutputs {
    /// `(μ, log σ)` in `coded`.
    parameters: Outputs,
    /// `ε`, `[n_members, batch, latent_dim]`.
    noise: Vec<f32>,
    /// `D` in `now`, `next` and `data`.
    pub decoded: Outputs,
}

impl Autoencoder {
    /// Adds the networks, with `hidden` layers in each; a latent is twice as wide as an action, and `next`
    /// holds `n_candidates` rows a transition.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn new(
        setup: &mut Setup<'_>,
        hidden: &[usize],
        n_candidates: usize,
    ) -> Result<Self, EngineError> {
        let (batch_size, action_dim) = (setup.settings.batch_size, setup.spec.action_dim());
        let dim = 2 * action_dim;
        let latent = Input::Free { name: "latent", dim };
        let state_latent = [STATE[0], STATE[1], latent];
        let mut add = |name, inputs: &[Input; 3], n_outputs, output| {
            let (inputs, hidden) = (inputs.to_vec(), hidden.to_vec());
            let hidden_activation = HiddenActivation::Relu;
            let spec = NetworkSpec { inputs, hidden, hidden_activation, n_outputs, output };
            setup.add_network(name, &spec)
        };
        let encoder = add("encoder", &STATE_ACTION, 2 * dim, OutputActivation::Linear)?;
        let decoder = add("decoder", &state_latent, action_dim, OutputActivation::Tanh)?;
        let [coded] = setup.add_rows(&STATE_ACTION, [batch_size])?;
        let n_rows = [batch_size, n_candidates * batch_size, batch_size];
        let [now, next, data] = setup.add_rows(&state_latent, n_rows)?;
        let encoder_pass = setup.add_pass(&encoder, &coded, Some(&coded))?;
        let decoder_pass = setup.add_pass(&decoder, &now.to(&data), Some(&data))?;
        let code = Gaussian { dim, log_std: -4.0..=15.0 };
        Ok(Self {
            encoder,
            decoder,
            code,
            latent,
            coded,
            now,
            next,
            data,
            encoder_pass,
            decoder_pass,
        })
    }

    /// Numbers in a latent.
    pub fn latent_dim(&self) -> usize {
        self.code.dim
    }

    /// Generates: codes and decodes the batch, and decodes latents of its own in `s_t`, and in `s_{t+1}`
    /// those of `candidates`, each transition as often as there are candidates.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn forward(
        &self,
        step: &mut Step<'_>,
        transitions: &[TransitionIndex],
        candidates: &[TransitionIndex],
    ) -> Result<AutoencoderOutputs, EngineError> {
        step.gather(&self.coded, transitions, At::Now, &STATE_ACTION)?;
        step.gather(&self.now, transitions, At::Now, &STATE)?;
        step.gather(&self.next, candidates, At::Next, &STATE)?;
        step.gather(&self.data, transitions, At::Now, &STATE)?;
        for (rows, name) in [(&self.now, "latents"), (&self.next, "next_latents")] {
            let latents = limited(step.standard_normal(name, rows.n_rows() * self.code.dim));
            step.write(rows, self.latent, &latents)?;
        }
        step.forward(&self.encoder_pass);
        let parameters = step.outputs(&self.encoder_pass);
        let noise = step.standard_normal("code", self.data.n_rows() * self.code.dim);
        step.write(&self.data, self.latent, &self.code.sample(&parameters.numbers, &noise))?;
        step.forward(&self.decoder_pass);
        Ok(AutoencoderOutputs { parameters, noise, decoded: step.outputs(&self.decoder_pass) })
    }

    /// Copies what was generated into the actions of `rows`: first those in `s_t`, then in `s_{t+1}`.
    pub fn copy_generated(&self, step: &mut Step<'_>, rows: &Rows) {
        step.copy_outputs(&self.decoder_pass, rows, Input::Action);
    }

    /// Sets both gradients; returns each member's loss.
    pub fn regress(
        &self,
        step: &mut Step<'_>,
        transitions: &[TransitionIndex],
        outputs: &AutoencoderOutputs,
    ) -> Vec<f64> {
        let reconstruct = |(member, batch): (usize, &[TransitionIndex])| {
            let (found, wanted) = (outputs.decoded.of(member, &self.data), step.actions(batch));
            losses::weighted_regression(found, &wanted, &vec![1.0; batch.len()])
        };
        let reconstructions: Vec<Loss> =
            step.batches(transitions).enumerate().map(reconstruct).collect();
        let gradient = gradient_of(&reconstructions);
        step.backward(&self.decoder_pass, &self.data, &gradient, Accumulate::Set);
        let by_latent = step.input_gradient(&self.decoder_pass, &self.data, &gradient, self.latent);
        let parameters = &outputs.parameters.numbers;
        let mut gradient = self.code.gradient(parameters, &outputs.noise, &by_latent.numbers, 0.0);
        let divergences: Vec<Loss> = (0..step.n_members())
            .map(|member| self.code.divergence(outputs.parameters.of(member, &self.coded)))
            .collect();
        for (sum, by_divergence) in gradient.iter_mut().zip(gradient_of(&divergences)) {
            *sum += 0.5 * by_divergence;
        }
        step.backward(&self.encoder_pass, &self.coded, &gradient, Accumulate::Set);
        let losses = reconstructions.iter().zip(&divergences);
        losses.map(|(reconstruction, kl)| reconstruction.value + 0.5 * kl.value).collect()
    }

    /// Steps both networks along their gradients.
    pub fn apply_gradients(&self, step: &mut Step<'_>) {
        step.adam(&self.encoder);
        step.adam(&self.decoder);
    }
}

/// Latents to generate from, made of standard normal numbers.
pub fn limited(mut noise: Vec<f32>) -> Vec<f32> {
    for number in &mut noise {
        *number = number.clamp(-LARGEST_LATENT, LARGEST_LATENT);
    }
    noise
}
