//! What the two Point tasks share: a point in a square that moves where it is told.
//!
//! Source: multiworld's `Point2DEnv`, configured as `Point2DLargeEnv-v1` and `Point2D-FourRoom-v1`.

use crate::recorded::RecordedDims;
use gcrl_core::scene::{Camera, Layer, Material, Pose, Shape, Visual};
use gcrl_core::seed::{self, Stream};
use gcrl_core::{Field, Scene, SuccessRule, TaskSpec};

/// A point in the plane: x and y, in the square's unit of length.
pub(crate) type Point = [f64; 2];

/// The square reaches from minus to plus this, on both axes.
pub(crate) const HALF_WIDTH: f64 = 5.0;

/// The originals have no simulator state beside what is observed.
pub(crate) const RECORDED: RecordedDims = RecordedDims { qpos: 0, qvel: 0, mocap_pos: 0 };

/// Radius of the drawn point.
const POINT_RADIUS: f32 = 0.5;

/// Thickness of the drawn border, and half the height of whatever stands on the square.
const BORDER: f32 = 0.1;
const HALF_HEIGHT: f32 = 0.25;

/// The specification of a Point task.
pub(crate) const fn spec(id: &'static str, summary: &'static str) -> TaskSpec {
    const POINT: &[Field] = &[Field::new("point_in_world", 2, "1")];
    const STEP: &[Field] = &[Field::new("point_displacement", 2, "1")];
    TaskSpec {
        id,
        summary,
        observation: POINT,
        goal: POINT,
        action: STEP,
        horizon: 50,
        n_transitions: 49,
        sub_steps: 1,
        physics_dt_secs: 0.0,
        physics_version: crate::PHYSICS_VERSION,
        // Rewards include the circle, final success excludes it: so do the originals.
        reward: SuccessRule::Within(1.0),
        success: SuccessRule::Inside(1.0),
    }
}

/// Draws a point of the square, x first.
pub(crate) fn draw_point(rng: &mut Stream) -> Point {
    std::array::from_fn(|_| HALF_WIDTH * seed::signed_unit_f64(rng))
}

/// Where a displacement leads from `point` if nothing is in the way; may lie outside the square.
pub(crate) fn moved(point: Point, displacement: Point) -> Point {
    [point[0] + displacement[0], point[1] + displacement[1]]
}

/// The nearest point of the square.
pub(crate) fn inside(point: Point) -> Point {
    point.map(|coordinate| coordinate.clamp(-HALF_WIDTH, HALF_WIDTH))
}

/// Reads a point as the agent sees it, `[2]`.
pub(crate) fn read(numbers: &[f32]) -> Point {
    [f64::from(numbers[0]), f64::from(numbers[1])]
}

/// Writes a point as the agent sees it, `[2]`.
pub(crate) fn write(point: Point, output: &mut [f32]) {
    output.copy_from_slice(&point.map(|coordinate| coordinate as f32));
}

/// The square with the point on it, as body 1, and `walls` (their least and largest corners).
pub(crate) fn scene(walls: &[(Point, Point)]) -> Scene {
    let half_width = HALF_WIDTH as f32;
    let fixed = |position, shape, material| Visual {
        body: 0,
        in_body: Pose::at(position),
        shape,
        material,
        layer: Layer::Look,
    };
    let floor = Shape::Plane { half_extents: [half_width; 2] };
    let mut visuals = vec![fixed([0.0; 3], floor, Material::matte(0.80, 0.82, 0.85))];
    for side in [-1.0, 1.0] {
        let middle = side * (half_width + BORDER);
        let (along_x, along_y) = ([half_width + 2.0 * BORDER, BORDER], [BORDER, half_width]);
        for (position, [x, y]) in [([0.0, middle], along_x), ([middle, 0.0], along_y)] {
            let border = Shape::Cuboid { half_extents: [x, y, HALF_HEIGHT] };
            let position = [position[0], position[1], HALF_HEIGHT];
            visuals.push(fixed(position, border, Material::matte(0.45, 0.48, 0.55)));
        }
    }
    for (min, max) in walls {
        // The originals' walls reach beyond the square.
        let (min, max) = (inside(*min), inside(*max));
        let middle: [f32; 2] = std::array::from_fn(|axis| (0.5 * (min[axis] + max[axis])) as f32);
        let [x, y] = std::array::from_fn(|axis| (0.5 * (max[axis] - min[axis])) as f32);
        let wall = Shape::Cuboid { half_extents: [x, y, HALF_HEIGHT] };
        let position = [middle[0], middle[1], HALF_HEIGHT];
        visuals.push(fixed(position, wall, Material::matte(0.35, 0.37, 0.42)));
    }
    visuals.push(Visual {
        body: 1,
        in_body: Pose::IDENTITY,
        shape: Shape::Sphere { radius: POINT_RADIUS },
        material: Material::matte(0.15, 0.45, 0.85),
        layer: Layer::Look,
    });
    Scene {
        bodies: vec!["square".to_owned(), "point".to_owned()],
        visuals,
        camera: Camera { target: [0.0, -0.4, 0.0], eye: [0.0, -9.0, 12.0] },
        goal_radius: Some(1.0),
    }
}

/// Poses of the scene's bodies.
pub(crate) fn poses(point: Point) -> [Pose; 2] {
    [Pose::IDENTITY, Pose::at(on_floor(point))]
}

/// Where a goal, `[2]`, is drawn.
pub(crate) fn goal_points(goal: &[f32]) -> Vec<[f32; 3]> {
    vec![on_floor(read(goal))]
}

fn on_floor(point: Point) -> [f32; 3] {
    [point[0] as f32, point[1] as f32, POINT_RADIUS]
}
