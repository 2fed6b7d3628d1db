//! The weld that drags a body of the robot to a target, of one world or of several side by side: six
//! equalities, of the target's place and turn (`½ vec(q̄ ω q*)`) less the body's.

use super::model::{Drag, Model};
use super::newton::{Row, Vector};
use super::softness::Spring;
use crate::articulation::dynamics::Dynamics;
use crate::articulation::real::Real;
use crate::articulation::tree::Frame;
use crate::articulation::vectors::{cross, difference, dot, lane_of_matrix, repeat, scaled, sum};
use nalgebra::{Vector3, Vector4};

/// Where a body is dragged to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<T: Real> {
    pub(super) position: Vector3<T>,
    /// A quaternion: i, j, k, w.
    pub(super) rotation: Vector4<T>,
}

/// `a b`, of quaternions, in nalgebra's order.
#[inline(always)]
fn product<T: Real>(a: &Vector4<T>, b: &Vector4<T>) -> Vector4<T> {
    Vector4::new(
        a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
        a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
        a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w,
        a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z,
    )
}

/// `vec(q)`.
#[inline(always)]
fn imaginary<T: Real>(a: &Vector4<T>) -> Vector3<T> {
    Vector3::new(a.x, a.y, a.z)
}

impl<T: Real> Target<T> {
    /// At the origin, turned by nothing.
    #[inline(always)]
    pub(super) fn new() -> Self {
        let [zero, one] = [T::repeat(0.0), T::repeat(1.0)];
        Self { position: repeat(&Vector3::zeros()), rotation: Vector4::new(zero, zero, zero, one) }
    }
}

/// Writes the six rows that drag the body at `body`.
#[inline(always)]
pub(super) fn write_rows<T: Real>(
    model: &Model,
    dynamics: &Dynamics<T>,
    (body, target): (&Frame<T>, &Target<T>),
    qvel: &Vector<T>,
    rows: &mut [Row<T>; 6],
) {
    let mut conjugate = Vector4::from_element(T::repeat(0.0));
    for lane in 0..T::N_LANES {
        let own = super::quaternion(&lane_of_matrix(&body.rotation, lane)).conjugate();
        for (number, all) in own.coords.iter().zip(&mut conjugate) {
            *all.lane_mut(lane) = *number;
        }
    }
    let apart = difference(&target.position, &body.position);
    let turned = imaginary(&product(&conjugate, &target.rotation));
    let Drag { link, softness, weight, .. } = &model.drag;
    let half = T::repeat(-0.5);
    let mut next = Some(*link);
    while let Some(joint) = next {
        let direction = dynamics.direction(joint);
        let linear = sum(&direction.linear, &cross(&direction.angular, &body.position));
        let [x, y, z] = [direction.angular.x, direction.angular.y, direction.angular.z];
        let angular = Vector4::new(x, y, z, T::repeat(0.0));
        let spin = imaginary(&product(&product(&conjugate, &angular), &target.rotation));
        let spin = scaled(&spin, half);
        for axis in 0..3 {
            rows[axis].derivative[joint] = -linear[axis];
            rows[3 + axis].derivative[joint] = spin[axis];
        }
        next = model.tree.links[joint].parent;
    }
    let violation = (dot(&apart, &apart) + dot(&turned, &turned)).sqrt();
    let mut spring = Spring::of_nothing();
    for lane in 0..T::N_LANES {
        spring.set_lane(lane, &softness.at(violation.lane(lane), model.dt_secs));
    }
    let of = 0..model.tree.n_joints();
    let weight = T::repeat(1.0) / (spring.yielding * T::repeat(*weight));
    for (index, row) in rows.iter_mut().enumerate() {
        let gap = if index < 3 { apart[index] } else { turned[index - 3] };
        row.reference = spring.reference(gap, row.along(&of, qvel));
        row.weight = weight;
    }
}
