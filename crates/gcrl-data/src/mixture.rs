//! Goals from several places: the state at hand, a later one of the episode, any state of the data, or
//! the one that the episode asked for.
//!
//! | with probability | the goal of transition `t` is the one achieved in |
//! |---|---|
//! | `current` | state `t`: to stay where one is |
//! | `future` | state `min(t + k, n_transitions)`, `k` from 1 on by [`FutureLaw`] |
//! | `random` | a state of the data, uniform |
//! | the rest | none: the goal that the episode asked for |
//!
//! Source: Park et al., "`OGBench`: Benchmarking Offline Goal-Conditioned RL", 2025, appendix on
//! implementation; `value_goals` and `actor_goals` there.

use gcrl_core::{EpisodeView, GoalAt, TransitionIndex};
use rand::{Rng, RngExt};

/// How far ahead a future goal lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FutureLaw {
    /// `k` uniform on `1..=n_transitions − t`.
    Uniform,
    /// `P(k) = (1 − discount) discount^(k − 1)`; what lies beyond the episode is its last state.
    Geometric {
        /// In [0, 1).
        discount: f32,
    },
}

/// Where goals come from, with which probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GoalMixture {
    /// The state in which the transition begins.
    pub current: f32,
    /// A later state of the episode.
    pub future: f32,
    /// How far ahead that is.
    pub future_law: FutureLaw,
    /// Any state of the data.
    pub random: f32,
}

impl GoalMixture {
    /// Gives every transition of `batch` a goal of its own, independently.
    pub fn sample_goals(
        self,
        episodes: EpisodeView<'_>,
        rng: &mut impl Rng,
        batch: &mut [TransitionIndex],
    ) {
        for transition in batch {
            transition.goal = self.sample(episodes, transition.t, rng);
        }
    }

    fn sample(self, episodes: EpisodeView<'_>, t: u32, rng: &mut impl Rng) -> GoalAt {
        let n_transitions = episodes.shape.n_transitions as u32;
        let choice = rng.random::<f32>();
        if choice < self.current {
            GoalAt::Achieved(t)
        } else if choice < self.current + self.future {
            GoalAt::Achieved(self.future_law.sample(t, n_transitions, rng))
        } else if choice < self.current + self.future + self.random {
            let episode = rng.random_range(0..episodes.n_episodes as u32);
            GoalAt::Elsewhere { episode, t: rng.random_range(0..=n_transitions) }
        } else {
            GoalAt::Desired
        }
    }
}

impl FutureLaw {
    /// A state after `t`.
    fn sample(self, t: u32, n_transitions: u32, rng: &mut impl Rng) -> u32 {
        match self {
            Self::Uniform => rng.random_range(t + 1..=n_transitions),
            Self::Geometric { discount } => {
                let mut state = t + 1;
                while state < n_transitions && rng.random::<f32>() < discount {
                    state += 1;
                }
                state
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::{EpisodeShape, Episodes, seed};

    const SHAPE: EpisodeShape =
        EpisodeShape { observation_dim: 1, goal_dim: 1, action_dim: 1, n_transitions: 4 };

    fn goals(mixture: GoalMixture, t: u32) -> Vec<GoalAt> {
        let episodes = Episodes::zeros(SHAPE, 3);
        let mut batch = vec![TransitionIndex { episode: 1, t, goal: GoalAt::Desired }; 100_000];
        let mut rng = seed::stream(0, "mixture", 0);
        mixture.sample_goals(episodes.view(), &mut rng, &mut batch);
        batch.iter().map(|transition| transition.goal).collect()
    }

    fn share(goals: &[GoalAt], is_meant: impl Fn(&GoalAt) -> bool) -> f64 {
        goals.iter().filter(|goal| is_meant(goal)).count() as f64 / goals.len() as f64
    }

    #[test]
    fn goals_come_from_where_the_probabilities_say() {
        let future_law = FutureLaw::Geometric { discount: 0.5 };
        let goals = goals(GoalMixture { current: 0.2, future: 0.4, future_law, random: 0.3 }, 1);
        // States 2, 3, 4 with 1/2, 1/4 and the rest; standard errors are below 0.0016.
        let expected = [
            (GoalAt::Achieved(1), 0.2),
            (GoalAt::Achieved(2), 0.4 * 0.5),
            (GoalAt::Achieved(3), 0.4 * 0.25),
            (GoalAt::Achieved(4), 0.4 * 0.25),
            (GoalAt::Elsewhere { episode: 0, t: 0 }, 0.3 / 15.0),
            (GoalAt::Elsewhere { episode: 2, t: 4 }, 0.3 / 15.0),
            (GoalAt::Desired, 0.1),
        ];
        for (goal, probability) in expected {
            let found = share(&goals, |other| *other == goal);
            assert!((found - probability).abs() < 0.006, "{goal:?}: {found}, not {probability}");
        }
    }

    #[test]
    fn uniform_future_goals_are_all_later_states_alike() {
        let mixture =
            GoalMixture { current: 0.0, future: 1.0, future_law: FutureLaw::Uniform, random: 0.0 };
        let goals = goals(mixture, 2);
        for state in [3, 4] {
            let found = share(&goals, |goal| *goal == GoalAt::Achieved(state));
            assert!((found - 0.5).abs() < 0.006, "{found}");
        }
    }
}
