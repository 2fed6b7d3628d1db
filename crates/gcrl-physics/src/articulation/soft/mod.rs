//! A robot and an object that touch softly, in the manner of `MuJoCo`.
//!
//! The robot is a tree of joints, the object a free body; both are solved at once with everything that
//! holds or touches them: a weld that drags a body of the robot to a target, the limits of its joints,
//! contacts with dry friction in pyramids. Every constraint is a spring of its own softness, so nothing
//! is stiffer than the original's, and nothing has to be fitted.
//!
//! A step computes `M` and all forces ([`super::dynamics`]), the rows of the constraints (`rows`), the
//! accelerations in which all balance (`newton`), and integrates
//! `q̇ ← q̇ + h (M + h D)⁻¹ M a`, `q ← q + h q̇`: dampers `D` act with the speed at the step's end.
//!
//! `softness`, `setup` ▸ `grip`, `forms` ▸ `solids` ▸ `model` (what worlds of a kind share) ▸ `portal`, `narrow`
//! (where shapes touch) ▸ `newton`, `rows` ▸ `motion`, `lane` (what a world has of its own) ▸ `weld`, `limits`,
//! `again`, `problem` (of worlds side by side) ▸ `step` ▸ `world`.
//!
//! Source: `MuJoCo` documentation, "Computation".

mod again;
mod forms;
mod grip;
mod lane;
mod limits;
mod model;
mod motion;
mod narrow;
mod newton;
mod portal;
mod problem;
mod rows;
mod setup;
mod softness;
mod solids;
mod step;
mod weld;
mod world;

pub use motion::FreeMotion;
pub use setup::{Setup, Surface, TouchingPair, Weld};
pub use softness::Softness;
pub use world::SoftWorld;

use nalgebra::{Matrix3, Quaternion, UnitQuaternion, Vector3};

/// The quaternion of a rotation matrix, its real part not negative.
fn quaternion(m: &Matrix3<f64>) -> UnitQuaternion<f64> {
    let trace = m.m11 + m.m22 + m.m33;
    let turn = if trace > 0.0 {
        let s = 2.0 * (trace + 1.0).sqrt();
        Quaternion::new(0.25 * s, (m.m32 - m.m23) / s, (m.m13 - m.m31) / s, (m.m21 - m.m12) / s)
    } else if m.m11 > m.m22 && m.m11 > m.m33 {
        let s = 2.0 * (1.0 + m.m11 - m.m22 - m.m33).sqrt();
        Quaternion::new((m.m32 - m.m23) / s, 0.25 * s, (m.m12 + m.m21) / s, (m.m13 + m.m31) / s)
    } else if m.m22 > m.m33 {
        let s = 2.0 * (1.0 + m.m22 - m.m11 - m.m33).sqrt();
        Quaternion::new((m.m13 - m.m31) / s, (m.m12 + m.m21) / s, 0.25 * s, (m.m23 + m.m32) / s)
    } else {
        let s = 2.0 * (1.0 + m.m33 - m.m11 - m.m22).sqrt();
        Quaternion::new((m.m21 - m.m12) / s, (m.m13 + m.m31) / s, (m.m23 + m.m32) / s, 0.25 * s)
    };
    UnitQuaternion::new_normalize(if turn.w < 0.0 { -turn } else { turn })
}

/// The rotation by a vector of angles.
fn turned(angles: &Vector3<f64>) -> UnitQuaternion<f64> {
    let angle = angles.norm();
    let (sin, cos) = libm::sincos(0.5 * angle);
    // sin(x) / x is 1 to the last bit where x² is lost beside 1.
    let scale = if angle < 1e-8 { 0.5 } else { sin / angle };
    UnitQuaternion::from_quaternion(Quaternion::from_parts(cos, angles * scale))
}
