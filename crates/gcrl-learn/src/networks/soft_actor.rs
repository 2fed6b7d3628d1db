//! An actor that returns a distribution of actions: of soft actor-critics.
//!
//! ```text
//! a    = tanh x,  x ~ N(μ, σ²),  (μ, log σ) = actor(s, g),  log σ in [−20, 2]        crate::gaussian
//! L(π) = 1/B Σ α log π(a | s_t, g) − q(s_t, g, a)        ∂ log π / ∂x = 2 a, ∂ log π / ∂ log σ = −1
//! ```
//!
//! | rows | inputs |
//! |---|---|
//! | `now`, `next` | `(s_t, g)`, `(s_{t+1}, g)` |
//!
//! Source: Haarnoja et al., "Soft Actor-Critic Algorithms and Applications", 2019, equation 7; the limits are
//! those of rlkit.

use super::rows::{Outputs, Pass, Rows, STATE};
use crate::gaussian::{Gaussian, standard_normal};
use crate::setup::{Network, Setup};
use crate::step::Step;
use gcrl_core::TransitionIndex;
use gcrl_nn::{Accumulate, At, EngineError, OutputActivation};
use rand::RngExt;
use std::f32::consts::LN_2;

/// The network, its rows and its pass.
pub struct SoftActor {
    /// `(μ, log σ)`
    pub network: Network,
    gaussian: Gaussian,
    now: Rows,
    next: Rows,
    pass: Pass,
}

/// Sampled actions of all members, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sampled {
    /// `a`, `[n, action_dim]`.
    pub actions: Vec<f32>,
    /// `log π(a | s, g)`, `[n]`.
    pub log_densities: Vec<f32>,
    /// `ε`, `[n, action_dim]`.
    noise: Vec<f32>,
}

/// What the actor does with a batch.
pub struct SoftActorOutputs {
    parameters: Outputs,
    /// One action in every `s_t`.
    pub now: Sampled,
    /// One action in every `s_{t+1}`.
    pub next: Sampled,
}

impl SoftActor {
    /// Adds the network, with the run's hidden layers.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn new(setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        let gaussian = Gaussian { dim: setup.spec.action_dim(), log_std: -20.0..=2.0 };
        let spec = setup.network_spec(&STATE, 2 * gaussian.dim, OutputActivation::Linear);
        let network = setup.add_network("actor", &spec)?;
        let [now, next] = setup.add_rows(&STATE, [setup.settings.batch_size; 2])?;
        let pass = setup.add_pass(&network, &now.to(&next), Some(&now))?;
        Ok(Self { network, gaussian, now, next, pass })
    }

    /// Applies the network to a batch, and samples an action in every state.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn forward(
        &self,
        step: &mut Step<'_>,
        transitions: &[TransitionIndex],
    ) -> Result<SoftActorOutputs, EngineError> {
        step.gather(&self.now, transitions, At::Now, &STATE)?;
        step.gather(&self.next, transitions, At::Next, &STATE)?;
        step.forward(&self.pass);
        let parameters = step.outputs(&self.pass);
        let sample = |rows: &Rows, name| {
            let noise = step.standard_normal(name, rows.n_rows() * self.gaussian.dim);
            let members = 0..parameters.n_members();
            let of_rows: Vec<f32> =
                members.flat_map(|member| parameters.of(member, rows)).copied().collect();
            self.sample(&of_rows, noise)
        };
        let (now, next) = (sample(&self.now, "actions"), sample(&self.next, "next_actions"));
        Ok(SoftActorOutputs { parameters, now, next })
    }

    /// What `noise`, `[n, action_dim]`, samples of distributions, `[n, 2 action_dim]`.
    fn sample(&self, parameters: &[f32], noise: Vec<f32>) -> Sampled {
        let x = self.gaussian.sample(parameters, &noise);
        let log_densities = self.gaussian.tanh_log_density(parameters, &noise);
        Sampled { actions: x.into_iter().map(f32::tanh).collect(), log_densities, noise }
    }

    /// Other actions for every transition of every member, `[n_members, batch, 3 n]`: first `n` that are
    /// uniform, of density `2^−U`, then `n` of `π(· | s_t, g)`, then `n` of `π(· | s_{t+1}, g)`.
    pub fn sample_others(&self, step: &Step<'_>, outputs: &SoftActorOutputs, n: usize) -> Sampled {
        let dim = self.gaussian.dim;
        let mut others = Sampled::default();
        for member in 0..step.n_members() {
            let mut rng = step.stream(member, "other_actions");
            let [now, next] = self.distributions(outputs, member);
            for (now, next) in now.chunks_exact(2 * dim).zip(next.chunks_exact(2 * dim)) {
                let uniform = (0..n * dim).map(|_| 2.0 * rng.random::<f32>() - 1.0);
                others.actions.extend(uniform);
                others.log_densities.extend(vec![-(dim as f32) * LN_2; n]);
                for distribution in [now, next] {
                    let noise = standard_normal(n * dim, &mut rng);
                    let sampled = self.sample(&distribution.repeat(n), noise);
                    others.actions.extend(sampled.actions);
                    others.log_densities.extend(sampled.log_densities);
                }
            }
        }
        others
    }

    /// The distributions of a member in every `s_t`, and in every `s_{t+1}`, `[batch, 2 action_dim]`.
    fn distributions<'a>(&self, outputs: &'a SoftActorOutputs, member: usize) -> [&'a [f32]; 2] {
        [&self.now, &self.next].map(|rows| outputs.parameters.of(member, rows))
    }

    /// Sets the gradient of `L(π)`, from the derivative of `−1/B Σ q` by the actions in `s_t`,
    /// `[n_members, batch, action_dim]`, and the members' `α`.
    pub fn backward(
        &self,
        step: &mut Step<'_>,
        outputs: &SoftActorOutputs,
        by_action: &[f32],
        alphas: &[f32],
    ) {
        let Sampled { actions, noise, .. } = &outputs.now;
        let n_numbers = self.now.n_rows() * self.gaussian.dim;
        let mut gradient = Vec::with_capacity(2 * actions.len());
        for (member, alpha) in alphas.iter().enumerate() {
            let scale = alpha / self.now.n_rows() as f32;
            let numbers = member * n_numbers..(member + 1) * n_numbers;
            let pairs = actions[numbers.clone()].iter().zip(&by_action[numbers.clone()]);
            let by_sample: Vec<f32> =
                pairs.map(|(a, by_action)| by_action * (1.0 - a * a) + scale * 2.0 * a).collect();
            let [parameters, _] = self.distributions(outputs, member);
            let noise = &noise[numbers];
            gradient.extend(self.gaussian.gradient(parameters, noise, &by_sample, -scale));
        }
        step.backward(&self.pass, &self.now, &gradient, Accumulate::Set);
    }
}
