//! Normal distributions with parameters from a network, and what is sampled of them.
//!
//! ```text
//! x        = μ + σ ε,   ε ~ N(0, 1),   log σ limited to a range, beyond which it has no derivative
//! a        = tanh x
//! log p(a) = Σ_j −ε_j²/2 − log σ_j − log(2π)/2 − log(1 − tanh² x_j)
//! KL       = 1/(B·D) Σ (μ² + σ² − 1)/2 − log σ        against N(0, 1)
//! ```
//!
//! Parameters are `[n, 2 dim]`: in a row first `μ`, then `log σ`, each `[dim]`.
//!
//! Sources: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, section 2.4 and appendix B; Haarnoja
//! et al., "Soft Actor-Critic", 2018, appendix C.

use crate::losses::{Loss, softplus};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use std::f32::consts::{LN_2, TAU};
use std::ops::RangeInclusive;

/// Normal distributions of this many numbers, which are independent of each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Gaussian {
    /// Numbers in a sample.
    pub dim: usize,
    /// What `log σ` is limited to.
    pub log_std: RangeInclusive<f32>,
}

/// `n` standard normal numbers.
pub fn standard_normal(n: usize, rng: &mut impl Rng) -> Vec<f32> {
    (0..n).map(|_| StandardNormal.sample(rng)).collect()
}

impl Gaussian {
    /// `x`, `[n, dim]`, for `noise` `ε` of the same shape.
    pub fn sample(&self, parameters: &[f32], noise: &[f32]) -> Vec<f32> {
        self.numbers(parameters, noise)
            .map(|(mean, log_std, e)| mean + self.std(log_std) * e)
            .collect()
    }

    /// `log p(tanh x)`, `[n]`, of what `noise` samples.
    pub fn tanh_log_density(&self, parameters: &[f32], noise: &[f32]) -> Vec<f32> {
        let of_number = |(mean, log_std, e): (f32, f32, f32)| {
            let x = mean + self.std(log_std) * e;
            let log_derivative = 2.0 * (LN_2 - x - softplus(-2.0 * x));
            -0.5 * e * e - self.limited(log_std) - 0.5 * TAU.ln() - log_derivative
        };
        let all: Vec<f32> = self.numbers(parameters, noise).map(of_number).collect();
        all.chunks_exact(self.dim).map(|row| row.iter().sum()).collect()
    }

    /// The derivative of a loss by the parameters, `[n, 2 dim]`: from that by `x`, `[n, dim]`, and from that
    /// by every `log σ` where it does not act through `x`.
    pub fn gradient(
        &self,
        parameters: &[f32],
        noise: &[f32],
        by_sample: &[f32],
        by_log_std: f32,
    ) -> Vec<f32> {
        assert_eq!(by_sample.len(), noise.len(), "a derivative for every number");
        let mut gradient = Vec::with_capacity(parameters.len());
        let rows = parameters.chunks_exact(2 * self.dim).zip(noise.chunks_exact(self.dim));
        for ((parameters, noise), by_sample) in rows.zip(by_sample.chunks_exact(self.dim)) {
            gradient.extend(by_sample);
            let by = parameters[self.dim..].iter().zip(noise).zip(by_sample);
            gradient.extend(by.map(|((log_std, e), by_sample)| {
                let by_log_std = by_sample * self.std(*log_std) * e + by_log_std;
                if self.log_std.contains(log_std) { by_log_std } else { 0.0 }
            }));
        }
        gradient
    }

    /// `KL`, and its derivative by the parameters.
    pub fn divergence(&self, parameters: &[f32]) -> Loss {
        let scale = 2.0 / parameters.len() as f32;
        let (mut value, mut gradient) = (0.0, Vec::with_capacity(parameters.len()));
        for row in parameters.chunks_exact(2 * self.dim) {
            let (means, log_stds) = row.split_at(self.dim);
            gradient.extend(means.iter().map(|mean| scale * mean));
            for (mean, log_std) in means.iter().zip(log_stds) {
                let variance = self.std(*log_std).powi(2);
                let number = 0.5 * (mean * mean + variance - 1.0) - self.limited(*log_std);
                value += f64::from(scale * number);
                let is_free = self.log_std.contains(log_std);
                gradient.push(if is_free { scale * (variance - 1.0) } else { 0.0 });
            }
        }
        Loss { value, gradient }
    }

    /// `(μ, log σ, ε)` of every number, in the order of `noise`.
    fn numbers<'a>(
        &'a self,
        parameters: &'a [f32],
        noise: &'a [f32],
    ) -> impl Iterator<Item = (f32, f32, f32)> + 'a {
        assert_eq!(parameters.len(), 2 * noise.len(), "two parameters for every number");
        let rows = parameters.chunks_exact(2 * self.dim).zip(noise.chunks_exact(self.dim));
        rows.flat_map(|(parameters, noise)| {
            let (means, log_stds) = parameters.split_at(self.dim);
            let row = means.iter().zip(log_stds).zip(noise);
            row.map(|((mean, log_std), e)| (*mean, *log_std, *e))
        })
    }

    fn limited(&self, log_std: f32) -> f32 {
        log_std.clamp(*self.log_std.start(), *self.log_std.end())
    }

    /// `σ`
    fn std(&self, log_std: f32) -> f32 {
        self.limited(log_std).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::seed;

    const GAUSSIAN: Gaussian = Gaussian { dim: 2, log_std: -4.0..=2.0 };

    fn assert_close(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        let is_close = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5);
        assert!(is_close, "{found:?}, not {expected:?}");
    }

    #[test]
    fn a_sample_is_the_mean_and_as_many_deviations_as_the_noise_says() {
        // The second log σ is limited to 2.
        let parameters = [1.0, -1.0, LN_2, 9.0];
        assert_close(&GAUSSIAN.sample(&parameters, &[0.5, 1.0]), &[2.0, -1.0 + 2.0_f32.exp()]);
        // By x 3 and 5; by log σ 3 · 2 · 0.5 and the 7 of its own; none beyond the limit.
        let gradient = GAUSSIAN.gradient(&parameters, &[0.5, 1.0], &[3.0, 5.0], 7.0);
        assert_close(&gradient, &[3.0, 5.0, 10.0, 0.0]);
    }

    #[test]
    fn the_density_is_that_of_the_squashed_sample() {
        // x = 0 in both: 2 · (−log(2π)/2) − log 2 − log 1, for σ = 2 and 1.
        let density = GAUSSIAN.tanh_log_density(&[0.0, 0.0, LN_2, 0.0], &[0.0, 0.0]);
        assert_close(&density, &[-TAU.ln() - LN_2]);
        // x = 1 by ε = 1: −1/2 − log(2π)/2 − log(1 − tanh² 1).
        let gaussian = Gaussian { dim: 1, ..GAUSSIAN };
        let density = gaussian.tanh_log_density(&[0.0, 0.0], &[1.0]);
        let expected = -0.5 - 0.5 * TAU.ln() - (1.0 - 1.0_f32.tanh().powi(2)).ln();
        assert_close(&density, &[expected]);
    }

    #[test]
    fn the_divergence_from_a_standard_normal_is_its_mean_over_numbers() {
        // (1 + 1 − 1)/2 − 0 = 1/2 and (0 + 4 − 1)/2 − log 2; derivatives μ/2 and (σ² − 1)/2.
        let found = GAUSSIAN.divergence(&[1.0, 0.0, 0.0, LN_2]);
        assert!((found.value - 0.5 * (0.5 + 1.5 - f64::from(LN_2))).abs() < 1e-6);
        assert_close(&found.gradient, &[0.5, 0.0, 0.0, 1.5]);
    }

    #[test]
    fn noise_has_mean_0_and_variance_1() {
        let noise = standard_normal(40_000, &mut seed::stream(0, "noise", 0));
        let mean = noise.iter().sum::<f32>() / 4e4;
        let variance = noise.iter().map(|e| e * e).sum::<f32>() / 4e4;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03, "{mean}, {variance}");
    }
}
