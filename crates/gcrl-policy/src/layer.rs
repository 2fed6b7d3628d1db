//! A linear layer and its numbers.

/// A linear layer, `y = x W + b`.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Numbers in `x`, at least 1.
    pub n_inputs: usize,
    /// Numbers in `y`, at least 1.
    pub n_outputs: usize,
    /// `W`, `[n_inputs, n_outputs]` row by row.
    pub weight: Vec<f32>,
    /// `b`, `[n_outputs]`.
    pub bias: Vec<f32>,
}
