//! Who acts while data are collected, and with how much noise.

use crate::policy::{ObservationBatch, Policy};
use crate::seed::{self, Stream};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use std::sync::Arc;

/// Exploration around a policy: `u = clip(π + noise_std · N(0, 1), −1, 1)`, then, with
/// `random_action_probability` a step, the whole action is replaced by `U[−1, 1]`.
///
/// Source: Andrychowicz et al., "Hindsight Experience Replay", 2017, appendix A.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exploration {
    /// Standard deviation of the added noise, in units of the largest action; at least 0.
    pub noise_std: f32,
    /// Probability in [0, 1] that a step acts at random.
    pub random_action_probability: f32,
}

impl Exploration {
    /// The policy as it is.
    pub const NONE: Self = Self { noise_std: 0.0, random_action_probability: 0.0 };

    /// The noise of the paper's expert data and of its online training.
    pub const PAPER: Self = Self { noise_std: 0.2, random_action_probability: 0.3 };

    /// Perturbs `action`, `[action_dim]`. Draws nothing where there is no noise.
    fn perturb(self, action: &mut [f32], rng: &mut Stream) {
        if 0.0 < self.noise_std {
            for component in action.iter_mut() {
                let noise: f32 = StandardNormal.sample(rng);
                *component = (*component + self.noise_std * noise).clamp(-1.0, 1.0);
            }
        }
        if 0.0 < self.random_action_probability
            && rng.random::<f32>() < self.random_action_probability
        {
            draw_uniform(action, rng);
        }
    }
}

/// The file that a policy was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFile {
    /// Id of the task that the policy was trained for.
    pub task: String,
    /// BLAKE3 of the file, in hexadecimal.
    pub blake3: String,
}

/// Who acts. Clones share the policy.
#[derive(Clone)]
pub struct Behavior {
    /// Who acts, in a few words: `random`, `expert`, the algorithm that trained the policy.
    pub name: String,
    /// What acts; without one, each component is uniform in [-1, 1], independently at every step.
    pub policy: Option<Arc<dyn Policy>>,
    /// The noise on the policy's actions.
    pub exploration: Exploration,
    /// Where the policy was read from, if it was.
    pub file: Option<PolicyFile>,
}

impl Behavior {
    /// Actions uniform in [-1, 1].
    pub fn random() -> Self {
        Self { name: "random".to_owned(), policy: None, exploration: Exploration::NONE, file: None }
    }

    /// A policy as it is, called `name`.
    pub fn of(name: impl Into<String>, policy: Arc<dyn Policy>) -> Self {
        Self { name: name.into(), policy: Some(policy), exploration: Exploration::NONE, file: None }
    }

    /// Writes the actions for `batch` into `action`, `[n_rows, action_dim]`; row `i` draws from
    /// `streams[i]`.
    pub fn act(&self, batch: &ObservationBatch<'_>, action: &mut [f32], streams: &mut [Stream]) {
        let action_dim = action.len() / batch.n_rows;
        let rows = action.chunks_exact_mut(action_dim);
        let Some(policy) = &self.policy else {
            return rows.zip(streams).for_each(|(action, rng)| draw_uniform(action, rng));
        };
        policy.act(batch, action);
        for (action, rng) in action.chunks_exact_mut(action_dim).zip(streams) {
            self.exploration.perturb(action, rng);
        }
    }
}

fn draw_uniform(action: &mut [f32], rng: &mut Stream) {
    for component in action {
        *component = seed::signed_unit_f32(rng);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Always wants the same action.
    struct Constant(f32);

    impl Policy for Constant {
        fn observation_dim(&self) -> usize {
            1
        }
        fn goal_dim(&self) -> usize {
            1
        }
        fn action_dim(&self) -> usize {
            1
        }
        fn act(&self, _batch: &ObservationBatch<'_>, action: &mut [f32]) {
            action.fill(self.0);
        }
    }

    fn actions(behavior: &Behavior, n_rows: usize) -> Vec<f32> {
        let mut streams: Vec<_> = (0..n_rows as u64).map(|i| seed::stream(0, "test", i)).collect();
        let mut action = vec![0.0; n_rows];
        let batch = ObservationBatch { n_rows, observation: &[], desired_goal: &[] };
        behavior.act(&batch, &mut action, &mut streams);
        action
    }

    #[test]
    fn without_noise_the_policy_acts() {
        assert_eq!(actions(&Behavior::of("half", Arc::new(Constant(0.5))), 3), [0.5; 3]);
    }

    #[test]
    fn uniform_actions_have_the_moments_of_the_uniform_distribution() {
        let actions = actions(&Behavior::random(), 100_000);
        let mean = actions.iter().sum::<f32>() / 1e5;
        let variance = actions.iter().map(|a| a * a).sum::<f32>() / 1e5;
        assert!(mean.abs() < 0.01, "mean {mean}");
        assert!((variance - 1.0 / 3.0).abs() < 0.005, "variance {variance}");
    }

    #[test]
    fn the_papers_noise_saturates_an_idle_action_as_often_as_in_its_data() {
        // A component that the policy leaves at 0 exceeds 0.8 in 0.3 * 0.2 = 6 % of steps: the share
        // 0.0600 that was measured on the unused gripper action of the paper's FetchReach data.
        let idle = Behavior::of("idle", Arc::new(Constant(0.0)));
        let actions = actions(&Behavior { exploration: Exploration::PAPER, ..idle }, 200_000);
        let share = actions.iter().filter(|a| 0.8 < a.abs()).count() as f64 / 2e5;
        assert!((share - 0.06).abs() < 0.002, "share {share}");
    }
}
