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
/// `policy_actions` and `actions` are `[B, U]`, `weights` is `[B]`.
///
/// Source: Yang et al., 2022, equation 3, for a deterministic policy. **Deviation** from the text: the
/// log-likelihood is that of a Gaussian of fixed variance, as in the authors' code.
pub fn weighted_regression(policy_actions: &[f32], actions: &[f32], weights: &[f32]) -> Loss {
    assert_eq!(policy_actions.len(), actions.len(), "an action of the data for every one");
    assert_eq!(actions.len() % weights.len(), 0, "a weight a row");
    let action_dim = actions.len() / weights.len();
    let scale = 1.0 / actions.len() as f32;
    let mut value = 0.0;
    let mut gradient = Vec::with_capacity(actions.len());
    let rows = policy_actions.chunks_exact(action_dim).zip(actions.chunks_exact(action_dim));
    for ((found, wanted), weight) in rows.zip(weights) {
        for (found, wanted) in found.iter().zip(wanted) {
            let error = found - wanted;
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
    assert_eq!(rewards.len(), next_values.len(), "a next value for every reward");
    let largest = 1.0 / (1.0 - discount);
    let target =
        |(reward, value): (&f32, &f32)| (reward + discount * value).clamp(-largest, largest);
    rewards.iter().zip(next_values).map(target).collect()
}

/// `r + γ V(s') − V(s)`, all `[B]`.
pub fn temporal_differences(
    rewards: &[f32],
    values: &[f32],
    next_values: &[f32],
    discount: f32,
) -> Vec<f32> {
    assert_eq!(rewards.len(), values.len(), "a value for every reward");
    assert_eq!(rewards.len(), next_values.len(), "a next value for every reward");
    let rows = rewards.iter().zip(values).zip(next_values);
    rows.map(|((reward, value), next_value)| reward + discount * next_value - value).collect()
}

/// Squared error of the critic: `L = 1/B Σ_b (Q_b − y_b)²`; `values` and `targets` are `[B]`.
pub fn squared_error(values: &[f32], targets: &[f32]) -> Loss {
    assert_eq!(values.len(), targets.len(), "a target for every value");
    let scale = 1.0 / targets.len() as f32;
    let errors = values.iter().zip(targets).map(|(value, target)| value - target);
    Loss {
        value: errors.clone().map(|error| f64::from(scale * error * error)).sum(),
        gradient: errors.map(|error| 2.0 * scale * error).collect(),
    }
}

/// What several critics say together: the mean over them, `[B]`, of their values, each `[B]`; at least
/// one critic.
pub fn mean_over_critics(critics: &[&[f32]]) -> Vec<f32> {
    let (first, others) = critics.split_first().expect("there is a critic");
    let mut sums = first.to_vec();
    for values in others {
        for (sum, value) in sums.iter_mut().zip(*values) {
            *sum += value;
        }
    }
    sums.iter().map(|sum| sum / critics.len() as f32).collect()
}

/// The least that several critics say, `[B]`, of their values, each `[B]`; at least one critic.
pub fn least_over_critics(critics: &[&[f32]]) -> Vec<f32> {
    chosen_over_critics(critics, f32::min)
}

/// Between the least that several critics say and the most: `λ min_k Q_k + (1 − λ) max_k Q_k`, `[B]`.
///
/// Source: Fujimoto et al., "Off-Policy Deep Reinforcement Learning without Exploration", 2019, equation 14.
pub fn mixed_over_critics(critics: &[&[f32]], least_share: f32) -> Vec<f32> {
    let least = chosen_over_critics(critics, f32::min);
    let pairs = least.iter().zip(chosen_over_critics(critics, f32::max));
    pairs.map(|(least, largest)| least_share * least + (1.0 - least_share) * largest).collect()
}

/// The largest of every `n` values, one after the other, `[values.len() / n]`.
pub fn largest_of_each(values: &[f32], n: usize) -> Vec<f32> {
    let largest = |row: &[f32]| row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    values.chunks_exact(n).map(largest).collect()
}

/// A loss of what critics say about actions of the data and about others, and its derivatives.
#[derive(Clone, Debug, PartialEq)]
pub struct Conservatism {
    /// The loss.
    pub value: f64,
    /// Its derivative by the values of the data's actions, `[B]`.
    pub by_data: Vec<f32>,
    /// Its derivative by the values of the actions compared, `[B, n]`.
    pub by_compared: Vec<f32>,
}

/// How much more a critic makes of any action than of the data's:
///
/// `L = 1/B Σ_b (log Σ_i exp(Q_bi − log p_bi) − Q_b)`
///
/// `of_data` are `Q_b`, `[B]`, `compared` are `Q_bi`, `[B, n]`, and `log_densities` those of the actions
/// compared, `[B, n]`.
///
/// Source: Kumar et al., "Conservative Q-Learning for Offline Reinforcement Learning", 2020, equation 4 and
/// appendix F: the sum estimates, up to a constant, an integral over actions by importance sampling.
pub fn conservatism(of_data: &[f32], compared: &[f32], log_densities: &[f32]) -> Conservatism {
    assert_eq!(compared.len(), log_densities.len(), "a density for every action compared");
    assert_eq!(compared.len() % of_data.len(), 0, "as many for every action of the data");
    let scale = 1.0 / of_data.len() as f32;
    let n = compared.len() / of_data.len();
    let (mut value, mut by_compared) = (0.0, Vec::with_capacity(compared.len()));
    let rows = compared.chunks_exact(n).zip(log_densities.chunks_exact(n));
    for (of_data, (values, log_densities)) in of_data.iter().zip(rows) {
        let corrected = || values.iter().zip(log_densities).map(|(q, log_p)| q - log_p);
        let largest = corrected().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = corrected().map(|number| (number - largest).exp()).sum();
        value += f64::from(scale * (largest + sum.ln() - of_data));
        by_compared.extend(corrected().map(|number| scale * (number - largest).exp() / sum));
    }
    Conservatism { value, by_data: vec![-scale; of_data.len()], by_compared }
}

fn chosen_over_critics(critics: &[&[f32]], choose: fn(f32, f32) -> f32) -> Vec<f32> {
    let (first, others) = critics.split_first().expect("there is a critic");
    let mut chosen = first.to_vec();
    for values in others {
        for (chosen, value) in chosen.iter_mut().zip(*values) {
            *chosen = choose(*chosen, *value);
        }
    }
    chosen
}

/// Expectile error of a value below or above its targets: `L = 1/B Σ_b |τ − 1[A_b < 0]| A_b²`,
/// `A = y − V`; `values` and `targets` are `[B]`.
///
/// Source: Kostrikov et al., "Offline Reinforcement Learning with Implicit Q-Learning", 2022, equation 5.
pub fn expectile_error(values: &[f32], targets: &[f32], expectile: f32) -> Loss {
    assert_eq!(values.len(), targets.len(), "a target for every value");
    let scale = 1.0 / targets.len() as f32;
    let weighted = values.iter().zip(targets).map(|(value, target)| {
        let advantage = target - value;
        let weight = if advantage < 0.0 { 1.0 - expectile } else { expectile };
        (scale * weight, advantage)
    });
    Loss {
        value: weighted.clone().map(|(weight, a)| f64::from(weight * a * a)).sum(),
        gradient: weighted.map(|(weight, a)| -2.0 * weight * a).collect(),
    }
}

/// How far critics disagree: the standard deviation over them, `[B]`, of their values, each `[B]`.
pub fn deviation_over_critics(critics: &[&[f32]]) -> Vec<f32> {
    let mean = mean_over_critics(critics);
    let deviation = |(row, mean): (usize, &f32)| {
        let squares = critics.iter().map(|values| (values[row] - mean).powi(2));
        (squares.sum::<f32>() / critics.len() as f32).sqrt()
    };
    mean.iter().enumerate().map(deviation).collect()
}

/// The derivative by each critic's values, `[n_critics, B]`, of `−mean min_k Q_k`. The first of equal
/// values counts.
pub fn ascent(critics: &[&[f32]]) -> Vec<Vec<f32>> {
    let least = least_over_critics(critics);
    let slope = -1.0 / least.len() as f32;
    by_the_least(critics, &least, slope)
}

/// `−mean min_k Q_k / (mean |min_k Q_k| + 1e-6)`, of the values of each critic, `[n_critics, B]`: the scale of
/// values hardly matters. For logs; [`normalized_ascent`] is its derivative.
pub fn normalized_ascent_loss(critics: &[&[f32]]) -> f64 {
    let least = least_over_critics(critics);
    let sizes: Vec<f32> = least.iter().map(|value| value.abs()).collect();
    -mean(&least) / (mean(&sizes) + 1e-6)
}

/// The derivative by each critic's values, `[n_critics, B]`, of `−mean min_k Q_k / (mean |min_k Q_k| + 1e-6)`
/// with the denominator held fixed: the scale of values hardly matters. The first of equal values counts.
///
/// Source: Fujimoto and Gu, "A Minimalist Approach to Offline Reinforcement Learning", 2021, equation 4.
/// **Deviation:** the 1e-6, without which values that are all 0 would have no derivative.
pub fn normalized_ascent(critics: &[&[f32]]) -> Vec<Vec<f32>> {
    let least = least_over_critics(critics);
    let size: f32 = least.iter().map(|value| value.abs()).sum();
    let slope = -1.0 / (size + 1e-6 * least.len() as f32);
    by_the_least(critics, &least, slope)
}

/// `slope` where a critic is the first that says the least, else 0, `[n_critics, B]`.
fn by_the_least(critics: &[&[f32]], least: &[f32], slope: f32) -> Vec<Vec<f32>> {
    let mut is_open = vec![true; least.len()];
    let of_critic = |values: &&[f32]| {
        let rows = values.iter().zip(least).zip(&mut is_open);
        let slope_of = |((value, least), is_open): ((&f32, &f32), &mut bool)| {
            let counts = *is_open && value == least;
            *is_open &= !counts;
            if counts { slope } else { 0.0 }
        };
        rows.map(slope_of).collect()
    };
    critics.iter().map(of_critic).collect()
}

/// The dual of a problem of occupancies under the χ² divergence:
///
/// `L = (1 − γ) · 1/B Σ_b V(s_0) + 1/B Σ_b (δ_b + 1)²`, `δ = R + γ V'(s') − V(s)`
///
/// `start_values` are `V(s_0)` and `deltas` are `δ`, `[B]`. The gradient is that by `V(s_0)`, `[B]`, then by
/// `V(s)`, `[B]`; `V'` is fixed.
///
/// Source: Ma et al., "How Far I'll Go: Offline Goal-Conditioned Reinforcement Learning via f-Advantage
/// Regression", 2022, equation 12, as in its published code: without a factor ½ in the second term.
pub fn chi_square_dual(start_values: &[f32], deltas: &[f32], discount: f32) -> Loss {
    assert_eq!(start_values.len(), deltas.len(), "a start for every transition");
    let scale = 1.0 / deltas.len() as f32;
    let start = scale * (1.0 - discount);
    let squares = deltas.iter().map(|delta| f64::from(scale * (delta + 1.0).powi(2)));
    let by_values = deltas.iter().map(|delta| -2.0 * scale * (delta + 1.0));
    Loss {
        value: start_values.iter().map(|v| f64::from(start * v)).sum::<f64>()
            + squares.sum::<f64>(),
        gradient: std::iter::repeat_n(start, deltas.len()).chain(by_values).collect(),
    }
}

/// Logistic error of a classifier: `L = 1/B Σ_b log(1 + exp c_b) − y c_b`, with the same label `y`, 0 or 1, for
/// all `logits`, `[B]`.
pub fn logistic_error(logits: &[f32], label: f32) -> Loss {
    let scale = 1.0 / logits.len() as f32;
    let value = |c: &f32| f64::from(scale * (softplus(*c) - label * c));
    let slope = |c: &f32| scale * (1.0 / (1.0 + (-c).exp()) - label);
    Loss { value: logits.iter().map(value).sum(), gradient: logits.iter().map(slope).collect() }
}

/// `log(1 + exp x)`
pub fn softplus(x: f32) -> f32 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// The gradients of all members, one after the other.
pub fn gradient_of(losses: &[Loss]) -> Vec<f32> {
    losses.iter().flat_map(|loss| &loss.gradient).copied().collect()
}

/// The mean of what a batch gave, for logs.
pub fn mean(numbers: &[f32]) -> f64 {
    numbers.iter().copied().map(f64::from).sum::<f64>() / numbers.len() as f64
}

/// The mean square of what a batch gave, for logs.
pub fn mean_square(numbers: &[f32]) -> f64 {
    numbers.iter().map(|number| f64::from(number * number)).sum::<f64>() / numbers.len() as f64
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
    fn critics_are_averaged_and_one_alone_keeps_its_bits() {
        assert_eq!(mean_over_critics(&[&[1.0, 2.0], &[3.0, -4.0]]), [2.0, -1.0]);
        let alone = [-0.0, 0.1, f32::MIN_POSITIVE];
        let bits = |numbers: &[f32]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&mean_over_critics(&[&alone])), bits(&alone));
    }

    #[test]
    fn a_mixture_lies_between_the_least_critic_and_the_largest() {
        let values = mixed_over_critics(&[&[4.0, 8.0, 0.0, 1.0], &[0.0, 4.0, 4.0, 1.0]], 0.75);
        assert_eq!(values, [1.0, 5.0, 1.0, 1.0]);
        assert_eq!(largest_of_each(&values, 2), [5.0, 1.0]);
    }

    #[test]
    fn conservatism_pushes_down_what_is_valued_beyond_its_density() {
        // Two transitions with two actions each: Q − log p are (0, log 3) and (1, 1).
        let (ln2, ln3) = (2.0_f32.ln(), 3.0_f32.ln());
        let densities = [ln2, 0.0, -1.0, 1.0];
        let loss = conservatism(&[1.0, 2.0], &[ln2, ln3, 0.0, 2.0], &densities);
        // (log 4 − 1)/2 + (1 + log 2 − 2)/2.
        assert!((loss.value - f64::from(3.0 * ln2 - 2.0) / 2.0).abs() < 1e-6, "{}", loss.value);
        assert_eq!(loss.by_data, [-0.5, -0.5]);
        for (found, expected) in loss.by_compared.iter().zip([0.125, 0.375, 0.25, 0.25]) {
            assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
        }
    }

    #[test]
    fn the_dual_weighs_where_episodes_begin_by_what_the_discount_leaves() {
        // ½ · (2 + 4)/2 + ((1 + 1)² + (−3 + 1)²)/2.
        let loss = chi_square_dual(&[2.0, 4.0], &[1.0, -3.0], 0.5);
        assert_eq!(loss.value, 1.5 + 4.0);
        assert_eq!(loss.gradient, [0.25, 0.25, -2.0, 2.0]);
        assert_eq!(temporal_differences(&[1.0], &[3.0], &[4.0], 0.5), [0.0]);
    }

    #[test]
    #[should_panic(expected = "a value for every reward")]
    fn a_difference_needs_a_value_for_every_reward() {
        let _ = temporal_differences(&[1.0, 0.0], &[3.0], &[4.0, 4.0], 0.5);
    }

    #[test]
    fn a_classifier_in_doubt_errs_by_log_2() {
        for label in [0.0, 1.0] {
            let loss = logistic_error(&[0.0, 0.0], label);
            assert!((loss.value - std::f64::consts::LN_2).abs() < 1e-6);
            assert_eq!(loss.gradient, [0.25 - 0.5 * label; 2]);
        }
        // σ(log 3) = 3/4: −log(3/4) as a 1, −log(1/4) as a 0.
        assert!((logistic_error(&[3.0_f32.ln()], 1.0).value - (4.0_f64 / 3.0).ln()).abs() < 1e-6);
        assert!((logistic_error(&[3.0_f32.ln()], 0.0).value - 4.0_f64.ln()).abs() < 1e-6);
    }

    #[test]
    fn critics_that_agree_deviate_by_nothing() {
        // Of 1, 3 and 5: mean 3, √((4 + 0 + 4) / 3).
        let deviations = deviation_over_critics(&[&[1.0, 2.0], &[3.0, 2.0], &[5.0, 2.0]]);
        assert!((deviations[0] - (8.0_f32 / 3.0).sqrt()).abs() < 1e-6);
        assert_eq!(deviations[1], 0.0);
    }

    #[test]
    fn the_least_critic_is_climbed_at_a_rate_that_knows_no_scale() {
        let (one, other) = ([3.0, -1.0, 2.0], [4.0, -2.0, 2.0]);
        assert_eq!(least_over_critics(&[&one, &other]), [3.0, -2.0, 2.0]);
        // mean min / mean |min| = (3 − 2 + 2) / (3 + 2 + 2): each value counts for a seventh.
        assert!((normalized_ascent_loss(&[&one, &other]) + 3.0 / 7.0).abs() < 1e-6);
        let gradients = normalized_ascent(&[&one, &other]);
        let expected = [[-1.0 / 7.0, 0.0, -1.0 / 7.0], [0.0, -1.0 / 7.0, 0.0]];
        for (found, expected) in gradients.concat().iter().zip(expected.concat()) {
            assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
        }
    }

    #[test]
    fn an_expectile_of_nine_tenths_weighs_what_lies_above_nine_times() {
        let loss = expectile_error(&[0.0, 0.0], &[2.0, -2.0], 0.9);
        // (0.9 · 4 + 0.1 · 4) / 2, and −2 · weight · A / 2.
        assert!((loss.value - 2.0).abs() < 1e-6);
        assert!((loss.gradient[0] + 1.8).abs() < 1e-6 && (loss.gradient[1] - 0.2).abs() < 1e-6);
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
            // Where A changes its sign within the step, the second derivative jumps.
            let far: Vec<f32> = wanted.iter().map(|w| if *w < 0.0 { w - 2.0 } else { w + 2.0 }).collect();
            let expectile = expectile_error(&outputs, &far, 0.8);
            let expected = by_differences(&outputs, |o| expectile_error(o, &far, 0.8).value);
            for (found, expected) in expectile.gradient.iter().zip(expected) {
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
