//! FetchReach: the gripper goes to a point in the air.
//!
//! Goals are drawn from the cube of ±15 cm around the grip site's start, and reached within 5 cm.
//!
//! Source: Plappert et al., "Multi-Goal Reinforcement Learning", 2018: `FetchReach-v1`.

use crate::robots::fetch::{self, Fetch, Fingers, Stage, State};
use crate::task::{RecordedDims, Task};
use gcrl_core::scene::{Camera, Pose};
use gcrl_core::seed::Stream;
use gcrl_core::{RecordedState, Scene, TaskSpec};
use gcrl_physics::Articulation;
use gcrl_physics::nalgebra::Vector3;

/// The original's state after its set-up.
static START: State = State {
    base_x: 0.404_899_884,
    joints: [
        0.0012503437,
        0.00969311133,
        -0.826127718,
        -0.00308940529,
        1.4448735,
        0.00257314464,
        0.951995293,
        0.00592928233,
        0.000200232294,
        6.92377335e-05,
    ],
    rates: [
        0.00327776687,
        0.000708900974,
        0.00656076483,
        -0.00137930223,
        -0.000509969908,
        0.0011786342,
        -0.00404401017,
        -0.000987062137,
        0.000119220613,
        -5.79525899e-05,
    ],
    object: None,
};

/// Where the grip site then is, in meters.
const GRIP: [f64; 3] = [1.341_855, 0.749_101, 0.534_707];

/// How far from the start goals are, along each axis, in meters.
const GOAL_RANGE: f64 = 0.15;

/// The task's state.
pub struct FetchReach {
    stage: Stage,
    fetch: Fetch,
    goal: Vector3<f64>,
}

impl Task for FetchReach {
    const SPEC: TaskSpec = fetch::reach_spec(
        "FetchReach",
        "Fetch's gripper goes to a point in the air.",
        fetch::SUB_STEPS,
    );

    const RECORDED: RecordedDims = fetch::GRIPPER_RECORDED;

    fn new(_: Articulation) -> Self {
        let stage = Stage::new(fetch::REACH_SCENERY);
        let fetch = Fetch::new(&stage.scenery, None, &START, Fingers::Shut);
        Self { stage, fetch, goal: Vector3::zeros() }
    }

    fn reset(&mut self, rng: &mut Stream) {
        self.fetch.reset([0.0; 2]);
        self.goal = fetch::draw_around(GRIP, GOAL_RANGE, rng);
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
        fetch::observe_gripper(&self.fetch.gripper(), observation);
    }

    fn achieved_goal(&self, achieved_goal: &mut [f32]) {
        fetch::write(&self.fetch.gripper().position, achieved_goal);
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

    fn fresh() -> FetchReach {
        let mut task = FetchReach::new(Articulation::default());
        task.reset(&mut seed::stream(0, "task", 0));
        task
    }

    fn step(task: &mut FetchReach, action: [f32; 4]) -> Vector3<f64> {
        let before = task.fetch.gripper().position;
        task.command(&action);
        (0..fetch::SUB_STEPS).for_each(|_| task.advance());
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
            ([0.0, 0.0, 0.0, 0.0], [1.343_03, 0.749_11, 0.525_75]),
            ([1.0, 0.0, 0.0, 0.0], [1.548_45, 0.744_99, 0.475_09]),
            ([0.0, 0.0, 1.0, 0.0], [1.195_76, 0.748_61, 1.045_53]),
            ([1.0, 1.0, 1.0, 0.0], [1.253_48, 1.236_27, 0.864_44]),
        ] {
            let mut task = fresh();
            (0..49).for_each(|_| drop(step(&mut task, action)));
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
            task.reset(&mut seed::stream(seed, "task", 0));
            let goal = task.goal - Vector3::from(GRIP);
            assert!(goal.amax() <= GOAL_RANGE, "{goal}");
            starts.push(step(&mut task, [0.3, -0.2, -1.0, 0.0]));
            for _ in 0..30 {
                step(&mut task, [0.5, 0.5, -1.0, 0.0]);
            }
        }
        assert!(starts.windows(2).all(|pair| pair[0] == pair[1]), "{starts:?}");
    }
}
