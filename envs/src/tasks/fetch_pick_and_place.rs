//! FetchPickAndPlace: the gripper takes a block and holds it at a point on the table or in the air.
//!
//! Block and goal are drawn from the square of ±15 cm around the gripper's start, the block not within
//! 10 cm of it; half of the goals are up to 45 cm above the table; a goal is reached within 5 cm.
//!
//! Source: Plappert et al., "Multi-Goal Reinforcement Learning", 2018: `FetchPickAndPlace-v1`.

use crate::robots::fetch::{self, Fetch, Fingers, ObjectStart, Stage, State};
use crate::task::{RecordedDims, Task};
use gcrl_core::scene::{Camera, Pose};
use gcrl_core::seed::Stream;
use gcrl_core::{RecordedState, Scene, TaskSpec};
use gcrl_physics::Articulation;
use gcrl_physics::nalgebra::Vector3;
use rand::RngExt;

/// The original's state after its set-up.
pub(super) static START: State = State {
    base_x: 0.404_999_884,
    joints: [
        0.0012503437,
        0.00969305254,
        -0.826127719,
        -0.00308936588,
        1.44487351,
        0.00257315823,
        0.951995292,
        0.00592924312,
        3.18450068e-06,
        -4.96835828e-08,
    ],
    rates: [
        0.00327776687,
        0.00070970935,
        0.00656077739,
        -0.00137952244,
        -0.000509991451,
        0.00117864205,
        -0.00404399705,
        -0.000986235901,
        1.31584797e-05,
        4.38396062e-06,
    ],
    object: Some(ObjectStart {
        height: 0.424_702_091,
        turn: [1.0, 0.0, 0.0, 0.0],
        velocity: [0.0, 0.0, 0.00117069414],
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
const GOAL_HEIGHT: f64 = 0.424_70;

/// The task's state.
pub struct FetchPickAndPlace {
    stage: Stage,
    fetch: Fetch,
    goal: Vector3<f64>,
}

impl Task for FetchPickAndPlace {
    const SPEC: TaskSpec = fetch::object_spec(
        "FetchPickAndPlace",
        "Fetch takes a block and holds it at a point on the table or in the air.",
        fetch::SUB_STEPS,
    );

    const RECORDED: RecordedDims = fetch::OBJECT_RECORDED;

    fn new(_: Articulation) -> Self {
        let stage = Stage::new(fetch::PUSH_SCENERY);
        let fetch = Fetch::new(&stage.scenery, Some("block"), &START, Fingers::Driven);
        Self { stage, fetch, goal: Vector3::zeros() }
    }

    fn reset(&mut self, rng: &mut Stream) {
        self.fetch.reset(fetch::draw_start(GRIP, RANGE, rng));
        self.goal = fetch::draw_around(GRIP, RANGE, rng);
        self.goal.z = GOAL_HEIGHT;
        if rng.random::<f64>() < IN_THE_AIR {
            self.goal.z += LARGEST_LIFT * rng.random::<f64>();
        }
    }

    fn restore(&mut self, state: &RecordedState<'_>) {
        self.fetch.restore(state);
    }

    fn ask_for(&mut self, goal: &[f32]) {
        self.goal = fetch::read(goal);
    }

    fn command(&mut self, action: &[f32]) {
        self.fetch.command(action);
    }

    fn advance(&mut self) {
        self.fetch.advance();
    }

    fn observation(&self, observation: &mut [f32]) {
        fetch::observe_object(&self.fetch.gripper(), &self.fetch.object(), observation);
    }

    fn achieved_goal(&self, achieved_goal: &mut [f32]) {
        fetch::write(&self.fetch.object().position, achieved_goal);
    }

    fn desired_goal(&self, desired_goal: &mut [f32]) {
        fetch::write(&self.goal, desired_goal);
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

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::seed;

    /// A task whose robot stands at `start`, its object at `position`.
    fn starting(start: &State, fingers: f64, position: [f64; 3]) -> FetchPickAndPlace {
        let mut task = FetchPickAndPlace::new(Articulation::default());
        let (qpos, qvel) = fetch::recorded(start, fingers, position);
        task.restore(&RecordedState {
            observation: &[],
            achieved_goal: &qpos[15..18],
            qpos: &qpos,
            qvel: &qvel,
            mocap: &[],
        });
        task
    }

    fn step(task: &mut FetchPickAndPlace, action: [f32; 4]) {
        task.command(&action);
        (0..fetch::SUB_STEPS).for_each(|_| task.advance());
    }

    #[test]
    fn fingers_that_close_on_the_block_lift_it_and_let_it_go() {
        let [x, y, _] = GRIP;
        let mut task = starting(&START, 0.05, [x, y, GOAL_HEIGHT]);
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
        let mut task = FetchPickAndPlace::new(Articulation::default());
        task.reset(&mut seed::stream(0, "task", 0));
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
        let mut task = FetchPickAndPlace::new(Articulation::default());
        let heights = (0..2000).map(|seed| {
            task.reset(&mut seed::stream(seed, "task", 0));
            task.goal.z - GOAL_HEIGHT
        });
        let lifts: Vec<f64> = heights.filter(|lift| *lift != 0.0).collect();
        assert!((900..1100).contains(&lifts.len()), "{}", lifts.len());
        assert!(lifts.iter().all(|lift| 0.0 < *lift && *lift < LARGEST_LIFT));
    }
}
