//! PointReach: a point in an empty square goes to a goal.
//!
//! `p ← clip(p + a, −5, 5)` per axis; reward 1 where `‖p − g‖ ≤ 1`.
//!
//! Source: multiworld, `Point2DLargeEnv-v1`. The best possible mean return is 45.75; random actions
//! earn 1.34.

use crate::recorded::{RecordedDims, RecordedState, Restore};
use crate::robots::point::{self, Point};
use crate::task::Task;
use gcrl_core::scene::Pose;
use gcrl_core::seed::Stream;
use gcrl_core::{Scene, TaskSpec};

/// The task's state.
pub(crate) struct PointReach {
    point: Point,
    displacement: Point,
}

impl Task for PointReach {
    const SPEC: TaskSpec = point::spec("PointReach", "A point in an empty square goes to a goal.");

    fn new() -> Self {
        Self { point: [0.0; 2], displacement: [0.0; 2] }
    }

    fn reset(&mut self, goal: &mut [f32], rng: &mut Stream) {
        point::write(point::draw_point(rng), goal);
        self.point = point::draw_point(rng);
    }

    fn command(&mut self, action: &[f32]) {
        self.displacement = [f64::from(action[0]), f64::from(action[1])];
    }

    fn advance(tasks: &mut [&mut Self]) {
        for task in tasks {
            task.point = point::inside(point::moved(task.point, task.displacement));
        }
    }

    fn observation(&self, _goal: &[f32], observation: &mut [f32]) {
        point::write(self.point, observation);
    }

    fn achieved_goal(&self, achieved_goal: &mut [f32]) {
        point::write(self.point, achieved_goal);
    }

    fn scene(&self) -> Scene {
        point::scene(&[])
    }

    fn poses(&self, poses: &mut Vec<Pose>) {
        poses.extend(point::poses(self.point));
    }

    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]> {
        point::goal_points(goal)
    }
}

impl Restore for PointReach {
    const RECORDED: RecordedDims = point::RECORDED;

    fn restore(&mut self, state: &RecordedState<'_>) {
        self.point = point::read(state.achieved_goal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_point_moves_by_the_action_and_stays_in_the_square() {
        let mut task = PointReach { point: [4.5, -1.0], ..PointReach::new() };
        task.command(&[1.0, -0.25]);
        PointReach::advance(&mut [&mut task]);
        assert_eq!(task.point, [5.0, -1.25]);
    }
}
