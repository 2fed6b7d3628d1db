//! Spatial vectors: motions, forces and inertias of rigid bodies, six numbers at a time.
//!
//! All are expressed in the world's axes and about the world's origin, so bodies can be added up
//! without moving anything first.
//!
//! | | angular part | linear part |
//! |---|---|---|
//! | [`Motion`] | angular velocity `ω` | velocity `v` of the body's point that passes the origin |
//! | [`Force`] | moment `n` about the origin | force `f` |
//!
//! Source: Featherstone, "Rigid Body Dynamics Algorithms", 2008, chapter 2.

use super::real::Real;
use super::vectors::{cross, dot, lane_of, repeat, scaled, sum};
use nalgebra::{Matrix3, Vector3};
use std::ops::{Add, AddAssign, Mul};

/// A velocity, an acceleration or the direction in which a joint moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Motion<T: Real = f64> {
    pub(super) angular: Vector3<T>,
    pub(super) linear: Vector3<T>,
}

impl<T: Real> Motion<T> {
    /// Rest.
    #[inline(always)]
    pub(super) fn zero() -> Self {
        let zero = repeat(&Vector3::new(0.0, 0.0, 0.0));
        Self { angular: zero, linear: zero }
    }

    /// Unit speed about the line through `point` along `axis`.
    #[inline(always)]
    pub(super) fn turning(axis: Vector3<T>, point: Vector3<T>) -> Self {
        Self { angular: axis, linear: cross(&point, &axis) }
    }

    /// Unit speed along `axis`.
    #[inline(always)]
    pub(super) fn sliding(axis: Vector3<T>) -> Self {
        Self { angular: repeat(&Vector3::new(0.0, 0.0, 0.0)), linear: axis }
    }

    /// `self × other`: how `other` changes if it is fixed to what moves with `self`.
    #[inline(always)]
    pub(super) fn cross(&self, other: &Self) -> Self {
        let (of_linear, of_angular) =
            (cross(&self.angular, &other.linear), cross(&self.linear, &other.angular));
        Self { angular: cross(&self.angular, &other.angular), linear: sum(&of_linear, &of_angular) }
    }

    /// `self ×* force`: how a momentum changes if it is fixed to what moves with `self`.
    #[inline(always)]
    pub(super) fn cross_force(&self, force: &Force<T>) -> Force<T> {
        let (of_moment, of_force) =
            (cross(&self.angular, &force.moment), cross(&self.linear, &force.force));
        Force { moment: sum(&of_moment, &of_force), force: cross(&self.angular, &force.force) }
    }

    /// Power of `force` on this motion.
    #[inline(always)]
    pub(super) fn dot(&self, force: &Force<T>) -> T {
        dot(&self.angular, &force.moment) + dot(&self.linear, &force.force)
    }

    /// That of one robot.
    #[inline(always)]
    pub(super) fn lane(&self, lane: usize) -> Motion {
        Motion { angular: lane_of(&self.angular, lane), linear: lane_of(&self.linear, lane) }
    }
}

impl<T: Real> Add for Motion<T> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self {
            angular: sum(&self.angular, &other.angular),
            linear: sum(&self.linear, &other.linear),
        }
    }
}

impl<T: Real> Mul<T> for Motion<T> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, factor: T) -> Self {
        Self { angular: scaled(&self.angular, factor), linear: scaled(&self.linear, factor) }
    }
}

/// A force or a momentum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Force<T: Real = f64> {
    pub(super) moment: Vector3<T>,
    pub(super) force: Vector3<T>,
}

impl<T: Real> Force<T> {
    /// No force.
    #[inline(always)]
    pub(super) fn zero() -> Self {
        let zero = repeat(&Vector3::new(0.0, 0.0, 0.0));
        Self { moment: zero, force: zero }
    }

    /// The force `force` at `point`.
    #[inline(always)]
    pub(super) fn at(point: &Vector3<T>, force: Vector3<T>) -> Self {
        Self { moment: cross(point, &force), force }
    }
}

impl<T: Real> Add for Force<T> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self { moment: sum(&self.moment, &other.moment), force: sum(&self.force, &other.force) }
    }
}

impl<T: Real> AddAssign for Force<T> {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// What resists acceleration; a symmetric matrix is kept as its six numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inertia<T: Real = f64> {
    mass: T,
    /// Mass times center of mass.
    first: Vector3<T>,
    /// Rotational inertia about the origin: xx, yy, zz, xy, xz, yz.
    second: [T; 6],
}

impl<T: Real> Inertia<T> {
    /// That of nothing.
    #[inline(always)]
    pub(super) fn zero() -> Self {
        let zero = T::repeat(0.0);
        Self { mass: zero, first: Vector3::new(zero, zero, zero), second: [zero; 6] }
    }

    /// Of `mass` around `center`, with the rotational inertia `about_center`.
    #[inline(always)]
    pub(super) fn new(mass: T, center: &Vector3<T>, about_center: &Matrix3<T>) -> Self {
        let first = scaled(center, mass);
        let [x, y, z] = [center.x, center.y, center.z];
        // Moving the reference from the center to the origin adds m (c² 1 − c cᵀ).
        let second = [
            about_center.m11 + first.y * y + first.z * z,
            about_center.m22 + first.x * x + first.z * z,
            about_center.m33 + first.x * x + first.y * y,
            about_center.m12 - first.x * y,
            about_center.m13 - first.x * z,
            about_center.m23 - first.y * z,
        ];
        Self { mass, first, second }
    }

    /// The momentum of `motion`, or the force that accelerates by it.
    #[inline(always)]
    pub(super) fn times(&self, motion: &Motion<T>) -> Force<T> {
        let Motion { angular, linear } = motion;
        let [xx, yy, zz, xy, xz, yz] = self.second;
        let turned = Vector3::new(
            xx * angular.x + xy * angular.y + xz * angular.z,
            xy * angular.x + yy * angular.y + yz * angular.z,
            xz * angular.x + yz * angular.y + zz * angular.z,
        );
        Force {
            moment: sum(&turned, &cross(&self.first, linear)),
            force: sum(&scaled(linear, self.mass), &cross(angular, &self.first)),
        }
    }
}

impl<T: Real> AddAssign for Inertia<T> {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        self.mass += other.mass;
        self.first = sum(&self.first, &other.first);
        for (own, number) in self.second.iter_mut().zip(other.second) {
            *own += number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turning_point_mass_has_the_momentum_of_its_speed() {
        // 2 kg at (3, 0, 1) about the z axis through (1, 0, 0), at 5 rad/s: v = (0, 10, 0).
        let motion = Motion::turning(Vector3::z(), Vector3::x()) * 5.0;
        let center = Vector3::new(3.0, 0.0, 1.0);
        let momentum = Inertia::new(2.0, &center, &Matrix3::zeros()).times(&motion);
        assert_eq!(momentum, Force::at(&center, Vector3::new(0.0, 20.0, 0.0)));
        // Twice the kinetic energy, m v².
        assert_eq!(motion.dot(&momentum), 200.0);
    }

    #[test]
    fn the_crosses_are_adjoint() {
        let a =
            Motion { angular: Vector3::new(1.0, 2.0, 3.0), linear: Vector3::new(4.0, -5.0, 6.0) };
        let b =
            Motion { angular: Vector3::new(-2.0, 0.5, 1.0), linear: Vector3::new(3.0, 1.0, 7.0) };
        let f = Force { moment: Vector3::new(2.0, -1.0, 4.0), force: Vector3::new(-3.0, 8.0, 0.5) };
        // (a × b) · f = −b · (a ×* f)
        assert_eq!(a.cross(&b).dot(&f), -b.dot(&a.cross_force(&f)));
    }
}
