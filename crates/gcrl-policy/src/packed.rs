//! A linear layer laid out for the vector units of CPUs, and its product with rows.
//!
//! Outputs are cut into panels of `PANEL`; a panel holds its biases, then its weights input by input
//! (the packed panels of Van Zee, van de Geijn, "BLIS", 2015, with the bias as a first row):
//!
//! ```text
//! panels[p][0]     = b[16 p .. 16 p + 16]
//! panels[p][1 + i] = W[i][16 p .. 16 p + 16]       zero beyond the last output
//! ```
//!
//! `gcrl-nn`'s panels are 32 wide and hold weights alone, since its kernels multiply in three ways for
//! training; 16 fit acting, whose sums of 8 rows stay in registers and whose last layer has few outputs.
//!
//! Every output is summed in one order, `((b + x₀ w₀) + x₁ w₁) + …`, each product rounded before it is
//! added. Vectors run over outputs, never along the sum, so vector width and batch size change nothing.

#![allow(
    clippy::inline_always,
    reason = "inlined code is compiled for the instructions of its caller"
)]

use crate::layer::Layer;

/// Outputs of a panel: a register of AVX-512.
const PANEL: usize = 16;

/// A linear layer in panels.
#[derive(Clone, Debug)]
pub(crate) struct PackedLayer {
    n_inputs: usize,
    /// `[n_panels, 1 + n_inputs]`
    panels: Vec<[f32; PANEL]>,
}

impl PackedLayer {
    /// Lays out `layer`, whose sizes fit each other.
    pub(crate) fn new(layer: &Layer) -> Self {
        let Layer { n_inputs, n_outputs, ref weight, ref bias } = *layer;
        let mut panels = Vec::with_capacity(n_outputs.div_ceil(PANEL) * (1 + n_inputs));
        for first in (0..n_outputs).step_by(PANEL) {
            let outputs = first..n_outputs.min(first + PANEL);
            for row in std::iter::once(&bias[..]).chain(weight.chunks_exact(n_outputs)) {
                let mut panel = [0.0; PANEL];
                panel[..outputs.len()].copy_from_slice(&row[outputs.clone()]);
                panels.push(panel);
            }
        }
        Self { n_inputs, panels }
    }

    /// Outputs rounded up to whole panels: the width of output rows.
    pub(crate) fn padded_outputs(&self) -> usize {
        self.panels.len() / (1 + self.n_inputs) * PANEL
    }

    /// Numbers from one input row to the next: rows may be padded.
    pub(crate) fn input_stride(&self, n_rows: usize, input: &[f32]) -> usize {
        let stride = input.len() / n_rows;
        assert!(self.n_inputs <= stride, "rows hold the inputs of the layer");
        stride
    }

    /// `output = input W + b`, `[n_rows, input_stride]` to `[n_rows, padded_outputs]`, `ROWS` rows at
    /// a time: as many as keep their sums in registers.
    ///
    /// Inlined into each of the callers in `dispatch`, and compiled there for their instructions.
    #[inline(always)]
    pub(crate) fn apply<const ROWS: usize>(
        &self,
        n_rows: usize,
        input: &[f32],
        output: &mut [f32],
    ) {
        let (input_stride, output_stride) =
            (self.input_stride(n_rows, input), self.padded_outputs());
        for (panel_idx, panel) in self.panels.chunks_exact(1 + self.n_inputs).enumerate() {
            let columns = panel_idx * PANEL..(panel_idx + 1) * PANEL;
            let mut inputs = input.chunks_exact(ROWS * input_stride);
            let mut outputs = output.chunks_exact_mut(ROWS * output_stride);
            for (input, output) in inputs.by_ref().zip(outputs.by_ref()) {
                let sums = tile::<ROWS>(panel, input, input_stride);
                for (output, sums) in output.chunks_exact_mut(output_stride).zip(sums) {
                    output[columns.clone()].copy_from_slice(&sums);
                }
            }
            let rest = inputs.remainder().chunks_exact(input_stride);
            for (input, output) in
                rest.zip(outputs.into_remainder().chunks_exact_mut(output_stride))
            {
                let [sums] = tile::<1>(panel, input, input_stride);
                output[columns.clone()].copy_from_slice(&sums);
            }
        }
    }
}

/// The sums of one panel for `ROWS` rows of `input`.
#[inline(always)]
fn tile<const ROWS: usize>(
    panel: &[[f32; PANEL]],
    input: &[f32],
    input_stride: usize,
) -> [[f32; PANEL]; ROWS] {
    let (bias, weights) = panel.split_first().expect("a panel starts with its biases");
    let rows: [&[f32]; ROWS] =
        std::array::from_fn(|row_idx| &input[row_idx * input_stride..][..weights.len()]);
    let mut sums = [*bias; ROWS];
    for (i, weight) in weights.iter().enumerate() {
        for (sums, row) in sums.iter_mut().zip(rows) {
            for (sum, weight) in sums.iter_mut().zip(weight) {
                *sum += row[i] * weight;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_hold_biases_then_weights_and_end_in_zeros() {
        let layer = Layer {
            n_inputs: 2,
            n_outputs: 17,
            weight: (0..34_u8).map(f32::from).collect(),
            bias: (100..117_u8).map(f32::from).collect(),
        };
        let packed = PackedLayer::new(&layer);
        assert_eq!(packed.padded_outputs(), 32);
        let first: Vec<f32> = packed.panels.iter().map(|panel| panel[0]).collect();
        assert_eq!(first, [100.0, 0.0, 17.0, 116.0, 16.0, 33.0]);
        assert_eq!(packed.panels[3][1..], [0.0; 15]);
    }

    #[test]
    fn tiles_of_any_height_give_equal_bits() {
        let number = |i: usize| (i as f32 * 12.9898).sin();
        let layer = Layer {
            n_inputs: 19,
            n_outputs: 21,
            weight: (0..19 * 21).map(number).collect(),
            bias: (0..21).map(number).collect(),
        };
        let packed = PackedLayer::new(&layer);
        let input: Vec<f32> = (0..11 * 19).map(number).collect();
        let apply = |apply: fn(&PackedLayer, usize, &[f32], &mut [f32])| {
            let mut output = vec![0.0; 11 * packed.padded_outputs()];
            apply(&packed, 11, &input, &mut output);
            output
        };
        let one_by_one = apply(PackedLayer::apply::<1>);
        assert_eq!(apply(PackedLayer::apply::<2>), one_by_one);
        assert_eq!(apply(PackedLayer::apply::<4>), one_by_one);
        assert_eq!(apply(PackedLayer::apply::<8>), one_by_one);
    }
}
