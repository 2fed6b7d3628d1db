//! A multilayer perceptron, and its inference.
//!
//! ```text
//! x₀   = input
//! xᵢ₊₁ = hidden(xᵢ Wᵢ + bᵢ)            hidden layers
//! y    = output(xₙ Wₙ + bₙ)
//! ```

use crate::activation::Activation;
use crate::dispatch;
use crate::layer::Layer;
use crate::packed::PackedLayer;

/// A multilayer perceptron.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Layers from the input on, at least one.
    pub layers: Vec<Layer>,
    /// What follows every layer but the last.
    pub hidden: Activation,
    /// What follows the last layer.
    pub output: Activation,
}

impl Network {
    /// Cuts flat parameters into layers, as engines hold them: layer after layer
    /// `weight [n_inputs, n_outputs]` row by row, then `bias [n_outputs]`.
    ///
    /// `widths` are the numbers in the input, in each hidden layer and in the output.
    ///
    /// # Panics
    ///
    /// If `parameters` are not as many as `widths` ask for.
    pub fn from_parameters(
        widths: &[usize],
        hidden: Activation,
        output: Activation,
        parameters: &[f32],
    ) -> Self {
        let mut rest = parameters;
        let mut take = |n: usize| {
            let (taken, after) = rest.split_at(n);
            rest = after;
            taken.to_vec()
        };
        let layers = widths.windows(2).map(|pair| {
            let (n_inputs, n_outputs) = (pair[0], pair[1]);
            let (weight, bias) = (take(n_inputs * n_outputs), take(n_outputs));
            Layer { n_inputs, n_outputs, weight, bias }
        });
        let layers = layers.collect();
        assert!(rest.is_empty(), "{} parameters belong to no layer", rest.len());
        Self { layers, hidden, output }
    }

    /// Numbers in the input, in each hidden layer and in the output; empty if there is no layer.
    pub fn widths(&self) -> Vec<usize> {
        let first = self.layers.first().map(|layer| layer.n_inputs);
        first.into_iter().chain(self.layers.iter().map(|layer| layer.n_outputs)).collect()
    }

    /// Numbers in the output; 0 if there is no layer.
    pub fn n_outputs(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.n_outputs)
    }
}

/// Rows between two layers, kept from call to call so that acting does not allocate.
#[derive(Debug, Default)]
pub(crate) struct LayerRows {
    /// What enters a network, `[n_rows, n_inputs]`: written by the caller of `forward`.
    pub(crate) input: Vec<f32>,
    output: Vec<f32>,
}

/// A network laid out for inference.
#[derive(Clone, Debug)]
pub(crate) struct PackedNetwork {
    layers: Vec<PackedLayer>,
    hidden: Activation,
    output: Activation,
    n_outputs: usize,
}

impl PackedNetwork {
    /// Lays out `network`, whose layers fit each other.
    pub(crate) fn new(network: &Network) -> Self {
        Self {
            layers: network.layers.iter().map(PackedLayer::new).collect(),
            hidden: network.hidden,
            output: network.output,
            n_outputs: network.n_outputs(),
        }
    }

    /// Passes `n_rows` rows of `rows.input` through the network; yields a row of `n_outputs` for each.
    pub(crate) fn forward<'a>(
        &self,
        n_rows: usize,
        rows: &'a mut LayerRows,
    ) -> impl Iterator<Item = &'a [f32]> {
        let LayerRows { input, output } = rows;
        let (last, hidden) = self.layers.split_last().expect("a network has a layer");
        for layer in hidden {
            dispatch::apply(layer, n_rows, input, output);
            self.hidden.apply(output);
            std::mem::swap(input, output);
        }
        dispatch::apply(last, n_rows, input, output);
        let (n_outputs, activation) = (self.n_outputs, self.output);
        output.chunks_exact_mut(last.padded_outputs()).map(move |row| {
            let row = &mut row[..n_outputs];
            activation.apply(row);
            &*row
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_parameters_are_weights_then_biases_layer_by_layer() {
        let numbers: Vec<f32> = (0..13_u8).map(f32::from).collect();
        let network =
            Network::from_parameters(&[2, 3, 1], Activation::Tanh, Activation::Linear, &numbers);
        assert_eq!(network.widths(), [2, 3, 1]);
        assert_eq!(network.layers[0].weight, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(network.layers[0].bias, [6.0, 7.0, 8.0]);
        assert_eq!(network.layers[1].weight, [9.0, 10.0, 11.0]);
        assert_eq!(network.layers[1].bias, [12.0]);
    }

    #[test]
    #[should_panic(expected = "1 parameters belong to no layer")]
    fn parameters_that_no_layer_takes_are_a_bug() {
        Network::from_parameters(&[1, 1], Activation::Relu, Activation::Tanh, &[0.0; 3]);
    }

    #[test]
    fn a_network_worked_by_hand_gives_what_was_worked_out() {
        // x = [1, 2]; hidden = tanh([1 + 6, 2 - 8] + [0.5, 1]) = tanh([7.5, -5]);
        // y = 2 tanh(7.5) - 4 tanh(-5) + 0.25, without an activation.
        let parameters = [1.0, 2.0, 3.0, -4.0, 0.5, 1.0, 2.0, -4.0, 0.25];
        let network =
            Network::from_parameters(&[2, 2, 1], Activation::Tanh, Activation::Linear, &parameters);
        let mut rows = LayerRows { input: vec![1.0, 2.0], ..LayerRows::default() };
        let output: Vec<_> = PackedNetwork::new(&network).forward(1, &mut rows).collect();
        assert_eq!(output, [[0.25 + libm::tanhf(7.5) * 2.0 + libm::tanhf(-5.0) * -4.0]]);
    }
}
