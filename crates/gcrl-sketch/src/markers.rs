//! What is drawn beside the scene's own shapes: goals, and what is achieved.

use gcrl_core::Scene;

/// Color of the ball within which a goal counts as reached, of the dots on the goal, and of the dots on
/// what is achieved: red, green, blue and opacity in sRGB, each in [0, 1].
const GOAL_COLOR: [f32; 4] = [0.20, 0.75, 0.35, 0.25];
const GOAL_DOT_COLOR: [f32; 4] = [0.05, 0.60, 0.20, 1.0];
const ACHIEVED_DOT_COLOR: [f32; 4] = [0.95, 0.45, 0.05, 1.0];

/// Radius of a dot as a share of the camera's distance.
const DOT: f32 = 0.008;

/// A marker in the world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ball {
    /// In meters.
    pub center: [f32; 3],
    /// In meters.
    pub radius: f32,
    /// Red, green, blue and opacity in sRGB, each in [0, 1].
    pub color: [f32; 4],
}

/// What is drawn beside the scene's own shapes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Markers {
    /// They stand in the scene as its shapes do, but light passes them.
    pub balls: Vec<Ball>,
    /// They shine through whatever hides them.
    pub dots: Vec<Ball>,
}

impl Markers {
    /// Marks a goal by a dot on each of its points, what is achieved likewise, and, if the scene has a
    /// goal radius, each point of the goal by a ball of this radius. Points are in meters.
    pub fn of(goal: &[[f32; 3]], achieved: &[[f32; 3]], scene: &Scene) -> Self {
        let dot_radius = DOT * scene.camera.distance();
        let goal_dots = balls(goal, dot_radius, GOAL_DOT_COLOR);
        let achieved_dots = balls(achieved, dot_radius, ACHIEVED_DOT_COLOR);
        let reach = scene.goal_radius.map(|radius| balls(goal, radius, GOAL_COLOR).collect());
        Self { balls: reach.unwrap_or_default(), dots: goal_dots.chain(achieved_dots).collect() }
    }
}

/// A ball around each point.
fn balls(centers: &[[f32; 3]], radius: f32, color: [f32; 4]) -> impl Iterator<Item = Ball> {
    centers.iter().map(move |center| Ball { center: *center, radius, color })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::scene::Camera;

    #[test]
    fn a_goal_has_balls_only_if_it_has_a_radius() {
        let camera = Camera { target: [0.0; 3], eye: [0.0, 3.0, 4.0] };
        let mut scene = Scene {
            bodies: vec!["world".to_owned()],
            visuals: Vec::new(),
            camera,
            goal_radius: Some(0.1),
        };
        let (goal, achieved) = ([[1.0; 3], [2.0; 3]], [[3.0; 3]]);
        let markers = Markers::of(&goal, &achieved, &scene);
        let centers = markers.dots.iter().map(|dot| dot.center[0]);
        assert_eq!(centers.collect::<Vec<_>>(), [1.0, 2.0, 3.0]);
        assert!(markers.dots.iter().all(|dot| dot.radius == 5.0 * DOT));
        assert_eq!(markers.balls.iter().map(|ball| ball.radius).collect::<Vec<_>>(), [0.1; 2]);
        scene.goal_radius = None;
        assert_eq!(Markers::of(&goal, &achieved, &scene).balls, []);
    }
}
