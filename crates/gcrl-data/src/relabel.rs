//! Hindsight: a transition may be learned from under a goal that its episode achieved later.
//!
//! With probability `p` the goal of transition `t` becomes the one achieved in state `t + 1 + k`,
//!
//! `k = ⌊U · (n_transitions − t)⌋`, `U` uniform on [0, 1),
//!
//! so uniform on the strictly future states `t + 1 ..= n_transitions`; otherwise it stays the desired
//! goal. `k` counts the steps from `s_{t+1}` to the goal.
//!
//! Source: Andrychowicz et al., "Hindsight Experience Replay", 2017, section 3.3 (`future`); the index
//! law as in the code published with Yang et al., "Rethinking Goal-Conditioned Supervised Learning and
//! Its Connection to Offline RL", 2022.

use gcrl_core::{GoalAt, TransitionIndex};
use rand::{Rng, RngExt};

/// How often a goal is replaced by one achieved later.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relabel {
    /// `p`, in [0, 1]. At 1 no random number is taken for it.
    pub future_probability: f32,
}

impl Relabel {
    /// Every goal is one achieved later.
    pub const ALWAYS: Self = Self { future_probability: 1.0 };

    /// Every goal is the one that the episode asked for.
    pub const NEVER: Self = Self { future_probability: 0.0 };

    /// Samples the goal of transition `t`, `t < n_transitions`.
    ///
    /// # Panics
    ///
    /// If `t >= n_transitions`: the last state starts no transition.
    #[inline]
    pub fn sample(self, t: u32, n_transitions: u32, rng: &mut impl Rng) -> GoalAt {
        if 1.0 <= self.future_probability || rng.random::<f32>() < self.future_probability {
            GoalAt::Achieved(rng.random_range(t + 1..=n_transitions))
        } else {
            GoalAt::Desired
        }
    }
}

/// `k`, the steps from the end of a transition to the state whose achieved goal it is learned under;
/// `None` under a goal that is not achieved later in its episode.
#[inline]
pub fn steps_to_goal(transition: TransitionIndex) -> Option<u32> {
    match transition.goal {
        GoalAt::Achieved(i) => i.checked_sub(transition.t + 1),
        GoalAt::Desired | GoalAt::Elsewhere { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::seed;
    use proptest::prelude::*;

    #[test]
    fn steps_are_counted_from_the_next_state() {
        let goal_at = |goal| TransitionIndex { episode: 0, t: 10, goal };
        assert_eq!(steps_to_goal(goal_at(GoalAt::Achieved(11))), Some(0));
        assert_eq!(steps_to_goal(goal_at(GoalAt::Achieved(49))), Some(38));
        assert_eq!(steps_to_goal(goal_at(GoalAt::Achieved(10))), None);
        assert_eq!(steps_to_goal(goal_at(GoalAt::Desired)), None);
        assert_eq!(steps_to_goal(goal_at(GoalAt::Elsewhere { episode: 0, t: 11 })), None);
    }

    #[test]
    fn the_share_of_relabeled_goals_is_the_probability() {
        let mut rng = seed::stream(0, "relabel", 0);
        for probability in [0.0, 0.2, 0.8, 1.0] {
            let relabel = Relabel { future_probability: probability };
            let desired =
                (0..100_000).filter(|_| relabel.sample(7, 49, &mut rng) == GoalAt::Desired);
            let share = 1.0 - desired.count() as f32 / 1e5;
            assert!((share - probability).abs() < 0.005, "{share} of {probability}");
        }
    }

    proptest! {
        #[test]
        fn goals_lie_strictly_in_the_future_and_inside_the_episode(
            n_transitions in 1_u32..100, t in 0_u32..100, seed in any::<u64>()
        ) {
            let t = t % n_transitions;
            let goal = Relabel::ALWAYS.sample(t, n_transitions, &mut seed::stream(seed, "relabel", 0));
            let GoalAt::Achieved(i) = goal else { panic!("no goal is kept") };
            prop_assert!(t < i && i <= n_transitions);
        }
    }
}
