//! What raw weights do not say of their inputs.

/// How a policy of raw weights limits its inputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clips {
    /// Inputs are first limited to plus or minus this, in units of the input; positive.
    pub input: f32,
    /// Normalized inputs are limited to plus or minus this; positive.
    pub output: f32,
}
