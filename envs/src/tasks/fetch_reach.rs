//! FetchReach: the gripper goes to a point in the air.
//!
//! Goals are drawn from the cube of ±15 cm around the grip site's start, and reached within 5 cm.
//!
//! Source: Plappert et al., "Multi-Goal Reinforcement Learning", 2018: `FetchReach-v1`.

use crate::recorded::{RecordedDims, RecordedState, Restore};
use crate::robots::fetch::{self, Fetch, Fingers, Stage, State};
use crate::task::Task;
use gcrl_core::scene::{Camera, Pose};
use gcrl_core::seed::Stream;
use gcrl_core::{Scene, TaskSpec};

/// The original's state after its set-up.
static START: State = State {
    base_x: 0.404_899_884,
    joints: [
        0.001_250_343_7,
        0.009_693_111_33,
        -0.826_127_718,
        -0.003_089_405_29,
        1.444_873_5,
        0.002_573_144_64,
        0.951_995_293,
        0.005_929_282_33,
        0.000_200_232_294,
        6.923_773_35e-05,
    ],
    rates: [
        0.003_277_766_87,
        0.000_708_900_974,
        0.006_560_764_83,
        -0.001_379_302_23,
        -0.000_509_969_908,
        0.001_178_634_2,
        -0.004_044_010_17,
        -0.000_987_062_137,
        0.000_119_220_613,
        -5.795_258_99e-05,
    ],
    object: None,
};

/// Where the grip site then is, in meters.
const GRIP: [f64; 3] = [1.341_855, 0.749_101, 0.534_707];

/// How far from the start goals are, along each axis, in meters.
const GOAL_RANGE: f64 = 0.15;

/// The task's state.
pub(crate) struct FetchReach {
    stage: Stage,
    fetch: Fetch,
}

impl Task for FetchReach {
    const SPEC: TaskSpec =
        fetch::reach_spec("FetchReach", "Fetch's gripper goes to a point in the air.");

    fn new() -> Self {
        let stage = Stage::new(&fetch::REACH_SCENERY);
        let fetch = Fetch::new(stage.scenery, None, &START, Fingers::Shut);
        Self { stage, fetch }
    }

    fn reset(&mut self, goal: &mut [f32], rng: &mut Stream) {
        self.fetch.reset([0.0; 2]);
        fetch::write(&fetch::draw_around(GRIP, GOAL_RANGE, rng), goal);
    }

    fn command(&mut self, action: &[f32]) {
        self.fetch.command(action);
    }

    fn advance(tasks: &mut [&mut Self]) {
        Fetch::advance(tasks.iter_mut().map(|task| &mut task.fetch));
    }

    fn observation(&self, _goal: &[f32], observation: &mut [f32]) {
        fetch::observe_gripper(&self.fetch.gripper(), observation);
    }

    fn achieved_goal(&self, achieved_goal: &mut [f32]) {
        fetch::write(&self.fetch.gripper().position, achieved_goal);
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

impl Restore for FetchReach {
    const RECORDED: RecordedDims = fetch::GRIPPER_RECORDED;

    fn restore(&mut self, state: &RecordedState<'_>) {
        self.fetch.restore(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::seed;
    use gcrl_physics::nalgebra::Vector3;

    fn fresh() -> FetchReach {
        let mut task = FetchReach::new();
        task.reset(&mut [0.0; 3], &mut seed::stream(0, "task", 0));
        task
    }

    fn step(task: &mut FetchReach, action: [f32; 4]) -> Vector3<f64> {
        let before = task.fetch.gripper().position;
        task.command(&action);
        FetchReach::advance(&mut [task]);
        task.fetch.gripper().position - before
    }

    #[test]
    fn a_command_moves_the_gripper_as_in_the_original() {
        let mut task = fresh();
        // Measured on gymnasium-robotics 1.4.2 with MuJoCo 2.3.3, in meters a control step.
        for expected in [0.0307, 0.0334, 0.0331, 0.03315, 0.0331] {
            let way = step(&mut task, [0.0, 1.0, 0.0, 0.0]);
            assert!((way.y - expected).abs() < 0.0001, "{way} instead of {expected}");
        }
    }

    #[test]
    fn constant_commands_end_where_the_original_ends() {
        // Measured likewise, after 49 steps: the arm sags, stretches out, and turns around its joints.
        for (action, end) in [
            ([0.0, 0.0, 0.0, 0.0], [1.34303, 0.74911, 0.52575]),
            ([1.0, 0.0, 0.0, 0.0], [1.54845, 0.74499, 0.47509]),
            ([0.0, 0.0, 1.0, 0.0], [1.19576, 0.74861, 1.04553]),
            ([1.0, 1.0, 1.0, 0.0], [1.25348, 1.23627, 0.86444]),
        ] {
            let mut task = fresh();
            for _ in 0..49 {
                step(&mut task, action);
            }
            let found = task.fetch.gripper().position;
            assert!((found - Vector3::from(end)).norm() < 0.02, "{action:?}: {found}");
        }
    }

    #[test]
    fn the_table_stops_the_fingers() {
        let mut task = fresh();
        for _ in 0..20 {
            step(&mut task, [0.0, 0.0, -1.0, 0.0]);
        }
        // With all force, the original presses them in to 0.4153.
        let height = task.fetch.gripper().position.z;
        assert!((height - 0.4153).abs() < 0.0005, "{height}");
    }

    #[test]
    fn every_episode_starts_alike_but_for_its_goal() {
        let mut task = fresh();
        let mut starts = Vec::new();
        for seed in 0..3 {
            let mut goal = [0.0; 3];
            task.reset(&mut goal, &mut seed::stream(seed, "task", 0));
            let goal = fetch::read(&goal) - Vector3::from(GRIP);
            assert!(goal.amax() <= GOAL_RANGE + 1e-6, "{goal}");
            starts.push(step(&mut task, [0.3, -0.2, -1.0, 0.0]));
            for _ in 0..30 {
                step(&mut task, [0.5, 0.5, -1.0, 0.0]);
            }
        }
        assert!(starts.windows(2).all(|pair| pair[0] == pair[1]), "{starts:?}");
    }
}
