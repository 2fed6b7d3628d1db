//! Small random decision processes, whose trajectories can all be listed.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Probabilities of each action, `[state][goal][action]`.
pub(crate) type Policy = Vec<Vec<Vec<f64>>>;

/// A finite-horizon process with goals.
pub(crate) struct Mdp {
    /// T, the number of states in a trajectory, which is that of its actions.
    pub(crate) horizon: usize,
    /// Number of actions in every state.
    pub(crate) n_actions: usize,
    /// Probability of each first state, `[state]`.
    pub(crate) first: Vec<f64>,
    /// Probability of each next state, `[state][action][state]`.
    pub(crate) next: Vec<Vec<Vec<f64>>>,
    /// φ: which goal each state achieves, `[state]`.
    pub(crate) achieved: Vec<usize>,
    /// Probability that a goal is asked for, `[goal]`.
    pub(crate) asked: Vec<f64>,
    /// γ, in (0, 1].
    pub(crate) discount: f64,
}

/// States and actions from the first step on, both `[horizon]`.
pub(crate) struct Trajectory {
    pub(crate) states: Vec<usize>,
    pub(crate) actions: Vec<usize>,
}

/// Random processes and policies.
pub(crate) struct Source(Pcg64Mcg);

impl Source {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    /// Uniform in [0, 1).
    pub(crate) fn number(&mut self) -> f64 {
        self.0.random()
    }

    /// `n` probabilities, uniform over all that sum to 1.
    pub(crate) fn probabilities(&mut self, n: usize) -> Vec<f64> {
        let parts: Vec<f64> = (0..n).map(|_| -(1.0 - self.number()).ln() + 1e-6).collect();
        let total: f64 = parts.iter().sum();
        parts.iter().map(|part| part / total).collect()
    }

    /// Three states, two actions, two goals.
    pub(crate) fn mdp(&mut self, horizon: usize) -> Mdp {
        let (n_states, n_actions) = (3, 2);
        let next = |source: &mut Self| -> Vec<Vec<f64>> {
            (0..n_actions).map(|_| source.probabilities(n_states)).collect()
        };
        Mdp {
            horizon,
            n_actions,
            first: self.probabilities(n_states),
            next: (0..n_states).map(|_| next(self)).collect(),
            achieved: vec![0, 1, 1],
            asked: self.probabilities(2),
            discount: 1.0 - 0.5 * self.number(),
        }
    }

    /// A policy that takes every action with some probability.
    pub(crate) fn policy(&mut self, mdp: &Mdp) -> Policy {
        let n_goals = mdp.asked.len();
        let state = |source: &mut Self| -> Vec<Vec<f64>> {
            (0..n_goals).map(|_| source.probabilities(mdp.n_actions)).collect()
        };
        (0..mdp.first.len()).map(|_| state(self)).collect()
    }
}

impl Mdp {
    /// `E_{g ~ p(g), τ ~ policy}[value(τ, g)]`, over every goal and trajectory there is.
    pub(crate) fn expectation(
        &self,
        policy: &Policy,
        mut value: impl FnMut(&Trajectory, usize) -> f64,
    ) -> f64 {
        let mut sum = 0.0;
        for (goal, asked) in self.asked.iter().enumerate() {
            for (state, first) in self.first.iter().enumerate() {
                let mut start = Trajectory { states: vec![state], actions: Vec::new() };
                self.extend(policy, goal, asked * first, &mut start, &mut |trajectory, p| {
                    sum += p * value(trajectory, goal);
                });
            }
        }
        sum
    }

    /// Visits every way to go on, with its probability.
    fn extend(
        &self,
        policy: &Policy,
        goal: usize,
        probability: f64,
        trajectory: &mut Trajectory,
        visit: &mut dyn FnMut(&Trajectory, f64),
    ) {
        let state = trajectory.states[trajectory.states.len() - 1];
        for action in 0..self.n_actions {
            trajectory.actions.push(action);
            let probability = probability * policy[state][goal][action];
            if trajectory.actions.len() == self.horizon {
                visit(trajectory, probability);
            } else {
                for (next, likely) in self.next[state][action].iter().enumerate() {
                    trajectory.states.push(next);
                    self.extend(policy, goal, probability * likely, trajectory, visit);
                    trajectory.states.pop();
                }
            }
            trajectory.actions.pop();
        }
    }
}
