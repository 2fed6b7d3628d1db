//! How soft a constraint is: `MuJoCo`'s `solref` and `solimp`.
//!
//! A constraint of gap `r` (less its margin) wants `a* = −b ṙ − k d(r) r` and gives way by
//! `R = (1 − d) / d · w`, with `k = 1 / (d_max² T²)` and `b = 2 / (d_max T)`.
//!
//! Source: `MuJoCo` documentation, "Computation" (constraint model) and "Modeling" (solver parameters).

use crate::articulation::real::Real;

/// Time constant and impedance of a critically damped constraint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Softness {
    /// `T`, in seconds.
    pub time_constant_secs: f64,
    /// `d` at the surface, and at `width` and beyond.
    pub impedance: [f64; 2],
    /// Over which violation the impedance grows, in meters or radians.
    pub width: f64,
}

impl Default for Softness {
    /// `MuJoCo`'s own.
    fn default() -> Self {
        Self { time_constant_secs: 0.02, impedance: [0.9, 0.95], width: 0.001 }
    }
}

/// What a constraint asks for at a gap, in one world or in several side by side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spring<T: Real = f64> {
    /// `k d`, in 1/s².
    stiffness: T,
    /// `b`, in 1/s.
    damping: T,
    /// `(1 − d) / d`.
    pub(super) yielding: T,
}

impl Softness {
    /// That of two surfaces which touch: the mean.
    pub(super) fn mixed(&self, other: &Self) -> Self {
        let mean = |a: f64, b: f64| 0.5 * (a + b);
        Self {
            time_constant_secs: mean(self.time_constant_secs, other.time_constant_secs),
            impedance: [0, 1].map(|end| mean(self.impedance[end], other.impedance[end])),
            width: mean(self.width, other.width),
        }
    }

    /// The spring at gap `gap`, in steps of `dt_secs`.
    #[inline]
    pub(super) fn at(&self, gap: f64, dt_secs: f64) -> Spring {
        let [least, largest] = self.impedance;
        let x = (gap.abs() / self.width).min(1.0);
        let share = if x <= 0.5 { 2.0 * x * x } else { 1.0 - 2.0 * (1.0 - x) * (1.0 - x) };
        let impedance = least + share * (largest - least);
        let rate = 1.0 / (largest * self.time_constant_secs.max(2.0 * dt_secs));
        Spring {
            stiffness: rate * rate * impedance,
            damping: 2.0 * rate,
            yielding: (1.0 - impedance) / impedance,
        }
    }
}

impl<T: Real> Spring<T> {
    /// Where nothing is asked for.
    #[inline(always)]
    pub(super) fn of_nothing() -> Self {
        let zero = T::repeat(0.0);
        Self { stiffness: zero, damping: zero, yielding: zero }
    }

    /// Takes over that of one world.
    #[inline(always)]
    pub(super) fn set_lane(&mut self, lane: usize, own: &Spring) {
        *self.stiffness.lane_mut(lane) = own.stiffness;
        *self.damping.lane_mut(lane) = own.damping;
        *self.yielding.lane_mut(lane) = own.yielding;
    }

    /// `a*` at gap `gap` and its rate.
    #[inline(always)]
    pub(super) fn reference(&self, gap: T, rate: T) -> T {
        -self.damping * rate - self.stiffness * gap
    }
}
