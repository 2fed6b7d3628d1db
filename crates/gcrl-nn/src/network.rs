//! The shape and the state of a multilayer perceptron, as every engine and every file sees it.
//!
//! Flat parameters, layer after layer: `weight [n_inputs, n_outputs]` row by row, then
//! `bias [n_outputs]`. What follows a hidden layer is `ReLU`.

/// A network that an engine holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkId(pub usize);

/// What follows the last linear layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputActivation {
    /// Nothing: a value.
    Linear,
    /// `tanh`: an action.
    Tanh,
}

/// The sizes of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkShape {
    /// Numbers in an input row; at least 1.
    pub n_inputs: usize,
    /// Units of each hidden layer; at least one layer, each of at least 1.
    pub hidden: Vec<usize>,
    /// Numbers in an output row; at least 1.
    pub n_outputs: usize,
    /// What follows the last layer.
    pub output: OutputActivation,
}

impl NetworkShape {
    /// `(n_inputs, n_outputs)` of each layer, from the input on.
    pub fn layers(&self) -> Vec<(usize, usize)> {
        let widths: Vec<usize> = [&[self.n_inputs][..], &self.hidden, &[self.n_outputs]].concat();
        widths.windows(2).map(|pair| (pair[0], pair[1])).collect()
    }

    /// Numbers in the flat parameters.
    pub fn n_parameters(&self) -> usize {
        self.layers().iter().map(|(n_inputs, n_outputs)| n_inputs * n_outputs + n_outputs).sum()
    }
}

/// All that continues the training of one member's network.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkState {
    /// Flat parameters, `[n_parameters]`.
    pub parameters: Vec<f32>,
    /// Adam's running mean of gradients, `[n_parameters]`.
    pub first_moment: Vec<f32>,
    /// Adam's running mean of squared gradients, `[n_parameters]`.
    pub second_moment: Vec<f32>,
    /// Adam steps taken.
    pub n_steps: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_weights_and_biases_of_all_layers() {
        let shape = NetworkShape {
            n_inputs: 4,
            hidden: vec![8, 6],
            n_outputs: 2,
            output: OutputActivation::Tanh,
        };
        assert_eq!(shape.layers(), [(4, 8), (8, 6), (6, 2)]);
        assert_eq!(shape.n_parameters(), (32 + 8) + (48 + 6) + (12 + 2));
    }
}
