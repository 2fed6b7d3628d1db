//! WGCSL: weighted goal-conditioned supervised learning.
//!
//! ```text
//! L(π) = 1/B Σ w · ‖u_t − π(s_t, g)‖² / U        g = φ(s_i), i uniform in {t+1..T}
//! w    = γ^(i−t−1)  ·  clip(exp A, 0, M)  ·  ε(A)
//!        DRW           GEAW                 BAW
//! ```
//!
//! The advantage `A` and the critics: [`crate::updates::advantage_regression`]; `ε`, which marks the
//! best advantages: [`crate::updates::best_advantage`].
//!
//! Source: Yang et al., "Rethinking Goal-Conditioned Supervised Learning and Its Connection to Offline
//! RL", 2022, algorithm 1. **Deviations** from its text, as in the authors' code: the exponent is
//! `i−t−1` and `i = t` is never sampled (a constant factor `1/γ`). With neither GEAW nor BAW there is no
//! critic.

use crate::algorithm::{Algorithm, Losses, MemberState, PolicyFrame};
use crate::networks::policy;
use crate::percentile::PercentileRing;
use crate::registered::{AlgorithmConfig, Registered};
use crate::settings::first_problem;
use crate::setup::Setup;
use crate::step::Step;
use crate::updates::advantage_regression::{AdvantageRegression, Goals, Judged};
use crate::updates::best_advantage::Curriculum;
use crate::updates::regression::Regression;
use crate::updates::weights;
use gcrl_core::TransitionIndex;
use gcrl_data::Relabel;
use gcrl_nn::{Engine, EngineError, NetworkId};
use gcrl_policy::PolicyParts;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::ops::RangeInclusive;

/// The name of recent advantages in a checkpoint.
const RECENT: &str = "recent_advantages";

/// Settings, in the table `[wgcsl]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Whether weights hold DRW, the discounted relabeling weight.
    pub discounted_relabeling: bool,
    /// Whether weights hold GEAW, the goal-conditioned exponential advantage weight.
    pub exponential_advantage: bool,
    /// Whether weights hold BAW, the best-advantage weight.
    pub best_advantage: bool,
    /// M: the largest exponential advantage; positive.
    #[serde(serialize_with = "crate::settings::shortest")]
    pub advantage_clip: f32,
    /// Probability that the critic learns from the goal its episode asked for, in [0, 1].
    #[serde(serialize_with = "crate::settings::shortest")]
    pub original_goal_probability: f32,
    /// Critics, 1 to 100: the advantage is that of their mean.
    pub n_critics: usize,
    /// How BAW's bar for advantages rises.
    pub curriculum: Curriculum,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            discounted_relabeling: true,
            exponential_advantage: true,
            best_advantage: true,
            advantage_clip: 10.0,
            original_goal_probability: 0.2,
            n_critics: 1,
            curriculum: Curriculum::default(),
        }
    }
}

impl AlgorithmConfig for Config {
    fn problem(&self) -> Option<&'static str> {
        let probability = self.original_goal_probability;
        first_problem([
            (0.0 < self.advantage_clip, "wgcsl.advantage_clip must be positive"),
            (
                (0.0..=1.0).contains(&probability),
                "wgcsl.original_goal_probability must be in [0, 1]",
            ),
            ((1..=100).contains(&self.n_critics), "wgcsl.n_critics must be in [1, 100]"),
        ])
        .or_else(|| self.curriculum.problem())
    }
}

/// WGCSL on a population.
pub struct Wgcsl {
    config: Config,
    learner: Learner,
    /// Recent advantages of each member.
    recent: Vec<PercentileRing>,
}

enum Learner {
    WithoutCritic(Box<Regression>),
    WithCritic(Box<AdvantageRegression>),
}

impl Registered for Wgcsl {
    const NAME: &'static str = "wgcsl";
    const PAPER_NAME: &'static str = "WGCSL";
    const SUMMARY: &'static str =
        "regression on hindsight goals, weighted by distance in time and by advantage";
    type Config = Config;

    fn new(config: Config, setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        let learner = if config.exponential_advantage || config.best_advantage {
            Learner::WithCritic(Box::new(AdvantageRegression::new(setup, config.n_critics)?))
        } else {
            Learner::WithoutCritic(Box::new(Regression::new(setup)?))
        };
        let recent = vec![PercentileRing::new(config.curriculum.n_recent); setup.seeds.len()];
        Ok(Self { config, learner, recent })
    }
}

impl Algorithm for Wgcsl {
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError> {
        let Self { config, learner, recent } = self;
        let (discount, n_updates) = (step.settings.discount, step.n_updates);
        match learner {
            Learner::WithoutCritic(learner) => {
                learner.update(step, Relabel::ALWAYS, |transitions| {
                    discounted_relabeling(config, transitions, discount)
                })
            }
            Learner::WithCritic(learner) => {
                let original_goal_probability = config.original_goal_probability;
                let goals = Goals { relabel: Relabel::ALWAYS, original_goal_probability };
                learner.update(step, goals, |member, Judged { transitions, advantages, .. }| {
                    let mut all = discounted_relabeling(config, transitions, discount);
                    if config.exponential_advantage {
                        let largest = config.advantage_clip;
                        let factors = weights::exponential_advantage(advantages, 1.0, largest);
                        weights::multiply(&mut all, &factors);
                    }
                    if config.best_advantage {
                        let recent = &mut recent[member];
                        let factors = config.curriculum.weights(recent, advantages, n_updates);
                        weights::multiply(&mut all, &factors);
                    }
                    all
                })
            }
        }
    }

    fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)> {
        match &self.learner {
            Learner::WithoutCritic(learner) => vec![learner.actor.entry()],
            Learner::WithCritic(learner) => learner.networks.networks(),
        }
    }

    fn policy(&self, member: usize, engine: &dyn Engine, frame: PolicyFrame<'_>) -> PolicyParts {
        let actor = match &self.learner {
            Learner::WithoutCritic(learner) => &learner.actor,
            Learner::WithCritic(learner) => &learner.networks.actor,
        };
        policy::of_actor(actor, member, engine, frame)
    }

    fn state(&self, member: usize) -> MemberState {
        MemberState::from([(RECENT.to_owned(), self.recent[member].values())])
    }

    fn state_len(&self, _name: &str) -> RangeInclusive<usize> {
        0..=self.config.curriculum.n_recent
    }

    fn set_state(&mut self, member: usize, state: &MemberState) {
        self.recent[member] = PercentileRing::new(self.config.curriculum.n_recent);
        self.recent[member].push(&state[RECENT]);
    }
}

/// `γ^(i−t−1)`, `[batch]`, or 1 throughout.
fn discounted_relabeling(
    config: &Config,
    transitions: &[TransitionIndex],
    discount: f32,
) -> Vec<f32> {
    if !config.discounted_relabeling {
        return vec![1.0; transitions.len()];
    }
    weights::discounted_relabeling(transitions, discount)
}
