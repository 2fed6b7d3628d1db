//! FetchPush: the shut gripper pushes a block to a place on the table.
//!
//! Block and goal are drawn from the square of ±15 cm around the gripper's start, the block not within
//! 10 cm of it; the goal is reached within 5 cm.
//!
//! Source: Plappert et al., "Multi-Goal Reinforcement Learning", 2018: `FetchPush-v1`.

use crate::recorded::{RecordedDims, RecordedState, Restore};
use crate::robots::fetch::{self, Fetch, Fingers, ObjectStart, Stage, State};
use crate::task::Task;
use gcrl_core::scene::{Camera, Pose};
use gcrl_core::seed::Stream;
use gcrl_core::{Scene, TaskSpec};
use gcrl_physics::nalgebra::Vector3;

/// The original's state after its set-up.
static START: State = State {
    base_x: 0.404_999_882,
    joints: [
        0.001_252_631_88,
        0.009_052_660_66,
        -0.580_227_154,
        -0.002_274_905_47,
        1.431_027_43,
        0.002_559_556_6,
        0.719_087_825,
        0.005_866_740_04,
        -1.509_448_36e-06,
        0.001_251_597_72,
    ],
    rates: [
        0.003_277_361_93,
        0.003_007_962_5,
        -0.034_426_498_4,
        -0.001_918_100_56,
        0.096_763_738_7,
        0.002_461_202_22,
        -0.057_550_239_2,
        -2.975_735_61e-05,
        9.493_940_44e-06,
        0.001_098_287_28,
    ],
    object: Some(ObjectStart {
        height: 0.424_702_091,
        turn: [1.0, 0.0, 0.0, 0.0],
        velocity: [0.0, 0.0, 0.001_170_694_14],
        spin: [0.0; 3],
    }),
};

/// Where the grip site then is, in meters.
const GRIP: [f64; 3] = [1.348_206, 0.748_949, 0.413_618];

/// How far from the gripper's start blocks and goals are, along x and y, in meters.
const RANGE: f64 = 0.15;

/// Height of the block's middle when it has come to rest on the table, in meters; goals have it too.
const GOAL_HEIGHT: f64 = 0.42470;

/// The task's state.
pub(crate) struct FetchPush {
    stage: Stage,
    fetch: Fetch,
}

impl Task for FetchPush {
    const SPEC: TaskSpec =
        fetch::object_spec("FetchPush", "Fetch pushes a block to a place on the table.");

    fn new() -> Self {
        let stage = Stage::new(&fetch::PUSH_SCENERY);
        let fetch = Fetch::new(stage.scenery, Some("block"), &START, Fingers::Shut);
        Self { stage, fetch }
    }

    fn reset(&mut self, goal: &mut [f32], rng: &mut Stream) {
        self.fetch.reset(fetch::draw_start(GRIP, RANGE, rng));
        let [x, y, _] = fetch::draw_around(GRIP, RANGE, rng).into();
        fetch::write(&Vector3::new(x, y, GOAL_HEIGHT), goal);
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

impl Restore for FetchPush {
    const RECORDED: RecordedDims = fetch::OBJECT_RECORDED;

    fn restore(&mut self, state: &RecordedState<'_>) {
        self.fetch.restore(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::fetch_pick_and_place;
    use gcrl_core::seed;

    /// A task whose robot stands at `start`, its object at `position`.
    fn starting(start: &State, fingers: f64, position: [f64; 3]) -> FetchPush {
        let mut task = FetchPush::new();
        fetch::put(&mut task, start, fingers, position);
        task
    }

    fn step(task: &mut FetchPush, action: [f32; 4]) {
        task.command(&action);
        FetchPush::advance(&mut [task]);
    }

    #[test]
    fn a_pushed_block_stays_before_the_gripper() {
        let [x, y, _] = GRIP;
        let mut task = starting(&START, 0.0, [x, y + 0.06, GOAL_HEIGHT]);
        for _ in 0..12 {
            step(&mut task, [0.0, 0.4, 0.0, 0.0]);
        }
        let (block, gripper) = (task.fetch.object().position, task.fetch.gripper().position);
        // Measured on gymnasium-robotics 1.4.2 with MuJoCo 2.3.3: 41.1 mm apart, 941 mm along y.
        assert!((block.y - gripper.y - 0.0411).abs() < 0.001, "{block} {gripper}");
        assert!((block.y - 0.9412).abs() < 0.003, "{block}");
    }

    #[test]
    fn a_block_pressed_off_its_middle_is_tipped() {
        let [x, y, _] = fetch_pick_and_place::GRIP;
        for aside in [0.01, 0.02, 0.024, 0.03] {
            let start = &fetch_pick_and_place::START;
            let mut task = starting(start, 0.0, [x - aside, y, GOAL_HEIGHT]);
            for _ in 0..30 {
                step(&mut task, [0.0, 0.0, -1.0, 0.0]);
            }
            // In the original it lies on a side beside the gripper, which stands on the table.
            let (block, gripper) = (task.fetch.object(), task.fetch.gripper());
            assert!(block.euler_angles().y.abs() > 1.5, "{}", block.euler_angles());
            assert!((gripper.position.z - 0.4153).abs() < 0.0005, "{}", gripper.position);
        }
    }

    #[test]
    fn a_block_that_nothing_touches_lies_still() {
        let mut task = FetchPush::new();
        task.reset(&mut [0.0; 3], &mut seed::stream(0, "task", 0));
        for _ in 0..25 {
            step(&mut task, [0.0, 0.0, 1.0, 0.0]);
        }
        let before = task.fetch.object();
        step(&mut task, [0.0, 0.0, 0.0, 0.0]);
        // It sinks in by 0.22 mm for its weight.
        assert!((before.position.z - 0.424_784).abs() < 1e-6, "{}", before.position);
        assert_eq!(task.fetch.object().position, before.position);
    }
}
