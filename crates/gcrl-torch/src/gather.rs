//! Fills rows from the columns of a data set in the memory of the CPU.

use crate::transfer::numbers_of;
use gcrl_core::EpisodeView;
use gcrl_nn::{Column, Gather, InputNormalizers};
use tch::Tensor;

/// Transitions of each member.
///
/// # Panics
///
/// If a length does not fit the population, or rows `[n_members, n_rows, width]` are too few or narrow.
pub(crate) fn n_transitions(
    [n_members, n_rows, width]: [usize; 3],
    episodes: EpisodeView<'_>,
    gather: &Gather<'_>,
) -> usize {
    let n = gather.transitions.len() / n_members;
    assert_eq!(gather.transitions.len(), n_members * n, "as many transitions for every member");
    assert!(gather.first_row + n <= n_rows, "a row a transition");
    let n_filled = Column::total_dim(gather.columns, episodes.shape);
    assert!(n_filled <= width, "columns for what a row holds");
    n
}

/// Fills the block `rows`, which is `[n_members, n_rows, width]`, as `gather` asks; `normalizers` are
/// those of the members.
pub(crate) fn fill(
    rows: &mut Tensor,
    [n_members, n_rows, width]: [usize; 3],
    episodes: EpisodeView<'_>,
    gather: &Gather<'_>,
    normalizers: &[InputNormalizers],
) {
    let n = n_transitions([n_members, n_rows, width], episodes, gather);
    #[allow(unsafe_code, reason = "rows are written where libtorch keeps them")]
    // SAFETY: the views of the rows that passes hold are not used until we return.
    let rows = unsafe { numbers_of(rows) };
    let members = gather.transitions.chunks_exact(n.max(1)).zip(normalizers);
    for (member, (transitions, normalizers)) in members.enumerate() {
        let first = (member * n_rows + gather.first_row) * width;
        for (row, transition) in rows[first..].chunks_exact_mut(width).zip(transitions) {
            let mut rest = row;
            for column in gather.columns {
                let (out, after) = rest.split_at_mut(column.dim(episodes.shape));
                normalizers.fill(*column, episodes, *transition, out);
                rest = after;
            }
        }
    }
}
