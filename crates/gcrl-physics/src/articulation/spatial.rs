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

use nalgebra::{Matrix3, Vector3};
use std::ops::{Add, AddAssign, Mul};

/// A velocity, an acceleration or the direction in which a joint moves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Motion {
    pub(super) angular: Vector3<f64>,
    pub(super) linear: Vector3<f64>,
}

impl Motion {
    /// Rest.
    pub(super) const fn zero() -> Self {
        let zero = Vector3::new(0.0, 0.0, 0.0);
        Self { angular: zero, linear: zero }
    }

    /// Unit speed about the line through `point` along `axis`.
    pub(super) fn turning(axis: Vector3<f64>, point: Vector3<f64>) -> Self {
        Self { angular: axis, linear: point.cross(&axis) }
    }

    /// Unit speed along `axis`.
    pub(super) const fn sliding(axis: Vector3<f64>) -> Self {
        Self { angular: Vector3::new(0.0, 0.0, 0.0), linear: axis }
    }

    /// `self × other`: how `other` changes if it is fixed to what moves with `self`.
    pub(super) fn cross(&self, other: &Self) -> Self {
        Self {
            angular: self.angular.cross(&other.angular),
            linear: self.angular.cross(&other.linear) + self.linear.cross(&other.angular),
        }
    }

    /// `self ×* force`: how a momentum changes if it is fixed to what moves with `self`.
    pub(super) fn cross_force(&self, force: &Force) -> Force {
        Force {
            moment: self.angular.cross(&force.moment) + self.linear.cross(&force.force),
            force: self.angular.cross(&force.force),
        }
    }

    /// Power of `force` on this motion.
    pub(super) fn dot(&self, force: &Force) -> f64 {
        self.angular.dot(&force.moment) + self.linear.dot(&force.force)
    }
}

impl Add for Motion {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { angular: self.angular + other.angular, linear: self.linear + other.linear }
    }
}

impl Mul<f64> for Motion {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        Self { angular: self.angular * factor, linear: self.linear * factor }
    }
}

/// A force or a momentum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Force {
    pub(super) moment: Vector3<f64>,
    pub(super) force: Vector3<f64>,
}

impl Force {
    /// The force `force` at `point`.
    pub(super) fn at(point: &Vector3<f64>, force: Vector3<f64>) -> Self {
        Self { moment: point.cross(&force), force }
    }
}

impl Add for Force {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { moment: self.moment + other.moment, force: self.force + other.force }
    }
}

impl AddAssign for Force {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// What resists acceleration; a symmetric matrix is kept as its six numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Inertia {
    mass: f64,
    /// Mass times center of mass.
    first: Vector3<f64>,
    /// Rotational inertia about the origin: xx, yy, zz, xy, xz, yz.
    second: [f64; 6],
}

impl Inertia {
    /// Of `mass` around `center`, with the rotational inertia `about_center`.
    pub(super) fn new(mass: f64, center: &Vector3<f64>, about_center: &Matrix3<f64>) -> Self {
        let first = mass * center;
        let [x, y, z] = (*center).into();
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
    pub(super) fn times(&self, motion: &Motion) -> Force {
        let Motion { angular, linear } = motion;
        let [xx, yy, zz, xy, xz, yz] = self.second;
        let turned = Vector3::new(
            xx * angular.x + xy * angular.y + xz * angular.z,
            xy * angular.x + yy * angular.y + yz * angular.z,
            xz * angular.x + yz * angular.y + zz * angular.z,
        );
        Force {
            moment: turned + self.first.cross(linear),
            force: self.mass * linear + angular.cross(&self.first),
        }
    }
}

impl AddAssign for Inertia {
    fn add_assign(&mut self, other: Self) {
        self.mass += other.mass;
        self.first += other.first;
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
