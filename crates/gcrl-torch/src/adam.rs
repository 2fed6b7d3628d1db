//! Adam, as [`Engine::adam`](gcrl_nn::Engine::adam) states it, on a CPU and on a GPU.
//!
//! `m ← 0.9 m + 0.1 g`, `v ← 0.999 v + 0.001 g²`, `θ ← θ − α m / (√v + 1e-8)`
//!
//! Moments below the smallest normal number become 0: those of a unit that died would halve their way
//! through the subnormal numbers, on which a processor is slow.

use crate::transfer::{numbers_of, upload};
use crate::vectors::widest;
use tch::Tensor;

/// What a step reads and changes, each `[n_members, n_parameters]`.
pub(crate) struct State<'a> {
    pub(crate) parameters: &'a mut Tensor,
    pub(crate) first_moment: &'a mut Tensor,
    pub(crate) second_moment: &'a mut Tensor,
    pub(crate) gradient: &'a mut Tensor,
}

/// The largest number that is flushed: the one before the smallest normal number.
const LARGEST_SUBNORMAL: f32 = f32::from_bits(f32::MIN_POSITIVE.to_bits() - 1);

/// `α = learning_rate · √(1 − 0.999ⁿ) / (1 − 0.9ⁿ)` at step `n` from 1.
pub(crate) fn step_size(learning_rate: f32, n: u64) -> f32 {
    let n = n as f64;
    let correction = (1.0 - 0.999_f64.powf(n)).sqrt() / (1.0 - 0.9_f64.powf(n));
    (learning_rate as f64 * correction) as f32
}

/// One step on a CPU: a single pass over the numbers, with `α` of each member, `[n_members]`.
pub(crate) fn loop_over_numbers(state: State<'_>, step_sizes: &[f32]) {
    let State { parameters, first_moment, second_moment, gradient } = state;
    #[allow(unsafe_code, reason = "one pass takes a third of the time of libtorch's eleven")]
    // SAFETY: four tensors of their own storage, of which libtorch sees nothing until we return.
    let (parameters, first_moment, second_moment, gradient) = unsafe {
        (
            numbers_of(parameters),
            numbers_of(first_moment),
            numbers_of(second_moment),
            numbers_of(gradient),
        )
    };
    let n_parameters = parameters.len() / step_sizes.len();
    let parameters = parameters.chunks_exact_mut(n_parameters).zip(step_sizes);
    let moments = first_moment
        .chunks_exact_mut(n_parameters)
        .zip(second_moment.chunks_exact_mut(n_parameters));
    let gradients = gradient.chunks_exact(n_parameters);
    for (((parameters, step_size), (m, v)), g) in parameters.zip(moments).zip(gradients) {
        widest(|| step(parameters, m, v, g, *step_size));
    }
}

#[inline]
fn step(parameters: &mut [f32], m: &mut [f32], v: &mut [f32], g: &[f32], step_size: f32) {
    for (((parameter, m), v), g) in parameters.iter_mut().zip(m).zip(v).zip(g) {
        *m = flush(0.9 * *m + 0.1 * g);
        *v = flush(0.999 * *v + 0.001 * (g * g));
        *parameter -= step_size * *m / (v.sqrt() + 1e-8);
    }
}

fn flush(moment: f32) -> f32 {
    if moment.abs() < f32::MIN_POSITIVE { 0.0 } else { moment }
}

/// One step on a GPU: a kernel an operation, over the whole population.
pub(crate) fn whole_tensors(state: State<'_>, step_sizes: &[f32]) {
    let State { parameters, first_moment: m, second_moment: v, gradient: g } = state;
    let alpha = upload(step_sizes, &[step_sizes.len(), 1], parameters.device())
        .expect("a device that holds the parameters has room for a number a member");
    // `lerp` is `m + 0.1 (g − m)`: the same to rounding, in one kernel.
    let _ = m.lerp_(g, 0.1);
    let _ = v.lerp_(&g.square(), 0.001);
    *m *= m.abs().ge(f32::MIN_POSITIVE as f64);
    let _ = v.threshold_(LARGEST_SUBNORMAL as f64, 0.0);
    let denominator = v.sqrt().g_add_scalar_(1e-8);
    *parameters -= (&*m * alpha).g_div_(&denominator);
}
