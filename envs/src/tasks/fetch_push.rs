//! FetchPush: the shut gripper pushes a block to a place on the table.
//!
//! Block and goal are drawn from the square of ±15 cm around the gripper's start, the block not within
//! 10 cm of it; the goal is reached within 5 cm.
//!
//! Source: Plappert et al., "Multi-Goal Reinforcement Learning", 2018: `FetchPush-v1`.

use crate::recorded::{RecordedDims, RecordedState, Restore};
use crate::robots::fetch::{self, ClosedGripper, Object, Stage, Start};
use crate::task::Task;
use gcrl_core::scene::{Camera, Pose};
use gcrl_core::seed::Stream;
use gcrl_core::{Scene, TaskSpec};
use gcrl_physics::nalgebra::Vector3;
use gcrl_physics::world::{Body, Snapshot};

/// Physics steps in a control step of 40 ms: the fewest that keep to recorded episodes.
const SUB_STEPS: usize = 2;

/// The original's state after its set-up: fingertips a little in the table, on their way out.
const START: Start =
    Start { base_x: 0.405, grip: [1.34821, 0.74895, 0.41362], velocity: [0.0233, -0.0010, 0.0009] };

/// How far from the gripper's start blocks and goals are, along x and y, in meters.
const RANGE: f64 = 0.15;

/// Height of the block's middle when it lies on the table, in meters.
const REST_HEIGHT: f64 = 0.425;

/// The same in the original, whose block is a little in the table; goals have this height.
const GOAL_HEIGHT: f64 = 0.424_70;

/// The task's state.
pub struct FetchPush {
    stage: Stage,
    gripper: ClosedGripper,
    block: Body,
    start: Snapshot,
}

impl Task for FetchPush {
    const SPEC: TaskSpec =
        fetch::object_spec("FetchPush", "Fetch pushes a block to a place on the table.", SUB_STEPS);

    fn new() -> Self {
        let mut stage = Stage::new(&fetch::PUSH_SCENERY, Self::SPEC.physics_dt_secs);
        let gripper = ClosedGripper::new(&mut stage, &START);
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
        fetch::write(&Vector3::new(x, y, GOAL_HEIGHT), goal);
    }

    fn command(&mut self, action: &[f32]) {
        self.gripper.command(action);
    }

    fn advance(&mut self) {
        self.gripper.advance(&mut self.stage.world);
    }

    fn observation(&self, _goal: &[f32], observation: &mut [f32]) {
        let block = Object::now(&self.stage.world, self.block);
        fetch::observe_object(&self.gripper.view(), &block, observation);
    }

    fn achieved_goal(&self, achieved_goal: &mut [f32]) {
        fetch::write(&self.stage.world.position(self.block), achieved_goal);
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

impl Restore for FetchPush {
    const RECORDED: RecordedDims = fetch::OBJECT_RECORDED;

    fn restore(&mut self, state: &RecordedState<'_>) {
        let world = &mut self.stage.world;
        world.restore(&self.start);
        let seen = state.observation;
        self.gripper.restore(world, &seen[0..3], &seen[20..23], &seen[23..25]);
        Object::recorded(state, REST_HEIGHT, REST_HEIGHT).place(world, self.block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::seed;

    /// A task whose gripper stands at the height of the table, the block 6 cm ahead along y.
    fn before_the_block() -> FetchPush {
        let mut task = FetchPush::new();
        task.reset(&mut [0.0; 3], &mut seed::stream(0, "task", 0));
        let mut qpos = [0.0; 22];
        qpos[15..19].copy_from_slice(&[1.15, 0.66, 0.425, 1.0]);
        let mut observation = [0.0; 25];
        observation[0..3].copy_from_slice(&[1.15, 0.6, 0.425]);
        task.restore(&RecordedState {
            observation: &observation,
            achieved_goal: &qpos[15..18],
            qpos: &qpos,
            qvel: &[0.0; 21],
            mocap: &[],
        });
        task
    }

    fn step(task: &mut FetchPush, action: [f32; 4]) {
        task.command(&action);
        (0..SUB_STEPS).for_each(|_| task.advance());
    }

    #[test]
    fn a_pushed_block_stays_before_the_gripper() {
        let mut task = before_the_block();
        for _ in 0..12 {
            step(&mut task, [0.0, 0.4, 0.0, 0.0]);
        }
        let block = task.stage.world.position(task.block);
        // Half a block, half the fingers and their margin: 25 + 14.9 + 1 mm.
        let gap = block.y - task.gripper.view().position.y;
        assert!((gap - 0.0409).abs() < 0.002, "{gap}");
        assert!(0.75 < block.y && (block.z - REST_HEIGHT).abs() < 0.001, "{block}");
        // It drifts less than 3 mm sideways.
        assert!((block.x - 1.15).abs() < 0.003, "{block}");
    }

    #[test]
    fn a_pressed_block_is_not_flung_away() {
        let mut task = before_the_block();
        task.stage.world.set_position(task.block, &Vector3::new(1.15, 0.6, REST_HEIGHT));
        task.gripper.restore(&mut task.stage.world, &[1.15, 0.6, 0.48], &[0.0; 3], &[0.0; 2]);
        for _ in 0..30 {
            step(&mut task, [0.0, 0.0, -1.0, 0.0]);
        }
        for _ in 0..10 {
            step(&mut task, [0.0, 0.0, 1.0, 0.0]);
        }
        let block = Object::now(&task.stage.world, task.block);
        assert!((block.position.z - REST_HEIGHT).abs() < 0.002, "{}", block.position);
        assert!(block.velocity.norm() < 0.01, "{}", block.velocity);
    }
}
