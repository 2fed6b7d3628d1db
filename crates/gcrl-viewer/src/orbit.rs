//! The camera goes around a point: the left button turns it, the right one moves the point, the wheel
//! comes nearer.

use bevy::input::mouse::{AccumulatedMouseMotion, AccumulatedMouseScroll, MouseScrollUnit};
use bevy::prelude::*;
use gcrl_core::scene;

/// Radians a pixel, and the share of the distance a pixel and a notch of the wheel.
const TURN: f32 = 0.006;
const MOVE: f32 = 0.0012;
const ZOOM: f32 = 0.1;

/// Nearer to straight up, "up" would be arbitrary.
const STEEPEST: f32 = 1.55;

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

    fn transform(&self) -> Transform {
        Transform::from_translation(self.eye()).looking_at(self.target, Vec3::Z)
    }
}

/// Makes the camera.
pub(crate) fn spawn(mut commands: Commands) {
    let projection = PerspectiveProjection { fov: 40.0_f32.to_radians(), near: 0.01, ..default() };
    commands.spawn((Camera3d::default(), Projection::Perspective(projection), Msaa::Sample4));
}

/// Follows the mouse.
pub(crate) fn turn(
    mut orbit: ResMut<Orbit>,
    mut cameras: Query<&mut Transform, With<Camera3d>>,
    buttons: Res<ButtonInput<MouseButton>>,
    motion: Res<AccumulatedMouseMotion>,
    scroll: Res<AccumulatedMouseScroll>,
) {
    let Vec2 { x, y } = motion.delta;
    if buttons.pressed(MouseButton::Left) {
        orbit.azimuth -= TURN * x;
        orbit.elevation = (orbit.elevation + TURN * y).clamp(-STEEPEST, STEEPEST);
    } else if buttons.pressed(MouseButton::Right) || buttons.pressed(MouseButton::Middle) {
        let transform = orbit.transform();
        let pixel = MOVE * orbit.distance;
        orbit.target += pixel * (transform.up() * y - transform.right() * x);
    }
    let notches = match scroll.unit {
        MouseScrollUnit::Line => scroll.delta.y,
        MouseScrollUnit::Pixel => scroll.delta.y / 50.0,
    };
    if notches != 0.0 {
        orbit.distance = (orbit.distance * (-ZOOM * notches).exp()).clamp(1e-2, 1e3);
    }
    for mut transform in &mut cameras {
        *transform = orbit.transform();
    }
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
}
