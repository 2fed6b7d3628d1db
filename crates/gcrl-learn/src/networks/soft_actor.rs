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
use gcrl_core::{TransitionIndex, seed};
use gcrl_nn::{Accumulate, At, EngineError, OutputActivation};
use std::f32::consts::LN_2;

/// The network, its rows and its pass.
pub struct SoftActor {
    /// `(μ, log σ)`
    pub network: Network,
    gaussian: Gaussian,
    /// `(s_t, g)`
    pub now: Rows,
    next: Rows,
    pass: Pass,
}

/// Actions that were sampled for some rows, and their densities.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampled {
    /// `a`
    pub actions: Outputs,
    /// `log π(a | s, g)`
    pub log_densities: Outputs,
}

/// What the actor does with a batch.
pub struct SoftActorOutputs {
    /// `(μ, log σ)` in `now` and `next`.
    parameters: Outputs,
    /// `ε` in `now`.
    noise: Outputs,
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
        let noise = |rows: &Rows, name| {
            let n_numbers = rows.n_rows() * self.gaussian.dim;
            Outputs::new(rows, self.gaussian.dim, step.standard_normal(name, n_numbers))
        };
        let noises = [noise(&self.now, "actions"), noise(&self.next, "next_actions")];
        let [now, next] = noises.each_ref().map(|noise| {
            let parameters = parameters.only(&noise.rows);
            let (actions, log_densities) = self.sample(&parameters.numbers, &noise.numbers);
            self.sampled(&noise.rows, actions, log_densities)
        });
        let [noise, _] = noises;
        Ok(SoftActorOutputs { parameters, noise, now, next })
    }

    /// What `noise`, `[n, action_dim]`, samples of distributions, `[n, 2 action_dim]`: actions and their log
    /// densities.
    fn sample(&self, parameters: &[f32], noise: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let x = self.gaussian.sample(parameters, noise);
        let log_densities = self.gaussian.tanh_log_density(parameters, noise);
        (x.into_iter().map(f32::tanh).collect(), log_densities)
    }

    fn sampled(&self, rows: &Rows, actions: Vec<f32>, log_densities: Vec<f32>) -> Sampled {
        Sampled {
            actions: Outputs::new(rows, self.gaussian.dim, actions),
            log_densities: Outputs::new(rows, 1, log_densities),
        }
    }

    /// Other actions for every transition of every member, for `rows` of `3 n` a transition: first `n` that are
    /// uniform, of density `2^−U`, then `n` of `π(· | s_t, g)`, then `n` of `π(· | s_{t+1}, g)`.
    pub fn sample_others(
        &self,
        step: &Step<'_>,
        outputs: &SoftActorOutputs,
        n: usize,
        rows: &Rows,
    ) -> Sampled {
        let dim = self.gaussian.dim;
        let (mut actions, mut log_densities) = (Vec::new(), Vec::new());
        for member in 0..step.n_members() {
            let mut rng = step.stream(member, "other_actions");
            let [now, next] = self.distributions(outputs, member);
            for (now, next) in now.chunks_exact(2 * dim).zip(next.chunks_exact(2 * dim)) {
                actions.extend((0..n * dim).map(|_| seed::signed_unit_f32(&mut rng)));
                log_densities.extend(vec![-(dim as f32) * LN_2; n]);
                for distribution in [now, next] {
                    let noise = standard_normal(n * dim, &mut rng);
                    let sampled = self.sample(&distribution.repeat(n), &noise);
                    actions.extend(sampled.0);
                    log_densities.extend(sampled.1);
                }
            }
        }
        self.sampled(rows, actions, log_densities)
    }

    /// The distributions of a member in every `s_t`, and in every `s_{t+1}`, `[batch, 2 action_dim]`.
    fn distributions<'a>(&self, outputs: &'a SoftActorOutputs, member: usize) -> [&'a [f32]; 2] {
        [&self.now, &self.next].map(|rows| outputs.parameters.of(member, rows))
    }

    /// Sets the gradient of `L(π)`, from the derivative of `−1/B Σ q` by the actions in `s_t`, for the rows of
    /// the critics, and the members' `α`.
    pub fn backward(
        &self,
        step: &mut Step<'_>,
        outputs: &SoftActorOutputs,
        (by_action, rows): (&Outputs, &Rows),
        alphas: &[f32],
    ) {
        let mut gradient = Vec::new();
        for (member, alpha) in alphas.iter().enumerate() {
            let by_log_density = alpha / self.now.n_rows() as f32;
            let actions = outputs.now.actions.of(member, &self.now);
            let pairs = actions.iter().zip(by_action.of(member, rows));
            let by_sample =
                pairs.map(|(a, by_action)| by_action * (1.0 - a * a) + by_log_density * 2.0 * a);
            let [parameters, _] = self.distributions(outputs, member);
            let noise = outputs.noise.of(member, &self.now);
            let by_sample: Vec<f32> = by_sample.collect();
            gradient.extend(self.gaussian.gradient(parameters, noise, &by_sample, -by_log_density));
        }
        step.backward(&self.pass, &self.now, &gradient, Accumulate::Set);
    }
}
