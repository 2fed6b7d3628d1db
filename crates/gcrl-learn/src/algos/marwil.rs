//! g-MARWIL: goal-conditioned monotonic advantage re-weighted imitation learning.
//!
//! ```text
//! L(π) = 1/B Σ exp(A) ‖u_t − π(s_t, g)‖² / U        g is the goal that the episode asked for
//! ```
//!
//! The advantage `A` and the critic: [`crate::updates::advantage_regression`].
//!
//! Source: Wang et al., "Exponentially Weighted Imitation Learning for Batched Historical Data", 2018,
//! as the baseline of Yang et al., 2022, ran it: temperature 1, no clip, no normalization.

use crate::algorithm::{Algorithm, Losses, PolicyFrame};
use crate::networks::policy;
use crate::registered::{AlgorithmConfig, Registered};
use crate::setup::Setup;
use crate::step::Step;
use crate::updates::advantage_regression::{AdvantageRegression, Goals};
use crate::updates::weights;
use gcrl_data::Relabel;
use gcrl_nn::{Engine, EngineError, NetworkId};
use gcrl_policy::PolicyParts;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Settings, in the table `[marwil]`: none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl AlgorithmConfig for Config {}

/// g-MARWIL on a population.
pub struct Marwil {
    learner: AdvantageRegression,
}

impl Registered for Marwil {
    const NAME: &'static str = "marwil";
    const PAPER_NAME: &'static str = "g-MARWIL";
    const SUMMARY: &'static str = "regression on original goals, weighted by advantage";
    type Config = Config;

    fn new(Config {}: Config, setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        Ok(Self { learner: AdvantageRegression::new(setup, 1)? })
    }
}

impl Algorithm for Marwil {
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError> {
        let goals = Goals { relabel: Relabel::NEVER, original_goal_probability: 0.0 };
        self.learner.update(step, goals, |_, judged| {
            weights::exponential_advantage(judged.advantages, 1.0, f32::INFINITY)
        })
    }

    fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)> {
        self.learner.networks.networks()
    }

    fn policy(&self, member: usize, engine: &dyn Engine, frame: PolicyFrame<'_>) -> PolicyParts {
        policy::of_actor(&self.learner.networks.actor, member, engine, frame)
    }
}
