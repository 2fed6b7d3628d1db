//! Weights of transitions in a regression, each `[batch]`.

use gcrl_core::TransitionIndex;
use gcrl_data::steps_to_goal;

/// `γ^(i−t−1)`: a goal that was achieved soon counts more. 1 for a goal that the episode did not achieve
/// later.
pub fn discounted_relabeling(transitions: &[TransitionIndex], discount: f32) -> Vec<f32> {
    let weight = |transition: &TransitionIndex| {
        steps_to_goal(*transition).map_or(1.0, |steps| discount.powi(steps as i32))
    };
    transitions.iter().map(weight).collect()
}

/// `min(exp(β A), M)`.
pub fn exponential_advantage(
    advantages: &[f32],
    inverse_temperature: f32,
    largest: f32,
) -> Vec<f32> {
    let weight = |advantage: &f32| (inverse_temperature * advantage).exp().min(largest);
    advantages.iter().map(weight).collect()
}

/// `weights ← weights · factors`.
pub fn multiply(weights: &mut [f32], factors: &[f32]) {
    assert_eq!(weights.len(), factors.len(), "a factor for every weight");
    for (weight, factor) in weights.iter_mut().zip(factors) {
        *weight *= factor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::GoalAt;

    #[test]
    fn the_relabeling_weight_counts_steps_after_the_next() {
        let index = |t, goal| TransitionIndex { episode: 0, t, goal };
        let achieved = |t, i| index(t, GoalAt::Achieved(i));
        let transitions =
            [achieved(4, 5), achieved(4, 6), achieved(0, 3), index(0, GoalAt::Desired)];
        assert_eq!(discounted_relabeling(&transitions, 0.5), [1.0, 0.5, 0.25, 1.0]);
    }

    #[test]
    fn the_exponential_weight_is_limited_from_above() {
        assert_eq!(exponential_advantage(&[0.0, 9.0], 1.0, 10.0), [1.0, 10.0]);
        let weights = exponential_advantage(&[std::f32::consts::LN_2], 3.0, 10.0);
        assert!((weights[0] - 8.0).abs() < 1e-5, "e^(3 ln 2) = 8, not {}", weights[0]);
    }

    #[test]
    fn factors_are_multiplied_one_by_one() {
        let mut weights = [1.0, 2.0];
        multiply(&mut weights, &[3.0, 0.5]);
        assert_eq!(weights, [3.0, 1.0]);
    }
}
