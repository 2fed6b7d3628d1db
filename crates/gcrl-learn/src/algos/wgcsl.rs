//! WGCSL: weighted goal-conditioned supervised learning.
//!
//! ```text
//! L(π) = 1/B Σ w · ‖u_t − π(s_t, g)‖² / U        g = φ(s_i), i uniform in {t+1..T}
//! w    = γ^(i−t−1)  ·  clip(exp A, 0, M)  ·  ε(A)
//!        DRW           GEAW                 BAW
//! ```
//!
//! The advantage `A` and the critic: [`crate::parts::advantage_regression`]; `ε`, which marks the best
//! advantages: [`crate::parts::best_advantage`].
//!
//! Source: Yang et al., "Rethinking Goal-Conditioned Supervised Learning and Its Connection to Offline
//! RL", 2022, algorithm 1. **Deviations** from its text, as in the authors' code: the exponent is
//! `i−t−1` and `i = t` is never drawn (a constant factor `1/γ`). With neither GEAW nor BAW there is no
//! critic.

use crate::algorithm::{Algorithm, Losses, Setup, Step};
use crate::parts::advantage_regression::{AdvantageRegression, Goals};
use crate::parts::best_advantage::Curriculum;
use crate::parts::regression::Regression;
use crate::percentile::PercentileRing;
use crate::registry::{AlgorithmConfig, Registered};
use crate::settings::first_problem;
use gcrl_core::TransitionIndex;
use gcrl_data::{Relabel, steps_to_goal};
use gcrl_nn::{EngineError, NetworkId};
use serde::{Deserialize, Serialize};

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
            curriculum: Curriculum::default(),
        }
    }
}

impl AlgorithmConfig for Config {
    fn problem(&self) -> Option<&'static str> {
        first_problem([
            (0.0 < self.advantage_clip, "wgcsl.advantage_clip must be positive"),
            (
                (0.0..=1.0).contains(&self.original_goal_probability),
                "wgcsl.original_goal_probability must be in [0, 1]",
            ),
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
    WithoutCritic(Regression),
    WithCritic(AdvantageRegression),
}

impl Registered for Wgcsl {
    const NAME: &'static str = "wgcsl";
    const PAPER_NAME: &'static str = "WGCSL";
    const SUMMARY: &'static str =
        "regression on hindsight goals, weighted by distance in time and by advantage";
    type Config = Config;

    fn new(config: Config, setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        let learner = if config.exponential_advantage || config.best_advantage {
            Learner::WithCritic(AdvantageRegression::new(setup)?)
        } else {
            Learner::WithoutCritic(Regression::new(setup)?)
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
                    discounted_relabeling_weights(config, transitions, discount)
                })
            }
            Learner::WithCritic(learner) => {
                let original_goal_probability = config.original_goal_probability;
                let goals = Goals { relabel: Relabel::ALWAYS, original_goal_probability };
                learner.update(step, goals, |member, transitions, advantages| {
                    let discounted = discounted_relabeling_weights(config, transitions, discount);
                    let exponential = exponential_advantage_weights(config, advantages);
                    let recent = &mut recent[member];
                    let best = best_advantage_weights(config, recent, advantages, n_updates);
                    let factors = discounted.iter().zip(exponential).zip(best);
                    factors
                        .map(|((discounted, exponential), best)| discounted * exponential * best)
                        .collect()
                })
            }
        }
    }

    fn networks(&self) -> Vec<(&'static str, NetworkId)> {
        match &self.learner {
            Learner::WithoutCritic(learner) => learner.networks(),
            Learner::WithCritic(learner) => learner.networks(),
        }
    }

    fn memory(&self, member: usize) -> Vec<f32> {
        self.recent[member].values()
    }

    fn set_memory(&mut self, member: usize, memory: &[f32]) {
        self.recent[member] = PercentileRing::new(self.config.curriculum.n_recent);
        self.recent[member].push(memory);
    }
}

/// `γ^(i−t−1)`, `[batch]`.
fn discounted_relabeling_weights(
    config: &Config,
    transitions: &[TransitionIndex],
    discount: f32,
) -> Vec<f32> {
    if !config.discounted_relabeling {
        return vec![1.0; transitions.len()];
    }
    let steps = |transition| steps_to_goal(transition).expect("every goal was achieved");
    transitions.iter().map(|transition| discount.powi(steps(*transition) as i32)).collect()
}

/// `clip(exp A, 0, M)`, `[batch]`.
fn exponential_advantage_weights(config: &Config, advantages: &[f32]) -> Vec<f32> {
    if !config.exponential_advantage {
        return vec![1.0; advantages.len()];
    }
    advantages.iter().map(|advantage| advantage.exp().min(config.advantage_clip)).collect()
}

/// `ε(A)`, `[batch]`, after the advantages have joined the recent ones.
fn best_advantage_weights(
    config: &Config,
    recent: &mut PercentileRing,
    advantages: &[f32],
    n_updates: u64,
) -> Vec<f32> {
    if !config.best_advantage {
        return vec![1.0; advantages.len()];
    }
    config.curriculum.weights(recent, advantages, n_updates)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::GoalAt;

    #[test]
    fn the_relabeling_weight_counts_steps_after_the_next() {
        let index = |t, goal| TransitionIndex { episode: 0, t, goal: GoalAt::Achieved(goal) };
        let weights = discounted_relabeling_weights(
            &Config::default(),
            &[index(4, 5), index(4, 6), index(0, 3)],
            0.5,
        );
        assert_eq!(weights, [1.0, 0.5, 0.25]);
    }

    #[test]
    fn the_exponential_weight_is_clipped_from_above() {
        let weights = exponential_advantage_weights(&Config::default(), &[0.0, 9.0]);
        assert_eq!(weights, [1.0, 10.0]);
    }
}
