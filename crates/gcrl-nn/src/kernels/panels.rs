//! Matrices in panels of 32 columns: `[n_panels, n_rows, 32]`, padded with zeros.

use std::ops::Range;

/// Columns of a panel.
pub const LANES: usize = 32;

/// One row of a panel: two cache lines, aligned to them.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Line(pub [f32; LANES]);

impl Line {
    /// All zero.
    pub const ZERO: Self = Self([0.0; LANES]);
}

/// Panels that hold `n_columns` columns.
pub const fn n_panels(n_columns: usize) -> usize {
    n_columns.div_ceil(LANES)
}

/// Where the rows of a matrix are among lines.
///
/// Invariant: `p * panel_rows + first_row + n_rows` is at most the number of lines, for every panel
/// `p` of `n_columns`.
#[derive(Clone, Copy, Debug)]
struct MatrixLayout {
    panel_rows: usize,
    first_row: usize,
    n_rows: usize,
    n_columns: usize,
}

impl MatrixLayout {
    fn new(n_lines: usize, n_rows: usize, n_columns: usize) -> Self {
        assert!(n_panels(n_columns) * n_rows <= n_lines, "lines for all panels");
        Self { panel_rows: n_rows, first_row: 0, n_rows, n_columns }
    }

    fn rows(self, range: Range<usize>) -> Self {
        assert!(range.start <= range.end && range.end <= self.n_rows, "rows of the matrix");
        Self { first_row: self.first_row + range.start, n_rows: range.end - range.start, ..self }
    }

    fn panels(self, range: Range<usize>) -> Self {
        assert!(range.start <= range.end && range.end <= n_panels(self.n_columns), "its panels");
        Self {
            first_row: self.first_row + range.start * self.panel_rows,
            n_columns: self.n_columns.min(range.end * LANES) - range.start * LANES,
            ..self
        }
    }

    fn panel(self, panel_idx: usize) -> Range<usize> {
        let first = panel_idx * self.panel_rows + self.first_row;
        first..first + self.n_rows
    }

    fn line(self, row: usize, column: usize) -> usize {
        assert!(row < self.n_rows && column < self.n_columns, "a row and a column of the matrix");
        column / LANES * self.panel_rows + self.first_row + row
    }
}

/// A matrix to read.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    lines: &'a [Line],
    layout: MatrixLayout,
}

impl<'a> View<'a> {
    /// The matrix `[n_rows, n_columns]` at the beginning of `lines`.
    ///
    /// # Panics
    ///
    /// If there are too few lines.
    pub fn new(lines: &'a [Line], n_rows: usize, n_columns: usize) -> Self {
        Self { lines, layout: MatrixLayout::new(lines.len(), n_rows, n_columns) }
    }

    /// Some of its rows.
    ///
    /// # Panics
    ///
    /// If it has too few rows.
    #[must_use]
    pub fn rows(self, range: Range<usize>) -> Self {
        Self { layout: self.layout.rows(range), ..self }
    }

    /// The columns of some of its panels.
    ///
    /// # Panics
    ///
    /// If it has too few panels.
    #[must_use]
    pub fn panels(self, range: Range<usize>) -> Self {
        Self { layout: self.layout.panels(range), ..self }
    }

    /// Rows.
    pub fn n_rows(&self) -> usize {
        self.layout.n_rows
    }

    /// Columns, without padding.
    pub fn n_columns(&self) -> usize {
        self.layout.n_columns
    }

    /// The rows of one panel, `[n_rows]`.
    pub fn panel(&self, panel_idx: usize) -> &'a [Line] {
        &self.lines[self.layout.panel(panel_idx)]
    }

    /// All lines from a row of the first panel on.
    pub(super) fn lines_from(&self, row: usize) -> &'a [Line] {
        &self.lines[self.layout.first_row + row..]
    }

    /// Lines from a row of one panel to the same row of the next.
    pub(super) fn panel_rows(&self) -> usize {
        self.layout.panel_rows
    }

    /// One number.
    pub fn at(&self, row: usize, column: usize) -> f32 {
        self.lines[self.layout.line(row, column)].0[column % LANES]
    }
}

/// A matrix to write.
#[derive(Debug)]
pub struct ViewMut<'a> {
    lines: &'a mut [Line],
    layout: MatrixLayout,
}

impl<'a> ViewMut<'a> {
    /// The matrix `[n_rows, n_columns]` at the beginning of `lines`.
    ///
    /// # Panics
    ///
    /// If there are too few lines.
    pub fn new(lines: &'a mut [Line], n_rows: usize, n_columns: usize) -> Self {
        Self { layout: MatrixLayout::new(lines.len(), n_rows, n_columns), lines }
    }

    /// The same matrix, lent.
    pub fn reborrow(&mut self) -> ViewMut<'_> {
        ViewMut { lines: self.lines, layout: self.layout }
    }

    /// Some of its rows.
    ///
    /// # Panics
    ///
    /// If it has too few rows.
    #[must_use]
    pub fn rows(self, range: Range<usize>) -> Self {
        Self { layout: self.layout.rows(range), ..self }
    }

    /// Rows.
    pub fn n_rows(&self) -> usize {
        self.layout.n_rows
    }

    /// Columns, without padding.
    pub fn n_columns(&self) -> usize {
        self.layout.n_columns
    }

    /// The rows of one panel, `[n_rows]`.
    pub fn panel(&mut self, panel_idx: usize) -> &mut [Line] {
        &mut self.lines[self.layout.panel(panel_idx)]
    }

    /// One number.
    pub fn at(&mut self, row: usize, column: usize) -> &mut f32 {
        &mut self.lines[self.layout.line(row, column)].0[column % LANES]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn column_33_of_a_matrix_stands_in_its_second_panel() {
        let mut lines = vec![Line::ZERO; 2 * 3];
        *ViewMut::new(&mut lines, 3, 40).rows(1..3).at(1, 33) = 5.0;
        assert_eq!(lines[3 + 2].0[1], 5.0);
        assert_eq!(View::new(&lines, 3, 40).at(2, 33), 5.0);
        assert_eq!(View::new(&lines, 3, 40).rows(2..3).panel(1)[0].0[1], 5.0);
    }

    #[test]
    fn the_second_panel_of_40_columns_has_8() {
        let mut lines = vec![Line::ZERO; 2 * 3];
        lines[3 + 1].0[7] = 5.0;
        let second = View::new(&lines, 3, 40).rows(1..3).panels(1..2);
        assert_eq!((second.n_rows(), second.n_columns(), second.at(0, 7)), (2, 8, 5.0));
    }

    #[test]
    #[should_panic(expected = "lines for all panels")]
    fn a_matrix_does_not_exceed_its_lines() {
        let _ = View::new(&[Line::ZERO; 5], 3, 33);
    }
}
