//! WGCSL: weighted goal-conditioned supervised learning.
//!
//! ```text
//! L(π) = 1/B Σ w · ‖u_t − π(s_t, g)‖² / U        g = φ(s_i), i uniform in {t+1..T}
//! w    = γ^(i−t−1)  ·  clip(exp A, 0, M)  ·  ε(A)
//!        DRW           GEAW                 BAW
//! ε(A) = 1 where A is at least the N-th percentile of recent advantages, else ε_min
//! N    rises by ΔN an update, from 0 to N_max
//! ```
//!
//! The advantage `A` and the critic: [`crate::parts::advantage_regression`].
//!
//! Source: Yang et al., "Rethinking Goal-Conditioned Supervised Learning and Its Connection to Offline
//! RL", 2022, algorithm 1. **Deviations** from its text, as in the authors' code: the exponent is
//! `i−t−1` and `i = t` is never drawn (a constant factor `1/γ`); `A` equal to the percentile counts as
//! above it; the ring of recent advantages includes the batch; N reaches `N_max` only in runs longer
//! than `N_max / ΔN` updates (not on the Point tasks). With neither GEAW nor BAW there is no critic.

use crate::algorithm::{Algorithm, Losses, Setup, Step};
use crate::parts::advantage_regression::{AdvantageRegression, Goals};
use crate::parts::regression::Regression;
use crate::percentile::PercentileRing;
use gcrl_core::TransitionIndex;
use gcrl_data::{Relabel, steps_to_goal};
use gcrl_nn::{EngineError, NetworkId};
use serde::{Deserialize, Serialize};

/// Settings, in the table `[wgcsl]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Whether weights hold DRW, the discounted relabelling weight.
    pub discounted_relabeling: bool,
    /// Whether weights hold GEAW, the goal-conditioned exponential advantage weight.
    pub exponential_advantage: bool,
    /// Whether weights hold BAW, the best-advantage weight.
    pub best_advantage: bool,
    /// M: the largest exponential advantage; positive.
    #[serde(serialize_with = "crate::settings::shortest")]
    pub advantage_clip: f32,
    /// `ε_min`: the weight of advantages below the percentile, in [0, 1].
    #[serde(serialize_with = "crate::settings::shortest")]
    pub best_advantage_floor: f32,
    /// ΔN, in percent an update; not negative.
    pub percentile_step: f64,
    /// `N_max`, in percent, 0 to 100.
    pub largest_percentile: f64,
    /// Advantages that the percentile is taken of; at least 1.
    pub n_recent_advantages: usize,
    /// Probability that the critic learns from the goal its episode asked for, in [0, 1].
    #[serde(serialize_with = "crate::settings::shortest")]
    pub original_goal_probability: f32,
}

impl Config {
    /// The paper's settings for a task.
    pub fn for_task(task: &str) -> Self {
        let is_long =
            matches!(task, "FetchPush" | "FetchSlide" | "FetchPickAndPlace" | "HandReach");
        Self {
            discounted_relabeling: true,
            exponential_advantage: true,
            best_advantage: true,
            advantage_clip: 10.0,
            best_advantage_floor: 0.05,
            percentile_step: if is_long { 0.01 } else { 0.15 },
            largest_percentile: 80.0,
            n_recent_advantages: 50_000,
            original_goal_probability: 0.2,
        }
    }

    /// Names the first setting out of its range, if any.
    pub fn problem(&self) -> Option<&'static str> {
        let share = 0.0..=1.0;
        let checks = [
            (0.0 < self.advantage_clip, "wgcsl.advantage_clip must be positive"),
            (
                share.contains(&self.best_advantage_floor),
                "wgcsl.best_advantage_floor must be in [0, 1]",
            ),
            (0.0 <= self.percentile_step, "wgcsl.percentile_step must not be negative"),
            (
                (0.0..=100.0).contains(&self.largest_percentile),
                "wgcsl.largest_percentile must be in [0, 100]",
            ),
            (0 < self.n_recent_advantages, "wgcsl.n_recent_advantages must be at least 1"),
            (
                share.contains(&self.original_goal_probability),
                "wgcsl.original_goal_probability must be in [0, 1]",
            ),
        ];
        checks.into_iter().find_map(|(holds, problem)| (!holds).then_some(problem))
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

impl Wgcsl {
    /// Adds the networks.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    pub fn new(config: Config, setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        let learner = if config.exponential_advantage || config.best_advantage {
            Learner::WithCritic(AdvantageRegression::new(setup)?)
        } else {
            Learner::WithoutCritic(Regression::new(setup)?)
        };
        let recent =
            setup.seeds.iter().map(|_| PercentileRing::new(config.n_recent_advantages)).collect();
        Ok(Self { config, learner, recent })
    }
}

impl Algorithm for Wgcsl {
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError> {
        let Self { config, learner, recent } = self;
        let relabel = Relabel::ALWAYS;
        let (discount, n_updates) = (step.settings.discount, step.n_updates);
        match learner {
            Learner::WithoutCritic(learner) => learner.update(step, relabel, |transitions| {
                discounted_relabeling_weights(config, transitions, discount)
            }),
            Learner::WithCritic(learner) => {
                let original_goal_probability = config.original_goal_probability;
                let goals = Goals { relabel, original_goal_probability };
                learner.update(step, goals, |member, transitions, advantages| {
                    let percent = percentile(config, n_updates);
                    let best =
                        best_advantage_weights(config, &mut recent[member], advantages, percent);
                    let discounted = discounted_relabeling_weights(config, transitions, discount);
                    let exponential = exponential_advantage_weights(config, advantages);
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
        self.recent[member] = PercentileRing::new(self.config.n_recent_advantages);
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
    percent: f64,
) -> Vec<f32> {
    if !config.best_advantage {
        return vec![1.0; advantages.len()];
    }
    recent.push(advantages);
    let threshold = recent.percentile(percent);
    let weight = |advantage: &f32| {
        if threshold <= *advantage { 1.0 } else { config.best_advantage_floor }
    };
    advantages.iter().map(weight).collect()
}

/// N at an update, in percent: it has risen once before the first.
fn percentile(config: &Config, n_updates: u64) -> f64 {
    (config.percentile_step * (n_updates + 1) as f64).min(config.largest_percentile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::GoalAt;

    #[test]
    fn the_relabelling_weight_counts_steps_after_the_next() {
        let config = Config::for_task("PointReach");
        let index = |t, goal| TransitionIndex { episode: 0, t, goal: GoalAt::Achieved(goal) };
        let weights =
            discounted_relabeling_weights(&config, &[index(4, 5), index(4, 6), index(0, 3)], 0.5);
        assert_eq!(weights, [1.0, 0.5, 0.25]);
    }

    #[test]
    fn the_exponential_weight_is_clipped_from_above() {
        let config = Config::for_task("PointReach");
        assert_eq!(exponential_advantage_weights(&config, &[0.0, 9.0]), [1.0, 10.0]);
    }

    #[test]
    fn an_advantage_at_the_percentile_counts_as_best() {
        let config = Config::for_task("PointReach");
        let mut recent = PercentileRing::new(5);
        let weights =
            best_advantage_weights(&config, &mut recent, &[3.0, 1.0, 2.0, 4.0, 5.0], 50.0);
        assert_eq!(weights, [1.0, 0.05, 0.05, 1.0, 1.0]);
    }

    #[test]
    fn the_percentile_rises_to_its_largest_value_at_the_papers_pace() {
        let short = Config::for_task("PointReach");
        assert!((percentile(&short, 249) - 37.5).abs() < 1e-9);
        assert_eq!(percentile(&short, 533), 80.0);
        assert!(percentile(&short, 532) < 80.0);
        let long = Config::for_task("HandReach");
        assert!(percentile(&long, 7_998) < 80.0);
        assert!((percentile(&long, 7_999) - 80.0).abs() < 1e-9);
    }
}
