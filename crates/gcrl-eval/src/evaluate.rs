//! A behavior's score on a task, by the paper's rules.
//!
//! | score of an episode | formula | largest |
//! |---|---|---|
//! | `return` | `Σ r_t` over the counted transitions `t = 0..49` | 49 |
//! | `discounted_return` | `Σ 0.98^t r_t` | 31.42 |
//! | `success` | the goal is reached in the last counted state, by the task's rule for success | 1 |
//! | `final_distance` | `‖φ(s_49) − g‖` in the last counted state, in units of the goal | |
//!
//! `r_t` scores the goal achieved after transition `t`. The paper's tables show `return`.
//!
//! Source: Yang et al., "Rethinking Goal-Conditioned Supervised Learning and Its Connection to Offline
//! RL", 2022, as in the authors' published code.

use crate::json;
use crate::stats::{self, Summary};
use gcrl_core::rollout::{OnProgress, Plan};
use gcrl_core::{Behavior, EnvError, EnvPool, EpisodeView, TaskSpec, seed, spec};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Episodes that are in memory at the same time; scores do not depend on it.
const EPISODES_AT_ONCE: usize = 1_024;

/// γ of `discounted_return`, per control step: `1 − 1 / 50`.
pub const DISCOUNT: f64 = 0.98;

/// Scores of a behavior on a task; as JSON, one object with these fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The task's id.
    pub task: String,
    /// Episodes that were played.
    pub episodes: usize,
    /// The root seed of their starts and goals.
    #[serde(with = "json::exact")]
    pub seed: u64,
    /// Steps on the goal, over episodes.
    #[serde(rename = "return")]
    pub undiscounted_return: Summary,
    /// The same, discounted.
    pub discounted_return: Summary,
    /// Share of episodes that ended on the goal.
    pub success: SuccessRate,
    /// Distance of the last achieved goal from the desired one, in units of the goal.
    pub final_distance: Summary,
}

/// Share of successful episodes, with its 95 % Wilson interval; each number lies in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SuccessRate {
    /// Successes per episode.
    #[serde(serialize_with = "json::finite")]
    pub rate: f64,
    /// Lower end of the interval.
    #[serde(serialize_with = "json::finite")]
    pub low: f64,
    /// Upper end of the interval.
    #[serde(serialize_with = "json::finite")]
    pub high: f64,
}

/// The root seed of evaluations that users ask for by `seed`: collecting with the same seed plays other
/// starts and goals, so that a policy is never scored on those it learned from.
pub fn evaluation_seed(seed: u64) -> u64 {
    seed::child(seed, "evaluate", 0)
}

/// Plays the planned episodes in the environments of `pool` and scores them.
///
/// # Errors
///
/// The first error of any environment, or [`EnvError::Stopped`] if `on_progress` broke off.
///
/// # Panics
///
/// If no episode is planned.
pub fn evaluate(
    pool: &mut EnvPool,
    behavior: &Behavior,
    plan: &Plan,
    on_progress: OnProgress<'_>,
) -> Result<Evaluation, EnvError> {
    let scores = score(pool, behavior, plan, on_progress)?;
    Ok(scores.summarize(pool.spec(), plan.seed))
}

/// Plays the planned episodes in the environments of `pool` and scores each.
///
/// # Errors
///
/// The first error of any environment, or [`EnvError::Stopped`] if `on_progress` broke off.
pub fn score(
    pool: &mut EnvPool,
    behavior: &Behavior,
    plan: &Plan,
    on_progress: OnProgress<'_>,
) -> Result<Scores, EnvError> {
    let spec = pool.spec();
    let mut scores = Scores::default();
    let Range { start, end } = plan.episodes;
    for first in (start..end).step_by(EPISODES_AT_ONCE) {
        let episodes = first..end.min(first + EPISODES_AT_ONCE as u64);
        let plan = Plan { episodes, ..plan.clone() };
        scores.add(spec, &pool.rollout(behavior, &plan, on_progress)?.view());
    }
    Ok(scores)
}

/// The scores of episodes, one by one, in the order of their numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// Steps on the goal.
    pub returns: Vec<f64>,
    /// The same, discounted.
    pub discounted_returns: Vec<f64>,
    /// Distances of the last achieved goal from the desired one, in units of the goal.
    pub final_distances: Vec<f64>,
    /// Whether they ended on the goal.
    pub successes: Vec<bool>,
}

impl Scores {
    /// Scores more episodes.
    fn add(&mut self, spec: &TaskSpec, episodes: &EpisodeView<'_>) {
        let last_state = episodes.shape.n_transitions;
        for episode in 0..episodes.n_episodes {
            let rewards = || episodes.rewards(spec, episode).map(f64::from);
            let achieved_goal = episodes.achieved_goal(episode, last_state);
            let desired_goal = episodes.desired_goal(episode);
            self.returns.push(rewards().sum());
            self.discounted_returns.push(discounted_sum(rewards()));
            self.final_distances.push(spec::distance(achieved_goal, desired_goal));
            self.successes.push(spec.success.is_reached(achieved_goal, desired_goal));
        }
    }

    /// Means over episodes, of the task of `spec` and the root seed `seed`.
    ///
    /// # Panics
    ///
    /// If there are no episodes.
    pub fn summarize(&self, spec: &TaskSpec, seed: u64) -> Evaluation {
        let n_episodes = self.returns.len();
        let n_successes = self.successes.iter().filter(|is_success| **is_success).count();
        let interval = stats::wilson_interval(n_successes, n_episodes);
        Evaluation {
            task: spec.id.to_owned(),
            episodes: n_episodes,
            seed,
            undiscounted_return: Summary::of(&self.returns),
            discounted_return: Summary::of(&self.discounted_returns),
            success: SuccessRate {
                rate: n_successes as f64 / n_episodes as f64,
                low: interval.low,
                high: interval.high,
            },
            final_distance: Summary::of(&self.final_distances),
        }
    }
}

/// `Σ γ^t r_t`, summed from the last reward: `R_t = r_t + γ R_{t+1}`.
fn discounted_sum(rewards: impl Iterator<Item = f64>) -> f64 {
    let rewards: Vec<f64> = rewards.collect();
    rewards.iter().rev().fold(0.0, |rest, reward| reward + DISCOUNT * rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::{Env, Episodes, Field, GoalObservation, Outcome, SuccessRule};
    use proptest::prelude::*;

    const PLACE: &[Field] = &[Field::new("place", 1, "m")];
    const SPEED: &[Field] = &[Field::new("speed", 1, "m/s")];

    const fn line_task(horizon: usize) -> TaskSpec {
        TaskSpec {
            id: "Line",
            summary: "Walk along a line.",
            observation: PLACE,
            goal: PLACE,
            action: SPEED,
            horizon,
            n_transitions: horizon - 1,
            sub_steps: 1,
            physics_dt_secs: 1.0,
            physics_version: 1,
            reward: SuccessRule::Within(1.0),
            success: SuccessRule::Inside(1.0),
        }
    }

    /// Walks one meter a step, whatever the action; the goal lies at 48 m.
    struct Walk {
        place: [f32; 1],
    }

    static WALK: TaskSpec = line_task(50);

    impl Env for Walk {
        fn spec(&self) -> &'static TaskSpec {
            &WALK
        }
        fn reset(&mut self, _seed: u64) -> Result<(), EnvError> {
            self.place = [0.0];
            Ok(())
        }
        fn step(&mut self, _action: &[f32]) -> Result<Outcome, EnvError> {
            self.place[0] += 1.0;
            Ok(Outcome { reward: 0.0, success: false, truncated: false })
        }
        fn observation(&self) -> GoalObservation<'_> {
            GoalObservation {
                observation: &self.place,
                achieved_goal: &self.place,
                desired_goal: &[48.0],
            }
        }
        fn set_goal(&mut self, _: &[f32]) -> Result<(), EnvError> {
            Ok(())
        }
    }

    fn evaluate_walk(n_episodes: u64) -> Evaluation {
        let plan = Plan { seed: 3, episodes: 0..n_episodes, n_threads: 2 };
        let mut pool = EnvPool::new(&|| Box::new(Walk { place: [0.0] }), 2);
        evaluate(&mut pool, &Behavior::random(), &plan, &gcrl_core::rollout::to_the_end).unwrap()
    }

    #[test]
    fn the_50th_step_does_not_count() {
        let scores = evaluate_walk(70);
        assert_eq!((scores.task.as_str(), scores.episodes, scores.seed), ("Line", 70, 3));
        // Transitions 46, 47 and 48 lead to 47, 48 and 49 m; the 50th step, to 50 m, is not taken.
        assert_eq!(
            scores.undiscounted_return,
            Summary { mean: 3.0, std: Some(0.0), standard_error: Some(0.0) }
        );
        let discounted = 0.98_f64.powi(46) + 0.98_f64.powi(47) + 0.98_f64.powi(48);
        assert!((scores.discounted_return.mean - discounted).abs() < 1e-12);
        // The walk ends on the radius: that earns a reward, but it is no success.
        assert_eq!(scores.final_distance.mean, 1.0);
        assert_eq!(scores.success.rate, 0.0);
    }

    #[test]
    fn many_episodes_are_scored_part_by_part() {
        let scores = evaluate_walk(2 * EPISODES_AT_ONCE as u64 + 3);
        assert_eq!(scores.episodes, 2_051);
        assert_eq!(scores.undiscounted_return.mean, 3.0);
    }

    #[test]
    fn the_largest_discounted_return_is_that_of_the_paper() {
        let largest = discounted_sum(std::iter::repeat_n(1.0, 49));
        assert!((largest - (1.0 - 0.98_f64.powi(49)) / 0.02).abs() < 1e-12);
        assert!((largest - 31.42).abs() < 0.005);
    }

    #[test]
    fn scores_of_three_episodes_by_hand() {
        let spec = line_task(4);
        let mut episodes = Episodes::zeros(spec.episode_shape(), 3);
        episodes.desired_goal = vec![0.0; 3];
        // States 0 to 3; rewards score states 1 to 3, so a good start earns nothing.
        episodes.achieved_goal =
            [[0.0, 5.0, 5.0, 5.0], [9.0, 0.5, 0.5, -0.5], [9.0, 9.0, 0.0, 2.0]].concat();
        let mut scores = Scores::default();
        scores.add(&spec, &episodes.view());
        let scores = scores.summarize(&spec, 0);
        // Returns 0, 3, 1: mean 4/3, variance (16 + 25 + 1) / 9 / 2 = 7/3.
        assert!((scores.undiscounted_return.mean - 4.0 / 3.0).abs() < 1e-15);
        let Summary { std, standard_error, .. } = scores.undiscounted_return;
        assert!((std.unwrap() - (7.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        assert!((standard_error.unwrap() - (7.0_f64 / 9.0).sqrt()).abs() < 1e-15);
        // 0, 1 + 0.98 + 0.9604, 0.98.
        assert!((scores.discounted_return.mean - (2.9404 + 0.98) / 3.0).abs() < 1e-15);
        assert_eq!(scores.final_distance.mean, 2.5);
        assert_eq!(scores.success.rate, 1.0 / 3.0);
    }

    proptest! {
        #[test]
        fn json_reads_back_to_the_last_bit(
            seed: u64, episodes: usize, bits: u64, scores in prop::collection::vec(-1e9..1e9_f64, 1..4)
        ) {
            let any = Some(f64::from_bits(bits)).filter(|number| number.is_finite()).unwrap_or(0.1);
            let evaluation = Evaluation {
                task: "Line \"1\"".to_owned(),
                episodes,
                seed,
                undiscounted_return: Summary::of(&scores),
                discounted_return: Summary { mean: any, std: None, standard_error: Some(any) },
                success: SuccessRate { rate: 1.0 / 3.0, low: 0.1, high: any },
                final_distance: Summary::of(&[any]),
            };
            let text = serde_json::to_string_pretty(&evaluation).unwrap();
            prop_assert_eq!(serde_json::from_str::<Evaluation>(&text).unwrap(), evaluation);
        }
    }

    #[test]
    fn what_json_cannot_hold_is_refused_when_it_is_written() {
        let mut evaluation = evaluate_walk(1);
        evaluation.final_distance.mean = f64::NAN;
        let error = serde_json::to_string(&evaluation).unwrap_err();
        assert_eq!(error.to_string(), "NaN is no number of JSON");
    }

    #[test]
    fn the_json_object_has_these_keys() {
        let text = serde_json::to_string(&evaluate_walk(1)).unwrap();
        let keys: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
        let summary = ["mean", "std", "standard_error"];
        let expected = [
            &["task", "Line", "episodes", "seed", "return"][..],
            &summary,
            &["discounted_return"],
            &summary,
            &["success", "rate", "low", "high", "final_distance"],
            &summary,
        ];
        assert_eq!(keys, expected.concat());
    }
}
