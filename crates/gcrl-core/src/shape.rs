//! How many numbers an episode has.

/// The sizes of one episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpisodeShape {
    /// Numbers in an observation.
    pub observation_dim: usize,
    /// Numbers in a goal.
    pub goal_dim: usize,
    /// Numbers in an action.
    pub action_dim: usize,
    /// Transitions in an episode; it has one state more.
    pub n_transitions: usize,
}

impl EpisodeShape {
    /// Observations, and achieved goals, in an episode.
    pub const fn n_states(&self) -> usize {
        self.n_transitions + 1
    }
}
