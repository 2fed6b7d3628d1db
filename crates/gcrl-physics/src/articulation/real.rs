//! Numbers that belong to one robot, or to several robots side by side.
//!
//! Everything that is the same for all robots of a kind is written once, for a [`Real`]: `f64` is the
//! number of one robot, a register ([`super::registers`]) holds that of several robots, a lane each. An
//! operation on a register is that of `f64` in every lane, so a robot's numbers have the same bits in
//! both.

use nalgebra::Scalar;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// A number of each robot.
pub trait Real:
    Scalar
    + Copy
    + Default
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
{
    /// How many robots there are.
    const N_LANES: usize;

    /// The same number for all.
    fn repeat(number: f64) -> Self;

    /// The number of one robot.
    fn lane(&self, lane: usize) -> f64;

    /// The number of one robot, to be changed.
    fn lane_mut(&mut self, lane: usize) -> &mut f64;

    /// Sine and cosine.
    fn sin_cos(self) -> (Self, Self);

    /// Square root.
    fn sqrt(self) -> Self;

    /// As [`f64::clamp`], with limits that are the same for all.
    fn clamp(self, least: f64, largest: f64) -> Self;

    /// Whether it is 0 for all.
    fn is_zero(self) -> bool;

    /// Whether it is above `limit` for all.
    fn is_above(self, limit: f64) -> bool;

    /// `self` where `number` is above `limit`, elsewhere `other`.
    fn where_above(self, number: Self, limit: f64, other: Self) -> Self;

    /// `self + a b` where `b ≠ 0`, elsewhere `self` itself: a sum with 0 would change `−0`.
    fn add_product(self, a: Self, b: Self) -> Self;
}

impl Real for f64 {
    const N_LANES: usize = 1;

    #[inline(always)]
    fn repeat(number: f64) -> Self {
        number
    }

    #[inline(always)]
    fn lane(&self, _lane: usize) -> f64 {
        *self
    }

    #[inline(always)]
    fn lane_mut(&mut self, _lane: usize) -> &mut f64 {
        self
    }

    #[inline(always)]
    fn sin_cos(self) -> (Self, Self) {
        libm::sincos(self)
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }

    #[inline(always)]
    fn clamp(self, least: f64, largest: f64) -> Self {
        f64::clamp(self, least, largest)
    }

    #[inline(always)]
    fn is_zero(self) -> bool {
        self == 0.0
    }

    #[inline(always)]
    fn is_above(self, limit: f64) -> bool {
        limit < self
    }

    #[inline(always)]
    fn where_above(self, number: Self, limit: f64, other: Self) -> Self {
        if limit < number { self } else { other }
    }

    #[inline(always)]
    fn add_product(self, a: Self, b: Self) -> Self {
        if b == 0.0 { self } else { self + a * b }
    }
}

/// 1 where `x > limit`, elsewhere 0.
#[inline(always)]
pub(super) fn one_above<T: Real>(x: T, limit: f64) -> T {
    T::repeat(1.0).where_above(x, limit, T::repeat(0.0))
}

/// Takes the numbers of one robot.
#[inline(always)]
pub(super) fn gather<T: Real>(own: &[f64], lane: usize, all: &mut [T]) {
    for (number, all) in own.iter().zip(all) {
        *all.lane_mut(lane) = *number;
    }
}

/// Hands back the numbers of one robot.
#[inline(always)]
pub(super) fn scatter<T: Real>(all: &[T], lane: usize, own: &mut [f64]) {
    for (number, all) in own.iter_mut().zip(all) {
        *number = all.lane(lane);
    }
}
