//! The loops that need no instruction of their own: each kernel compiles them for its processor.
//!
//! No `mul_add` here: where a processor lacks it, it is a call. So these loops give equal bits in
//! every kernel.

#![allow(clippy::inline_always, reason = "a loop gets its caller's instructions only if inlined")]

use super::{AdamStep, Finish, LANES, Line, View, ViewMut, n_panels};

/// See [`Kernel::sum_rows`](super::Kernel::sum_rows).
#[inline(always)]
pub(super) fn sum_rows(a: View<'_>, out: &mut [Line]) {
    assert_eq!(out.len(), n_panels(a.n_columns()), "one line a panel");
    for (panel_idx, out) in out.iter_mut().enumerate() {
        let mut sums = [0.0; LANES];
        for line in a.panel(panel_idx) {
            for (sum, number) in sums.iter_mut().zip(&line.0) {
                *sum += number;
            }
        }
        out.0 = sums;
    }
}

/// Finishes products that already stand in `c`.
#[inline(always)]
pub(super) fn finish(finish: Finish<'_>, c: &mut ViewMut<'_>) {
    for panel_idx in 0..n_panels(c.n_columns()) {
        let panel = c.panel(panel_idx);
        match finish {
            Finish::Plain => {}
            Finish::Bias(bias) => {
                for line in panel {
                    for (number, bias) in line.0.iter_mut().zip(&bias[panel_idx].0) {
                        *number += bias;
                    }
                }
            }
            Finish::BiasRelu(bias) => {
                for line in panel {
                    for (number, bias) in line.0.iter_mut().zip(&bias[panel_idx].0) {
                        let sum = *number + bias;
                        // Not `max`, which would turn a NaN into 0.
                        *number = if sum < 0.0 { 0.0 } else { sum };
                    }
                }
            }
            Finish::Mask(mask) => {
                for (line, mask) in panel.iter_mut().zip(mask.panel(panel_idx)) {
                    for (number, mask) in line.0.iter_mut().zip(&mask.0) {
                        *number = if 0.0 < *mask { *number } else { 0.0 };
                    }
                }
            }
        }
    }
}

/// See [`Kernel::adam`](super::Kernel::adam).
#[inline(always)]
pub(super) fn adam(step: AdamStep<'_>) {
    let AdamStep { parameters, first_moment, second_moment, gradient, step_size } = step;
    let moments = first_moment.iter_mut().zip(second_moment);
    for ((theta, (m, v)), g) in parameters.iter_mut().zip(moments).zip(gradient) {
        for lane in 0..LANES {
            let g = g.0[lane];
            m.0[lane] = flush(0.9 * m.0[lane] + 0.1 * g);
            v.0[lane] = flush(0.999 * v.0[lane] + 0.001 * (g * g));
            theta.0[lane] -= step_size * m.0[lane] / (v.0[lane].sqrt() + 1e-8);
        }
    }
}

#[inline(always)]
fn flush(moment: f32) -> f32 {
    if moment.abs() < f32::MIN_POSITIVE { 0.0 } else { moment }
}

/// See [`Kernel::polyak`](super::Kernel::polyak).
#[inline(always)]
pub(super) fn polyak(target: &mut [Line], online: &[Line], tau: f32) {
    for (target, online) in target.iter_mut().zip(online) {
        for (target, online) in target.0.iter_mut().zip(&online.0) {
            *target = (1.0 - tau) * *target + tau * online;
        }
    }
}
