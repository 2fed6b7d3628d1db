//! Rows of inputs and of outputs, by name: what is where is known here and nowhere else.

use gcrl_core::TaskSpec;
use gcrl_nn::{At, Column, Destination, PassId, RowsId};
use std::ops::Range;

/// A vector that networks read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// An observation.
    Observation,
    /// A goal that was achieved.
    AchievedGoal,
    /// The goal that is learned from.
    Goal,
    /// An action.
    Action,
    /// Any other numbers, which an algorithm writes.
    Free {
        /// What they are, such as `latent`.
        name: &'static str,
        /// How many.
        dim: usize,
    },
}

/// What a policy sees.
pub const STATE: [Input; 2] = [Input::Observation, Input::Goal];

/// What a critic sees.
pub const STATE_ACTION: [Input; 3] = [Input::Observation, Input::Goal, Input::Action];

impl Input {
    /// Numbers in it.
    pub fn dim(self, spec: &TaskSpec) -> usize {
        match self {
            Self::Observation => spec.observation_dim(),
            Self::AchievedGoal | Self::Goal => spec.goal_dim(),
            Self::Action => spec.action_dim(),
            Self::Free { dim, .. } => dim,
        }
    }
}

/// Consecutive rows of a block, the same in every member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    pub(crate) block: RowsId,
    pub(crate) range: Range<usize>,
    /// The vectors of a row, with the numbers in each.
    pub(crate) columns: Vec<(Input, usize)>,
}

impl Rows {
    /// How many rows.
    pub fn n_rows(&self) -> usize {
        self.range.len()
    }

    /// These rows and all that follow, up to those of `last`.
    ///
    /// # Panics
    ///
    /// If `last` stands in another block, or before these.
    #[must_use]
    pub fn to(&self, last: &Self) -> Self {
        assert!(self.block == last.block && self.range.end <= last.range.end, "rows of one block");
        Self { range: self.range.start..last.range.end, ..self.clone() }
    }

    /// Where `rows` stand among these.
    ///
    /// # Panics
    ///
    /// If they stand elsewhere.
    pub(crate) fn position_of(&self, rows: &Self) -> Range<usize> {
        let is_inside = self.range.start <= rows.range.start && rows.range.end <= self.range.end;
        assert!(self.block == rows.block && is_inside, "some of these rows");
        rows.range.start - self.range.start..rows.range.end - self.range.start
    }

    /// Where the numbers of `input` stand in a row.
    ///
    /// # Panics
    ///
    /// If the rows do not hold it.
    pub(crate) fn columns_of(&self, input: Input) -> Range<usize> {
        let mut first = 0;
        for (known, dim) in &self.columns {
            if *known == input {
                return first..first + dim;
            }
            first += dim;
        }
        panic!("rows do not hold {input:?}, but {:?}", self.columns)
    }

    /// Where the numbers of `input` stand for the engine.
    pub(crate) fn destination(&self, input: Input) -> Destination {
        let first_column = self.columns_of(input).start;
        Destination { rows: self.block, first_row: self.range.start, first_column }
    }

    /// What a gather writes into a row for the `inputs` given, of the state `at`: all others are left
    /// as they are.
    pub(crate) fn gathered(&self, at: At, inputs: &[Input]) -> Vec<Column> {
        let column = |(input, dim): &(Input, usize)| match input {
            _ if !inputs.contains(input) => Column::Free(*dim),
            Input::Observation => Column::Observation(at),
            Input::AchievedGoal => Column::AchievedGoal(at),
            Input::Goal => Column::Goal,
            Input::Action => Column::Action,
            Input::Free { dim, .. } => Column::Free(*dim),
        };
        self.columns.iter().map(column).collect()
    }
}

/// A network applied to rows.
#[derive(Clone, Debug)]
pub struct Pass {
    pub(crate) id: PassId,
    /// The rows.
    pub rows: Rows,
    pub(crate) n_outputs: usize,
}

/// Numbers of every member for some rows: what a network returned for those of a pass, or what was made of
/// that.
#[derive(Clone, Debug, PartialEq)]
pub struct Outputs {
    /// `[n_members, n_rows, width]`
    pub(crate) numbers: Vec<f32>,
    pub(crate) rows: Rows,
    pub(crate) width: usize,
}

impl Outputs {
    /// `numbers`, `[n_members, rows.n_rows(), width]`.
    ///
    /// # Panics
    ///
    /// If they are not as many for every row.
    pub fn new(rows: &Rows, width: usize, numbers: Vec<f32>) -> Self {
        let n_numbers = rows.n_rows() * width;
        assert!(numbers.len().is_multiple_of(n_numbers), "as many numbers for every row");
        Self { numbers, rows: rows.clone(), width }
    }

    /// Those for some of the rows.
    ///
    /// # Panics
    ///
    /// If the rows are not among these.
    #[must_use]
    pub fn only(&self, rows: &Rows) -> Self {
        let members = 0..self.n_members();
        let numbers = members.flat_map(|member| self.of(member, rows)).copied().collect();
        Self { numbers, rows: rows.clone(), width: self.width }
    }

    /// Members in the population.
    pub fn n_members(&self) -> usize {
        self.numbers.len() / (self.rows.n_rows() * self.width)
    }

    /// Those of a member, for some of the rows: `[rows.n_rows(), width]`.
    ///
    /// # Panics
    ///
    /// If the rows are not among these.
    pub fn of(&self, member: usize, rows: &Rows) -> &[f32] {
        let position = self.rows.position_of(rows);
        let first_row = member * self.rows.n_rows() + position.start;
        &self.numbers[first_row * self.width..][..position.len() * self.width]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATENT: Input = Input::Free { name: "latent", dim: 3 };

    fn rows(range: Range<usize>) -> Rows {
        let columns = vec![(Input::Observation, 2), (LATENT, 3), (Input::Action, 1)];
        Rows { block: RowsId(4), range, columns }
    }

    #[test]
    fn outputs_are_found_by_member_and_rows() {
        let (now, next) = (rows(10..12), rows(12..13));
        let numbers = (0..12).map(|number| number as f32).collect();
        let outputs = Outputs::new(&now.to(&next), 2, numbers);
        assert_eq!(outputs.of(0, &now), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(outputs.of(0, &next), [4.0, 5.0]);
        assert_eq!(outputs.of(1, &now), [6.0, 7.0, 8.0, 9.0]);
        assert_eq!(outputs.of(1, &rows(11..13)), [8.0, 9.0, 10.0, 11.0]);
        assert_eq!(outputs.of(1, &rows(13..13)), [0.0; 0]);
        let only_next = outputs.only(&next);
        assert_eq!((only_next.n_members(), only_next.of(1, &next)), (2, &[10.0, 11.0][..]));
    }

    #[test]
    fn vectors_are_found_by_name() {
        let rows = rows(10..12);
        assert_eq!(rows.columns_of(LATENT), 2..5);
        let expected = Destination { rows: RowsId(4), first_row: 10, first_column: 5 };
        assert_eq!(rows.destination(Input::Action), expected);
        let gathered = rows.gathered(At::Next, &[Input::Observation, Input::Action]);
        assert_eq!(gathered, [Column::Observation(At::Next), Column::Free(3), Column::Action]);
    }

    #[test]
    #[should_panic(expected = "some of these rows")]
    fn rows_of_another_block_are_not_among_these() {
        let other = Rows { block: RowsId(5), ..rows(0..1) };
        let _ = rows(0..3).position_of(&other);
    }
}
