//! Tabular goal-conditioned decision problems small enough to enumerate.
//!
//! `s_1 ~ μ`, `a_t ~ π(· | s_t, g)`, `s_{t+1} ~ P(· | s_t, a_t)`, with the goal `g ~ p(g)` held for
//! the whole trajectory and `φ(s)` the goal that a state achieves.

use gcrl_core::seed::Stream;
use rand::RngExt;

/// Number of states.
pub(super) const STATES: usize = 3;
/// Number of actions.
pub(super) const ACTIONS: usize = 2;
/// Number of goals.
pub(super) const GOALS: usize = 2;

/// `φ(s)`: the last two states achieve the same goal, so a goal is less than a state.
pub(super) const ACHIEVED_GOAL: [usize; STATES] = [0, 1, 1];

/// `π(a | s, g)`, indexed `[s][g][a]`.
pub(super) type Policy = [[[f64; ACTIONS]; GOALS]; STATES];

/// `P(s' | s, a)`, indexed `[s][a][s']`.
pub(super) type Dynamics = [[[f64; STATES]; ACTIONS]; STATES];

/// A decision problem without its horizon and discount.
pub(super) struct Mdp {
    /// `μ(s)`.
    pub(super) initial: [f64; STATES],
    /// `P(s' | s, a)`.
    pub(super) dynamics: Dynamics,
    /// `p(g)`.
    pub(super) goal: [f64; GOALS],
}

impl Mdp {
    /// Draws all three distributions uniformly from their simplices.
    pub(super) fn random(rng: &mut Stream) -> Self {
        Self {
            initial: distribution(rng),
            dynamics: std::array::from_fn(|_| std::array::from_fn(|_| distribution(rng))),
            goal: distribution(rng),
        }
    }

    /// All trajectories of `horizon` states and actions with their probabilities under `behavior`:
    /// `GOALS · (STATES · ACTIONS)^horizon` of them.
    pub(super) fn trajectories(&self, behavior: &Policy, horizon: usize) -> Vec<Trajectory> {
        let mut partial: Vec<Trajectory> = (0..GOALS)
            .map(|goal| Trajectory { probability: self.goal[goal], goal, path: Vec::new() })
            .collect();
        for _ in 0..horizon {
            partial = partial.iter().flat_map(|begun| self.extensions(begun, behavior)).collect();
        }
        partial
    }

    /// `begun` with every possible next state and action.
    fn extensions(&self, begun: &Trajectory, behavior: &Policy) -> Vec<Trajectory> {
        let next_state = match begun.path.last() {
            Some(&(state, action)) => &self.dynamics[state][action],
            None => &self.initial,
        };
        let extend = |state: usize, action: usize| Trajectory {
            probability: begun.probability
                * next_state[state]
                * behavior[state][begun.goal][action],
            goal: begun.goal,
            path: [begun.path.as_slice(), &[(state, action)]].concat(),
        };
        (0..STATES)
            .flat_map(|state| (0..ACTIONS).map(move |action| (state, action)))
            .map(|(state, action)| extend(state, action))
            .collect()
    }
}

/// `(s_1, a_1), …, (s_T, a_T)` in pursuit of one goal.
pub(super) struct Trajectory {
    /// Probability of goal and path together; all trajectories of one horizon sum to 1.
    pub(super) probability: f64,
    /// The desired goal.
    pub(super) goal: usize,
    /// States and actions, `T` of each.
    pub(super) path: Vec<(usize, usize)>,
}

impl Trajectory {
    /// `φ(s_i)` for every step, `[T]`.
    pub(super) fn achieved_goals(&self) -> Vec<usize> {
        self.path.iter().map(|&(state, _)| ACHIEVED_GOAL[state]).collect()
    }
}

/// Draws a distribution uniformly from the simplex: exponential variables over their sum.
///
/// Each entry is positive: the theorem asks for policies with non-zero probabilities.
pub(super) fn distribution<const N: usize>(rng: &mut Stream) -> [f64; N] {
    normalized(std::array::from_fn(|_| 1e-6 - (1.0 - rng.random::<f64>()).ln()))
}

/// Draws the action distributions of every state and goal.
pub(super) fn random_policy(rng: &mut Stream) -> Policy {
    std::array::from_fn(|_| std::array::from_fn(|_| distribution(rng)))
}

/// Draws a discount in (0, 1].
pub(super) fn random_discount(rng: &mut Stream) -> f64 {
    1.0 - rng.random::<f64>()
}

/// `weights / Σ weights`.
pub(super) fn normalized<const N: usize>(weights: [f64; N]) -> [f64; N] {
    let total: f64 = weights.iter().sum();
    weights.map(|weight| weight / total)
}

/// `x` with `matrix · x = right`, by Gaussian elimination with row pivoting.
///
/// `matrix` is regular here: it is `I − γP` with `γ < 1` and `P` stochastic.
pub(super) fn solve<const N: usize>(mut matrix: [[f64; N]; N], mut right: [f64; N]) -> [f64; N] {
    for column in 0..N {
        let pivot = (column..N)
            .max_by(|&a, &b| matrix[a][column].abs().total_cmp(&matrix[b][column].abs()))
            .expect("a column below the last has a row");
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        let pivot_row = matrix[column];
        for row in column + 1..N {
            let factor = matrix[row][column] / pivot_row[column];
            for (entry, above) in matrix[row].iter_mut().zip(pivot_row) {
                *entry -= factor * above;
            }
            right[row] -= factor * right[column];
        }
    }
    let mut x = [0.0; N];
    for row in (0..N).rev() {
        let known: f64 = (row + 1..N).map(|column| matrix[row][column] * x[column]).sum();
        x[row] = (right[row] - known) / matrix[row][row];
    }
    x
}

#[test]
fn solve_pivots_past_a_zero() {
    // 2y = 4, x + y = 5.
    assert_eq!(solve([[0.0, 2.0], [1.0, 1.0]], [4.0, 5.0]), [3.0, 2.0]);
}

#[test]
fn the_trajectories_are_all_of_them() {
    let mut rng = gcrl_core::seed::stream(1, "mdp", 0);
    let mdp = Mdp::random(&mut rng);
    let behavior = random_policy(&mut rng);
    let trajectories = mdp.trajectories(&behavior, 4);
    assert_eq!(trajectories.len(), 2 * 6 * 6 * 6 * 6);
    let total: f64 = trajectories.iter().map(|trajectory| trajectory.probability).sum();
    assert!((total - 1.0).abs() < 1e-12, "{total}");
}
