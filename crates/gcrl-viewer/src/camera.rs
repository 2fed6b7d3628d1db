//! The camera goes around a point: the left button turns it, the right one moves the point, the wheel
//! comes nearer.

use crate::components::Held;
use crate::light;
use crate::orbit::{Orbit, STEEPEST, VIEW};
use bevy::input::mouse::{AccumulatedMouseMotion, AccumulatedMouseScroll, MouseScrollUnit};
use bevy::prelude::*;

/// Radians a pixel, and the share of the distance a pixel and a notch of the wheel.
const TURN: f32 = 0.006;
const MOVE: f32 = 0.0012;
const ZOOM: f32 = 0.1;

/// How the camera draws.
pub(crate) fn lens() -> impl Bundle {
    let projection = PerspectiveProjection { fov: VIEW, near: 0.01, ..default() };
    (Camera3d::default(), Projection::Perspective(projection), Msaa::Sample4)
}

/// Makes the window's camera.
pub(crate) fn spawn(mut commands: Commands, mut images: ResMut<Assets<Image>>) {
    commands.spawn((lens(), light::room(&mut images)));
}

/// Follows the mouse.
pub(crate) fn turn(
    mut orbit: ResMut<Orbit>,
    mut cameras: Query<&mut Transform, With<Camera3d>>,
    buttons: Res<ButtonInput<MouseButton>>,
    motion: Res<AccumulatedMouseMotion>,
    scroll: Res<AccumulatedMouseScroll>,
    goal: Res<Held>,
) {
    let Vec2 { x, y } = motion.delta;
    if goal.is_some() {
        // The mouse moves the goal.
    } else if buttons.pressed(MouseButton::Left) {
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
