//! What every algorithm shares: the schedule, the batch, the networks.
//!
//! What differs between tasks stands in [`crate::presets`].
//!
//! Source: the published code of Yang et al., "Rethinking Goal-Conditioned Supervised Learning and
//! Its Connection to Offline RL", 2022.

use gcrl_core::Exploration;
use gcrl_policy::MAX_WIDTH;
use serde::{Deserialize, Serialize, Serializer};

/// The settings of a run that differ from task to task.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Gradient steps on each network.
    pub n_updates: u64,
    /// Transitions in a batch.
    pub batch_size: usize,
    /// Updates between two moves of the target networks.
    pub target_every: u64,
    /// Updates between two evaluations.
    pub evaluate_every: u64,
}

/// The largest batch, in transitions: beyond any use, and products of sizes stay below 2⁶⁴.
const LARGEST_BATCH: usize = 1 << 24;

/// The longest run, in updates: beyond any use, and products with it stay below 2⁶⁴.
const MOST_UPDATES: u64 = 1 << 32;

/// Settings of a training run, in the table `[train]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Gradient steps on each network, 1 to 2³².
    pub n_updates: u64,
    /// Transitions in a batch, 1 to 2²⁴.
    pub batch_size: usize,
    /// Adam's step size, for actor and critic alike.
    #[serde(serialize_with = "shortest")]
    pub learning_rate: f32,
    /// γ, per control step, in (0, 1).
    #[serde(serialize_with = "shortest")]
    pub discount: f32,
    /// Units of the hidden layers, of actor and critic alike: at least one layer, each of 1 to
    /// [`MAX_WIDTH`] (65,536) units, since policy files hold no larger ones.
    pub hidden: Vec<usize>,
    /// Updates between two moves of the target networks.
    pub target_every: u64,
    /// Share of the online network that a move of a target network mixes in, in (0, 1].
    #[serde(serialize_with = "shortest")]
    pub tau: f32,
    /// Updates between two evaluations.
    pub evaluate_every: u64,
    /// Episodes of an evaluation during training.
    pub n_evaluation_episodes: usize,
    /// Episodes of the evaluation after the last update.
    pub n_final_evaluation_episodes: usize,
    /// Observations and goals are first limited to plus or minus this.
    #[serde(serialize_with = "shortest")]
    pub input_clip: f32,
    /// Normalized observations and goals are limited to plus or minus this.
    #[serde(serialize_with = "shortest")]
    pub output_clip: f32,
}

/// How fast a member of a population learns; every member has the run's own, unless it is told otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// Adam's step size; positive.
    pub learning_rate: f32,
    /// Share of the online network that a move of a target network mixes in, in (0, 1].
    pub tau: f32,
}

impl Rates {
    /// Names the first rate out of its range, if any.
    pub fn problem(self) -> Option<&'static str> {
        let Self { learning_rate, tau } = self;
        first_problem([
            (is_positive(learning_rate), "train.learning_rate must be positive"),
            (is_positive(tau) && tau <= 1.0, "train.tau must be in (0, 1]"),
        ])
    }
}

/// Settings of online training, in the table `[online]`.
///
/// Each cycle collects episodes with exploration, all side by side, and then makes updates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Online {
    /// Episodes of uniform actions before the first cycle.
    pub n_random_episodes: usize,
    /// Episodes that a cycle collects.
    pub episodes_per_cycle: usize,
    /// Updates that a cycle makes.
    pub updates_per_cycle: u64,
    /// Episodes that the replay buffer holds; the oldest go first.
    pub capacity: usize,
    /// Standard deviation of the noise on actions, in units of the largest action.
    #[serde(serialize_with = "shortest")]
    pub noise_std: f32,
    /// Probability that a step acts at random.
    #[serde(serialize_with = "shortest")]
    pub random_action_probability: f32,
}

/// Writes an f32 as the shortest decimal that reads back: 0.2, not 0.20000000298. For `serialize_with`.
///
/// # Errors
///
/// Those of the serializer.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
pub fn shortest<S: Serializer>(number: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(number.to_string().parse().expect("numbers print as numbers"))
}

fn is_positive(number: f32) -> bool {
    0.0 < number && number.is_finite()
}

/// The message of the first check that does not hold, if any.
pub fn first_problem<const N: usize>(checks: [(bool, &'static str); N]) -> Option<&'static str> {
    checks.into_iter().find_map(|(holds, problem)| (!holds).then_some(problem))
}

impl Settings {
    /// The paper's settings, which are the same for all its tasks, on a schedule.
    pub fn new(schedule: &Schedule) -> Self {
        let &Schedule { n_updates, batch_size, target_every, evaluate_every } = schedule;
        Self {
            n_updates,
            batch_size,
            learning_rate: 5e-4,
            discount: 0.98,
            hidden: vec![256; 3],
            target_every,
            tau: 0.1,
            evaluate_every,
            n_evaluation_episodes: 100,
            n_final_evaluation_episodes: 1_000,
            input_clip: 200.0,
            output_clip: 5.0,
        }
    }

    /// How fast the members of a population learn.
    pub fn rates(&self) -> Rates {
        Rates { learning_rate: self.learning_rate, tau: self.tau }
    }

    /// Names the first setting out of its range, if any.
    pub fn problem(&self) -> Option<&'static str> {
        let problem = first_problem([
            (0 < self.n_updates, "train.n_updates must be at least 1"),
            (self.n_updates <= MOST_UPDATES, "train.n_updates must be at most 4294967296"),
            (0 < self.batch_size, "train.batch_size must be at least 1"),
            (self.batch_size <= LARGEST_BATCH, "train.batch_size must be at most 16777216"),
            (is_positive(self.discount) && self.discount < 1.0, "train.discount must be in (0, 1)"),
            (!self.hidden.is_empty(), "train.hidden must name at least one layer"),
            (
                self.hidden.iter().all(|units| (1..=MAX_WIDTH).contains(units)),
                "train.hidden must hold layers of 1 to 65536 units",
            ),
            (0 < self.target_every, "train.target_every must be at least 1"),
            (0 < self.evaluate_every, "train.evaluate_every must be at least 1"),
            (0 < self.n_evaluation_episodes, "train.n_evaluation_episodes must be at least 1"),
            (
                0 < self.n_final_evaluation_episodes,
                "train.n_final_evaluation_episodes must be at least 1",
            ),
            (is_positive(self.input_clip), "train.input_clip must be positive"),
            (is_positive(self.output_clip), "train.output_clip must be positive"),
        ]);
        problem.or_else(|| self.rates().problem())
    }
}

impl Default for Online {
    fn default() -> Self {
        Self {
            n_random_episodes: 20,
            episodes_per_cycle: 1,
            updates_per_cycle: 1,
            capacity: 20_000,
            noise_std: Exploration::PAPER.noise_std,
            random_action_probability: Exploration::PAPER.random_action_probability,
        }
    }
}

impl Online {
    /// The noise of the collecting policy.
    pub fn exploration(&self) -> Exploration {
        Exploration {
            noise_std: self.noise_std,
            random_action_probability: self.random_action_probability,
        }
    }

    /// Names the first setting out of its range, if any.
    pub fn problem(&self) -> Option<&'static str> {
        let probability = self.random_action_probability;
        first_problem([
            (0 < self.n_random_episodes, "online.n_random_episodes must be at least 1"),
            (0 < self.updates_per_cycle, "online.updates_per_cycle must be at least 1"),
            (
                self.n_random_episodes.max(self.episodes_per_cycle) <= self.capacity,
                "online.capacity must hold the random episodes and those of a cycle",
            ),
            (
                0.0 <= self.noise_std && self.noise_std.is_finite(),
                "online.noise_std must not be negative",
            ),
            (
                (0.0..=1.0).contains(&probability),
                "online.random_action_probability must be in [0, 1]",
            ),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        let schedule = Schedule { n_updates: 1, batch_size: 1, target_every: 1, evaluate_every: 1 };
        Settings::new(&schedule)
    }

    #[test]
    fn updates_are_1_to_2_to_the_32() {
        for (n_updates, problem) in [
            (0, Some("train.n_updates must be at least 1")),
            (1, None),
            (1 << 32, None),
            ((1 << 32) + 1, Some("train.n_updates must be at most 4294967296")),
            (u64::MAX, Some("train.n_updates must be at most 4294967296")),
        ] {
            assert_eq!(Settings { n_updates, ..settings() }.problem(), problem, "{n_updates}");
        }
    }

    #[test]
    fn layers_are_no_wider_than_policy_files_hold() {
        let problem = |units| Settings { hidden: vec![8, units], ..settings() }.problem();
        assert_eq!([1, MAX_WIDTH].map(problem), [None; 2]);
        let refused = format!("train.hidden must hold layers of 1 to {MAX_WIDTH} units");
        assert_eq!([0, MAX_WIDTH + 1].map(problem), [Some(&*refused); 2]);
    }
}
