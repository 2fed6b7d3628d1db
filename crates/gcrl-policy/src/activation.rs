//! What follows a linear layer, element by element.

use serde::{Deserialize, Serialize};

/// A function of one number, applied to every output of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `x`
    Linear,
    /// `max(0, x)`
    Relu,
    /// `tanh(x)`, by one implementation on every CPU.
    Tanh,
}

impl Activation {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Relu => "relu",
            Self::Tanh => "tanh",
        }
    }

    /// Applies the function in place; a NaN stays one, so that it shows in the action.
    pub(crate) fn apply(self, values: &mut [f32]) {
        match self {
            Self::Linear => {}
            Self::Relu => {
                for value in values {
                    *value = if *value < 0.0 { 0.0 } else { *value };
                }
            }
            Self::Tanh => {
                for value in values {
                    *value = libm::tanhf(*value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_activation_is_its_function_and_keeps_nan() {
        let applied = |activation: Activation| {
            let mut values = [-1.5, 0.0, 0.25, f32::NAN];
            activation.apply(&mut values);
            assert!(values[3].is_nan());
            [values[0], values[1], values[2]]
        };
        assert_eq!(applied(Activation::Linear), [-1.5, 0.0, 0.25]);
        assert_eq!(applied(Activation::Relu), [0.0, 0.0, 0.25]);
        let [low, zero, high] = applied(Activation::Tanh);
        // tanh(-1.5) and tanh(0.25), to the last places of f32.
        assert!((f64::from(low) + 0.905_148_254).abs() < 1.2e-7);
        assert!((f64::from(high) - 0.244_918_662).abs() < 3e-8);
        assert_eq!(zero, 0.0);
    }

    #[test]
    fn names_are_those_in_files() {
        for activation in [Activation::Linear, Activation::Relu, Activation::Tanh] {
            let in_file = serde_json::to_string(&activation).unwrap();
            assert_eq!(in_file, format!("\"{}\"", activation.name()));
        }
    }
}
