//! The weight of entropy in a policy's loss, so that its entropy stays near a target.
//!
//! ```text
//! L(log α) = −log α · 1/B Σ (log π(a) + H̄)        α grows while the entropy −log π is below H̄
//! ```
//!
//! One Adam step an update, as an engine makes on a network ([`gcrl_nn::Engine::adam`]); `log α` starts at 0.
//!
//! Source: Haarnoja et al., "Soft Actor-Critic Algorithms and Applications", 2019, equation 18, with `log α`
//! for `α` as in their published code.

use crate::losses;

/// `log α` of one member, and Adam's state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Temperature {
    log_alpha: f32,
    first_moment: f32,
    second_moment: f32,
    n_steps: f32,
}

impl Temperature {
    /// Numbers that continue it.
    pub const N_NUMBERS: usize = 4;

    /// `α`
    pub fn alpha(&self) -> f32 {
        self.log_alpha.exp()
    }

    /// One step on the log densities of a batch's actions, `[batch]`.
    pub fn update(&mut self, log_densities: &[f32], target_entropy: f32, learning_rate: f32) {
        let gradient = -(losses::mean(log_densities) as f32 + target_entropy);
        self.n_steps += 1.0;
        self.first_moment = 0.9 * self.first_moment + 0.1 * gradient;
        self.second_moment = 0.999 * self.second_moment + 0.001 * gradient * gradient;
        let (first, second) =
            (1.0 - 0.9_f32.powf(self.n_steps), 1.0 - 0.999_f32.powf(self.n_steps));
        let step_size = learning_rate * second.sqrt() / first;
        self.log_alpha -= step_size * self.first_moment / (self.second_moment.sqrt() + 1e-8);
    }

    /// What continues it, [`Self::N_NUMBERS`].
    pub fn state(&self) -> Vec<f32> {
        vec![self.log_alpha, self.first_moment, self.second_moment, self.n_steps]
    }

    /// Puts back what `state` returned.
    ///
    /// # Panics
    ///
    /// If it is not [`Self::N_NUMBERS`].
    pub fn from_state(state: &[f32]) -> Self {
        let [log_alpha, first_moment, second_moment, n_steps] = *state else {
            panic!("four numbers, not {}", state.len());
        };
        Self { log_alpha, first_moment, second_moment, n_steps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weight_of_entropy_rises_where_there_is_too_little() {
        // Adam's first step is the learning rate, whatever the size of the gradient.
        let mut temperature = Temperature::default();
        assert_eq!(temperature.alpha(), 1.0);
        // An entropy of −3, below −2.
        temperature.update(&[2.0, 4.0], -2.0, 0.1);
        assert!((temperature.alpha() - 0.1_f32.exp()).abs() < 1e-5);
        let mut lower = Temperature::default();
        lower.update(&[-2.0, 0.0], -2.0, 0.1);
        assert!((lower.alpha() - (-0.1_f32).exp()).abs() < 1e-5);
        assert_eq!(Temperature::from_state(&lower.state()), lower);
    }
}
