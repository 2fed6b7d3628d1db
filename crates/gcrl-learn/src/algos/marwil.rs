//! g-MARWIL: goal-conditioned monotonic advantage re-weighted imitation learning.
//!
//! ```text
//! L(π) = 1/B Σ min(exp A, M) ‖u_t − π(s_t, g)‖² / U        g is the goal that the episode asked for
//! ```
//!
//! The advantage `A` and the critic: [`crate::updates::advantage_regression`].
//!
//! Source: Wang et al., "Exponentially Weighted Imitation Learning for Batched Historical Data", 2018,
//! as the baseline of Yang et al., 2022: temperature 1, no normalization. `M` is WGCSL's: with it returns
//! are those of their table; without a limit, as the commands in their repository have it, some runs fail
//! (crates/gcrl/docs/results.md).

use crate::algorithm::{Algorithm, Losses, PolicyFrame};
use crate::networks::policy;
use crate::registered::{AlgorithmConfig, Registered};
use crate::settings::first_problem;
use crate::setup::Setup;
use crate::step::Step;
use crate::updates::advantage_regression::{AdvantageRegression, Goals};
use crate::updates::weights;
use gcrl_data::Relabel;
use gcrl_nn::{Engine, EngineError, NetworkId};
use gcrl_policy::PolicyParts;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Settings, in the table `[marwil]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// M: the largest exponential advantage, positive; 3e38 is as good as none.
    pub advantage_clip: f32,
}

impl Default for Config {
    fn default() -> Self {
        Self { advantage_clip: 10.0 }
    }
}

impl AlgorithmConfig for Config {
    fn problem(&self) -> Option<&'static str> {
        first_problem([(0.0 < self.advantage_clip, "marwil.advantage_clip must be positive")])
    }
}

/// g-MARWIL on a population.
pub struct Marwil {
    config: Config,
    learner: AdvantageRegression,
}

impl Registered for Marwil {
    const NAME: &'static str = "marwil";
    const PAPER_NAME: &'static str = "g-MARWIL";
    const SUMMARY: &'static str = "regression on original goals, weighted by advantage";
    type Config = Config;

    fn new(config: Config, setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        Ok(Self { config, learner: AdvantageRegression::new(setup, 1)? })
    }
}

impl Algorithm for Marwil {
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError> {
        let goals = Goals { relabel: Relabel::NEVER, original_goal_probability: 0.0 };
        let clip = self.config.advantage_clip;
        self.learner.update(step, goals, |_, judged| {
            weights::exponential_advantage(judged.advantages, 1.0, clip)
        })
    }

    fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)> {
        self.learner.networks.networks()
    }

    fn policy(&self, member: usize, engine: &dyn Engine, frame: PolicyFrame<'_>) -> PolicyParts {
        policy::of_actor(&self.learner.networks.actor, member, engine, frame)
    }
}
