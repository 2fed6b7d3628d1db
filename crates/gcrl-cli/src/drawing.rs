//! What pictures of episodes have in common: how goals are marked.

use gcrl_core::scene::{Camera, Scene};
use gcrl_sketch::{Ball, Markers};

/// Colors of the goal, of the dots on the goal, and of what is achieved.
const GOAL_COLOR: [f32; 4] = [0.20, 0.75, 0.35, 0.25];
const GOAL_DOT_COLOR: [f32; 4] = [0.05, 0.60, 0.20, 1.0];
const ACHIEVED_DOT_COLOR: [f32; 4] = [0.95, 0.45, 0.05, 1.0];

/// Radius of a dot as a share of the camera's distance.
const DOT: f32 = 0.008;

/// Marks the goal by its points, with a ball within which it counts as reached where there is such a
/// ball, and what is achieved by its points.
pub(crate) fn markers(goal: &[[f32; 3]], achieved: &[[f32; 3]], scene: &Scene) -> Markers {
    let radius = DOT * distance(&scene.camera);
    let dots = |points: &[[f32; 3]], color| -> Vec<Ball> {
        points.iter().map(|center| Ball { center: *center, radius, color }).collect()
    };
    let reach = scene.goal_radius.into_iter();
    let balls = reach.flat_map(|radius| {
        goal.iter().map(move |center| Ball { center: *center, radius, color: GOAL_COLOR })
    });
    Markers {
        balls: balls.collect(),
        dots: [dots(goal, GOAL_DOT_COLOR), dots(achieved, ACHIEVED_DOT_COLOR)].concat(),
    }
}

/// From the eye to the target.
pub(crate) fn distance(camera: &Camera) -> f32 {
    let squares = camera.eye.iter().zip(camera.target).map(|(eye, target)| (eye - target).powi(2));
    squares.sum::<f32>().sqrt()
}
