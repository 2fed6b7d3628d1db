//! One product, compiled for several generations of CPUs; the newest that is present runs.
//!
//! All versions are the same Rust, `PackedLayer::apply`, and give the same bits: none contracts a
//! product and a sum into one rounding.

#![allow(
    unsafe_code,
    reason = "calling a function compiled for instructions that were just detected"
)]

use crate::packed::PackedLayer;

/// `output = input W + b`; resizes `output` to `[n_rows, padded_outputs]`.
pub(crate) fn apply(layer: &PackedLayer, n_rows: usize, input: &[f32], output: &mut Vec<f32>) {
    output.resize(n_rows * layer.padded_outputs(), 0.0);
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the CPU has the instructions that the function was compiled for.
            return unsafe { apply_avx512(layer, n_rows, input, output) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has the instructions that the function was compiled for.
            return unsafe { apply_avx2(layer, n_rows, input, output) };
        }
    }
    layer.apply::<2>(n_rows, input, output);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn apply_avx512(layer: &PackedLayer, n_rows: usize, input: &[f32], output: &mut [f32]) {
    layer.apply::<8>(n_rows, input, output);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn apply_avx2(layer: &PackedLayer, n_rows: usize, input: &[f32], output: &mut [f32]) {
    layer.apply::<4>(n_rows, input, output);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;

    #[test]
    fn every_version_that_runs_here_gives_the_bits_of_the_plain_one() {
        let number = |i: usize| (i as f32 * 78.233).sin();
        let layer = PackedLayer::new(&Layer {
            n_inputs: 33,
            n_outputs: 50,
            weight: (0..33 * 50).map(number).collect(),
            bias: (0..50).map(number).collect(),
        });
        let input: Vec<f32> = (0..13 * 33).map(number).collect();
        let mut output = Vec::new();
        apply(&layer, 13, &input, &mut output);
        let mut plain = vec![0.0; output.len()];
        layer.apply::<1>(13, &input, &mut plain);
        assert_eq!(output, plain);
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has the instructions that the function was compiled for.
            unsafe { apply_avx2(&layer, 13, &input, &mut output) };
            assert_eq!(output, plain);
        }
    }
}
