//! Moving the goal with the mouse while a policy runs.
//!
//! A dot that stands for the goal is taken with the left button and follows the mouse in its horizontal
//! plane; with shift, straight up and down. A goal need not be a point: the door's is an angle, the hand's
//! are five points. So the goal is sought of which the dot comes nearest to where the mouse is, by damped
//! Gauss-Newton steps: with `r` from the dot to there and `J` the dot's derivative by the goal, the goal
//! changes by `Jᵀ (J Jᵀ + λ)⁻¹ r`, `[goal_dim]`.

use crate::components::{Held, Taken};
use crate::grid::Grid;
use crate::host::ViewedEpisode;
use crate::playback::Playback;
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use gcrl_recording::Live;

/// How near to a dot the mouse takes it, in logical pixels.
const REACH: f32 = 14.0;

/// Steps toward the goal, the change of a goal for its derivative, and the damping as a share of `J Jᵀ`.
const N_STEPS: usize = 8;
const DIFFERENCE: f32 = 1e-3;
const DAMPING: f32 = 1e-4;

/// A plane that is seen at a smaller angle than this (its sine) is not followed: the dot would jump.
const FLATTEST: f32 = 0.08;

/// Takes the goal under the mouse, moves it, and lets it go.
pub(crate) fn drag(
    mut held: ResMut<Held>,
    mut playback: ResMut<Playback>,
    grid: Option<Res<Grid>>,
    buttons: Res<ButtonInput<MouseButton>>,
    keys: Res<ButtonInput<KeyCode>>,
    windows: Query<&Window, With<PrimaryWindow>>,
    cameras: Query<(&Camera, &GlobalTransform), With<Camera3d>>,
    mut before: Local<Option<Vec2>>,
) {
    let (Some(grid), Ok(window), Ok((camera, eye))) = (grid, windows.single(), cameras.single())
    else {
        return;
    };
    let Some(cursor) = window.cursor_position() else { return };
    if buttons.just_pressed(MouseButton::Left) {
        held.0 = under(cursor, &playback, &grid, camera, eye);
    }
    if !buttons.pressed(MouseButton::Left) {
        held.0 = None;
    }
    let has_moved = before.replace(cursor) != Some(cursor);
    let Some(Taken { episode, point }) = held.0 else { return };
    if !has_moved || buttons.just_pressed(MouseButton::Left) {
        return;
    }
    let Some(ViewedEpisode::Live(live)) = playback.episodes.get(episode) else { return };
    let Ok(ray) = camera.viewport_to_world(eye, cursor) else { return };
    let t = present(live, playback.secs);
    let dot = grid.offset(episode) + Vec3::from(live.recording().goal_points(t)[point]);
    let is_upright = keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
    let to = if is_upright { on_vertical(ray, dot) } else { on_plane(ray, dot) };
    if let Some(to) = to {
        move_to(&mut playback, episode, point, to - grid.offset(episode));
    }
}

/// The goal's dot under the mouse, if there is one.
fn under(
    cursor: Vec2,
    playback: &Playback,
    grid: &Grid,
    camera: &Camera,
    eye: &GlobalTransform,
) -> Option<Taken> {
    let mut nearest = (REACH, None);
    for (episode, live) in playback.episodes.iter().enumerate() {
        let ViewedEpisode::Live(live) = live else { continue };
        let points = live.recording().at(playback.secs).goal_points;
        for (point, place) in points.into_iter().enumerate() {
            let place = grid.offset(episode) + Vec3::from(place);
            let Ok(seen) = camera.world_to_viewport(eye, place) else { continue };
            if seen.distance(cursor) < nearest.0 {
                nearest = (seen.distance(cursor), Some(Taken { episode, point }));
            }
        }
    }
    nearest.1
}

/// The state from which on the goal changes: the last one if it is only now being reached, so that
/// nothing is played again while the policy runs.
fn present(live: &Live, secs: f32) -> usize {
    let recording = live.recording();
    let t = recording.at(secs).t;
    if recording.n_steps() <= t + 1 { recording.n_steps() } else { t }
}

/// Moves the goal of an episode so that its `point` comes as near to `to` as it can.
fn move_to(playback: &mut Playback, episode: usize, point: usize, to: Vec3) {
    let secs = playback.secs;
    let Some(ViewedEpisode::Live(live)) = playback.episodes.get_mut(episode) else { return };
    let t = present(live, secs);
    let goal = sought(&|goal| live.goal_points(goal)[point].into(), live.goal(t), to);
    let moved = live.set_goal(t, &goal);
    let now = t as f32 * live.recording().about.step_secs;
    match moved {
        // At rest, the state is seen in which the goal has changed.
        Ok(()) if !playback.is_playing => playback.seek(now),
        Ok(()) => {}
        Err(error) => playback.complaint = Some(error.to_string()),
    }
}

/// The goal near `goal`, `[goal_dim]`, whose `point` is nearest to `to`.
fn sought(point: &dyn Fn(&[f32]) -> Vec3, goal: &[f32], to: Vec3) -> Vec<f32> {
    let mut goal = goal.to_vec();
    for _ in 0..N_STEPS {
        let at = point(&goal);
        let jacobian: Vec<Vec3> = (0..goal.len())
            .map(|i| {
                let mut changed = goal.clone();
                changed[i] += DIFFERENCE;
                (point(&changed) - at) / DIFFERENCE
            })
            .collect();
        let product = jacobian.iter().map(|j| Mat3::from_cols(*j * j.x, *j * j.y, *j * j.z));
        let product = product.fold(Mat3::ZERO, |sum, part| sum + part);
        let trace = product.x_axis.x + product.y_axis.y + product.z_axis.z;
        if trace <= 0.0 {
            break;
        }
        let damped = product + Mat3::from_diagonal(Vec3::splat(DAMPING * trace));
        let pull = damped.inverse() * (to - at);
        for (component, derivative) in goal.iter_mut().zip(&jacobian) {
            *component += derivative.dot(pull);
        }
    }
    goal
}

/// Where a ray meets the horizontal plane through `dot`; where that is seen too flat, the plane through
/// it that faces the eye.
fn on_plane(ray: Ray3d, dot: Vec3) -> Option<Vec3> {
    let normal = if ray.direction.z.abs() < FLATTEST { *ray.direction } else { Vec3::Z };
    let along = (dot - ray.origin).dot(normal) / ray.direction.dot(normal);
    (0.0 < along).then(|| ray.get_point(along))
}

/// The point on the vertical through `dot` that is nearest to a ray.
///
/// With `n` the ray's direction without its vertical part, the ray passes the vertical where
/// `(o + s d - dot) · n = 0`.
fn on_vertical(ray: Ray3d, dot: Vec3) -> Option<Vec3> {
    let level = ray.direction.with_z(0.0);
    let along = (dot - ray.origin).dot(level) / ray.direction.dot(level);
    // From straight above, up and down are not seen.
    (0.0 < along && FLATTEST < level.length()).then(|| dot.with_z(ray.get_point(along).z))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_that_is_a_point_goes_where_the_mouse_is() {
        let to = Vec3::new(0.4, -0.2, 0.7);
        let found = sought(&|goal| Vec3::new(goal[0], goal[1], goal[2]), &[0.0; 3], to);
        assert!((Vec3::from_slice(&found) - to).length() < 1e-4, "{found:?}");
    }

    #[test]
    fn a_goal_in_a_plane_stays_in_it() {
        let point = |goal: &[f32]| Vec3::new(goal[0], goal[1], 0.1);
        let found = sought(&point, &[1.0, 1.0], Vec3::new(3.0, -2.0, 9.0));
        assert!((found[0] - 3.0).abs() < 1e-3 && (found[1] + 2.0).abs() < 1e-3, "{found:?}");
    }

    #[test]
    fn a_goal_that_is_an_angle_turns_toward_the_mouse() {
        // A door's edge on a circle around the hinge; the mouse is outside, in the direction of 0.9 rad.
        let edge = |goal: &[f32]| 0.5 * Vec3::new(goal[0].cos(), goal[0].sin(), 0.0);
        let to = 0.8 * Vec3::new(0.9_f32.cos(), 0.9_f32.sin(), 0.0);
        let found = sought(&edge, &[0.2], to);
        assert!((found[0] - 0.9).abs() < 0.02, "{found:?}");
    }

    #[test]
    fn the_other_fingers_stay_where_they_are() {
        let second = |goal: &[f32]| Vec3::from_slice(&goal[3..]);
        let found = sought(&second, &[1.0; 6], Vec3::new(1.5, 1.0, 1.0));
        assert_eq!(found[..3], [1.0; 3]);
    }

    #[test]
    fn the_mouse_moves_dots_in_their_plane_or_upright() {
        let down = Dir3::new(Vec3::new(0.0, 1.0, -1.0)).unwrap();
        let ray = Ray3d { origin: Vec3::new(0.0, -2.0, 2.5), direction: down };
        let dot = Vec3::new(0.3, 0.0, 0.5);
        let found = on_plane(ray, dot).unwrap();
        assert!((found - Vec3::new(0.0, 0.0, 0.5)).length() < 1e-5, "{found}");
        // Above y = 1, the ray is at -0.5.
        let found = on_vertical(ray, Vec3::new(0.3, 1.0, 0.5)).unwrap();
        assert!((found - Vec3::new(0.3, 1.0, -0.5)).length() < 1e-5, "{found}");
        let behind = Ray3d { direction: -ray.direction, ..ray };
        assert_eq!(on_plane(behind, dot), None);
    }
}
