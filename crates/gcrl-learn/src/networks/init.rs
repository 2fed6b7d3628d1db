//! Initial parameters: weights `U[−l, l]` with `l = √(6 / (n_inputs + n_outputs))`, biases 0.
//!
//! Source: Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural
//! Networks", 2010, equation 16.

use gcrl_core::seed;
use gcrl_nn::NetworkShape;
use rand::Rng;

/// Appends the flat parameters of one network, `[n_parameters]`.
pub fn xavier_uniform(shape: &NetworkShape, rng: &mut impl Rng, parameters: &mut Vec<f32>) {
    for (n_inputs, n_outputs) in shape.layers() {
        let limit = (6.0 / (n_inputs + n_outputs) as f32).sqrt();
        parameters.extend((0..n_inputs * n_outputs).map(|_| limit * seed::signed_unit_f32(rng)));
        parameters.extend(std::iter::repeat_n(0.0, n_outputs));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_nn::{HiddenActivation, OutputActivation};

    #[test]
    fn weights_fill_their_range_and_biases_are_zero() {
        let shape = NetworkShape {
            n_inputs: 50,
            hidden: vec![100],
            hidden_activation: HiddenActivation::Relu,
            n_outputs: 1,
            output: OutputActivation::Linear,
        };
        let mut parameters = Vec::new();
        xavier_uniform(&shape, &mut seed::stream(0, "test", 0), &mut parameters);
        assert_eq!(parameters.len(), shape.n_parameters());
        let largest = parameters[..5_000].iter().fold(0.0f32, |largest, w| largest.max(w.abs()));
        assert!((0.199..=0.2).contains(&largest), "√(6 / 150) = 0.2, found {largest}");
        assert_eq!(parameters[5_000..5_100], [0.0; 100]);
    }
}
