//! One network on one member's rows: forward, and back.
//!
//! Forward, `h_l = max(0, h_{l−1} W_l + b_l)`, and the output layer without `max`; a chunk of rows goes
//! through all layers before the next one starts, so that its activations stay in the second cache.
//! Back, with `d_l` the gradient before the activation of layer `l`:
//!
//! ```text
//! d_L = gradient · (1 − y²) for tanh, otherwise gradient
//! ∂W_l = h_{l−1}ᵀ d_l        ∂b_l = Σ_rows d_l        d_{l−1} = d_l W_lᵀ · [0 < h_{l−1}]
//! ```

use super::layout::Layout;
use super::member::Member;
use crate::kernels::{Finish, Kernel, LANES, Left, Line, Product, View, ViewMut, n_panels};
use crate::network::OutputActivation;
use std::ops::Range;

/// Rows that go through all layers together: whole tiles, 400 kB of activations a layer of 256, so that two
/// layers stay in the second cache and the weights are read for many rows.
const CHUNK_ROWS: usize = 384;

/// What a pass remembers of one member.
#[derive(Debug)]
pub(super) struct Activations {
    /// Rows of the pass that may come back.
    kept: Range<usize>,
    /// `[kept.len(), n_outputs]` of each hidden layer, in panels.
    hidden: Vec<Vec<Line>>,
}

impl Activations {
    pub(super) fn new(layout: &Layout, kept: Range<usize>) -> Self {
        let lines = |width| vec![Line::ZERO; n_panels(width) * kept.len()];
        let hidden = layout.layers[..layout.last()].iter();
        Self { hidden: hidden.map(|layer| lines(layer.n_outputs)).collect(), kept }
    }
}

/// Applies the network to `input`; writes `outputs`, `[n_rows, n_outputs]`.
pub(super) fn forward(
    kernel: &dyn Kernel,
    network: (&Layout, OutputActivation),
    parameters: &[Line],
    input: View<'_>,
    activations: &mut Activations,
    scratch: &mut Scratch,
    outputs: &mut [f32],
) {
    let (layout, activation) = network;
    let Activations { kept, hidden } = activations;
    for (rows, is_kept) in
        [(0..kept.start, false), (kept.clone(), true), (kept.end..input.n_rows(), false)]
    {
        for first_row in rows.clone().step_by(CHUNK_ROWS) {
            let chunk = first_row..rows.end.min(first_row + CHUNK_ROWS);
            let n_rows = chunk.len();
            for (layer_idx, layer) in layout.layers.iter().enumerate() {
                // Hidden layers of kept rows go where they stay, all else from one room to the other.
                let (before, from_here) = hidden.split_at_mut(layer_idx);
                let [from, to] = &mut scratch.chunk;
                let kept_rows = || chunk.start - kept.start..chunk.end - kept.start;
                let a = match before.last() {
                    None => input.rows(chunk.clone()),
                    Some(lines) if is_kept => {
                        View::new(lines, kept.len(), layer.n_inputs).rows(kept_rows())
                    }
                    Some(_) => View::new(from, n_rows, layer.n_inputs),
                };
                let c = match from_here.first_mut() {
                    Some(lines) if is_kept => {
                        ViewMut::new(lines, kept.len(), layer.n_outputs).rows(kept_rows())
                    }
                    _ => ViewMut::new(to, n_rows, layer.n_outputs),
                };
                let bias = layer.bias.lines(parameters);
                let is_last = layer_idx == layout.last();
                let finish = if is_last { Finish::Bias(bias) } else { Finish::BiasRelu(bias) };
                let b = layer.weight.view(parameters);
                kernel.multiply(Product { a: Left::Rows(a), b, c, finish });
                scratch.chunk.swap(0, 1);
            }
            let n_outputs = layout.n_outputs();
            let outputs = &mut outputs[chunk.start * n_outputs..chunk.end * n_outputs];
            copy_columns(&scratch.chunk[0], 0, n_outputs, outputs);
        }
    }
    if activation == OutputActivation::Tanh {
        for output in outputs {
            *output = libm::tanhf(*output);
        }
    }
}

/// Copies columns of a matrix in panels, whose rows are as many as those of `out`,
/// `[n_rows, n_columns]`.
fn copy_columns(lines: &[Line], first_column: usize, n_columns: usize, out: &mut [f32]) {
    let n_rows = out.len() / n_columns;
    for (row, out) in out.chunks_exact_mut(n_columns).enumerate() {
        for (column, out) in (first_column..).zip(out) {
            *out = lines[column / LANES * n_rows + row].0[column % LANES];
        }
    }
}

/// Room that all passes of an engine share.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// A layer's inputs and outputs, for a chunk of rows on the way forward.
    chunk: [Vec<Line>; 2],
    /// `d_l`, where the way back stands.
    here: Vec<Line>,
    /// `d_{l−1}`
    before: Vec<Line>,
}

impl Scratch {
    /// Makes room for a network, and for `n_rows` of it on the way back.
    pub(super) fn grow(&mut self, layout: &Layout, n_rows: usize) {
        let widths = layout.layers.iter().map(|layer| layer.n_inputs.max(layer.n_outputs));
        let n_panels = n_panels(widths.max().expect("a network has a layer"));
        let grow = |lines: &mut Vec<Line>, n_rows: usize| {
            lines.resize((n_panels * n_rows).max(lines.len()), Line::ZERO);
        };
        let Self { chunk: [even, odd], here, before } = self;
        grow(even, CHUNK_ROWS);
        grow(odd, CHUNK_ROWS);
        grow(here, n_rows);
        grow(before, n_rows);
    }
}

/// The way back through one member's pass, over some of its rows.
pub(super) struct Back<'a> {
    pub(super) kernel: &'a dyn Kernel,
    pub(super) layout: &'a Layout,
    pub(super) member: &'a mut Member,
    pub(super) activations: &'a Activations,
    /// The network's input on those rows.
    pub(super) input: View<'a>,
    /// Which rows of the pass.
    pub(super) rows: Range<usize>,
    pub(super) scratch: &'a mut Scratch,
}

impl<'a> Back<'a> {
    /// `d_L` from the gradient at the outputs, both `[n_rows, n_outputs]`.
    pub(super) fn start(
        &mut self,
        activation: OutputActivation,
        outputs: &[f32],
        gradient: &[f32],
    ) {
        let (n_rows, n_outputs) = (self.rows.len(), self.layout.n_outputs());
        let rows = gradient.chunks_exact(n_outputs).zip(outputs.chunks_exact(n_outputs));
        for (row, (gradients, outputs)) in rows.enumerate() {
            let panels = gradients.chunks(LANES).zip(outputs.chunks(LANES));
            for (panel_idx, (gradients, outputs)) in panels.enumerate() {
                let mut line = Line::ZERO;
                for ((d, gradient), y) in line.0.iter_mut().zip(gradients).zip(outputs) {
                    *d = match activation {
                        OutputActivation::Linear => *gradient,
                        OutputActivation::Tanh => gradient * (1.0 - y * y),
                    };
                }
                self.scratch.here[panel_idx * n_rows + row] = line;
            }
        }
        self.member.refresh_transposed(self.layout);
    }

    /// Sets the member's gradient.
    pub(super) fn set_parameter_gradient(&mut self) {
        for layer_idx in (1..self.layout.layers.len()).rev() {
            self.set_layer_gradient(layer_idx, self.hidden(layer_idx - 1));
            self.descend(layer_idx);
        }
        self.set_layer_gradient(0, self.input);
    }

    /// The gradient at the input `columns`, `[n_rows, columns.len()]`.
    pub(super) fn input_gradient(&mut self, columns: Range<usize>, out: &mut [f32]) {
        for layer_idx in (1..self.layout.layers.len()).rev() {
            self.descend(layer_idx);
        }
        let panels = columns.start / LANES..n_panels(columns.end);
        let weight = self.member.transposed(self.layout, 0).panels(panels.clone());
        let (n_rows, n_outputs) = (self.rows.len(), self.layout.layers[0].n_outputs);
        self.kernel.multiply(Product {
            a: Left::Rows(View::new(&self.scratch.here, n_rows, n_outputs)),
            b: weight,
            c: ViewMut::new(&mut self.scratch.before, n_rows, weight.n_columns()),
            finish: Finish::Plain,
        });
        let first_column = columns.start - panels.start * LANES;
        copy_columns(&self.scratch.before, first_column, columns.len(), out);
    }

    /// `∂W_l` and `∂b_l` from the layer's input and `d_l`.
    fn set_layer_gradient(&mut self, layer_idx: usize, input: View<'_>) {
        let layer = &self.layout.layers[layer_idx];
        let d = View::new(&self.scratch.here, self.rows.len(), layer.n_outputs);
        let gradient = &mut self.member.gradient;
        self.kernel.multiply(Product {
            a: Left::Transposed(input),
            b: d,
            c: layer.weight.view_mut(gradient),
            finish: Finish::Plain,
        });
        self.kernel.sum_rows(d, layer.bias.lines_mut(gradient));
    }

    /// From `d_l` to `d_{l−1}`.
    fn descend(&mut self, layer_idx: usize) {
        let (n_rows, layer) = (self.rows.len(), &self.layout.layers[layer_idx]);
        self.kernel.multiply(Product {
            a: Left::Rows(View::new(&self.scratch.here, n_rows, layer.n_outputs)),
            b: self.member.transposed(self.layout, layer_idx),
            finish: Finish::Mask(self.hidden(layer_idx - 1)),
            c: ViewMut::new(&mut self.scratch.before, n_rows, layer.n_inputs),
        });
        std::mem::swap(&mut self.scratch.here, &mut self.scratch.before);
    }

    /// What a hidden layer gave on the way forward, on the rows of this way back.
    fn hidden(&self, layer_idx: usize) -> View<'a> {
        let Activations { kept, hidden } = self.activations;
        let n_outputs = self.layout.layers[layer_idx].n_outputs;
        let rows = self.rows.start - kept.start..self.rows.end - kept.start;
        View::new(&hidden[layer_idx], kept.len(), n_outputs).rows(rows)
    }
}
