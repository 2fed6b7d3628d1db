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

/// Rows that go through all layers together: whole tiles, 100 kB of activations a layer of 256.
const CHUNK_ROWS: usize = 96;

/// What a pass remembers of one member.
#[derive(Debug)]
pub(super) struct Activations {
    n_rows: usize,
    /// `[n_rows, n_outputs]` of each layer, in panels; of the output layer, before the activation.
    layers: Vec<Vec<Line>>,
}

impl Activations {
    pub(super) fn new(layout: &Layout, n_rows: usize) -> Self {
        let lines = |width| vec![Line::ZERO; n_panels(width) * n_rows];
        Self { n_rows, layers: layout.layers.iter().map(|layer| lines(layer.n_outputs)).collect() }
    }
}

/// Applies the network to `input`; writes `outputs`, `[n_rows, n_outputs]`.
pub(super) fn forward(
    kernel: &dyn Kernel,
    (layout, activation): (&Layout, OutputActivation),
    parameters: &[Line],
    input: View<'_>,
    activations: &mut Activations,
    outputs: &mut [f32],
) {
    let n_rows = input.n_rows();
    for first_row in (0..n_rows).step_by(CHUNK_ROWS) {
        let chunk = first_row..n_rows.min(first_row + CHUNK_ROWS);
        for (layer_idx, layer) in layout.layers.iter().enumerate() {
            let (before, from_here) = activations.layers.split_at_mut(layer_idx);
            let a = before.last().map_or(input, |lines| View::new(lines, n_rows, layer.n_inputs));
            let c = ViewMut::new(&mut from_here[0], n_rows, layer.n_outputs);
            let bias = layer.bias.lines(parameters);
            kernel.multiply(Product {
                a: Left::Rows(a.rows(chunk.clone())),
                b: layer.weight.view(parameters),
                c: c.rows(chunk.clone()),
                finish: if layer_idx < layout.last() {
                    Finish::BiasRelu(bias)
                } else {
                    Finish::Bias(bias)
                },
            });
        }
    }
    copy_columns(&activations.layers[layout.last()], 0, layout.n_outputs(), outputs);
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

/// Room for the gradients at activations, for the largest pass of an engine.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// `d_l`, where the way back stands.
    here: Vec<Line>,
    /// `d_{l−1}`
    before: Vec<Line>,
}

impl Scratch {
    pub(super) fn grow(&mut self, layout: &Layout, n_rows: usize) {
        let widths = layout.layers.iter().map(|layer| layer.n_inputs.max(layer.n_outputs));
        let n_lines = n_panels(widths.max().expect("a network has a layer")) * n_rows;
        for lines in [&mut self.here, &mut self.before] {
            lines.resize(n_lines.max(lines.len()), Line::ZERO);
        }
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
        let activations = self.activations;
        let n_outputs = self.layout.layers[layer_idx].n_outputs;
        View::new(&activations.layers[layer_idx], activations.n_rows, n_outputs)
            .rows(self.rows.clone())
    }
}
