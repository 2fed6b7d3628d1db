//! g-BC: goal-conditioned behavior cloning.
//!
//! ```text
//! L(π) = 1/B Σ ‖u_t − π(s_t, g)‖² / U        g is the goal that the episode asked for
//! ```
//!
//! Source: the baseline of Yang et al., 2022.

use crate::algorithm::{Algorithm, Losses, PolicyFrame};
use crate::networks::policy;
use crate::registered::{AlgorithmConfig, Registered};
use crate::setup::Setup;
use crate::step::Step;
use crate::updates::regression::Regression;
use gcrl_data::Relabel;
use gcrl_nn::{Engine, EngineError, NetworkId};
use gcrl_policy::PolicyParts;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Settings, in the table `[bc]`: none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl AlgorithmConfig for Config {}

/// g-BC on a population.
pub struct Bc {
    learner: Regression,
}

impl Registered for Bc {
    const NAME: &'static str = "bc";
    const PAPER_NAME: &'static str = "g-BC";
    const SUMMARY: &'static str = "regression on original goals";
    type Config = Config;

    fn new(Config {}: Config, setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        Ok(Self { learner: Regression::new(setup)? })
    }
}

impl Algorithm for Bc {
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError> {
        let relabel = Relabel::NEVER;
        self.learner.update(step, relabel, |transitions| vec![1.0; transitions.len()])
    }

    fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)> {
        vec![self.learner.actor.entry()]
    }

    fn policy(&self, member: usize, engine: &dyn Engine, frame: PolicyFrame<'_>) -> PolicyParts {
        policy::of_actor(&self.learner.actor, member, engine, frame)
    }
}
