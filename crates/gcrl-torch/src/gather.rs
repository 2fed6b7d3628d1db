//! Fills rows from the columns of a data set in the memory of the CPU.

use crate::transfer::numbers_of;
use gcrl_core::{EpisodeView, TransitionIndex};
use gcrl_nn::{Gather, RowContent, StateAt};
use tch::Tensor;

/// Where one drawn transition reads.
pub(crate) struct Source {
    /// The episode.
    pub(crate) episode: usize,
    /// The state that the row describes.
    pub(crate) state: usize,
    /// The transition whose action the row may hold.
    pub(crate) transition: usize,
}

impl Source {
    pub(crate) fn of(transition: TransitionIndex, state: StateAt) -> Self {
        let (episode, t) = (transition.episode as usize, transition.t as usize);
        let state = match state {
            StateAt::Now => t,
            StateAt::Next => t + 1,
        };
        Self { episode, state, transition: t }
    }
}

/// Transitions of each member.
///
/// # Panics
///
/// If a length does not fit the population, or rows `[runs, n_rows, width]` are too few or narrow.
pub(crate) fn n_transitions(
    [runs, n_rows, width]: [usize; 3],
    episodes: EpisodeView<'_>,
    gather: &Gather<'_>,
) -> usize {
    let n = gather.transitions.len() / runs;
    assert_eq!(gather.transitions.len(), runs * n, "as many transitions for every member");
    assert_eq!(gather.normalizers.len(), runs, "normalizers for every member");
    assert!(gather.first_row + n <= n_rows, "a row a transition");
    let shape = episodes.shape;
    let n_filled = match gather.content {
        RowContent::StateGoal => shape.observation_dim + shape.goal_dim,
        RowContent::StateGoalAction => shape.observation_dim + shape.goal_dim + shape.action_dim,
    };
    assert!(n_filled <= width, "columns for what a row holds");
    n
}

/// Fills the block `rows`, which is `[runs, n_rows, width]`, as `gather` asks.
pub(crate) fn fill(
    rows: &mut Tensor,
    [runs, n_rows, width]: [usize; 3],
    episodes: EpisodeView<'_>,
    gather: &Gather<'_>,
) {
    let n = n_transitions([runs, n_rows, width], episodes, gather);
    let shape = episodes.shape;
    #[allow(unsafe_code, reason = "rows are written where libtorch keeps them")]
    // SAFETY: the views of the rows that passes hold are not used until we return.
    let rows = unsafe { numbers_of(rows) };
    let members = gather.transitions.chunks_exact(n.max(1)).zip(gather.normalizers);
    for (run, (transitions, normalizers)) in members.enumerate() {
        let first = (run * n_rows + gather.first_row) * width;
        let rows = rows[first..].chunks_exact_mut(width);
        for (row, transition) in rows.zip(transitions) {
            let Source { episode, state, transition: t } = Source::of(*transition, gather.state);
            let (observation, rest) = row.split_at_mut(shape.observation_dim);
            let (goal, rest) = rest.split_at_mut(shape.goal_dim);
            normalizers.observation.normalize(episodes.observation(episode, state), observation);
            normalizers.goal.normalize(episodes.goal(*transition), goal);
            if gather.content == RowContent::StateGoalAction {
                rest[..shape.action_dim].copy_from_slice(episodes.action(episode, t));
            }
        }
    }
}
