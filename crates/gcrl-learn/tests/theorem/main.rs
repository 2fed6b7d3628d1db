//! Theorem 1 of the paper, and what it leans on, in processes so small that every trajectory is listed.
//!
//! ```text
//! J_surr  = E_{g, τ}[ 1/T Σ_t log π(a_t|s_t, g) Σ_{i ≥ t} γ^(i−1) 1[φ(s_i) = g] ]
//! J_WGCSL = E_{g, τ, t, i}[ γ^(i−t) log π(a_t|s_t, φ(s_i)) ]          t ~ U[1, T], i ~ U[t, T]
//! J_GCSL  = E_{g, τ, t, i}[ log π(a_t|s_t, φ(s_i)) ]
//!
//! J_surr ≥ T · J_WGCSL ≥ T · J_GCSL
//! ```
//!
//! Source: Yang et al., "Rethinking Goal-Conditioned Supervised Learning and Its Connection to Offline
//! RL", 2022, theorem 1 and section 4. What the numbers mean: `crates/gcrl/docs/theory.md`.

#![allow(clippy::print_stdout, reason = "shown with `--nocapture`, for the page of documentation")]

mod mdp;

use gcrl_learn::percentile::PercentileRing;
use gcrl_learn::updates::best_advantage::Curriculum;
use gcrl_learn::updates::weights;
use mdp::{Mdp, Policy, Source, Trajectory};

/// Sums of the theorem for one trajectory.
struct Sums {
    surrogate: f64,
    wgcsl: f64,
    gcsl: f64,
}

impl Sums {
    /// Of a trajectory of which `goal` was asked, where `log_probability` gives `log π(a|s, g)`.
    fn of(
        mdp: &Mdp,
        trajectory: &Trajectory,
        goal: usize,
        log_probability: impl Fn(usize, usize, usize) -> f64,
    ) -> Self {
        let horizon = mdp.horizon;
        let mut sums = Self { surrogate: 0.0, wgcsl: 0.0, gcsl: 0.0 };
        for t in 0..horizon {
            let (state, action) = (trajectory.states[t], trajectory.actions[t]);
            for i in t..horizon {
                let achieved = mdp.achieved[trajectory.states[i]];
                let log = log_probability(state, achieved, action);
                if achieved == goal {
                    sums.surrogate += mdp.discount.powi(i as i32) * log / horizon as f64;
                }
                let share = 1.0 / (horizon * (horizon - t)) as f64;
                sums.wgcsl += share * mdp.discount.powi((i - t) as i32) * log;
                sums.gcsl += share * log;
            }
        }
        sums
    }

    /// By how much each of the two bounds holds.
    fn margins(&self, horizon: usize) -> [f64; 2] {
        let horizon = horizon as f64;
        [self.surrogate - horizon * self.wgcsl, horizon * (self.wgcsl - self.gcsl)]
    }
}

fn log_of(policy: &Policy) -> impl Fn(usize, usize, usize) -> f64 + use<'_> {
    |state, goal, action| policy[state][goal][action].ln()
}

fn smaller(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0].min(b[0]), a[1].min(b[1])]
}

#[test]
fn both_bounds_hold_in_expectation_and_for_every_single_trajectory() {
    let mut source = Source::new(0);
    let (mut in_expectation, mut by_trajectory) = ([f64::INFINITY; 2], [f64::INFINITY; 2]);
    for draw in 0..60 {
        let mdp = source.mdp(2 + draw % 3);
        let (behavior, policy) = (source.policy(&mdp), source.policy(&mdp));
        let mut expected = Sums { surrogate: 0.0, wgcsl: 0.0, gcsl: 0.0 };
        let part = |pick: fn(&Sums) -> f64| {
            mdp.expectation(&behavior, |trajectory, goal| {
                pick(&Sums::of(&mdp, trajectory, goal, log_of(&policy)))
            })
        };
        expected.surrogate = part(|sums| sums.surrogate);
        expected.wgcsl = part(|sums| sums.wgcsl);
        expected.gcsl = part(|sums| sums.gcsl);
        in_expectation = smaller(in_expectation, expected.margins(mdp.horizon));
        mdp.expectation(&behavior, |trajectory, goal| {
            let sums = Sums::of(&mdp, trajectory, goal, log_of(&policy));
            by_trajectory = smaller(by_trajectory, sums.margins(mdp.horizon));
            0.0
        });
    }
    println!(
        "smallest margins in expectation {in_expectation:.4?}, of a trajectory {by_trajectory:?}"
    );
    assert!(in_expectation.iter().all(|margin| 0.0 < *margin), "{in_expectation:?}");
    // Up to rounding: where a trajectory meets its goal at the first step alone, the first is near 0.
    assert!(by_trajectory.iter().all(|margin| -1e-12 < *margin), "{by_trajectory:?}");
}

#[test]
fn without_discounting_the_two_objectives_are_one() {
    let mut source = Source::new(1);
    let mdp = Mdp { discount: 1.0, ..source.mdp(4) };
    let (behavior, policy) = (source.policy(&mdp), source.policy(&mdp));
    let difference = mdp.expectation(&behavior, |trajectory, goal| {
        let sums = Sums::of(&mdp, trajectory, goal, log_of(&policy));
        sums.wgcsl - sums.gcsl
    });
    assert!(difference.abs() < 1e-12, "{difference:e}");
}

/// `J(π)`: the discounted number of visits of the goal.
fn objective(mdp: &Mdp, policy: &Policy) -> f64 {
    mdp.expectation(policy, |trajectory, goal| {
        let visits = trajectory.states.iter().enumerate();
        let visits = visits.filter(|(_, state)| mdp.achieved[**state] == goal);
        visits.map(|(t, _)| mdp.discount.powi(t as i32)).sum()
    })
}

#[test]
fn the_surrogate_has_the_objective_s_gradient_where_the_policy_made_the_data() {
    const STEP: f64 = 1e-5;
    let mut source = Source::new(2);
    let mut largest: f64 = 0.0;
    for _ in 0..10 {
        let mdp = source.mdp(3);
        let policy = source.policy(&mdp);
        for (state, goal) in [(0, 0), (1, 0), (2, 1)] {
            // Along the logit of the first action.
            let moved = |step: f64| {
                let mut moved = policy.clone();
                let odds = moved[state][goal][0] / moved[state][goal][1] * step.exp();
                moved[state][goal] = vec![odds / (1.0 + odds), 1.0 / (1.0 + odds)];
                moved
            };
            let slope = |value: &dyn Fn(&Policy) -> f64| {
                (value(&moved(STEP)) - value(&moved(-STEP))) / (2.0 * STEP)
            };
            let of_objective = slope(&|policy| objective(&mdp, policy));
            let of_surrogate = slope(&|moved| {
                mdp.expectation(&policy, |trajectory, goal| {
                    Sums::of(&mdp, trajectory, goal, log_of(moved)).surrogate
                })
            });
            largest = largest.max((of_objective - mdp.horizon as f64 * of_surrogate).abs());
        }
    }
    println!("largest difference of the gradients {largest:.1e}");
    assert!(largest < 1e-8, "{largest:e}");
}

#[test]
fn a_density_above_1_breaks_the_bound() {
    // One action in every state, taken with a density of 2, as a narrow Gaussian's can be.
    let mut source = Source::new(3);
    let mdp = Mdp { asked: vec![0.0, 1.0], ..source.mdp(3) };
    let behavior = source.policy(&mdp);
    let surrogate_margin = mdp.expectation(&behavior, |trajectory, goal| {
        let sums = Sums::of(&mdp, trajectory, goal, |_, _, _| 2.0_f64.ln());
        sums.margins(mdp.horizon)[0]
    });
    println!("J_surr - T J_WGCSL with log densities of ln 2: {surrogate_margin:.3}");
    assert!(surrogate_margin < -0.1, "{surrogate_margin}");
}

/// The value of a policy for one goal, `[state]`, and its advantages, `[state][action]`: the fixed point
/// of `V = Σ_a π (r + γ Σ_s' P V)`.
fn values(mdp: &Mdp, policy: &[Vec<f64>], rewards: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let discount = 0.9;
    let quality = |values: &[f64], state: usize, action: usize| {
        let next = mdp.next[state][action].iter().zip(values);
        rewards[state] + discount * next.map(|(likely, value)| likely * value).sum::<f64>()
    };
    let states = 0..rewards.len();
    let mut value = vec![0.0; rewards.len()];
    for _ in 0..500 {
        let mean = |state: usize| -> f64 {
            (0..mdp.n_actions).map(|a| policy[state][a] * quality(&value, state, a)).sum()
        };
        value = states.clone().map(mean).collect();
    }
    let advantage = |state| -> Vec<f64> {
        (0..mdp.n_actions).map(|action| quality(&value, state, action) - value[state]).collect()
    };
    let advantages = states.map(advantage).collect();
    (value, advantages)
}

/// GEAW times BAW, as WGCSL multiplies them; the bar is the middle of the advantages.
fn weights_of(advantages: &[f64]) -> Vec<f64> {
    let advantages: Vec<f32> =
        advantages.iter().map(|advantage| 30.0 * *advantage as f32).collect();
    let mut factors = weights::exponential_advantage(&advantages, 1.0, 10.0);
    let curriculum = Curriculum { percentile_step: 50.0, ..Curriculum::default() };
    let mut recent = PercentileRing::new(advantages.len());
    let best = curriculum.weights(&mut recent, &advantages, 0);
    weights::multiply(&mut factors, &best);
    factors.iter().map(|factor| f64::from(*factor)).collect()
}

#[test]
fn weights_that_grow_with_the_advantage_improve_the_policy_in_every_state() {
    let mut source = Source::new(4);
    let (mut least, mut largest) = (f64::INFINITY, 0.0_f64);
    for _ in 0..2_000 {
        let mdp = source.mdp(1);
        let policy: Vec<Vec<f64>> = (0..3).map(|_| source.probabilities(mdp.n_actions)).collect();
        let rewards: Vec<f64> = (0..3).map(|_| source.number()).collect();
        let (before, advantages) = values(&mdp, &policy, &rewards);
        let all = weights_of(&advantages.concat());
        let improved = |state: usize| -> Vec<f64> {
            let weights = &all[state * mdp.n_actions..(state + 1) * mdp.n_actions];
            let products = policy[state].iter().zip(weights).map(|(p, weight)| p * weight);
            let total: f64 = products.clone().sum();
            products.map(|product| product / total).collect()
        };
        let policy: Vec<Vec<f64>> = (0..3).map(improved).collect();
        let (after, _) = values(&mdp, &policy, &rewards);
        for (before, after) in before.iter().zip(after) {
            least = least.min(after - before);
            largest = largest.max(after - before);
        }
    }
    println!("values change by {least:.1e} to {largest:.2}");
    assert!(-1e-9 < least && 0.5 < largest, "{least:e} {largest}");
}
