//! GOAT: WGCSL with an ensemble of critics, whose disagreement about a goal makes it count more.
//!
//! ```text
//! L(π) = 1/B Σ w · ‖u_t − π(s_t, g)‖² / U        g = φ(s_i), i uniform in {t+1..T}, with probability p
//! w    = min(exp(β A), M)  ·  ε(A)  ·  u(s_t, g)
//! u    = clip(a σ̄ + b, 0, 1)        σ̄ = (σ − min σ) / (max σ − min σ), over recent σ
//! σ    = std_k Q_k(s_t, g, π(s_t, g))
//! ```
//!
//! The advantage `A`, of the critics' mean, and the critics: [`crate::updates::advantage_regression`]; `ε`,
//! which marks the best advantages: [`crate::updates::best_advantage`].
//!
//! Source: Yang et al., "What is Essential for Unseen Goal Generalization of Offline Goal-conditioned RL?",
//! 2023, and its published code, from which all defaults are: five critics, β = 2, M = 10, a = 1.5,
//! b = 0.5, σ over the last 10,000, p = 1 (on `FetchSlide` 0.2 and 0.5: `goat.relabel`). **Deviations:** the
//! percentile of `ε` is that of the same `A` (the code compares 2A with a percentile of A); critics learn
//! by squared error (the code can do so by expectiles); target steps, batch and clips are those of
//! `[train]` (there `tau=0.05` and `output_clip=10`).

use crate::algorithm::{Algorithm, Losses, MemberState, PolicyFrame};
use crate::losses;
use crate::networks::policy;
use crate::percentile::PercentileRing;
use crate::registered::{AlgorithmConfig, Registered};
use crate::settings::first_problem;
use crate::setup::Setup;
use crate::step::Step;
use crate::updates::advantage_regression::{AdvantageRegression, Goals};
use crate::updates::best_advantage::Curriculum;
use crate::updates::weights;
use gcrl_data::Relabel;
use gcrl_nn::{Engine, EngineError, NetworkId};
use gcrl_policy::PolicyParts;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::ops::RangeInclusive;

/// The name of recent advantages in a checkpoint.
const ADVANTAGES: &str = "recent_advantages";

/// The name of recent deviations over critics in a checkpoint.
const DEVIATIONS: &str = "recent_deviations";

/// Settings, in the table `[goat]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// p: probability that a goal is one achieved later in the episode, in [0, 1].
    #[serde(serialize_with = "crate::settings::shortest")]
    pub relabel: f32,
    /// K: critics, 2 to 100.
    pub n_critics: usize,
    /// β: the inverse temperature of advantages; not negative.
    #[serde(serialize_with = "crate::settings::shortest")]
    pub inverse_temperature: f32,
    /// M: the largest exponential advantage; positive.
    #[serde(serialize_with = "crate::settings::shortest")]
    pub advantage_clip: f32,
    /// a: how fast the weight rises with the critics' deviation, scaled to [0, 1].
    #[serde(serialize_with = "crate::settings::shortest")]
    pub deviation_slope: f32,
    /// b: the weight where the critics deviate least, in [0, 1].
    #[serde(serialize_with = "crate::settings::shortest")]
    pub deviation_floor: f32,
    /// Deviations that the least and the largest are taken of; at least 1.
    pub n_recent_deviations: usize,
    /// How the bar for advantages rises.
    pub curriculum: Curriculum,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            relabel: 1.0,
            n_critics: 5,
            inverse_temperature: 2.0,
            advantage_clip: 10.0,
            deviation_slope: 1.5,
            deviation_floor: 0.5,
            n_recent_deviations: 10_000,
            curriculum: Curriculum::default(),
        }
    }
}

impl AlgorithmConfig for Config {
    fn problem(&self) -> Option<&'static str> {
        let unit = 0.0..=1.0;
        first_problem([
            (unit.contains(&self.relabel), "goat.relabel must be in [0, 1]"),
            ((2..=100).contains(&self.n_critics), "goat.n_critics must be in [2, 100]"),
            (0.0 <= self.inverse_temperature, "goat.inverse_temperature must not be negative"),
            (0.0 < self.advantage_clip, "goat.advantage_clip must be positive"),
            (self.deviation_slope.is_finite(), "goat.deviation_slope must be a number"),
            (unit.contains(&self.deviation_floor), "goat.deviation_floor must be in [0, 1]"),
            (0 < self.n_recent_deviations, "goat.n_recent_deviations must be at least 1"),
        ])
        .or_else(|| self.curriculum.problem())
    }
}

/// GOAT on a population.
pub struct Goat {
    config: Config,
    learner: AdvantageRegression,
    /// Recent `A` of each member.
    advantages: Vec<PercentileRing>,
    /// Recent `σ` of each member.
    deviations: Vec<PercentileRing>,
}

impl Registered for Goat {
    const NAME: &'static str = "goat";
    const PAPER_NAME: &'static str = "GOAT";
    const SUMMARY: &'static str =
        "regression on hindsight goals, weighted by advantage and by the critics' disagreement";
    type Config = Config;

    fn new(config: Config, setup: &mut Setup<'_>) -> Result<Self, EngineError> {
        let learner = AdvantageRegression::new(setup, config.n_critics)?;
        let rings = |n_recent| vec![PercentileRing::new(n_recent); setup.seeds.len()];
        let advantages = rings(config.curriculum.n_recent);
        Ok(Self { learner, advantages, deviations: rings(config.n_recent_deviations), config })
    }
}

impl Algorithm for Goat {
    fn update(&mut self, step: &mut Step<'_>) -> Result<Vec<Losses>, EngineError> {
        let Self { config, learner, advantages, deviations } = self;
        let relabel = Relabel { future_probability: config.relabel };
        let n_updates = step.n_updates;
        let goals = Goals { relabel, original_goal_probability: 0.0 };
        learner.update(step, goals, |member, judged| {
            let (beta, clip) = (config.inverse_temperature, config.advantage_clip);
            let mut all = weights::exponential_advantage(judged.advantages, beta, clip);
            let recent = &mut advantages[member];
            let best = config.curriculum.weights(recent, judged.advantages, n_updates);
            weights::multiply(&mut all, &best);
            let found = losses::deviation_over_critics(judged.values);
            weights::multiply(&mut all, &uncertainty(config, &mut deviations[member], &found));
            all
        })
    }

    fn networks(&self) -> Vec<(Cow<'static, str>, NetworkId)> {
        self.learner.networks.networks()
    }

    fn policy(&self, member: usize, engine: &dyn Engine, frame: PolicyFrame<'_>) -> PolicyParts {
        policy::of_actor(&self.learner.networks.actor, member, engine, frame)
    }

    fn state(&self, member: usize) -> MemberState {
        let rings = [(ADVANTAGES, &self.advantages), (DEVIATIONS, &self.deviations)];
        rings.map(|(name, rings)| (name.to_owned(), rings[member].values())).into()
    }

    fn state_len(&self, name: &str) -> RangeInclusive<usize> {
        let Config { curriculum, n_recent_deviations, .. } = &self.config;
        0..=if name == ADVANTAGES { curriculum.n_recent } else { *n_recent_deviations }
    }

    fn set_state(&mut self, member: usize, state: &MemberState) {
        for (name, rings, n_recent) in [
            (ADVANTAGES, &mut self.advantages, self.config.curriculum.n_recent),
            (DEVIATIONS, &mut self.deviations, self.config.n_recent_deviations),
        ] {
            rings[member] = PercentileRing::new(n_recent);
            rings[member].push(&state[name]);
        }
    }
}

/// `u`, `[batch]`, after the deviations, `[batch]`, have joined the recent ones; `b` where all are equal.
fn uncertainty(config: &Config, recent: &mut PercentileRing, deviations: &[f32]) -> Vec<f32> {
    recent.push(deviations);
    let (least, largest) = (recent.percentile(0.0), recent.percentile(100.0));
    let range = (largest - least).max(f32::MIN_POSITIVE);
    let weight = |deviation: &f32| {
        let scaled = (deviation - least) / range;
        (config.deviation_slope * scaled + config.deviation_floor).clamp(0.0, 1.0)
    };
    deviations.iter().map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_counts_more_the_more_the_critics_disagree() {
        let mut recent = PercentileRing::new(10);
        recent.push(&[0.0, 4.0]);
        // 1.5 · (0, 1/4, 1/2, 1) + 0.5, at most 1.
        let found = uncertainty(&Config::default(), &mut recent, &[0.0, 1.0, 2.0, 4.0]);
        assert_eq!(found, [0.5, 0.875, 1.0, 1.0]);
        let mut empty = PercentileRing::new(2);
        assert_eq!(uncertainty(&Config::default(), &mut empty, &[3.0; 2]), [0.5; 2]);
    }
}
