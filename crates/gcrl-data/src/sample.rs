//! A batch: which transitions to learn from, and under which goals.
//!
//! Episode uniform with replacement, `t` uniform on `0..n_transitions`, then the goal by `Relabel`.
//!
//! Source: Yang et al., "Rethinking Goal-Conditioned Supervised Learning and Its Connection to Offline
//! RL", 2022, as in the authors' published code.

use crate::relabel::Relabel;
use gcrl_core::TransitionIndex;
use rand::{Rng, RngExt};

/// Samples a transition for each place in `out`, independently.
///
/// # Panics
///
/// If there is no episode or no transition to sample, or more than `u32::MAX` of them.
pub fn sample_batch(
    n_episodes: usize,
    n_transitions: usize,
    relabel: Relabel,
    rng: &mut impl Rng,
    out: &mut [TransitionIndex],
) {
    let n_episodes = u32::try_from(n_episodes).expect("episodes are numbered in 32 bits");
    let n_transitions = u32::try_from(n_transitions).expect("states are numbered in 32 bits");
    for transition in out {
        let episode = rng.random_range(0..n_episodes);
        let t = rng.random_range(0..n_transitions);
        let goal = relabel.sample(t, n_transitions, rng);
        *transition = TransitionIndex { episode, t, goal };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relabel::steps_to_goal;
    use gcrl_core::{GoalAt, seed};

    const NOTHING: TransitionIndex = TransitionIndex { episode: 0, t: 0, goal: GoalAt::Desired };

    #[test]
    fn the_next_state_is_the_goal_as_often_as_the_harmonic_number_says() {
        // P(k = 0) = 1/49 · Σ_t 1/(49 − t) = H_49 / 49 = 4.47921 / 49 = 0.09141; the standard error of
        // a million samples is 0.0003.
        let mut out = vec![NOTHING; 1_000_000];
        sample_batch(2000, 49, Relabel::ALWAYS, &mut seed::stream(0, "draw", 0), &mut out);
        let share =
            out.iter().filter(|sampled| steps_to_goal(**sampled) == Some(0)).count() as f64 / 1e6;
        assert!((share - 0.09141).abs() < 0.0012, "{share}");
    }

    #[test]
    fn episodes_and_transitions_are_uniform() {
        let mut out = vec![NOTHING; 490_000];
        sample_batch(10, 49, Relabel::NEVER, &mut seed::stream(1, "draw", 0), &mut out);
        let mut counts = vec![0_i32; 490];
        for TransitionIndex { episode, t, goal } in out {
            assert_eq!(goal, GoalAt::Desired);
            counts[episode as usize * 49 + t as usize] += 1;
        }
        // Each of the 490 pairs is expected 1,000 times, with a standard deviation of 32.
        assert!(counts.iter().all(|count| (count - 1000).abs() < 160), "{counts:?}");
    }

    #[test]
    fn equal_streams_give_equal_batches() {
        let batch = || {
            let mut out = [NOTHING; 100];
            sample_batch(77, 49, Relabel::ALWAYS, &mut seed::stream(5, "draw", 3), &mut out);
            out
        };
        assert_eq!(batch(), batch());
    }
}
