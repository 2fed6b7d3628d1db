//! One network on one member's rows: the forward and the backward pass.
//!
//! Forward, `h_l = f(h_{l−1} W_l + b_l)` with `f = max(0, x)` or `tanh x`, and the output layer with an
//! activation of its own; a chunk of rows goes through all layers before the next one starts, so that
//! its activations stay in the second cache. Backward, with `d_l` the gradient before the activation
//! of layer `l`:
//!
//! ```text
//! d_L = gradient · (1 − y²) for tanh, otherwise gradient
//! ∂W_l = h_{l−1}ᵀ d_l        ∂b_l = Σ_rows d_l        d_{l−1} = d_l W_lᵀ · f'(h_{l−1})
//! f'(h) = [0 < h] for max(0, x), 1 − h² for tanh
//! ```

use super::NetworkActivations;
use super::filled;
use super::layout::Layout;
use super::member::Member;
use crate::engine::EngineError;
use crate::kernels::{Finish, Kernel, LANES, Left, Line, Product, View, ViewMut, n_panels};
use crate::network::{HiddenActivation, OutputActivation};
use std::ops::Range;

/// Rows that go through all layers together: whole tiles, 400 kB of activations a layer of 256, so that two
/// layers stay in the second cache and the weights are read for many rows.
const CHUNK_ROWS: usize = 384;

/// What a pass saves of one member.
#[derive(Debug)]
pub(super) struct Activations {
    /// Rows of the pass that a backward pass may be asked for.
    saved: Range<usize>,
    /// `[saved.len(), n_outputs]` of each hidden layer, in panels.
    hidden: Vec<Vec<Line>>,
}

impl Activations {
    pub(super) fn new(layout: &Layout, saved: Range<usize>) -> Result<Self, EngineError> {
        let hidden = layout.layers[..layout.last()].iter().map(|layer| {
            let n_lines = n_panels(layer.n_outputs).saturating_mul(saved.len());
            filled(n_lines, Line::ZERO, "add a pass")
        });
        Ok(Self { hidden: hidden.collect::<Result<_, _>>()?, saved })
    }
}

/// A member's network.
#[derive(Clone, Copy)]
pub(super) struct Network<'a> {
    pub(super) layout: &'a Layout,
    pub(super) kinds: NetworkActivations,
    pub(super) parameters: &'a [Line],
}

/// Applies the network to `input`; writes `outputs`, `[n_rows, n_outputs]`.
pub(super) fn forward(
    kernel: &dyn Kernel,
    network: Network<'_>,
    input: View<'_>,
    activations: &mut Activations,
    scratch: &mut Scratch,
    outputs: &mut [f32],
) {
    let Network { layout, kinds, parameters } = network;
    let Activations { saved, hidden } = activations;
    for (rows, is_saved) in
        [(0..saved.start, false), (saved.clone(), true), (saved.end..input.n_rows(), false)]
    {
        for first_row in rows.clone().step_by(CHUNK_ROWS) {
            let chunk = first_row..rows.end.min(first_row + CHUNK_ROWS);
            let n_rows = chunk.len();
            for (layer_idx, layer) in layout.layers.iter().enumerate() {
                // Hidden layers of saved rows go where they stay, all else from one room to the other.
                let (before, from_here) = hidden.split_at_mut(layer_idx);
                let [from, to] = &mut scratch.chunk;
                let saved_rows = || chunk.start - saved.start..chunk.end - saved.start;
                let a = match before.last() {
                    None => input.rows(chunk.clone()),
                    Some(lines) if is_saved => {
                        View::new(lines, saved.len(), layer.n_inputs).rows(saved_rows())
                    }
                    Some(_) => View::new(from, n_rows, layer.n_inputs),
                };
                let mut c = match from_here.first_mut() {
                    Some(lines) if is_saved => {
                        ViewMut::new(lines, saved.len(), layer.n_outputs).rows(saved_rows())
                    }
                    _ => ViewMut::new(to, n_rows, layer.n_outputs),
                };
                let bias = layer.bias.lines(parameters);
                let hidden = (layer_idx < layout.last()).then_some(kinds.hidden);
                let finish = match hidden {
                    Some(HiddenActivation::Relu) => Finish::BiasRelu(bias),
                    Some(HiddenActivation::Tanh) | None => Finish::Bias(bias),
                };
                let b = layer.weight.view(parameters);
                kernel.multiply(Product { a: Left::Rows(a), b, c: c.reborrow(), finish });
                if hidden == Some(HiddenActivation::Tanh) {
                    apply_tanh(&mut c);
                }
                scratch.chunk.swap(0, 1);
            }
            let n_outputs = layout.n_outputs();
            let outputs = &mut outputs[chunk.start * n_outputs..chunk.end * n_outputs];
            copy_columns(&scratch.chunk[0], 0, n_outputs, outputs);
        }
    }
    if kinds.output == OutputActivation::Tanh {
        for output in outputs {
            *output = libm::tanhf(*output);
        }
    }
}

/// `tanh` of every number; padding stays zero.
fn apply_tanh(matrix: &mut ViewMut<'_>) {
    for panel_idx in 0..n_panels(matrix.n_columns()) {
        for number in matrix.panel(panel_idx).iter_mut().flat_map(|line| &mut line.0) {
            *number = libm::tanhf(*number);
        }
    }
}

/// `d · (1 − h²)` in every number of `d`, with `h` of the same size.
fn multiply_by_derivative_of_tanh(d: &mut ViewMut<'_>, h: View<'_>) {
    for panel_idx in 0..n_panels(h.n_columns()) {
        for (d, h) in d.panel(panel_idx).iter_mut().zip(h.panel(panel_idx)) {
            for (d, h) in d.0.iter_mut().zip(&h.0) {
                *d *= 1.0 - h * h;
            }
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
    /// A layer's inputs and outputs, for a chunk of rows of the forward pass.
    chunk: [Vec<Line>; 2],
    /// `d_l`, where the backward pass stands.
    here: Vec<Line>,
    /// `d_{l−1}`
    before: Vec<Line>,
}

impl Scratch {
    /// Makes room for a network, and for `n_rows` of it in the backward pass.
    pub(super) fn grow(&mut self, layout: &Layout, n_rows: usize) -> Result<(), EngineError> {
        let widths = layout.layers.iter().map(|layer| layer.n_inputs.max(layer.n_outputs));
        let n_panels = n_panels(widths.max().expect("a network has a layer"));
        let grow = |lines: &mut Vec<Line>, n_rows: usize| {
            let n_lines = n_panels.saturating_mul(n_rows);
            if lines.len() < n_lines {
                *lines = filled(n_lines, Line::ZERO, "add a pass")?;
            }
            Ok(())
        };
        let Self { chunk: [even, odd], here, before } = self;
        grow(even, CHUNK_ROWS)?;
        grow(odd, CHUNK_ROWS)?;
        grow(here, n_rows)?;
        grow(before, n_rows)
    }
}

/// The backward pass of one member, over some of its rows.
pub(super) struct BackwardPass<'a> {
    pub(super) kernel: &'a dyn Kernel,
    pub(super) layout: &'a Layout,
    pub(super) hidden_activation: HiddenActivation,
    pub(super) member: &'a mut Member,
    pub(super) activations: &'a Activations,
    /// The network's input on those rows.
    pub(super) input: View<'a>,
    /// Which rows of the pass.
    pub(super) rows: Range<usize>,
    pub(super) scratch: &'a mut Scratch,
}

impl<'a> BackwardPass<'a> {
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

    /// Adds to the member's gradient.
    pub(super) fn add_parameter_gradient(&mut self) {
        self.member.put_gradient_aside();
        self.set_parameter_gradient();
        self.member.add_gradient_put_aside();
    }

    /// Sets the member's gradient.
    pub(super) fn set_parameter_gradient(&mut self) {
        for layer_idx in (1..self.layout.layers.len()).rev() {
            self.set_layer_gradient(layer_idx, self.hidden(layer_idx - 1));
            self.backpropagate_layer(layer_idx);
        }
        self.set_layer_gradient(0, self.input);
    }

    /// The gradient at the input `columns`, `[n_rows, columns.len()]`.
    pub(super) fn input_gradient(&mut self, columns: Range<usize>, out: &mut [f32]) {
        for layer_idx in (1..self.layout.layers.len()).rev() {
            self.backpropagate_layer(layer_idx);
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
    fn backpropagate_layer(&mut self, layer_idx: usize) {
        let (n_rows, layer) = (self.rows.len(), &self.layout.layers[layer_idx]);
        let hidden = self.hidden(layer_idx - 1);
        let mut c = ViewMut::new(&mut self.scratch.before, n_rows, layer.n_inputs);
        self.kernel.multiply(Product {
            a: Left::Rows(View::new(&self.scratch.here, n_rows, layer.n_outputs)),
            b: self.member.transposed(self.layout, layer_idx),
            finish: match self.hidden_activation {
                HiddenActivation::Relu => Finish::Mask(hidden),
                HiddenActivation::Tanh => Finish::Plain,
            },
            c: c.reborrow(),
        });
        if self.hidden_activation == HiddenActivation::Tanh {
            multiply_by_derivative_of_tanh(&mut c, hidden);
        }
        std::mem::swap(&mut self.scratch.here, &mut self.scratch.before);
    }

    /// What a hidden layer gave in the forward pass, on the rows of this backward pass.
    fn hidden(&self, layer_idx: usize) -> View<'a> {
        let Activations { saved, hidden } = self.activations;
        let n_outputs = self.layout.layers[layer_idx].n_outputs;
        let rows = self.rows.start - saved.start..self.rows.end - saved.start;
        View::new(&hidden[layer_idx], saved.len(), n_outputs).rows(rows)
    }
}
