//! Input rows of one member, in panels, and how they are filled.

use super::filled;
use crate::engine::EngineError;
use crate::gather::{Column, InputNormalizers};
use crate::kernels::{LANES, Line, View, n_panels};
use gcrl_core::{EpisodeView, TransitionIndex};

/// A block of rows `[n_rows, width]`.
#[derive(Debug)]
pub(super) struct RowBlock {
    n_rows: usize,
    width: usize,
    lines: Vec<Line>,
    /// Room for one row before it is cut into panels, `[width]`.
    uncut: Vec<f32>,
}

impl RowBlock {
    pub(super) fn new(n_rows: usize, width: usize) -> Result<Self, EngineError> {
        let n_lines = n_panels(width).saturating_mul(n_rows);
        let lines = filled(n_lines, Line::ZERO, "add rows")?;
        Ok(Self { n_rows, width, lines, uncut: filled(width, 0.0, "add rows")? })
    }

    pub(super) fn n_rows(&self) -> usize {
        self.n_rows
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The first `n_columns` columns.
    pub(super) fn view(&self, n_columns: usize) -> View<'_> {
        View::new(&self.lines, self.n_rows, n_columns)
    }

    /// Fills rows from the columns of episodes.
    pub(super) fn gather(
        &mut self,
        episodes: EpisodeView<'_>,
        first_row: usize,
        transitions: &[TransitionIndex],
        columns: &[Column],
        normalizers: &InputNormalizers,
    ) {
        assert!(first_row + transitions.len() <= self.n_rows, "a row a transition");
        touch(episodes, transitions, columns);
        let mut row = std::mem::take(&mut self.uncut);
        for (row_idx, transition) in (first_row..).zip(transitions) {
            // Between two free columns stands a run of numbers to write.
            let (mut first, mut end) = (0, 0);
            for column in columns {
                let dim = column.dim(episodes.shape);
                if let Column::Free(_) = column {
                    self.put(row_idx, first, &row[first..end]);
                    first = end + dim;
                } else {
                    let out = &mut row[end..end + dim];
                    normalizers.fill(*column, episodes, *transition, out);
                }
                end += dim;
            }
            self.put(row_idx, first, &row[first..end]);
        }
        self.uncut = row;
    }

    /// Writes `numbers`, `[n, width]`, into rows, from a row and a column on.
    pub(super) fn put_all(
        &mut self,
        first_row: usize,
        first_column: usize,
        width: usize,
        numbers: &[f32],
    ) {
        for (row, numbers) in (first_row..).zip(numbers.chunks_exact(width)) {
            self.put(row, first_column, numbers);
        }
    }

    /// Writes `numbers` into a row, from `first_column` on.
    fn put(&mut self, row: usize, first_column: usize, numbers: &[f32]) {
        assert!(row < self.n_rows && first_column + numbers.len() <= self.width, "room in the row");
        for (column, number) in (first_column..).zip(numbers) {
            self.lines[column / LANES * self.n_rows + row].0[column % LANES] = *number;
        }
    }
}

/// Reads one number of each vector to come: nothing waits for it, so that the memory delivers many rows
/// at once, and 512 of a large data set arrive twice as fast.
fn touch(episodes: EpisodeView<'_>, transitions: &[TransitionIndex], columns: &[Column]) {
    let first_number = |column: Column, transition: TransitionIndex| {
        let episode = transition.episode as usize;
        match column {
            Column::Observation(at) => episodes.observation(episode, at.state(transition))[0],
            Column::AchievedGoal(at) => episodes.achieved_goal(episode, at.state(transition))[0],
            Column::Goal => episodes.goal(transition)[0],
            Column::Action => episodes.action(episode, transition.t as usize)[0],
            Column::Free(_) => 0.0,
        }
    };
    let touched = transitions.iter().map(|transition| {
        columns.iter().map(|column| first_number(*column, *transition)).sum::<f32>()
    });
    std::hint::black_box(touched.sum::<f32>());
}
