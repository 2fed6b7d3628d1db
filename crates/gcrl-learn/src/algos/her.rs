//! HER: the deterministic policy gradient on hindsight goals.
//!
//! ```text
//! L(Q), L(π) as in updates::policy_gradient        g = φ(s_i), i uniform in {t+1..T}, with probability 0.8,
//!                                                else the goal that the episode asked for
//! ```
//!
//! Source: Andrychowicz et al., "Hindsight Experience Replay", 2017, strategy `future` with k = 4;
//! rewards are 0 and 1, as Yang et al., 2022, ran it.

use crate::algorithm::{Algorithm, Losses, PolicyFrame};
use crate::networks::policy;
use crate::registered::{AlgorithmConfig, Registered};
use crate::settings::first_problem;
use crate::setup::Setup;
use crate::step::Step;
use crate::updates::policy_gradient::PolicyGradient;
use gcrl_data::Relabel;
use gcrl_nn::{Engine, EngineError, NetworkId};
use gcrl_policy::PolicyParts;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Settings, in the table `[her]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Probability that a goal is one achieved later in the episode, in [0, 1].
    #[serde(serialize_with = "crate::settings::shortest")]
    pub future_probability: f32,
    /// λ: weight of the mean squared action in the policy's loss; not negative.
    #[serde(serialize_with = "crate::settings::shortest")]
    pub action_penalty: f32,
}

impl Default for Config {
    fn default() -> Self {
        Self { future_probability: 0.8, action_penalty: 1.0 }
    }
}

impl AlgorithmConfig for Config {
    fn problem(&self) -> Option<&'static str> {
        first_problem([
            (
                (0.0..=1.0).contains(&self.future_probability),
                "her.future_probability must be in [0, 1]",
            ),
            (0.0 <= self.action_penalty, "her.action_penalty must not be negative"),
        ])
    }
}

/// HER on a population.
pub struct Her {
    config: Config,
    learner: PolicyGradient,
}

impl Registered for Her {
    const NAME: &'static str = "her";
    const PAPER_NAME: &'static str = "HER";
    const SUMMARY: &'static str = "deterministic policy gradient on hindsight goals; also online";
    type Config = Config;

    fn new(config: Config, setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        Ok(Self { config, learner: PolicyGradient::new(setup)? })
    }
}

impl Algorithm for Her {
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError> {
        let relabel = Relabel { future_probability: self.config.future_probability };
        self.learner.update(step, relabel, self.config.action_penalty)
    }

    fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)> {
        self.learner.networks.networks()
    }

    fn policy(&self, member: usize, engine: &dyn Engine, frame: PolicyFrame<'_>) -> PolicyParts {
        policy::of_actor(&self.learner.networks.actor, member, engine, frame)
    }
}
