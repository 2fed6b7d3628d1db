//! Where the numbers of a network stand among the lines of the native engine: layer after layer, the
//! weights `[n_inputs, n_outputs]` and then the bias `[1, n_outputs]`, each in panels of 32 columns.
//!
//! Columns of padding are zero and stay zero: their activations are `max(0, 0 + 0)`, so that what
//! comes back to them is masked.

use crate::kernels::{LANES, Line, View, ViewMut, n_panels};
use crate::network::NetworkShape;

/// A matrix among the lines of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    first_line: usize,
    n_rows: usize,
    n_columns: usize,
}

impl Block {
    /// Line and lane of a number.
    fn line_and_lane(self, row: usize, column: usize) -> (usize, usize) {
        (self.first_line + column / LANES * self.n_rows + row, column % LANES)
    }

    fn end(self) -> usize {
        self.first_line + n_panels(self.n_columns) * self.n_rows
    }

    pub(super) fn view(self, lines: &[Line]) -> View<'_> {
        View::new(self.lines(lines), self.n_rows, self.n_columns)
    }

    pub(super) fn view_mut(self, lines: &mut [Line]) -> ViewMut<'_> {
        ViewMut::new(self.lines_mut(lines), self.n_rows, self.n_columns)
    }

    pub(super) fn lines(self, lines: &[Line]) -> &[Line] {
        &lines[self.first_line..self.end()]
    }

    pub(super) fn lines_mut(self, lines: &mut [Line]) -> &mut [Line] {
        &mut lines[self.first_line..self.end()]
    }
}

/// One layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) n_inputs: usize,
    pub(super) n_outputs: usize,
    pub(super) weight: Block,
    pub(super) bias: Block,
}

/// All layers of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) layers: Vec<Layer>,
}

impl Layout {
    pub(super) fn new(shape: &NetworkShape) -> Self {
        let mut first_line = 0;
        let mut add_block = |n_rows, n_columns| {
            let block = Block { first_line, n_rows, n_columns };
            first_line = block.end();
            block
        };
        let layer = |(n_inputs, n_outputs)| {
            assert!(0 < n_inputs && 0 < n_outputs, "layers have inputs and outputs");
            let (weight, bias) = (add_block(n_inputs, n_outputs), add_block(1, n_outputs));
            Layer { n_inputs, n_outputs, weight, bias }
        };
        Self { layers: shape.layers().into_iter().map(layer).collect() }
    }

    /// The index of the output layer.
    pub(super) fn last(&self) -> usize {
        self.layers.len() - 1
    }

    pub(super) fn n_inputs(&self) -> usize {
        self.layers[0].n_inputs
    }

    pub(super) fn n_outputs(&self) -> usize {
        self.layers[self.last()].n_outputs
    }

    /// Lines of a network.
    pub(super) fn n_lines(&self) -> usize {
        self.layers[self.last()].bias.end()
    }

    /// The numbers (parameters, moments or gradients) that stand in `lines`, flat.
    pub(super) fn to_flat(&self, lines: &[Line]) -> Vec<f32> {
        self.lines_and_lanes().map(|(line_idx, lane)| lines[line_idx].0[lane]).collect()
    }

    /// Writes flat numbers into the lines of a network; padding stays as it is.
    ///
    /// # Panics
    ///
    /// If there are not as many numbers as parameters.
    pub(super) fn fill_lines(&self, flat: &[f32], lines: &mut [Line]) {
        assert_eq!(flat.len(), self.lines_and_lanes().count(), "one number a parameter");
        for ((line_idx, lane), number) in self.lines_and_lanes().zip(flat) {
            lines[line_idx].0[lane] = *number;
        }
    }

    /// Line and lane of each parameter, in the order of the flat parameters.
    fn lines_and_lanes(&self) -> impl Iterator<Item = (usize, usize)> {
        let blocks = self.layers.iter().flat_map(|layer| [layer.weight, layer.bias]);
        blocks.flat_map(|block| {
            let rows = 0..block.n_rows;
            rows.flat_map(move |row| {
                (0..block.n_columns).map(move |column| block.line_and_lane(row, column))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{HiddenActivation, OutputActivation};

    #[test]
    fn flat_parameters_survive_the_way_into_lines_and_back() {
        let shape = NetworkShape {
            n_inputs: 33,
            hidden: vec![40, 5],
            hidden_activation: HiddenActivation::Relu,
            n_outputs: 3,
            output: OutputActivation::Linear,
        };
        let layout = Layout::new(&shape);
        let flat: Vec<f32> = (1..=shape.n_parameters()).map(|number| number as f32).collect();
        let mut lines = vec![Line::ZERO; layout.n_lines()];
        layout.fill_lines(&flat, &mut lines);
        assert_eq!(layout.to_flat(&lines), flat);
        // Row 1 of the first weights follows the 40 numbers of row 0.
        assert_eq!(layout.layers[0].weight.view(&lines).at(1, 2), 43.0);
        let n_set = lines.iter().flat_map(|line| line.0).filter(|number| *number != 0.0).count();
        assert_eq!(n_set, flat.len(), "padding is zero");
    }
}
