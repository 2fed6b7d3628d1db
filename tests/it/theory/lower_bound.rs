//! Theorem 1: `J_surr(π) ≥ T · J_WGCSL(π) ≥ T · J_GCSL(π)`, for `γ ∈ (0, 1]` and a finite set of
//! actions, with
//!
//! ```text
//! J_surr  = 1/T · E_{g, τ ~ π_b} [ Σ_t log π(a_t | s_t, g) Σ_{i ≥ t} γ^(i−1) 1[φ(s_i) = g] ]
//! J_WGCSL = E_{g, τ ~ π_b, t ~ U[1,T], i ~ U[t,T]} [ γ^(i−t) log π(a_t | s_t, φ(s_i)) ]
//! J_GCSL  = the same without γ^(i−t)
//! ```
//!
//! Where the indicator is 1, `g = φ(s_i)`. As `log π ≤ 0`, each of these lowers a term: dropping the
//! indicator, `γ^(i−t)` for the smaller `γ^(i−1)`, `1/(T−t+1)` for the smaller `1/T`, and 1 for
//! `γ^(i−t)`. Hence the bound holds for every trajectory by itself, and fails where a density
//! exceeds 1.
//!
//! `J_surr` is a surrogate of `J(π) = E_{τ ~ π}[Σ_t γ^(t−1) 1[φ(s_t) = g]]` in that
//! `∇J = T · ∇J_surr` at `π_b = π`.
//!
//! **Source:** Yang et al., ICLR 2022, Theorem 1.

use super::mdp::{
    ACHIEVED_GOAL, ACTIONS, GOALS, Mdp, Policy, STATES, Trajectory, normalized, random_discount,
    random_policy,
};
use gcrl_core::seed::{Stream, stream};
use rand::RngExt;

/// The bound is exact; both sides are sums of at most 10 terms of size below 20.
const ROUNDING: f64 = 1e-12;

/// `log π(a_t | s_t, g)` as a function of `(t, g)`; `t` counts from 1, as in the paper.
type LogProbability<'a> = &'a dyn Fn(usize, usize) -> f64;

/// The term of one trajectory in `J_surr`. `achieved` is `φ(s_i)`, `[T]`.
fn surrogate(log_pi: LogProbability, goal: usize, achieved: &[usize], discount: f64) -> f64 {
    let horizon = achieved.len();
    let reward_to_go = |t: usize| -> f64 {
        (t..=horizon).filter(|i| achieved[i - 1] == goal).map(|i| discount.powi(i as i32 - 1)).sum()
    };
    (1..=horizon).map(|t| log_pi(t, goal) * reward_to_go(t)).sum::<f64>() / horizon as f64
}

/// The term of one trajectory in `T · J_WGCSL`, with `weight(i − t)` for `γ^(i−t)`.
fn weighted(log_pi: LogProbability, achieved: &[usize], weight: impl Fn(i32) -> f64) -> f64 {
    let horizon = achieved.len();
    let mean_over_i = |t: usize| -> f64 {
        let sum: f64 =
            (t..=horizon).map(|i| weight((i - t) as i32) * log_pi(t, achieved[i - 1])).sum();
        sum / (horizon - t + 1) as f64
    };
    (1..=horizon).map(mean_over_i).sum()
}

/// One trajectory's terms of the three objectives, the last two times `T`.
struct Terms {
    surrogate: f64,
    wgcsl: f64,
    gcsl: f64,
}

impl Terms {
    fn new(log_pi: LogProbability, goal: usize, achieved: &[usize], discount: f64) -> Self {
        Self {
            surrogate: surrogate(log_pi, goal, achieved, discount),
            wgcsl: weighted(log_pi, achieved, |delay| discount.powi(delay)),
            gcsl: weighted(log_pi, achieved, |_| 1.0),
        }
    }
}

/// A drawn problem: everything that the theorem quantifies over.
struct Problem {
    mdp: Mdp,
    behavior: Policy,
    policy: Policy,
    horizon: usize,
    discount: f64,
}

impl Problem {
    fn random(rng: &mut Stream) -> Self {
        Self {
            mdp: Mdp::random(rng),
            behavior: random_policy(rng),
            policy: random_policy(rng),
            horizon: rng.random_range(2..=4),
            discount: random_discount(rng),
        }
    }

    fn sixty() -> impl Iterator<Item = Self> {
        (0..60).map(|idx| Self::random(&mut stream(1, "lower bound", idx)))
    }

    /// Every trajectory of the behavior policy.
    fn trajectories(&self) -> Vec<Trajectory> {
        self.mdp.trajectories(&self.behavior, self.horizon)
    }

    fn terms(&self, trajectory: &Trajectory) -> Terms {
        let log_pi = log_probability(&self.policy, trajectory);
        Terms::new(&log_pi, trajectory.goal, &trajectory.achieved_goals(), self.discount)
    }
}

fn log_probability(policy: &Policy, trajectory: &Trajectory) -> impl Fn(usize, usize) -> f64 {
    |t, goal| {
        let (state, action) = trajectory.path[t - 1];
        policy[state][goal][action].ln()
    }
}

#[test]
fn theorem_1_holds_on_average_and_for_every_trajectory() {
    for problem in Problem::sixty() {
        let (mut surrogate, mut wgcsl, mut gcsl) = (0.0, 0.0, 0.0);
        for trajectory in problem.trajectories() {
            let terms = problem.terms(&trajectory);
            assert!(terms.wgcsl <= terms.surrogate + ROUNDING, "{:?}", trajectory.path);
            assert!(terms.gcsl <= terms.wgcsl + ROUNDING, "{:?}", trajectory.path);
            surrogate += trajectory.probability * terms.surrogate;
            wgcsl += trajectory.probability * terms.wgcsl;
            gcsl += trajectory.probability * terms.gcsl;
        }
        assert!(wgcsl < surrogate, "{wgcsl} {surrogate}");
        assert!(gcsl < wgcsl, "{gcsl} {wgcsl}");
    }
}

#[test]
fn without_discount_wgcsl_is_gcsl() {
    for problem in Problem::sixty() {
        let problem = Problem { discount: 1.0, ..problem };
        for trajectory in problem.trajectories() {
            let terms = problem.terms(&trajectory);
            assert_eq!(terms.wgcsl, terms.gcsl);
        }
    }
}

#[test]
fn control_weights_that_grow_with_delay_break_the_second_bound() {
    for problem in Problem::sixty() {
        for trajectory in problem.trajectories() {
            let log_pi = log_probability(&problem.policy, &trajectory);
            let achieved = trajectory.achieved_goals();
            let inverse = weighted(&log_pi, &achieved, |delay| problem.discount.powi(-delay));
            assert!(inverse < weighted(&log_pi, &achieved, |_| 1.0));
        }
    }
}

#[test]
fn control_the_first_bound_needs_the_mean_over_the_horizon() {
    // T · J_surr in place of J_surr: a trajectory that is always at its goal refutes it.
    let problem = Problem { discount: 1.0, ..Problem::random(&mut stream(1, "lower bound", 0)) };
    let horizon = problem.horizon as f64;
    let at_goal = |trajectory: &Trajectory| {
        trajectory.path.iter().all(|&(state, _)| ACHIEVED_GOAL[state] == trajectory.goal)
    };
    for trajectory in problem.trajectories().into_iter().filter(at_goal) {
        let terms = problem.terms(&trajectory);
        assert!(horizon * terms.surrogate < terms.wgcsl, "{:?}", trajectory.path);
    }
}

#[test]
fn densities_above_one_reverse_both_bounds() {
    // A normal distribution with deviation 0.1 at its mean: −ln(0.1 · √(2π)) = 1.3836. With T = 2,
    // γ = 1/2 and a goal that is never achieved,
    //   J_surr = 0,
    //   T · J_WGCSL = 1.3836 · ((1 + 1/2) / 2 + 1) = 2.4214,
    //   T · J_GCSL  = 1.3836 · 2                   = 2.7673.
    // So the theorem does not cover a Gaussian policy, nor its limit, the squared error.
    let log_density = -(0.1 * std::f64::consts::TAU.sqrt()).ln();
    let terms = Terms::new(&|_, _| log_density, 0, &[1, 1], 0.5);
    assert_eq!(terms.surrogate, 0.0);
    assert!((terms.wgcsl - 2.4214).abs() < 1e-4, "{}", terms.wgcsl);
    assert!((terms.gcsl - 2.7673).abs() < 1e-4, "{}", terms.gcsl);
    assert!(terms.surrogate < terms.wgcsl && terms.wgcsl < terms.gcsl);
}

/// `J(π)`.
fn expected_return(mdp: &Mdp, policy: &Policy, horizon: usize, discount: f64) -> f64 {
    let value = |trajectory: &Trajectory| -> f64 {
        let achieved = trajectory.achieved_goals();
        (0..horizon)
            .filter(|&t| achieved[t] == trajectory.goal)
            .map(|t| discount.powi(t as i32))
            .sum()
    };
    mdp.trajectories(policy, horizon)
        .iter()
        .map(|trajectory| trajectory.probability * value(trajectory))
        .sum()
}

/// `J_surr(π)` from the trajectories of `π_b`.
fn expected_surrogate(behavior: &[Trajectory], policy: &Policy, discount: f64) -> f64 {
    behavior
        .iter()
        .map(|trajectory| {
            let log_pi = log_probability(policy, trajectory);
            let achieved = trajectory.achieved_goals();
            trajectory.probability * surrogate(&log_pi, trajectory.goal, &achieved, discount)
        })
        .sum()
}

/// Central difference of `f` in the logit of `(state, goal, action)`; `π ∝ π · exp(±STEP)` there.
///
/// With a step of 1e-4, the truncation is `STEP² / 6 · f''' ≈ 2e-9 · f'''`, and rounding is about
/// `1e-15 / STEP = 1e-11`.
fn central_difference(policy: &Policy, at: [usize; 3], f: impl Fn(&Policy) -> f64) -> f64 {
    const STEP: f64 = 1e-4;
    let [state, goal, action] = at;
    let shifted = |step: f64| {
        let mut weights = *policy;
        weights[state][goal][action] *= step.exp();
        weights[state][goal] = normalized(weights[state][goal]);
        f(&weights)
    };
    (shifted(STEP) - shifted(-STEP)) / (2.0 * STEP)
}

/// The largest of `|∇J − T · ∇J_surr|` over all logits, and the largest of `|∇J|`.
fn gradient_error(problem: &Problem, behavior: &Policy) -> (f64, f64) {
    let Problem { mdp, policy, horizon, discount, .. } = problem;
    let behavior = mdp.trajectories(behavior, *horizon);
    let (mut error, mut size) = (0.0_f64, 0.0_f64);
    for state in 0..STATES {
        for goal in 0..GOALS {
            for action in 0..ACTIONS {
                let at = [state, goal, action];
                let of_return = central_difference(policy, at, |policy| {
                    expected_return(mdp, policy, *horizon, *discount)
                });
                let of_surrogate = central_difference(policy, at, |policy| {
                    expected_surrogate(&behavior, policy, *discount)
                });
                error = error.max((of_return - *horizon as f64 * of_surrogate).abs());
                size = size.max(of_return.abs());
            }
        }
    }
    (error, size)
}

#[test]
fn the_surrogate_has_the_gradient_of_the_return_on_its_own_data_only() {
    for idx in 0..6 {
        let mut rng = stream(1, "surrogate gradient", idx);
        let problem = Problem { discount: 0.9, horizon: 3, ..Problem::random(&mut rng) };
        let (error, size) = gradient_error(&problem, &problem.policy);
        assert!(error < 1e-8, "{error}");
        assert!(1e-3 < size, "{size}");
        let (off_policy_error, _) = gradient_error(&problem, &problem.behavior);
        assert!(1e-3 < off_policy_error, "{off_policy_error}");
    }
}
