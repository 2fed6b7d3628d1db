//! The block and the puck: where they start, and how they are seen.

use super::draw;
use gcrl_core::seed::Stream;
use gcrl_physics::nalgebra::{UnitQuaternion, Vector3};

/// An object does not start nearer to the gripper than this, horizontally, in meters.
const FREE_RADIUS: f64 = 0.1;

/// An object, as the agent sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object {
    /// In meters.
    pub(crate) position: Vector3<f64>,
    /// Its frame's orientation.
    pub(crate) rotation: UnitQuaternion<f64>,
    /// In meters per second.
    pub(crate) velocity: Vector3<f64>,
    /// In radians per second, about the world's axes.
    pub(crate) spin: Vector3<f64>,
}

impl Object {
    /// Angles about x, y and z, in the original's convention: those of the inverse rotation, negated.
    ///
    /// With the rotation matrix `R`: `(−atan2(R₁₂, R₂₂), −atan2(−R₀₂, √(R₂₂² + R₁₂²)),
    /// −atan2(R₀₁, R₀₀))`. A turn by `ψ` about z is `(0, 0, ψ)`.
    pub(crate) fn euler_angles(&self) -> Vector3<f64> {
        let r = self.rotation.to_rotation_matrix();
        let cos_y = (r[(2, 2)] * r[(2, 2)] + r[(1, 2)] * r[(1, 2)]).sqrt();
        let y = -libm::atan2(-r[(0, 2)], cos_y);
        if cos_y < 4.0 * f64::EPSILON {
            return Vector3::new(0.0, y, -libm::atan2(-r[(1, 0)], r[(1, 1)]));
        }
        let x = -libm::atan2(r[(1, 2)], r[(2, 2)]);
        Vector3::new(x, y, -libm::atan2(r[(0, 1)], r[(0, 0)]))
    }
}

/// Draws where an object starts: in the square of `range` around the gripper, but not near it.
pub(crate) fn draw_start(grip: [f64; 3], range: f64, rng: &mut Stream) -> [f64; 2] {
    let [x, y, _] = grip;
    loop {
        let (dx, dy) = (draw(range, rng), draw(range, rng));
        if FREE_RADIUS * FREE_RADIUS <= dx * dx + dy * dy {
            return [x + dx, y + dy];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned(axis: Vector3<f64>, angle: f64) -> Object {
        let rotation = UnitQuaternion::from_scaled_axis(axis * angle);
        let zero = Vector3::zeros();
        Object { position: zero, rotation, velocity: zero, spin: zero }
    }

    #[test]
    fn a_turn_about_one_axis_is_that_angle() {
        for axis in [Vector3::x(), Vector3::y(), Vector3::z()] {
            let angles = turned(axis, 0.3).euler_angles();
            assert!((angles - axis * 0.3).norm() < 1e-12, "{angles}");
        }
    }

    #[test]
    fn a_quarter_turn_about_y_has_no_angle_about_x() {
        let angles = turned(Vector3::y(), std::f64::consts::FRAC_PI_2).euler_angles();
        assert_eq!(angles.x, 0.0);
        assert!((angles.y - std::f64::consts::FRAC_PI_2).abs() < 1e-7);
    }

    #[test]
    fn objects_start_in_the_square_and_off_the_gripper() {
        let mut rng = gcrl_core::seed::stream(1, "test", 0);
        let offsets = (0..1000).map(|_| draw_start([1.0, 2.0, 0.4], 0.15, &mut rng));
        for [dx, dy] in offsets.map(|[x, y]| [x - 1.0, y - 2.0]) {
            assert!(dx.abs() <= 0.15 && dy.abs() <= 0.15 && 0.1 <= dx.hypot(dy) + 1e-12);
        }
    }
}
