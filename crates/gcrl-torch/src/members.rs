//! How the members of a population are multiplied: where CPU and GPU differ.
//!
//! A *part* is what one product covers: a member, `[rows, columns]`, or the whole population,
//! `[n_members, rows, columns]`. On a CPU a batched product is slower than a loop, and its bits depend on
//! who else is in the batch; on a GPU a loop leaves most of the device idle.

use crate::transfer::numbers_of;
use crate::vectors::widest;
use tch::{Device, Tensor};

/// How the members of a population are multiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Members {
    /// One after the other: `n_members` parts.
    Looped,
    /// All at once: one part.
    Batched,
}

impl Members {
    /// The parts of a tensor `[n_members, …]`, as views.
    pub(crate) fn parts(self, population: &Tensor) -> Vec<Tensor> {
        match self {
            Self::Looped => population.unbind(0),
            Self::Batched => vec![population.shallow_clone()],
        }
    }
}

/// `out = a b` for one part.
pub(crate) fn multiply(out: &Tensor, a: &Tensor, b: &Tensor) {
    let _ = if a.dim() == 2 { a.mm_out(out, b) } else { a.bmm_out(out, b) };
}

/// `out += a b` for one part.
pub(crate) fn add_product(out: &Tensor, a: &Tensor, b: &Tensor) {
    let mut out = out.shallow_clone();
    let _ = if a.dim() == 2 { out.addmm_(a, b) } else { out.baddbmm_(a, b) };
}

/// `out = x w + bias` for one part, the bias `[.., 1, n_outputs]`.
pub(crate) fn affine(out: &Tensor, x: &Tensor, weight: &Tensor, bias: &Tensor) {
    let _ = if x.dim() == 2 {
        bias.addmm_out(out, x, weight)
    } else {
        bias.baddbmm_out(out, x, weight)
    };
}

/// `out = relu(x w + bias)` for one part.
pub(crate) fn affine_relu(out: &mut Tensor, x: &Tensor, weight: &Tensor, bias: &Tensor) {
    if x.device() != Device::Cpu || x.dim() != 2 {
        affine(out, x, weight, bias);
        let _ = out.relu_();
        return;
    }
    multiply(out, x, weight);
    let mut bias = bias.shallow_clone();
    #[allow(unsafe_code, reason = "one pass over memory where libtorch makes three")]
    // SAFETY: two tensors of their own storage, of which libtorch sees nothing until we return.
    let (out, bias) = unsafe { (numbers_of(out), numbers_of(&mut bias)) };
    widest(|| {
        for row in out.chunks_exact_mut(bias.len()) {
            for (number, bias) in row.iter_mut().zip(&*bias) {
                let sum = *number + bias;
                // Written so that a NaN stays one.
                *number = if sum <= 0.0 { 0.0 } else { sum };
            }
        }
    });
}
