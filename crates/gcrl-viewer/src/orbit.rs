//! Where the camera is, on a sphere around a point, and what it sees from there.
//!
//! With azimuth `α` around z and elevation `ε`, the eye is at `target + distance (cos α cos ε, sin α cos ε, sin ε)`.

use bevy::prelude::*;
use gcrl_core::scene;

/// The angle of view from the bottom to the top of the picture, in radians.
pub(crate) const VIEW: f32 = 40.0_f32.to_radians();

/// Width per height of the narrowest picture that has this view; a narrower one sees as much from left to
/// right, and more from bottom to top.
pub(crate) const NARROWEST: f32 = 1.35;

/// The steepest angle above or below the horizon, in radians.
pub(crate) const STEEPEST: f32 = scene::STEEPEST_DEGREES.to_radians();

/// Where the camera is, around a point of the world in which z is up.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub(crate) struct Orbit {
    pub(crate) target: Vec3,
    pub(crate) distance: f32,
    /// Around z, counterclockwise from x, in radians.
    pub(crate) azimuth: f32,
    /// Above the horizon, in radians.
    pub(crate) elevation: f32,
}

impl Default for Orbit {
    fn default() -> Self {
        Self { target: Vec3::ZERO, distance: 1.0, azimuth: 0.0, elevation: 0.5 }
    }
}

impl Orbit {
    /// As the scene's own camera looks.
    pub(crate) fn of(camera: &scene::Camera) -> Self {
        let target = Vec3::from(camera.target);
        let from_target = Vec3::from(camera.eye) - target;
        let distance = from_target.length().max(1e-3);
        Self {
            target,
            distance,
            azimuth: from_target.y.atan2(from_target.x),
            elevation: (from_target.z / distance).asin().clamp(-STEEPEST, STEEPEST),
        }
    }

    /// From where it looks.
    pub(crate) fn eye(&self) -> Vec3 {
        let (up, along) = self.elevation.sin_cos();
        let (sin, cos) = self.azimuth.sin_cos();
        self.target + self.distance * Vec3::new(along * cos, along * sin, up)
    }

    pub(crate) fn transform(&self) -> Transform {
        Transform::from_translation(self.eye()).looking_at(self.target, Vec3::Z)
    }

    /// Looks in the same direction from as near as all `points` can be seen in a share `fill` of a picture
    /// of this width per height.
    ///
    /// Along the picture's axes, with `t` the tangent of half the view, the eye `e` sees point `p` if
    /// `|p_x - e_x| <= t (p_z - e_z)`. With `a = max(p_x - t p_z)` and `b = max(-p_x - t p_z)`, all are
    /// seen up to `e_z = -(a + b) / 2t`, from `e_x = (a - b) / 2`; and likewise along y.
    pub(crate) fn seeing(&self, points: &[Vec3], aspect: f32, fill: f32) -> Self {
        let turned = self.transform();
        let forward = turned.forward();
        let tangent = fill * (0.5 * VIEW).tan();
        let nearest = |axis: Dir3, tangent: f32| {
            let most = |side: f32| {
                let bound = |p: &Vec3| side * p.dot(*axis) - tangent * p.dot(*forward);
                points.iter().map(bound).fold(f32::NEG_INFINITY, f32::max)
            };
            let (a, b) = (most(1.0), most(-1.0));
            (0.5 * (a - b), -0.5 * (a + b) / tangent)
        };
        let (x, z_by_width) = nearest(turned.right(), tangent * aspect);
        let (y, z_by_height) = nearest(turned.up(), tangent);
        let z = z_by_width.min(z_by_height);
        let middle = points.iter().map(|p| p.dot(*forward)).sum::<f32>() / points.len() as f32;
        let target = x * turned.right() + y * turned.up() + middle * forward;
        Self { target, distance: middle - z, ..*self }
    }

    /// Where a point of the world is on a picture of this size, in pixels from its upper left corner.
    pub(crate) fn on_picture(&self, point: Vec3, size: UVec2) -> Vec2 {
        let from_eye = self.transform().to_matrix().inverse().transform_point3(point);
        let size = size.as_vec2();
        let pixels = 0.5 * size.y / (0.5 * VIEW).tan() / (-from_eye.z).max(1e-6);
        0.5 * size + pixels * Vec2::new(from_eye.x, -from_eye.y)
    }
}

/// The angle of view from the bottom to the top of a window's picture of this width per height, in radians.
pub(crate) fn view(aspect: f32) -> f32 {
    2.0 * ((0.5 * VIEW).tan() * (NARROWEST / aspect).max(1.0)).atan()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_orbit_of_a_camera_looks_from_where_it_looked() {
        let camera = scene::Camera { target: [1.0, 2.0, 0.5], eye: [2.0, -1.0, 1.5] };
        let eye = Orbit::of(&camera).eye();
        assert!((eye - Vec3::from(camera.eye)).length() < 1e-5, "{eye}");
    }

    #[test]
    fn a_narrow_window_sees_as_much_from_left_to_right() {
        let width = |aspect: f32| aspect * (0.5 * view(aspect)).tan();
        assert!((width(0.5) - width(NARROWEST)).abs() < 1e-6);
        assert_eq!(view(2.0), VIEW);
    }

    #[test]
    fn the_target_is_in_the_middle_of_the_picture_and_up_is_up() {
        let orbit = Orbit { target: Vec3::new(1.0, 2.0, 3.0), elevation: 0.0, ..Orbit::default() };
        let size = UVec2::new(300, 200);
        let middle = orbit.on_picture(orbit.target, size);
        assert!((middle - Vec2::new(150.0, 100.0)).length() < 1e-3, "{middle}");
        // Half the height of the picture, a meter away.
        let top = orbit.target + Vec3::Z * 20.0_f32.to_radians().tan();
        let top = orbit.on_picture(top, size);
        assert!((top - Vec2::new(150.0, 0.0)).length() < 1e-2, "{top}");
        // Seen from the positive half of x, y is to the right.
        assert!(150.0 < orbit.on_picture(orbit.target + 0.1 * Vec3::Y, size).x);
    }
}
