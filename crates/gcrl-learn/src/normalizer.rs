//! How a member scales its inputs: by running means and deviations of the batches it has sampled.
//!
//! `mean = Σx / n`, `std = √max(ε², Σx² / n − mean²)` with `ε = 1e-4` and `n` counted from 1, as if one
//! zero had been seen before; before the first batch the normalizers pass everything through.
//!
//! Source: the paper's published code (its `normalizer.py`), after OpenAI baselines.

use gcrl_core::{EpisodeView, Normalizer, TransitionIndex};
use gcrl_nn::InputNormalizers;

/// The smallest standard deviation, in units of the input.
const SMALLEST_STD: f64 = 1e-4;

/// Sums over vectors of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Sums {
    /// `Σx`, `[dim]`.
    pub sum: Vec<f64>,
    /// `Σx²`, `[dim]`.
    pub sum_of_squares: Vec<f64>,
}

/// The running normalizers of one member.
#[derive(Clone, Debug, PartialEq)]
pub struct RunningNormalizer {
    /// Over observations.
    pub observation: Sums,
    /// Over the goals learned from.
    pub goal: Sums,
    /// Vectors seen, plus one.
    pub count: f64,
    normalizers: InputNormalizers,
}

impl RunningNormalizer {
    /// That of nothing yet.
    pub fn new(observation_dim: usize, goal_dim: usize, input_clip: f32, output_clip: f32) -> Self {
        let zeros = |dim| Sums { sum: vec![0.0; dim], sum_of_squares: vec![0.0; dim] };
        Self {
            observation: zeros(observation_dim),
            goal: zeros(goal_dim),
            count: 1.0,
            normalizers: InputNormalizers {
                observation: Normalizer::identity(observation_dim, input_clip, output_clip),
                goal: Normalizer::identity(goal_dim, input_clip, output_clip),
            },
        }
    }

    /// Put back from a checkpoint; `identity` normalizers bring the clips.
    pub(crate) fn restored(
        observation: Sums,
        goal: Sums,
        count: f64,
        identity: (Normalizer, Normalizer),
    ) -> Self {
        let normalizers = InputNormalizers { observation: identity.0, goal: identity.1 };
        let mut normalizer = Self { observation, goal, count, normalizers };
        normalizer.refresh();
        normalizer
    }

    /// How inputs are scaled now.
    pub fn normalizers(&self) -> &InputNormalizers {
        &self.normalizers
    }

    /// Takes in the observations `s_t` and the goals of a batch.
    pub fn update(&mut self, episodes: EpisodeView<'_>, transitions: &[TransitionIndex]) {
        let input_clip = self.normalizers.observation.input_clip;
        for transition in transitions {
            let (episode, t) = (transition.episode as usize, transition.t as usize);
            self.observation.add(episodes.observation(episode, t), input_clip);
            self.goal.add(episodes.goal(*transition), input_clip);
        }
        self.count += transitions.len() as f64;
        self.refresh();
    }

    pub(crate) fn refresh(&mut self) {
        if 1.0 < self.count {
            self.observation.write(self.count, &mut self.normalizers.observation);
            self.goal.write(self.count, &mut self.normalizers.goal);
        }
    }
}

impl Sums {
    fn add(&mut self, vector: &[f32], input_clip: f32) {
        let sums = self.sum.iter_mut().zip(&mut self.sum_of_squares);
        for ((sum, sum_of_squares), number) in sums.zip(vector) {
            let limited = f64::from(number.clamp(-input_clip, input_clip));
            *sum += limited;
            *sum_of_squares += limited * limited;
        }
    }

    fn write(&self, count: f64, normalizer: &mut Normalizer) {
        for (dim, (sum, sum_of_squares)) in self.sum.iter().zip(&self.sum_of_squares).enumerate() {
            let mean = sum / count;
            let variance = sum_of_squares / count - mean * mean;
            normalizer.mean[dim] = mean as f32;
            normalizer.std[dim] = variance.max(SMALLEST_STD * SMALLEST_STD).sqrt() as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::{EpisodeShape, Episodes, GoalAt};

    #[test]
    fn mean_and_std_count_one_zero_more_than_was_seen() {
        let shape =
            EpisodeShape { observation_dim: 1, goal_dim: 1, action_dim: 1, n_transitions: 3 };
        let mut episodes = Episodes::zeros(shape, 1);
        episodes.observation.copy_from_slice(&[3.0, 6.0, 900.0, 0.0]);
        episodes.achieved_goal.copy_from_slice(&[0.0, 2.0, 2.0, 2.0]);
        let mut normalizer = RunningNormalizer::new(1, 1, 200.0, 5.0);
        assert_eq!(normalizer.normalizers().observation, Normalizer::identity(1, 200.0, 5.0));
        let batch =
            [0, 1, 2].map(|t| TransitionIndex { episode: 0, t, goal: GoalAt::Achieved(t + 1) });
        normalizer.update(episodes.view(), &batch);
        // Observations 0 (the one more), 3, 6, 200 (limited); goals 0, 2, 2, 2.
        let normalizers = normalizer.normalizers();
        assert_eq!(normalizers.observation.mean, [52.25]);
        assert_eq!(normalizers.goal.mean, [1.5]);
        assert_eq!(normalizers.goal.std, [0.75_f32.sqrt()]);
    }

    #[test]
    fn a_constant_input_keeps_the_smallest_std() {
        let shape =
            EpisodeShape { observation_dim: 1, goal_dim: 1, action_dim: 1, n_transitions: 1 };
        let episodes = Episodes::zeros(shape, 1);
        let mut normalizer = RunningNormalizer::new(1, 1, 200.0, 5.0);
        let transition = TransitionIndex { episode: 0, t: 0, goal: GoalAt::Desired };
        normalizer.update(episodes.view(), &[transition]);
        assert_eq!(normalizer.normalizers().observation.std, [1e-4]);
    }
}
