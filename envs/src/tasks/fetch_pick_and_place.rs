//! FetchPickAndPlace: the gripper takes a block and holds it at a point on the table or in the air.
//!
//! Block and goal are drawn from the square of ±15 cm around the gripper's start, the block not within
//! 10 cm of it; half of the goals are up to 45 cm above the table; a goal is reached within 5 cm.
//!
//! Source: Plappert et al., "Multi-Goal Reinforcement Learning", 2018: `FetchPickAndPlace-v1`.

use crate::recorded::{RecordedDims, RecordedState, Restore};
use crate::robots::fetch::{self, Object, OpenGripper, Stage, Start};
use crate::task::Task;
use gcrl_core::scene::{Camera, Pose};
use gcrl_core::seed::Stream;
use gcrl_core::{Scene, TaskSpec};
use gcrl_physics::nalgebra::Vector3;
use gcrl_physics::world::{Body, Snapshot};
use rand::RngExt;

/// Physics steps in a control step of 40 ms: with fewer, held blocks slip.
const SUB_STEPS: usize = 3;

/// The original's state after its set-up.
const START: Start = Start { base_x: 0.405, grip: [1.34196, 0.74910, 0.53471], velocity: [0.0; 3] };

/// How far from the gripper's start blocks and goals are, along x and y, in meters.
const RANGE: f64 = 0.15;

/// The share of goals in the air, and how far above the table they are at most, in meters.
const IN_THE_AIR: f64 = 0.5;
const LARGEST_LIFT: f64 = 0.45;

/// Height of the block's middle when it lies on the table, in meters.
const REST_HEIGHT: f64 = 0.425;

/// The same in the original, whose block is a little in the table; goals have this height.
const GOAL_HEIGHT: f64 = 0.424_70;

/// The task's state.
pub struct FetchPickAndPlace {
    stage: Stage,
    gripper: OpenGripper,
    block: Body,
    start: Snapshot,
}

impl Task for FetchPickAndPlace {
    const SPEC: TaskSpec = fetch::object_spec(
        "FetchPickAndPlace",
        "Fetch takes a block and holds it at a point on the table or in the air.",
        SUB_STEPS,
    );

    fn new() -> Self {
        let mut stage = Stage::new(&fetch::PUSH_SCENERY, Self::SPEC.physics_dt_secs);
        let gripper = OpenGripper::new(&mut stage, &START);
        let block = stage.add_object("block");
        let start = stage.world.snapshot();
        Self { stage, gripper, block, start }
    }

    fn reset(&mut self, goal: &mut [f32], rng: &mut Stream) {
        self.stage.world.restore(&self.start);
        self.gripper.at_start(&START);
        let [x, y] = fetch::draw_start(&START, RANGE, rng);
        self.stage.world.set_position(self.block, &Vector3::new(x, y, REST_HEIGHT));
        let [x, y, _] = fetch::draw_around(START.grip, RANGE, rng).into();
        let is_in_the_air = rng.random::<f64>() < IN_THE_AIR;
        let lift = if is_in_the_air { LARGEST_LIFT * rng.random::<f64>() } else { 0.0 };
        fetch::write(&Vector3::new(x, y, GOAL_HEIGHT + lift), goal);
    }

    fn command(&mut self, action: &[f32]) {
        self.gripper.command(action);
    }

    fn advance(&mut self) {
        self.gripper.advance(&mut self.stage.world);
    }

    fn observation(&self, _goal: &[f32], observation: &mut [f32]) {
        let block = Object::late(&self.stage.world, self.block);
        fetch::observe_object(&self.gripper.view(), &block, observation);
    }

    fn achieved_goal(&self, achieved_goal: &mut [f32]) {
        fetch::write(&Object::late(&self.stage.world, self.block).position, achieved_goal);
    }

    fn scene(&self) -> Scene {
        self.stage.scene(Camera { target: [1.15, 0.75, 0.50], eye: [2.45, -0.55, 1.15] })
    }

    fn poses(&self, poses: &mut Vec<Pose>) {
        self.stage.poses(&self.gripper.joints(), Some(self.block), poses);
    }

    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]> {
        vec![[goal[0], goal[1], goal[2]]]
    }
}

impl Restore for FetchPickAndPlace {
    const RECORDED: RecordedDims = fetch::OBJECT_RECORDED;

    fn restore(&mut self, state: &RecordedState<'_>) {
        let world = &mut self.stage.world;
        world.restore(&self.start);
        self.gripper.restore(world, state.observation);
        Object::recorded(state, REST_HEIGHT, REST_HEIGHT).place(world, self.block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::seed;

    /// A task whose open gripper stands around the block.
    fn around_the_block() -> FetchPickAndPlace {
        let mut task = FetchPickAndPlace::new();
        task.reset(&mut [0.0; 3], &mut seed::stream(0, "task", 0));
        let mut qpos = [0.0; 22];
        qpos[15..19].copy_from_slice(&[1.2, 0.6, 0.425, 1.0]);
        let mut observation = [0.0; 25];
        observation[0..3].copy_from_slice(&[1.2, 0.6, 0.427]);
        observation[9..11].copy_from_slice(&[0.05, 0.05]);
        task.restore(&RecordedState {
            observation: &observation,
            achieved_goal: &qpos[15..18],
            qpos: &qpos,
            qvel: &[0.0; 21],
            mocap: &[],
        });
        task
    }

    fn step(task: &mut FetchPickAndPlace, action: [f32; 4]) {
        task.command(&action);
        (0..SUB_STEPS).for_each(|_| task.advance());
    }

    #[test]
    fn fingers_that_close_on_the_block_lift_it_and_let_it_go() {
        let mut task = around_the_block();
        for _ in 0..5 {
            step(&mut task, [0.0, 0.0, 0.006, -1.0]);
        }
        // Measured on gymnasium-robotics 1.4.2 with MuJoCo 2.3.3: held at 24.1 mm.
        let [right, left] = task.gripper.view().fingers;
        assert!((right - 0.0241).abs() < 0.002 && (left - 0.0241).abs() < 0.002, "{right} {left}");
        let from_gripper = |task: &FetchPickAndPlace| {
            task.stage.world.position(task.block) - task.gripper.view().position
        };
        let held = from_gripper(&task);
        for _ in 0..10 {
            step(&mut task, [0.0, 0.0, 1.0, -1.0]);
        }
        let slip = from_gripper(&task) - held;
        assert!(0.7 < task.stage.world.position(task.block).z && slip.norm() < 0.005, "{slip}");
        for _ in 0..15 {
            step(&mut task, [0.0, 0.0, 0.0, 1.0]);
        }
        assert!((task.stage.world.position(task.block).z - REST_HEIGHT).abs() < 0.003);
    }

    #[test]
    fn free_fingers_open_and_close_as_in_the_original() {
        let mut task = FetchPickAndPlace::new();
        task.reset(&mut [0.0; 3], &mut seed::stream(0, "task", 0));
        // Measured on gymnasium-robotics 1.4.2 with MuJoCo 2.3.3, in meters at the end of a step.
        for expected in [0.0407, 0.0516, 0.0501, 0.05005] {
            step(&mut task, [0.0, 0.0, 0.0, 1.0]);
            let [right, left] = task.gripper.view().fingers;
            assert!((right - expected).abs() < 0.001, "{right} instead of {expected}");
            assert!((right - left).abs() < 1e-5, "{right} and {left}");
        }
    }

    #[test]
    fn half_of_the_goals_are_in_the_air() {
        let mut task = FetchPickAndPlace::new();
        let heights = (0..2000).map(|seed| {
            let mut goal = [0.0; 3];
            task.reset(&mut goal, &mut seed::stream(seed, "task", 0));
            goal[2] - GOAL_HEIGHT as f32
        });
        let lifts: Vec<f32> = heights.filter(|lift| *lift != 0.0).collect();
        assert!((900..1100).contains(&lifts.len()), "{}", lifts.len());
        assert!(lifts.iter().all(|lift| 0.0 < *lift && *lift < LARGEST_LIFT as f32));
    }
}
