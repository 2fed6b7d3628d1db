//! How numbers are scaled before a network sees them.
//!
//! `z = clip((clip(x, ±input_clip) − mean) / std, ±output_clip)`
//!
//! Source: Plappert et al., "Multi-Goal Reinforcement Learning", 2018, as in the authors' code.

/// Scales vectors of one kind, observations or goals, of `dim()` numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalizer {
    /// `[dim]`, in units of the input.
    pub mean: Vec<f32>,
    /// `[dim]`, in units of the input, positive.
    pub std: Vec<f32>,
    /// Inputs are first limited to plus or minus this; positive.
    pub input_clip: f32,
    /// Results are limited to plus or minus this; positive.
    pub output_clip: f32,
}

impl Normalizer {
    /// Subtracts nothing and divides by one, but clips.
    pub fn identity(dim: usize, input_clip: f32, output_clip: f32) -> Self {
        Self { mean: vec![0.0; dim], std: vec![1.0; dim], input_clip, output_clip }
    }

    /// Numbers in a vector.
    pub fn dim(&self) -> usize {
        self.mean.len()
    }

    /// Scales `input` into `output`, both `[dim]`.
    ///
    /// # Panics
    ///
    /// If a length is not `dim()`.
    pub fn normalize(&self, input: &[f32], output: &mut [f32]) {
        assert_eq!(
            (input.len(), output.len()),
            (self.dim(), self.dim()),
            "one dimension throughout"
        );
        let scale = self.mean.iter().zip(&self.std);
        for ((output, input), (mean, std)) in output.iter_mut().zip(input).zip(scale) {
            let limited = input.clamp(-self.input_clip, self.input_clip);
            *output = ((limited - mean) / std).clamp(-self.output_clip, self.output_clip);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clips_hold() {
        let normalizer =
            Normalizer { mean: vec![1.0; 4], std: vec![2.0; 4], input_clip: 7.0, output_clip: 2.5 };
        let mut output = [0.0; 4];
        normalizer.normalize(&[5.0, 9.0, 6.9, -100.0], &mut output);
        assert_eq!(output, [2.0, 2.5, 2.5, -2.5]);
        let wide = Normalizer { output_clip: 100.0, ..normalizer };
        wide.normalize(&[5.0, 9.0, 6.0, -100.0], &mut output);
        assert_eq!(output, [2.0, 3.0, 2.5, -4.0]);
    }
}
