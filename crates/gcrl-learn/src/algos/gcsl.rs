//! GCSL: goal-conditioned supervised learning.
//!
//! ```text
//! L(π) = 1/B Σ ‖u_t − π(s_t, g)‖² / U        g = φ(s_i), i uniform in {t+1..T}
//! ```
//!
//! Source: Ghosh et al., "Learning to Reach Goals via Iterated Supervised Learning", 2021.

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

/// Settings, in the table `[gcsl]`: none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl AlgorithmConfig for Config {}

/// GCSL on a population.
pub struct Gcsl {
    learner: Regression,
}

impl Registered for Gcsl {
    const NAME: &'static str = "gcsl";
    const PAPER_NAME: &'static str = "GCSL";
    const SUMMARY: &'static str = "regression on hindsight goals";
    type Config = Config;

    fn new(Config {}: Config, setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        Ok(Self { learner: Regression::new(setup)? })
    }
}

impl Algorithm for Gcsl {
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError> {
        let relabel = Relabel::ALWAYS;
        self.learner.update(step, relabel, |transitions| vec![1.0; transitions.len()])
    }

    fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)> {
        vec![self.learner.actor.entry()]
    }

    fn policy(&self, member: usize, engine: &dyn Engine, frame: PolicyFrame<'_>) -> PolicyParts {
        policy::of_actor(&self.learner.actor, member, engine, frame)
    }
}
