//! Losses as formulas: each returns its value and its derivative by the network's outputs.

/// A loss and its derivative by the outputs it was computed from.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// The loss.
    pub value: f64,
    /// Its derivative, of the outputs' shape.
    pub gradient: Vec<f32>,
}

/// Weighted regression of the policy on the data's actions:
///
/// `L = 1/B Σ_b w_b · 1/U Σ_j (π_bj − u_bj)²`
///
/// `chosen` and `actions` are `[B, U]`, `weights` is `[B]`.
///
/// Source: Yang et al., 2022, equation 3, for a deterministic policy. **Deviation** from the text: the
/// log-likelihood is that of a Gaussian of fixed variance, as in the authors' code.
pub fn weighted_regression(chosen: &[f32], actions: &[f32], weights: &[f32]) -> Loss {
    let action_dim = actions.len() / weights.len();
    let scale = 1.0 / actions.len() as f32;
    let mut value = 0.0;
    let mut gradient = Vec::with_capacity(chosen.len());
    let rows = chosen.chunks_exact(action_dim).zip(actions.chunks_exact(action_dim));
    for ((chosen, action), weight) in rows.zip(weights) {
        for (chosen, action) in chosen.iter().zip(action) {
            let error = chosen - action;
            value += f64::from(scale * weight * error * error);
            gradient.push(2.0 * scale * weight * error);
        }
    }
    Loss { value, gradient }
}

/// What the critic should say: `y = clip(r + γ Q'(s', g, π'(s', g)), −c, c)`, `c = 1 / (1 − γ)`.
///
/// `rewards` and `next_values` are `[B]`. There is no terminal state: the value of sitting on the goal
/// tends to `c`.
pub fn critic_targets(rewards: &[f32], next_values: &[f32], discount: f32) -> Vec<f32> {
    let largest = 1.0 / (1.0 - discount);
    let target =
        |(reward, value): (&f32, &f32)| (reward + discount * value).clamp(-largest, largest);
    rewards.iter().zip(next_values).map(target).collect()
}

/// Squared error of the critic: `L = 1/B Σ_b (Q_b − y_b)²`; `values` and `targets` are `[B]`.
pub fn squared_error(values: &[f32], targets: &[f32]) -> Loss {
    let scale = 1.0 / targets.len() as f32;
    let errors = values.iter().zip(targets).map(|(value, target)| value - target);
    Loss {
        value: errors.clone().map(|error| f64::from(scale * error * error)).sum(),
        gradient: errors.map(|error| 2.0 * scale * error).collect(),
    }
}

/// The mean of what a batch gave, for logs.
pub fn mean(numbers: impl ExactSizeIterator<Item = f32>) -> f64 {
    let n_numbers = numbers.len() as f64;
    numbers.map(f64::from).sum::<f64>() / n_numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn regression_is_a_mean_over_rows_and_components() {
        let loss = weighted_regression(&[1.0, 0.0, 0.5, 0.5], &[0.0, 0.0, 0.5, -0.5], &[2.0, 4.0]);
        // (2 · 1 + 4 · 1) / 4, and 2 · w · error / 4.
        assert_eq!(loss.value, 1.5);
        assert_eq!(loss.gradient, [1.0, 0.0, 0.0, 2.0]);
    }

    #[test]
    fn targets_are_clipped_at_the_value_of_sitting_on_the_goal() {
        let targets = critic_targets(&[1.0, 0.0, 1.0], &[2.0, -9.0, 9.0], 0.5);
        assert_eq!(targets, [2.0, -2.0, 2.0]);
    }

    /// `(L(x + h) − L(x − h)) / 2h` for each component; exact but for rounding, as `L` is quadratic.
    fn by_differences(outputs: &[f32], loss: impl Fn(&[f32]) -> f64) -> Vec<f64> {
        const H: f32 = 0.125;
        let moved = |i: usize, by: f32| {
            let mut outputs = outputs.to_vec();
            outputs[i] += by;
            loss(&outputs)
        };
        (0..outputs.len()).map(|i| (moved(i, H) - moved(i, -H)) / f64::from(2.0 * H)).collect()
    }

    proptest! {
        #[test]
        fn gradients_are_derivatives(
            outputs in prop::collection::vec(-1.0f32..1.0, 6),
            wanted in prop::collection::vec(-1.0f32..1.0, 6),
            weights in prop::collection::vec(0.0f32..10.0, 3),
        ) {
            let regression = weighted_regression(&outputs, &wanted, &weights);
            let expected = by_differences(&outputs, |o| weighted_regression(o, &wanted, &weights).value);
            for (found, expected) in regression.gradient.iter().zip(expected) {
                prop_assert!((f64::from(*found) - expected).abs() < 1e-4);
            }
            let error = squared_error(&outputs, &wanted);
            let expected = by_differences(&outputs, |o| squared_error(o, &wanted).value);
            for (found, expected) in error.gradient.iter().zip(expected) {
                prop_assert!((f64::from(*found) - expected).abs() < 1e-4);
            }
        }
    }
}
