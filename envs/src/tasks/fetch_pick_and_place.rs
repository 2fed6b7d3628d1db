//! FetchPickAndPlace: the gripper takes a block and holds it at a point on the table or in the air.
//!
//! Block and goal are drawn from the square of ±15 cm around the gripper's start, the block not within
//! 10 cm of it; half of the goals are up to 45 cm above the table; a goal is reached within 5 cm.
//!
//! Source: Plappert et al., "Multi-Goal Reinforcement Learning", 2018: `FetchPickAndPlace-v1`.

use crate::recorded::{RecordedDims, RecordedState, Restore};
use crate::robots::fetch::{self, Fetch, Fingers, ObjectStart, Stage, State};
use crate::task::Task;
use gcrl_core::scene::{Camera, Pose};
use gcrl_core::seed::Stream;
use gcrl_core::{Scene, TaskSpec};
use gcrl_physics::nalgebra::Vector3;
use rand::RngExt;

/// The original's state after its set-up.
pub(super) static START: State = State {
    base_x: 0.404_999_884,
    joints: [
        0.001_250_343_7,
        0.009_693_052_54,
        -0.826_127_719,
        -0.003_089_365_88,
        1.444_873_51,
        0.002_573_158_23,
        0.951_995_292,
        0.005_929_243_12,
        3.184_500_68e-06,
        -4.968_358_28e-08,
    ],
    rates: [
        0.003_277_766_87,
        0.000_709_709_35,
        0.006_560_777_39,
        -0.001_379_522_44,
        -0.000_509_991_451,
        0.001_178_642_05,
        -0.004_043_997_05,
        -0.000_986_235_901,
        1.315_847_97e-05,
        4.383_960_62e-06,
    ],
    object: Some(ObjectStart {
        height: 0.424_702_091,
        turn: [1.0, 0.0, 0.0, 0.0],
        velocity: [0.0, 0.0, 0.001_170_694_14],
        spin: [0.0; 3],
    }),
};

/// Where the grip site then is, in meters.
pub(super) const GRIP: [f64; 3] = [1.341_955, 0.749_101, 0.534_707];

/// How far from the gripper's start blocks and goals are, along x and y, in meters.
const RANGE: f64 = 0.15;

/// The share of goals in the air, and how far above the table they are at most, in meters.
const IN_THE_AIR: f64 = 0.5;
const LARGEST_LIFT: f64 = 0.45;

/// Height of the block's middle when it has come to rest on the table, in meters; goals have it too.
const GOAL_HEIGHT: f64 = 0.42470;

/// The task's state.
pub(crate) struct FetchPickAndPlace {
    stage: Stage,
    fetch: Fetch,
}

impl Task for FetchPickAndPlace {
    const SPEC: TaskSpec = fetch::object_spec(
        "FetchPickAndPlace",
        "Fetch takes a block and holds it at a point on the table or in the air.",
    );

    fn new() -> Self {
        let stage = Stage::new(&fetch::PUSH_SCENERY);
        let fetch = Fetch::new(stage.scenery, Some("block"), &START, Fingers::Driven);
        Self { stage, fetch }
    }

    fn reset(&mut self, goal: &mut [f32], rng: &mut Stream) {
        self.fetch.reset(fetch::draw_start(GRIP, RANGE, rng));
        let [x, y, _] = fetch::draw_around(GRIP, RANGE, rng).into();
        let is_in_the_air = rng.random::<f64>() < IN_THE_AIR;
        let lift = if is_in_the_air { LARGEST_LIFT * rng.random::<f64>() } else { 0.0 };
        fetch::write(&Vector3::new(x, y, GOAL_HEIGHT + lift), goal);
    }

    fn command(&mut self, action: &[f32]) {
        self.fetch.command(action);
    }

    fn advance(tasks: &mut [&mut Self]) {
        Fetch::advance(tasks.iter_mut().map(|task| &mut task.fetch));
    }

    fn observation(&self, _goal: &[f32], observation: &mut [f32]) {
        fetch::observe_object(&self.fetch.gripper(), &self.fetch.object(), observation);
    }

    fn achieved_goal(&self, achieved_goal: &mut [f32]) {
        fetch::write(&self.fetch.object().position, achieved_goal);
    }

    fn scene(&self) -> Scene {
        self.stage.scene(Camera { target: [1.15, 0.75, 0.50], eye: [2.45, -0.55, 1.15] })
    }

    fn poses(&self, poses: &mut Vec<Pose>) {
        self.fetch.poses(&self.stage, poses);
    }

    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]> {
        vec![[goal[0], goal[1], goal[2]]]
    }
}

impl Restore for FetchPickAndPlace {
    const RECORDED: RecordedDims = fetch::OBJECT_RECORDED;

    fn restore(&mut self, state: &RecordedState<'_>) {
        self.fetch.restore(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::seed;

    /// A task whose robot stands at `start`, its object at `position`.
    fn starting(start: &State, fingers: f64, position: [f64; 3]) -> FetchPickAndPlace {
        let mut task = FetchPickAndPlace::new();
        fetch::put(&mut task, start, fingers, position);
        task
    }

    fn step(task: &mut FetchPickAndPlace, action: [f32; 4]) {
        task.command(&action);
        FetchPickAndPlace::advance(&mut [task]);
    }

    #[test]
    fn fingers_that_close_on_the_block_lift_it_and_let_it_go() {
        let mut task = starting(&START, 0.05, [GRIP[0], GRIP[1], GOAL_HEIGHT]);
        (0..4).for_each(|_| step(&mut task, [0.0, 0.0, -0.82, 1.0]));
        (0..5).for_each(|_| step(&mut task, [0.0, 0.0, 0.006, -1.0]));
        // Measured on gymnasium-robotics 1.4.2 with MuJoCo 2.3.3: held at 24.03 mm, slips 3.7 mm.
        let [right, left] = task.fetch.gripper().fingers;
        assert!((right - 0.02403).abs() < 3e-4 && (left - 0.02403).abs() < 3e-4, "{right} {left}");
        let from_gripper =
            |task: &FetchPickAndPlace| task.fetch.object().position - task.fetch.gripper().position;
        let held = from_gripper(&task);
        (0..10).for_each(|_| step(&mut task, [0.0, 0.0, 1.0, -1.0]));
        let slip = from_gripper(&task) - held;
        assert!((slip.norm() - 0.0037).abs() < 0.001, "{slip}");
        let block = task.fetch.object().position;
        assert!((block.z - 0.7437).abs() < 0.002, "{block}");
        (0..15).for_each(|_| step(&mut task, [0.0, 0.0, 0.0, 1.0]));
        let block = task.fetch.object().position;
        assert!((block.z - 0.4244).abs() < 0.002, "{block}");
    }

    #[test]
    fn free_fingers_open_and_close_as_in_the_original() {
        let mut task = FetchPickAndPlace::new();
        task.reset(&mut [0.0; 3], &mut seed::stream(0, "task", 0));
        // Measured on gymnasium-robotics 1.4.2 with MuJoCo 2.3.3, in meters at the end of a step.
        for expected in [0.04071, 0.05157, 0.05014, 0.05005] {
            step(&mut task, [0.0, 0.0, 0.0, 1.0]);
            for finger in task.fetch.gripper().fingers {
                assert!((finger - expected).abs() < 1e-5, "{finger} instead of {expected}");
            }
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
