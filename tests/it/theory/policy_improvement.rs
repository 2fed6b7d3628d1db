//! Weighted imitation improves the policy it imitates: if `π_new(a|s) ∝ π(a|s) · w(A(s, a))`, where
//! `A` is the advantage of `π` and `w ≥ 0` never falls as `A` grows, then `V_new ≥ V` in every
//! state.
//!
//! By Chebyshev's sum inequality `Σ_a π w(A) A ≥ (Σ_a π w(A)) (Σ_a π A) = 0`, and a policy with no
//! negative expected advantage anywhere is no worse anywhere (performance difference lemma). The
//! clip of the exponential advantage weight and the 1 or 0.05 of the best-advantage weight keep `w`
//! monotone, so neither can hurt.
//!
//! The law speaks of `A(s, a)`. The algorithm weights a *sample* by its temporal difference
//! `r + γV(s') − V(s)`, which is `A(s, a)` only where the dynamics are deterministic; see
//! `the_sampled_weight_can_prefer_a_gamble`.
//!
//! A goal is fixed here: what follows holds for each.
//!
//! **Source:** Yang et al., ICLR 2022, for the weights; the proof above is short enough to be ours.

use super::mdp::{ACTIONS, Dynamics, STATES, distribution, normalized, solve};
use gcrl_core::seed::{Stream, stream};
use rand::RngExt;

/// The clip of the exponential advantage weight.
const ADVANTAGE_CLIP: f64 = 10.0;
/// The best-advantage weight of an advantage below the threshold.
const BELOW_THRESHOLD: f64 = 0.05;
/// Values are at most `1 / (1 − γ) = 50` and come from a 3 × 3 system of condition at most 100.
const ROUNDING: f64 = 1e-10;

/// `π(a | s)`.
type ActionPolicy = [[f64; ACTIONS]; STATES];
/// One number for each state and action.
type StateAction = [[f64; ACTIONS]; STATES];

/// An infinite-horizon problem of one goal: the last state achieves it, and arriving there pays 1.
struct GoalMdp {
    dynamics: Dynamics,
    discount: f64,
}

impl GoalMdp {
    fn random(rng: &mut Stream) -> Self {
        Self {
            dynamics: std::array::from_fn(|_| std::array::from_fn(|_| distribution(rng))),
            discount: rng.random_range(0.0..0.98),
        }
    }

    fn reward(&self, state: usize, action: usize) -> f64 {
        self.dynamics[state][action][STATES - 1]
    }

    /// `V`, the solution of `(I − γ P_π) V = r_π`.
    fn value(&self, policy: &ActionPolicy) -> [f64; STATES] {
        let on_average = |state: usize, of: &dyn Fn(usize) -> f64| -> f64 {
            (0..ACTIONS).map(|action| policy[state][action] * of(action)).sum()
        };
        let reward =
            std::array::from_fn(|state| on_average(state, &|action| self.reward(state, action)));
        let matrix = std::array::from_fn(|state| {
            std::array::from_fn(|next| {
                let arrival = on_average(state, &|action| self.dynamics[state][action][next]);
                let identity = if state == next { 1.0 } else { 0.0 };
                identity - self.discount * arrival
            })
        });
        solve(matrix, reward)
    }

    /// `A(s, a) = r(s, a) + γ Σ_{s'} P(s' | s, a) V(s') − V(s)`.
    fn advantage(&self, value: &[f64; STATES]) -> StateAction {
        std::array::from_fn(|state| {
            std::array::from_fn(|action| {
                let next: f64 =
                    self.dynamics[state][action].iter().zip(value).map(|(p, v)| p * v).sum();
                self.reward(state, action) + self.discount * next - value[state]
            })
        })
    }
}

/// `π_new ∝ π · w`.
fn reweighted(policy: &ActionPolicy, weight: &StateAction) -> ActionPolicy {
    std::array::from_fn(|state| {
        normalized(std::array::from_fn(|action| policy[state][action] * weight[state][action]))
    })
}

/// `clip(exp(β A), 0, 10) · (1 if threshold ≤ A, else 0.05)`.
fn wgcsl_weight(advantage: f64, beta: f64, threshold: f64) -> f64 {
    let exponential_advantage = (beta * advantage).exp().min(ADVANTAGE_CLIP);
    let best_advantage = if threshold <= advantage { 1.0 } else { BELOW_THRESHOLD };
    exponential_advantage * best_advantage
}

/// `V_new − V` for `n_problems` random problems and policies, where `draw_weight` draws the weight
/// from the advantages of each.
fn value_gains(
    n_problems: u64,
    draw_weight: impl Fn(&StateAction, &mut Stream) -> StateAction,
) -> Vec<f64> {
    let mut gains = Vec::new();
    for idx in 0..n_problems {
        let mut rng = stream(1, "policy improvement", idx);
        let mdp = GoalMdp::random(&mut rng);
        let policy: ActionPolicy = std::array::from_fn(|_| distribution(&mut rng));
        let value = mdp.value(&policy);
        let advantage = mdp.advantage(&value);
        for (policy, advantage) in policy.iter().zip(&advantage) {
            let mean: f64 = policy.iter().zip(advantage).map(|(p, a)| p * a).sum();
            assert!(mean.abs() < ROUNDING, "a policy has no advantage over itself: {mean}");
        }
        let weight = draw_weight(&advantage, &mut rng);
        let new_value = mdp.value(&reweighted(&policy, &weight));
        gains.extend(new_value.iter().zip(value).map(|(new, old)| new - old));
    }
    gains
}

#[test]
fn no_state_loses_by_the_weights_of_wgcsl() {
    let gains = value_gains(2_000, |advantage, rng| {
        let beta = rng.random_range(0.0..20.0);
        let threshold = advantage[rng.random_range(0..STATES)][rng.random_range(0..ACTIONS)];
        advantage.map(|row| row.map(|a| wgcsl_weight(a, beta, threshold)))
    });
    for gain in &gains {
        assert!(-ROUNDING < *gain, "{gain}");
    }
    // The law is not empty: a good part of the states gains more than rounding explains.
    let n_better = gains.iter().filter(|&&gain| 1e-3 < gain).count();
    assert!(gains.len() / 2 < n_better, "{n_better} of {}", gains.len());
}

#[test]
fn control_weights_that_fall_with_the_advantage_help_no_state() {
    let gains = value_gains(2_000, |advantage, _| advantage.map(|row| row.map(|a| (-a).exp())));
    for gain in &gains {
        assert!(*gain < ROUNDING, "{gain}");
    }
    assert!(gains.iter().any(|&gain| gain < -1e-3));
}

#[test]
fn control_a_weight_that_is_not_monotone_can_hurt() {
    // A window around zero in place of a threshold: the best actions are dropped with the worst.
    let window = |a: f64| if a.abs() < 0.1 { 1.0 } else { BELOW_THRESHOLD };
    let gains = value_gains(2_000, |advantage, _| advantage.map(|row| row.map(window)));
    assert!(gains.iter().any(|&gain| gain < -1e-3));
}

/// From a start, "safe" leads to a state one step before the goal, "gamble" to the goal with
/// probability 0.45 and else to a dead end. With γ = 1/2, `V(goal) = 1 / (1 − γ) = 2`, the state
/// before it is worth `1 + γ · 2 = 2`, the dead end 0.
#[test]
fn the_sampled_weight_can_prefer_a_gamble() {
    let start_value = |weight_of_gamble: f64, weight_of_safe: f64| {
        let (q_gamble, q_safe) = (0.45 * (1.0 + 0.5 * 2.0), 0.5 * 2.0);
        let [p_gamble, p_safe] = normalized([weight_of_gamble, weight_of_safe]);
        p_gamble * q_gamble + p_safe * q_safe
    };
    let value = start_value(1.0, 1.0);
    assert!((value - 0.95).abs() < 1e-12, "{value}");

    // exp of A(s, a): −0.05 and 0.05.
    let by_advantage = start_value((0.9 - value).exp(), (1.0 - value).exp());
    assert!(value < by_advantage, "{by_advantage}");

    // Expected exp of the temporal difference: 0.45 · exp(1.05) + 0.55 · exp(−0.95) = 1.4987
    // against exp(0.05) = 1.0513.
    let sampled = 0.45 * (2.0 - value).exp() + 0.55 * (0.0 - value).exp();
    assert!((sampled - 1.4987).abs() < 1e-4, "{sampled}");
    let by_sample = start_value(sampled, (1.0 - value).exp());
    assert!(by_sample < value, "{by_sample}");
}
