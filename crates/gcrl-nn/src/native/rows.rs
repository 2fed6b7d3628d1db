//! Input rows of one member, in panels, and how they are filled.

use crate::engine::{InputNormalizers, RowContent, StateAt};
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

/// What to fill a member's rows with.
pub(super) struct Fill<'a> {
    pub(super) first_row: usize,
    pub(super) transitions: &'a [TransitionIndex],
    pub(super) state: StateAt,
    pub(super) content: RowContent,
    pub(super) normalizers: &'a InputNormalizers,
}

impl Fill<'_> {
    fn observation<'a>(&self, episodes: EpisodeView<'a>, transition: TransitionIndex) -> &'a [f32] {
        let t = transition.t as usize;
        let seen_at = match self.state {
            StateAt::Now => t,
            StateAt::Next => t + 1,
        };
        episodes.observation(transition.episode as usize, seen_at)
    }
}

/// Reads one number of each row to come: nothing waits for it, so that the memory delivers many rows
/// at once, and 512 of a large data set arrive twice as fast.
fn touch(episodes: EpisodeView<'_>, fill: &Fill<'_>) {
    let touched = fill.transitions.iter().map(|transition| {
        let state = fill.observation(episodes, *transition)[0] + episodes.goal(*transition)[0];
        match fill.content {
            RowContent::StateGoal => state,
            RowContent::StateGoalAction => {
                let (episode, t) = (transition.episode as usize, transition.t as usize);
                state + episodes.action(episode, t)[0]
            }
        }
    });
    std::hint::black_box(touched.sum::<f32>());
}

impl RowBlock {
    pub(super) fn new(n_rows: usize, width: usize) -> Self {
        let lines = vec![Line::ZERO; n_panels(width) * n_rows];
        Self { n_rows, width, lines, uncut: vec![0.0; width] }
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
    pub(super) fn gather(&mut self, episodes: EpisodeView<'_>, fill: &Fill<'_>) {
        let shape = episodes.shape;
        let n_inputs = shape.observation_dim + shape.goal_dim;
        let width = match fill.content {
            RowContent::StateGoal => n_inputs,
            RowContent::StateGoalAction => n_inputs + shape.action_dim,
        };
        assert!(fill.first_row + fill.transitions.len() <= self.n_rows, "a row a transition");
        let mut row = std::mem::take(&mut self.uncut);
        touch(episodes, fill);
        for (i, transition) in fill.transitions.iter().enumerate() {
            let (observation, rest) = row.split_at_mut(shape.observation_dim);
            let (goal, rest) = rest.split_at_mut(shape.goal_dim);
            let normalizers = fill.normalizers;
            normalizers.observation.normalize(fill.observation(episodes, *transition), observation);
            normalizers.goal.normalize(episodes.goal(*transition), goal);
            if fill.content == RowContent::StateGoalAction {
                let (episode, t) = (transition.episode as usize, transition.t as usize);
                rest[..shape.action_dim].copy_from_slice(episodes.action(episode, t));
            }
            self.put(fill.first_row + i, 0, &row[..width]);
        }
        self.uncut = row;
    }

    /// Writes `numbers` into a row, from `first_column` on.
    pub(super) fn put(&mut self, row: usize, first_column: usize, numbers: &[f32]) {
        assert!(row < self.n_rows && first_column + numbers.len() <= self.width, "room in the row");
        for (column, number) in (first_column..).zip(numbers) {
            self.lines[column / LANES * self.n_rows + row].0[column % LANES] = *number;
        }
    }
}
