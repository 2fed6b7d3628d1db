//! DDPG: the deterministic policy gradient on the goals that episodes asked for.
//!
//! ```text
//! L(Q), L(π) as in updates::policy_gradient        g is the goal that the episode asked for
//! ```
//!
//! Source: Lillicrap et al., "Continuous Control with Deep Reinforcement Learning", 2016; rewards are 0
//! and 1, as Yang et al., 2022, ran it.

use crate::algorithm::{Algorithm, Losses, PolicyFrame};
use crate::networks::policy;
use crate::registered::{AlgorithmConfig, Registered};
use crate::setup::Setup;
use crate::step::Step;
use crate::updates::policy_gradient::PolicyGradient;
use gcrl_data::Relabel;
use gcrl_nn::{Engine, EngineError, NetworkId};
use gcrl_policy::PolicyParts;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Settings, in the table `[ddpg]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// λ: weight of the mean squared action in the policy's loss; not negative.
    #[serde(serialize_with = "crate::settings::shortest")]
    pub action_penalty: f32,
}

impl Default for Config {
    fn default() -> Self {
        Self { action_penalty: 1.0 }
    }
}

impl AlgorithmConfig for Config {
    fn problem(&self) -> Option<&'static str> {
        (self.action_penalty < 0.0).then_some("ddpg.action_penalty must not be negative")
    }
}

/// DDPG on a population.
pub struct Ddpg {
    config: Config,
    learner: PolicyGradient,
}

impl Registered for Ddpg {
    const NAME: &'static str = "ddpg";
    const PAPER_NAME: &'static str = "DDPG";
    const SUMMARY: &'static str = "deterministic policy gradient on original goals; also online";
    type Config = Config;

    fn new(config: Config, setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        Ok(Self { config, learner: PolicyGradient::new(setup)? })
    }
}

impl Algorithm for Ddpg {
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError> {
        let relabel = Relabel::NEVER;
        self.learner.update(step, relabel, self.config.action_penalty)
    }

    fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)> {
        self.learner.networks.networks()
    }

    fn policy(&self, member: usize, engine: &dyn Engine, frame: PolicyFrame<'_>) -> PolicyParts {
        policy::of_actor(&self.learner.networks.actor, member, engine, frame)
    }
}
