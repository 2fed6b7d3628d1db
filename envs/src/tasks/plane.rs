//! What the two Point tasks share: a point in a square that moves where it is told.
//!
//! Source: multiworld's `Point2DEnv`, configured as `Point2DLargeEnv-v1` and `Point2D-FourRoom-v1`.

use gcrl_core::seed::Stream;
use gcrl_core::{Field, SuccessRule, TaskSpec};
use rand::RngExt;

/// A point in the plane: x and y, in the square's unit of length.
pub type Point = [f64; 2];

/// The square reaches from minus to plus this, on both axes.
pub const HALF_WIDTH: f64 = 5.0;

/// The specification of a Point task.
pub(super) const fn spec(id: &'static str, summary: &'static str) -> TaskSpec {
    const POINT: &[Field] = &[Field::new("point_in_world", 2, "1")];
    const STEP: &[Field] = &[Field::new("point_displacement", 2, "1")];
    TaskSpec {
        id,
        summary,
        observation: POINT,
        goal: POINT,
        action: STEP,
        horizon: 50,
        sub_steps: 1,
        physics_dt_secs: 0.0,
        // Rewards include the circle, final success excludes it: so do the originals.
        reward: SuccessRule::Within(1.0),
        success: SuccessRule::Inside(1.0),
    }
}

/// Draws a point of the square, x first.
pub(super) fn draw_point(rng: &mut Stream) -> Point {
    [0; 2].map(|_: i32| HALF_WIDTH * (2.0 * rng.random::<f64>() - 1.0))
}

/// Where a displacement leads from `point` if nothing is in the way; may lie outside the square.
pub(super) fn moved(point: Point, displacement: Point) -> Point {
    [point[0] + displacement[0], point[1] + displacement[1]]
}

/// The nearest point of the square.
pub(super) fn inside(point: Point) -> Point {
    point.map(|coordinate| coordinate.clamp(-HALF_WIDTH, HALF_WIDTH))
}

/// Writes a point as the agent sees it, `[2]`.
pub(super) fn write(point: Point, output: &mut [f32]) {
    output.copy_from_slice(&point.map(|coordinate| coordinate as f32));
}
