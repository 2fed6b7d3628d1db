//! FetchReach: the gripper goes to a point in the air.
//!
//! Goals are drawn from the cube of ±15 cm around the grip site's start, and reached within 5 cm.
//!
//! Source: Plappert et al., "Multi-Goal Reinforcement Learning", 2018: `FetchReach-v1`.

use crate::recorded::{RecordedDims, RecordedState, Restore};
use crate::robots::fetch::{self, ClosedGripper, Stage, Start};
use crate::task::Task;
use gcrl_core::scene::{Camera, Pose};
use gcrl_core::seed::Stream;
use gcrl_core::{Scene, TaskSpec};
use gcrl_physics::world::Snapshot;

/// Physics steps in a control step of 40 ms; the gripper meets nothing but the table.
const SUB_STEPS: usize = 2;

/// The original's state after its set-up.
const START: Start =
    Start { base_x: 0.4049, grip: [1.34186, 0.74910, 0.53471], velocity: [0.0; 3] };

/// How far from the start goals are, along each axis, in meters.
const GOAL_RANGE: f64 = 0.15;

/// The task's state.
pub struct FetchReach {
    stage: Stage,
    gripper: ClosedGripper,
    start: Snapshot,
}

impl Task for FetchReach {
    const SPEC: TaskSpec =
        fetch::reach_spec("FetchReach", "Fetch's gripper goes to a point in the air.", SUB_STEPS);

    fn new() -> Self {
        let mut stage = Stage::new(&fetch::REACH_SCENERY, Self::SPEC.physics_dt_secs);
        let gripper = ClosedGripper::new(&mut stage, &START);
        let start = stage.world.snapshot();
        Self { stage, gripper, start }
    }

    fn reset(&mut self, goal: &mut [f32], rng: &mut Stream) {
        self.stage.world.restore(&self.start);
        self.gripper.at_start(&START);
        fetch::write(&fetch::draw_around(START.grip, GOAL_RANGE, rng), goal);
    }

    fn command(&mut self, action: &[f32]) {
        self.gripper.command(action);
    }

    fn advance(&mut self) {
        self.gripper.advance(&mut self.stage.world);
    }

    fn observation(&self, _goal: &[f32], observation: &mut [f32]) {
        fetch::observe_gripper(&self.gripper.view(), observation);
    }

    fn achieved_goal(&self, achieved_goal: &mut [f32]) {
        fetch::write(&self.gripper.view().position, achieved_goal);
    }

    fn scene(&self) -> Scene {
        self.stage.scene(Camera { target: [1.15, 0.75, 0.50], eye: [2.45, -0.55, 1.15] })
    }

    fn poses(&self, poses: &mut Vec<Pose>) {
        self.stage.poses(&self.gripper.joints(), None, poses);
    }

    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]> {
        vec![[goal[0], goal[1], goal[2]]]
    }
}

impl Restore for FetchReach {
    const RECORDED: RecordedDims = fetch::GRIPPER_RECORDED;

    fn restore(&mut self, state: &RecordedState<'_>) {
        self.stage.world.restore(&self.start);
        let seen = state.observation;
        let world = &mut self.stage.world;
        self.gripper.restore(world, &seen[0..3], &seen[5..8], &seen[8..10]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::seed;
    use gcrl_physics::nalgebra::Vector3;

    fn step(task: &mut FetchReach, action: [f32; 4]) -> Vector3<f64> {
        let before = task.gripper.view().position;
        task.command(&action);
        (0..SUB_STEPS).for_each(|_| task.advance());
        task.gripper.view().position - before
    }

    #[test]
    fn a_command_moves_the_gripper_as_in_the_original() {
        let mut task = FetchReach::new();
        task.reset(&mut [0.0; 3], &mut seed::stream(0, "task", 0));
        // Measured on gymnasium-robotics 1.4.2 with MuJoCo 2.3.3, in meters a control step.
        for expected in [0.0307, 0.0334, 0.0331, 0.03315, 0.0331] {
            let way = step(&mut task, [0.0, 1.0, 0.0, 0.0]);
            assert!((way.y - expected).abs() < 0.0007, "{way} instead of {expected}");
        }
    }

    #[test]
    fn the_table_stops_the_fingers() {
        let mut task = FetchReach::new();
        task.reset(&mut [0.0; 3], &mut seed::stream(0, "task", 0));
        for _ in 0..20 {
            step(&mut task, [0.0, 0.0, -1.0, 0.0]);
        }
        // The fingers end 18.5 mm below the grip site, and stop a millimeter above the table.
        let height = task.gripper.view().position.z;
        assert!((height - 0.4195).abs() < 0.001, "{height}");
    }

    #[test]
    fn every_episode_starts_alike_but_for_its_goal() {
        let mut task = FetchReach::new();
        let mut starts = Vec::new();
        for seed in 0..3 {
            let mut goal = [0.0; 3];
            task.reset(&mut goal, &mut seed::stream(seed, "task", 0));
            let goal = fetch::read(&goal) - Vector3::from(START.grip);
            assert!(goal.amax() <= GOAL_RANGE + 1e-6, "{goal}");
            starts.push(step(&mut task, [0.3, -0.2, -1.0, 0.0]));
            for _ in 0..30 {
                step(&mut task, [0.5, 0.5, -1.0, 0.0]);
            }
        }
        assert!(starts.windows(2).all(|pair| pair[0] == pair[1]), "{starts:?}");
    }
}
