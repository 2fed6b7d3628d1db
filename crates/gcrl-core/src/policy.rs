//! What the agent sees, and the promise of a policy.

/// What the agent sees in one environment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GoalObservation<'a> {
    /// What the agent sees but goals, `[observation_dim]`.
    pub observation: &'a [f32],
    /// The goal that the current state satisfies, `[goal_dim]`.
    pub achieved_goal: &'a [f32],
    /// The goal that the episode asks for, `[goal_dim]`.
    pub desired_goal: &'a [f32],
}

/// What the agents of several environments see.
#[derive(Clone, Copy, Debug)]
pub struct ObservationBatch<'a> {
    /// How many environments.
    pub n_rows: usize,
    /// `[n_rows, observation_dim]`
    pub observation: &'a [f32],
    /// `[n_rows, goal_dim]`
    pub desired_goal: &'a [f32],
}

/// A deterministic policy `π(s, g)`.
///
/// A row's action depends on that row alone, bit for bit: not on its neighbors, and not on how many
/// there are.
pub trait Policy: Send + Sync {
    /// Numbers in an observation.
    fn observation_dim(&self) -> usize;

    /// Numbers in a goal.
    fn goal_dim(&self) -> usize;

    /// Numbers in an action.
    fn action_dim(&self) -> usize;

    /// Writes the actions for `batch` into `action`, `[n_rows, action_dim]`, each in [-1, 1].
    fn act(&self, batch: &ObservationBatch<'_>, action: &mut [f32]);
}
