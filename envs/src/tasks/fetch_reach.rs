//! FetchReach: the gripper goes to a point in the air.
//!
//! Goals are drawn from the cube of ±15 cm around the grip site's start, and reached within 5 cm.
//!
//! Source: Plappert et al., "Multi-Goal Reinforcement Learning", 2018: `FetchReach-v1`.

use crate::robots::fetch::{self, ClosedGripper, Stage, Start};
use crate::task::{RecordedDims, Task};
use gcrl_core::scene::{Camera, Pose};
use gcrl_core::seed::Stream;
use gcrl_core::{RecordedState, Scene, TaskSpec};
use gcrl_physics::Articulation;
use gcrl_physics::nalgebra::Vector3;
use gcrl_physics::world::Snapshot;

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
    goal: Vector3<f64>,
}

impl Task for FetchReach {
    const SPEC: TaskSpec =
        fetch::reach_spec("FetchReach", "Fetch's gripper goes to a point in the air.");

    const RECORDED: RecordedDims = fetch::GRIPPER_RECORDED;

    fn new(_: Articulation) -> Self {
        let mut stage = Stage::new(fetch::REACH_SCENERY, Self::SPEC.physics_dt_secs);
        let gripper = ClosedGripper::new(&mut stage, &START);
        let start = stage.world.snapshot();
        Self { stage, gripper, start, goal: Vector3::zeros() }
    }

    fn reset(&mut self, rng: &mut Stream) {
        self.stage.world.restore(&self.start);
        self.gripper.at_start(&START);
        self.goal = fetch::draw_around(START.grip, GOAL_RANGE, rng);
    }

    fn restore(&mut self, state: &RecordedState<'_>) {
        self.stage.world.restore(&self.start);
        let seen = state.observation;
        self.gripper.restore(&mut self.stage.world, &seen[0..3], &seen[5..8]);
    }

    fn ask_for(&mut self, goal: &[f32]) {
        self.goal = fetch::read(goal);
    }

    fn command(&mut self, action: &[f32]) {
        self.gripper.command(action);
    }

    fn advance(&mut self) {
        self.gripper.advance(&mut self.stage.world);
    }

    fn observation(&self, observation: &mut [f32]) {
        fetch::observe_gripper(&self.gripper.view(), observation);
    }

    fn achieved_goal(&self, achieved_goal: &mut [f32]) {
        fetch::write(&self.gripper.view().position, achieved_goal);
    }

    fn desired_goal(&self, desired_goal: &mut [f32]) {
        fetch::write(&self.goal, desired_goal);
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
