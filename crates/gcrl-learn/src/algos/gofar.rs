//! `GoFAR`: goal-conditioned f-advantage regression, by the χ² divergence.
//!
//! ```text
//! R    = c(φ(s_t), g)                                    the logit of networks::discriminator
//! δ    = R + γ V'(s_{t+1}, g) − V(s_t, g)                  V': target network
//! L(V) = (1 − γ) · 1/B Σ V(s_0, g) + 1/B Σ (δ + 1)²
//! L(π) = 1/B Σ max(0, δ + 1) ‖u_t − π(s_t, g)‖² / U
//! L(c) as in networks::discriminator
//! ```
//!
//! `g` is the goal that the episode asked for: there is no reward, and no relabeling unless it is set.
//!
//! Source: Ma et al., "How Far I'll Go: Offline Goal-Conditioned Reinforcement Learning via f-Advantage
//! Regression", 2022, section 4, and the code published with it, from which λ = 0.01 is. There, as here,
//! `(δ + 1)²` stands without the ½ of the χ² dual, and the policy learns beside the value, not after it.
//! **Deviations:** the discriminator makes one step an update on the same batch (there 20 steps before every
//! 20 updates); learning rates, networks and target steps are those of `[train]` (there 1e-3, 5e-4 for
//! the discriminator, 0.05 every 20 updates); inputs are scaled by normalizers that know the batch.

use crate::algorithm::{Algorithm, Losses, PolicyFrame};
use crate::losses;
use crate::networks::discriminator::Discriminator;
use crate::networks::policy;
use crate::networks::rows::{Pass, Rows, STATE};
use crate::registered::{AlgorithmConfig, Registered};
use crate::settings::first_problem;
use crate::setup::{Network, Setup};
use crate::step::Step;
use gcrl_data::Relabel;
use gcrl_nn::{Accumulate, At, Engine, EngineError, NetworkId, OutputActivation};
use gcrl_policy::PolicyParts;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Settings, in the table `[gofar]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Probability that a goal is one achieved later in the episode, in [0, 1].
    #[serde(serialize_with = "crate::settings::shortest")]
    pub relabel: f32,
    /// λ: the weight of the discriminator's penalty on gradients; not negative.
    #[serde(serialize_with = "crate::settings::shortest")]
    pub gradient_penalty: f32,
}

impl Default for Config {
    fn default() -> Self {
        Self { relabel: 0.0, gradient_penalty: 0.01 }
    }
}

impl AlgorithmConfig for Config {
    fn problem(&self) -> Option<&'static str> {
        first_problem([
            ((0.0..=1.0).contains(&self.relabel), "gofar.relabel must be in [0, 1]"),
            (0.0 <= self.gradient_penalty, "gofar.gradient_penalty must not be negative"),
        ])
    }
}

/// `GoFAR` on a population.
pub struct Gofar {
    config: Config,
    discriminator: Discriminator,
    /// `π`
    actor: Network,
    /// `V`
    value: Network,
    /// `V'`
    target_value: Network,
    /// `(s_0, g)`
    start: Rows,
    /// `(s_t, g)`
    now: Rows,
    /// `(s_{t+1}, g)`
    next: Rows,
    actor_pass: Pass,
    value_pass: Pass,
    target_pass: Pass,
}

impl Registered for Gofar {
    const NAME: &'static str = "gofar";
    const PAPER_NAME: &'static str = "GoFAR";
    const SUMMARY: &'static str = "regression weighted by an advantage without rewards";
    type Config = Config;

    fn new(config: Config, setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        let discriminator = Discriminator::new(setup, config.gradient_penalty)?;
        let actor = setup.add_actor("actor")?;
        let spec = setup.network_spec(&STATE, 1, OutputActivation::Linear);
        let value = setup.add_network("value", &spec)?;
        let target_value = setup.add_target(&value)?;
        let [start, now, next] = setup.add_rows(&STATE, [setup.settings.batch_size; 3])?;
        let learned = start.to(&now);
        Ok(Self {
            actor_pass: setup.add_pass(&actor, &now, Some(&now))?,
            value_pass: setup.add_pass(&value, &learned, Some(&learned))?,
            target_pass: setup.add_pass(&target_value, &next, None)?,
            config,
            discriminator,
            actor,
            value,
            target_value,
            start,
            now,
            next,
        })
    }
}

impl Algorithm for Gofar {
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError> {
        let Self { start, now, next, actor_pass, value_pass, target_pass, .. } = &*self;
        let transitions = step.sample_batch(Relabel { future_probability: self.config.relabel });
        step.update_normalizers(&transitions);
        for (rows, at) in [(start, At::Start), (now, At::Now), (next, At::Next)] {
            step.gather(rows, &transitions, at, &STATE)?;
        }
        let (logits, discriminator_losses) = self.discriminator.update(step, &transitions)?;
        for pass in [actor_pass, value_pass, target_pass] {
            step.forward(pass);
        }
        let (actions, v) = (step.outputs(actor_pass), step.outputs(value_pass));
        let next_v = step.outputs(target_pass);

        let discount = step.settings.discount;
        let (mut policy_gradient, mut value_gradient) = (Vec::new(), Vec::new());
        let mut all_losses = Vec::with_capacity(step.n_members());
        for (member, batch) in step.batches(&transitions).enumerate() {
            let rewards = logits.of(member, &self.discriminator.achieved);
            let (values, next_values) = (v.of(member, now), next_v.of(member, next));
            let deltas = losses::temporal_differences(rewards, values, next_values, discount);
            let value_loss = losses::chi_square_dual(v.of(member, start), &deltas, discount);
            let weights: Vec<f32> = deltas.iter().map(|delta| (delta + 1.0).max(0.0)).collect();
            let found = actions.of(member, now);
            let policy_loss = losses::weighted_regression(found, &step.actions(batch), &weights);
            all_losses.push(vec![
                ("policy_loss", policy_loss.value),
                ("mean_weight", losses::mean(&weights)),
                ("mean_reward", losses::mean(rewards)),
                ("mean_v", losses::mean(values)),
                ("value_loss", value_loss.value),
                ("discriminator_loss", discriminator_losses[member]),
            ]);
            policy_gradient.extend(policy_loss.gradient);
            value_gradient.extend(value_loss.gradient);
        }
        step.backward(actor_pass, now, &policy_gradient, Accumulate::Set);
        step.backward(value_pass, &start.to(now), &value_gradient, Accumulate::Set);
        step.adam(&self.actor);
        step.adam(&self.value);
        step.move_target(&self.target_value, &self.value);
        Ok(all_losses)
    }

    fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)> {
        let Self { actor, value, target_value, discriminator, .. } = self;
        [actor, value, target_value, &discriminator.network].map(Network::entry).to_vec()
    }

    fn policy(&self, member: usize, engine: &dyn Engine, frame: PolicyFrame<'_>) -> PolicyParts {
        policy::of_actor(&self.actor, member, engine, frame)
    }
}
