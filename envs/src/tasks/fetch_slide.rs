//! FetchSlide: the shut gripper hits a puck, which slides to a place out of the arm's reach.
//!
//! The puck is drawn from the square of ±10 cm around the gripper's start, but not within 10 cm of it,
//! which leaves the corners; the goal from a square of ±30 cm, 40 cm ahead; it is reached within 5 cm.
//!
//! Source: Plappert et al., "Multi-Goal Reinforcement Learning", 2018: `FetchSlide-v1`.
//!
//! The puck lies on one point of contact, which wanders along its rim: it wobbles and turns at rest, and
//! slides on more slowly than Coulomb's law says.

use crate::recorded::{RecordedDims, RecordedState, Restore};
use crate::robots::fetch::{self, Fetch, Fingers, ObjectStart, Stage, State};
use crate::task::Task;
use gcrl_core::scene::{Camera, Pose};
use gcrl_core::seed::Stream;
use gcrl_core::{Scene, TaskSpec};
use gcrl_physics::nalgebra::Vector3;

/// The original's state after its set-up.
static START: State = State {
    base_x: 0.049_999_882,
    joints: [
        0.001_253_383_27,
        0.008_976_767_89,
        -0.572_908_453,
        -0.002_247_441_11,
        1.418_034_77,
        0.002_378_373_87,
        0.724_378_979,
        0.005_954_126_25,
        -2.035_624_23e-06,
        0.001_471_589_77,
    ],
    rates: [
        0.003_277_296_16,
        0.003_624_137_38,
        -0.050_257_373,
        -0.002_112_872_48,
        0.134_354_606,
        0.002_602_179_2,
        -0.078_192_605_2,
        0.000_357_815_055,
        1.165_487_15e-05,
        0.001_373_104_47,
    ],
    object: Some(ObjectStart {
        height: 0.414_022_562,
        turn: [0.999_952_171, -0.002_665_286_2, 3.719_548_17e-05, -0.009_410_105_52],
        velocity: [-0.001_067_848_72, -0.000_132_245_595, 0.001_809_038_35],
        spin: [0.466_266_56, -0.002_203_036_17, -0.120_761_197],
    }),
};

/// Where the grip site then is, in meters.
const GRIP: [f64; 3] = [0.996_120, 0.748_906, 0.412_666];

/// How far from the gripper's start pucks are, along x and y, in meters.
const PUCK_RANGE: f64 = 0.1;

/// How far goals are from their middle, along x and y, in meters.
const GOAL_RANGE: f64 = 0.3;

/// The middle of the goals ahead of the gripper's start, in meters.
const GOALS_AHEAD: f64 = 0.4;

/// Height of the puck's middle when it lies on the table, in meters; goals have it too.
const REST_HEIGHT: f64 = 0.414_019;

/// The task's state.
pub(crate) struct FetchSlide {
    stage: Stage,
    fetch: Fetch,
}

impl Task for FetchSlide {
    const SPEC: TaskSpec =
        fetch::object_spec("FetchSlide", "Fetch hits a puck, which slides to a distant place.");

    fn new() -> Self {
        let stage = Stage::new(&fetch::SLIDE_SCENERY);
        let fetch = Fetch::new(stage.scenery, Some("puck"), &START, Fingers::Shut);
        Self { stage, fetch }
    }

    fn reset(&mut self, goal: &mut [f32], rng: &mut Stream) {
        self.fetch.reset(fetch::draw_start(GRIP, PUCK_RANGE, rng));
        let [x, y, _] = fetch::draw_around(GRIP, GOAL_RANGE, rng).into();
        fetch::write(&Vector3::new(x + GOALS_AHEAD, y, REST_HEIGHT), goal);
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
        self.stage.scene(Camera { target: [1.1, 0.75, 0.40], eye: [2.75, -0.85, 1.45] })
    }

    fn poses(&self, poses: &mut Vec<Pose>) {
        self.fetch.poses(&self.stage, poses);
    }

    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]> {
        vec![[goal[0], goal[1], goal[2]]]
    }
}

impl Restore for FetchSlide {
    const RECORDED: RecordedDims = fetch::OBJECT_RECORDED;

    fn restore(&mut self, state: &RecordedState<'_>) {
        self.fetch.restore(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A puck 9 cm ahead of the gripper along x, hit by `n_steps` commands of `strength`: its
    /// fastest step in meters per second, and how far it goes.
    fn hit(strength: f32, n_steps: usize) -> (f64, f64) {
        let mut task = FetchSlide::new();
        task.fetch.reset([GRIP[0] + 0.09, GRIP[1]]);
        let start = task.fetch.object().position;
        let (mut last, mut fastest) = (start, 0.0_f64);
        for step in 0..49 {
            task.command(&[if step < n_steps { strength } else { 0.0 }, 0.0, 0.01, 0.0]);
            FetchSlide::advance(&mut [&mut task]);
            let now = task.fetch.object().position;
            fastest = fastest.max((now - last).norm() / 0.04);
            last = now;
        }
        (fastest, (last - start).norm())
    }

    #[test]
    fn a_hit_puck_goes_as_fast_and_as_far_as_the_original() {
        // Measured on gymnasium-robotics 1.4.2 with MuJoCo 2.3.3. Slow pucks stop at places that a
        // micrometer at the start moves by centimeters, there and here.
        for (strength, n_steps, speed, travel) in
            [(1.0, 3, 1.020, 0.633), (0.75, 4, 0.804, 0.440), (0.5, 6, 0.492, 0.232)]
        {
            let found = hit(strength, n_steps);
            assert!((found.0 / speed - 1.0).abs() < 0.02, "{found:?}, not {speed} m/s");
            assert!((found.1 - travel).abs() < 0.08, "{found:?}, not {travel} m");
        }
    }
}
