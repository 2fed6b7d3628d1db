//! Where a free body is and how it moves.

use crate::articulation::tree::Frame;
use nalgebra::{UnitQuaternion, Vector3};

/// Where a free body is and how it moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FreeMotion {
    /// In meters.
    pub position: Vector3<f64>,
    /// Orientation.
    pub rotation: UnitQuaternion<f64>,
    /// In meters per second.
    pub velocity: Vector3<f64>,
    /// In radians per second, about the axes of the body.
    pub spin: Vector3<f64>,
}

impl FreeMotion {
    pub(super) fn frame(&self) -> Frame {
        Frame { rotation: *self.rotation.to_rotation_matrix().matrix(), position: self.position }
    }
}
