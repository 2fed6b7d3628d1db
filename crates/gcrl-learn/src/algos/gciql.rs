//! GCIQL: goal-conditioned implicit Q-learning.
//!
//! ```text
//! L(V)   = 1/B Σ |τ − 1[A < 0]| A²        A = min_k Q'_k(s_t, g, u_t) − V(s_t, g), k = 1, 2
//! L(Q_k) = 1/B Σ (clip(r + γ V(s_{t+1}, g)) − Q_k(s_t, g, u_t))²
//! L(π)   = 1/B Σ min(exp(β A), M) ‖u_t − π(s_t, h)‖² / U                             "awr", where
//!          A = min_k Q_k(s_t, h, u_t) − V(s_t, h)
//! L(π)   = 1/B Σ (−min_k Q_k(s_t, h, π) / (mean |min_k Q_k| + 1e-6) + α ‖u_t − π(s_t, h)‖² / U)    "ddpg+bc"
//! ```
//!
//! `g` is sampled from `value_goals`, `h` from `actor_goals`, for the same transitions. All gradients
//! are taken at the same parameters; inputs are scaled by normalizers that know the batch with `g`.
//!
//! Source: Kostrikov et al., "Offline Reinforcement Learning with Implicit Q-Learning", 2022, with goals
//! as in Park et al., `OGBench`, 2025, `impls/agents/gciql.py`. **Deviations:** rewards are 1 where
//! `s_{t+1}` reaches the goal, else 0, nothing terminates, and targets are clipped, as everywhere here
//! (there −1 until `s_t` is the goal, which terminates); the policy is deterministic and regresses by
//! squared error; networks, optimizer and target steps are those of `[train]`, without layer norm.

use crate::algorithm::{Algorithm, Losses, PolicyFrame};
use crate::losses::{self, gradient_of};
use crate::networks::policy;
use crate::networks::rows::{Input, STATE, STATE_ACTION};
use crate::networks::value_critic::ValueCritic;
use crate::registered::{AlgorithmConfig, Registered};
use crate::settings::first_problem;
use crate::setup::Setup;
use crate::step::Step;
use crate::updates::goals::GoalSettings;
use crate::updates::weights;
use gcrl_data::Relabel;
use gcrl_nn::{Accumulate, At, Engine, EngineError, NetworkId};
use gcrl_policy::PolicyParts;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How the policy is extracted from the critics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Extraction {
    /// Regression on the data's actions, weighted by exponential advantages.
    #[serde(rename = "awr")]
    AdvantageWeighted,
    /// Ascent of the critics, beside regression on the data's actions.
    #[serde(rename = "ddpg+bc")]
    PolicyGradient,
}

/// Settings, in the table `[gciql]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// τ: which expectile of the critics the value is, in (0, 1).
    #[serde(serialize_with = "crate::settings::shortest")]
    pub expectile: f32,
    /// `awr` or `ddpg+bc`.
    pub extraction: Extraction,
    /// β, of `awr`: the inverse temperature of advantages; not negative.
    #[serde(serialize_with = "crate::settings::shortest")]
    pub inverse_temperature: f32,
    /// M, of `awr`: the largest weight; positive.
    #[serde(serialize_with = "crate::settings::shortest")]
    pub largest_weight: f32,
    /// α, of `ddpg+bc`: the weight of regression; not negative.
    #[serde(serialize_with = "crate::settings::shortest")]
    pub regression_weight: f32,
    /// `g`
    pub value_goals: GoalSettings,
    /// `h`
    pub actor_goals: GoalSettings,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            expectile: 0.9,
            extraction: Extraction::AdvantageWeighted,
            inverse_temperature: 3.0,
            largest_weight: 100.0,
            regression_weight: 0.3,
            value_goals: GoalSettings::VALUE,
            actor_goals: GoalSettings::ACTOR,
        }
    }
}

impl AlgorithmConfig for Config {
    fn problem(&self) -> Option<&'static str> {
        first_problem([
            (0.0 < self.expectile && self.expectile < 1.0, "gciql.expectile must be in (0, 1)"),
            (0.0 <= self.inverse_temperature, "gciql.inverse_temperature must not be negative"),
            (0.0 < self.largest_weight, "gciql.largest_weight must be positive"),
            (0.0 <= self.regression_weight, "gciql.regression_weight must not be negative"),
            (self.value_goals.is_mixture(), "gciql.value_goals must be shares of at most 1"),
            (self.actor_goals.is_mixture(), "gciql.actor_goals must be shares of at most 1"),
        ])
    }
}

/// GCIQL on a population.
pub struct Gciql {
    config: Config,
    networks: ValueCritic,
}

impl Registered for Gciql {
    const NAME: &'static str = "gciql";
    const PAPER_NAME: &'static str = "GCIQL";
    const SUMMARY: &'static str = "implicit Q-learning on a mixture of goals";
    type Config = Config;

    fn new(config: Config, setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        Ok(Self { config, networks: ValueCritic::new(setup, 2)? })
    }
}

impl Algorithm for Gciql {
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError> {
        let ValueCritic { next, data, policy, actor_pass, value_pass, critics, .. } =
            &self.networks;
        let transitions = step.sample_batch(Relabel::NEVER);
        let with_g = self.config.value_goals.sample(step, "value_goals", &transitions);
        let with_h = self.config.actor_goals.sample(step, "actor_goals", &transitions);
        step.update_normalizers(&with_g);
        step.gather(next, &with_g, At::Next, &STATE)?;
        step.gather(data, &with_g, At::Now, &STATE_ACTION)?;
        step.gather(policy, &with_h, At::Now, &STATE_ACTION)?;
        step.forward(actor_pass);
        if self.config.extraction == Extraction::PolicyGradient {
            step.copy_outputs(actor_pass, policy, Input::Action);
        }
        step.forward(value_pass);
        let q = critics.forward(step);
        let (v, actions) = (step.outputs(value_pass), step.outputs(actor_pass));

        let (expectile, discount) = (self.config.expectile, step.settings.discount);
        let rewards: Vec<_> = step.batches(&with_g).map(|batch| step.rewards(batch)).collect();
        let value_losses: Vec<_> = (0..step.n_members())
            .map(|member| {
                let targets = q.least_target(member, data);
                losses::expectile_error(v.of(member, data), &targets, expectile)
            })
            .collect();
        step.backward(value_pass, data, &gradient_of(&value_losses), Accumulate::Set);
        let critic_losses = critics.regress(step, data, &q, |_, member| {
            losses::critic_targets(&rewards[member], v.of(member, next), discount)
        });
        let policy_losses: Vec<_> = step
            .batches(&with_h)
            .enumerate()
            .map(|(member, batch)| {
                let weights = self.weights(&q.least(member, policy), v.of(member, policy));
                let found = actions.of(member, policy);
                losses::weighted_regression(found, &step.actions(batch), &weights)
            })
            .collect();
        let mut policy_gradient = gradient_of(&policy_losses);
        let mut logged: Vec<f64> = policy_losses.iter().map(|loss| loss.value).collect();
        if self.config.extraction == Extraction::PolicyGradient {
            let ascent = critics.action_gradient(step, policy, &q.normalized_ascent(policy));
            let pairs = policy_gradient.iter_mut().zip(ascent.numbers);
            pairs.for_each(|(sum, gradient)| *sum += gradient);
            let of_member = |member| losses::normalized_ascent_loss(&q.each(member, policy));
            logged.iter_mut().enumerate().for_each(|(member, loss)| *loss += of_member(member));
        }
        step.backward(actor_pass, policy, &policy_gradient, Accumulate::Set);
        self.networks.apply_gradients(step);

        let losses = (0..step.n_members()).map(|member| {
            vec![
                ("policy_loss", logged[member]),
                ("value_loss", value_losses[member].value),
                ("critic_loss", critic_losses[member]),
                ("mean_q", losses::mean(&q.least(member, policy))),
            ]
        });
        Ok(losses.collect())
    }

    fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)> {
        self.networks.networks()
    }

    fn policy(&self, member: usize, engine: &dyn Engine, frame: PolicyFrame<'_>) -> PolicyParts {
        policy::of_actor(&self.networks.actor, member, engine, frame)
    }
}

impl Gciql {
    /// `min(exp(β (Q − V)), M)`, or α throughout, `[batch]`.
    fn weights(&self, q: &[f32], v: &[f32]) -> Vec<f32> {
        let Config { inverse_temperature, largest_weight, regression_weight, .. } = self.config;
        let advantages: Vec<f32> = q.iter().zip(v).map(|(q, v)| q - v).collect();
        match self.config.extraction {
            Extraction::AdvantageWeighted => {
                weights::exponential_advantage(&advantages, inverse_temperature, largest_weight)
            }
            Extraction::PolicyGradient => vec![regression_weight; q.len()],
        }
    }
}
