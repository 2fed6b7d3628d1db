//! The shape and the state of a multilayer perceptron, as every engine and every file sees it.
//!
//! Flat parameters, layer after layer: `weight [n_inputs, n_outputs]` row by row, then
//! `bias [n_outputs]`.

/// A network that an engine holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkId(pub usize);

/// What follows each hidden layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HiddenActivation {
    /// `max(0, x)`
    #[default]
    Relu,
    /// `tanh x`
    Tanh,
}

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
    /// What follows each hidden layer.
    pub hidden_activation: HiddenActivation,
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

    /// Numbers in the flat parameters; `usize::MAX` where they are even more.
    pub fn n_parameters(&self) -> usize {
        let layers = self.layers().into_iter();
        let sizes = layers.map(|(n_inputs, n_outputs)| {
            n_inputs.saturating_mul(n_outputs).saturating_add(n_outputs)
        });
        sizes.fold(0, usize::saturating_add)
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

    fn shape(hidden: Vec<usize>) -> NetworkShape {
        NetworkShape {
            n_inputs: 4,
            hidden,
            hidden_activation: HiddenActivation::Relu,
            n_outputs: 2,
            output: OutputActivation::Tanh,
        }
    }

    #[test]
    fn parameters_are_weights_and_biases_of_all_layers() {
        let shape = shape(vec![8, 6]);
        assert_eq!(shape.layers(), [(4, 8), (8, 6), (6, 2)]);
        assert_eq!(shape.n_parameters(), (32 + 8) + (48 + 6) + (12 + 2));
    }

    #[test]
    fn more_parameters_than_can_be_counted_are_as_many_as_can_be() {
        assert_eq!(shape(vec![1 << 40, 1 << 40]).n_parameters(), usize::MAX);
    }
}
