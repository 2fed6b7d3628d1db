//! PointRooms: a point goes to a goal through four rooms.
//!
//! PointReach with six walls: a cross in the middle and four stubs at the middles of the sides, which
//! leave four doors 2.8 wide. Walls are given for the point's center: they are inflated by the
//! point's drawn radius (0.5) and their own thickness (0.3).
//!
//! Source: multiworld, `Point2D-FourRoom-v1`, wall shape `four-room-v1`. The best possible mean
//! return is 45.25; heading straight for the goal earns 36.26, random actions 1.42.

use crate::recorded::{RecordedDims, RecordedState, Restore};
use crate::robots::point::{self, Point};
use crate::robots::walls::{self, Wall};
use crate::task::Task;
use gcrl_core::scene::Pose;
use gcrl_core::seed::Stream;
use gcrl_core::{Scene, TaskSpec};

/// The walls' center lines, from one end to the other. Their order decides corner cases.
const WALLS: [Wall; 6] = [
    Wall::along([-6.0, 0.0], [-5.25, 0.0]),
    Wall::along([-0.85, 0.0], [0.85, 0.0]),
    Wall::along([5.25, 0.0], [6.0, 0.0]),
    Wall::along([0.0, 5.25], [0.0, 6.0]),
    Wall::along([0.0, -0.85], [0.0, 0.85]),
    Wall::along([0.0, -6.0], [0.0, -5.25]),
];

/// The task's state.
pub(crate) struct PointRooms {
    point: Point,
    displacement: Point,
}

impl Task for PointRooms {
    const SPEC: TaskSpec = point::spec("PointRooms", "A point goes to a goal through four rooms.");

    fn new() -> Self {
        Self { point: [0.0; 2], displacement: [0.0; 2] }
    }

    fn reset(&mut self, goal: &mut [f32], rng: &mut Stream) {
        point::write(draw_free_point(rng), goal);
        self.point = draw_free_point(rng);
    }

    fn command(&mut self, action: &[f32]) {
        self.displacement = [f64::from(action[0]), f64::from(action[1])];
    }

    fn advance(tasks: &mut [&mut Self]) {
        for task in tasks {
            let proposed = point::moved(task.point, task.displacement);
            task.point = point::inside(walls::stopped(&WALLS, task.point, proposed));
        }
    }

    fn observation(&self, _goal: &[f32], observation: &mut [f32]) {
        point::write(self.point, observation);
    }

    fn achieved_goal(&self, achieved_goal: &mut [f32]) {
        point::write(self.point, achieved_goal);
    }

    fn scene(&self) -> Scene {
        point::scene(&WALLS.map(Wall::drawn))
    }

    fn poses(&self, poses: &mut Vec<Pose>) {
        poses.extend(point::poses(self.point));
    }

    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]> {
        point::goal_points(goal)
    }
}

impl Restore for PointRooms {
    const RECORDED: RecordedDims = point::RECORDED;

    fn restore(&mut self, state: &RecordedState<'_>) {
        self.point = point::read(state.achieved_goal);
    }
}

fn draw_free_point(rng: &mut Stream) -> Point {
    loop {
        let point = point::draw_point(rng);
        if !WALLS.iter().any(|wall| wall.contains(point)) {
            return point;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::seed;

    fn moved(from: Point, action: [f32; 2]) -> Point {
        let mut task = PointRooms { point: from, ..PointRooms::new() };
        task.command(&action);
        PointRooms::advance(&mut [&mut task]);
        task.point
    }

    #[test]
    fn the_cross_stops_a_point_from_every_side_and_lets_it_slide() {
        // The horizontal bar spans x -1.65..1.65, y -0.8..0.8; the vertical one the same, turned.
        assert_eq!(moved([1.2, 1.0], [0.25, -0.5]), [1.45, 0.81]);
        assert_eq!(moved([1.2, -1.0], [-0.25, 0.5]), [0.95, -0.81]);
        assert_eq!(moved([2.0, 0.25], [-0.5, 0.25]), [1.66, 0.5]);
        assert_eq!(moved([-2.0, 0.25], [0.5, 0.25]), [-1.66, 0.5]);
    }

    #[test]
    fn the_doors_are_open() {
        assert_eq!(moved([2.0, 0.5], [0.0, -1.0]), [2.0, -0.5]);
        assert_eq!(moved([4.0, 0.5], [0.0, -1.0]), [4.0, -0.5]);
        assert_eq!(moved([-0.5, -3.0], [1.0, 0.0]), [0.5, -3.0]);
    }

    #[test]
    fn a_point_in_the_inner_corner_of_the_cross_stops_on_both_axes() {
        assert_eq!(moved([1.0, 1.0], [-1.0, -1.0]), [0.81, 0.81]);
    }

    #[test]
    fn starts_and_goals_are_free() {
        let mut task = PointRooms::new();
        for episode in 0..2_000 {
            let mut goal = [0.0; 2];
            task.reset(&mut goal, &mut seed::stream(1, "test", episode));
            for wall in &WALLS {
                assert!(!wall.contains(task.point) && !wall.contains(point::read(&goal)));
            }
        }
    }
}
