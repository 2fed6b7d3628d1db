//! SawyerDoor: a hook on a Sawyer arm pulls the door of a cabinet open to an angle.
//!
//! 6.7 commands a second, each moving the commanded point by up to 2 cm along each axis. The start is
//! always the same: the door shut, the hook above the gap between the door and the bar of its handle.
//! The door coasts: `J ω̇ = −0.1 ω`, with `J = 0.244 kg m²` about the hinge. Reward 1 where
//! `|angle − goal| ≤ 0.06`; an episode is successful where it ends with less than 0.02.
//!
//! Source: multiworld, `SawyerDoorHookEnv`. Random actions earn 4.3: goals below 0.06 are easy.
//!
//! **Deviation:** the arm is not simulated; see [`crate::robots::sawyer`].

use crate::recorded::{RecordedDims, RecordedState, Restore};
use crate::robots;
use crate::robots::sawyer::{Sawyer, Setup, point};
use crate::task::Task;
use gcrl_core::scene::{Camera, Pose};
use gcrl_core::seed::Stream;
use gcrl_core::{Field, Scene, SuccessRule, TaskSpec};
use gcrl_physics::Robot;
use gcrl_physics::world::{Body, Settings, Snapshot, Softness, World};
use rand::RngExt;
use std::sync::LazyLock;

/// The robot, and what stands around it.
static ROBOT: LazyLock<Robot> =
    LazyLock::new(|| robots::described(include_str!("../../../assets/robots/sawyer_door.xml")));

const SETUP: Setup = Setup {
    low: [-0.1, 0.45, 0.1],
    high: [0.05, 0.65, 0.25],
    time_constant_secs: 0.006,
    mass: 3.0,
    hand: &["hand"],
    command_at_reset: [-0.05, 0.635, 0.225],
    hand_at_reset: [-0.0439, 0.638, 0.2252],
    error: &[
        [8.61, 4.41, 0.76],
        [-2.65, -3.89, -1.53],
        [-3.85, -3.80, 1.96],
        [-1.39, 1.92, -8.16],
        [-1.14, -0.18, 0.74],
        [-0.42, 1.48, -0.04],
        [1.73, 0.33, 2.66],
        [0.71, 0.68, -1.00],
        [0.43, -2.30, 4.82],
        [1.28, 2.76, 1.34],
    ],
    middle: [-0.025, 0.55, 0.175],
};

/// From the hinge to the furthest point of the door, in meters.
const DOOR_WIDTH: f64 = 0.42;

/// The largest angle that is asked for, in radians.
const LARGEST_GOAL: f64 = 0.83;

/// The original's contacts are soft: the hook sinks into the bar by up to 2 cm where it presses.
const SOFTNESS: Softness =
    Softness { frequency_hz: 18.0, damping_ratio: 2.0, prediction_meters: 0.02 };

/// What moves less in a step, in meters, moves no more.
const STILL: f64 = 2e-4;

const CAMERA: Camera = Camera { target: [0.02, 0.6, 0.16], eye: [1.35, -0.3, 0.8] };

/// The task's state.
pub struct SawyerDoor {
    world: World,
    fresh: Snapshot,
    sawyer: Sawyer,
    door: Body,
    /// Nothing moves until the next command.
    is_settled: bool,
}

impl SawyerDoor {
    fn angle(&self) -> f64 {
        self.world.hinge(self.door).0
    }
}

impl Task for SawyerDoor {
    const SPEC: TaskSpec = TaskSpec {
        id: "SawyerDoor",
        summary: "A hook on a Sawyer arm pulls the door of a cabinet open to an angle.",
        observation: &[Field::new("hand_in_world", 3, "m"), Field::new("door_angle", 1, "rad")],
        goal: &[Field::new("door_angle", 1, "rad")],
        action: &[Field::new("hand_displacement", 3, "2 cm")],
        horizon: 50,
        n_transitions: 49,
        sub_steps: 6,
        physics_dt_secs: 0.025,
        physics_version: crate::PHYSICS_VERSION,
        reward: SuccessRule::Within(0.06),
        success: SuccessRule::Inside(0.02),
    };

    fn new() -> Self {
        let dt_secs = Self::SPEC.physics_dt_secs;
        let mut world = World::new(&Settings { dt_secs, solver_iterations: 1 });
        world.soften(&SOFTNESS);
        let door = world.add_hinged(&ROBOT, "door");
        let sawyer = Sawyer::new(&SETUP, &ROBOT, &mut world);
        let fresh = world.snapshot();
        Self { world, fresh, sawyer, door, is_settled: false }
    }

    fn reset(&mut self, goal: &mut [f32], rng: &mut Stream) {
        self.world.restore(&self.fresh);
        self.sawyer.reset(&mut self.world);
        goal[0] = (LARGEST_GOAL * rng.random::<f64>()) as f32;
    }

    fn command(&mut self, action: &[f32]) {
        self.sawyer.command(action);
        self.is_settled = false;
    }

    fn advance(&mut self) {
        if self.is_settled {
            return;
        }
        let (before, velocity) = self.world.hinge(self.door);
        let approach = DOOR_WIDTH * velocity.abs() * self.world.dt_secs();
        if self.sawyer.glides(&mut self.world, self.door, approach) {
            self.world.swing(self.door);
            return;
        }
        let hand_moved = self.sawyer.push(&mut self.world);
        let door_moved = DOOR_WIDTH * (self.angle() - before).abs();
        self.is_settled = hand_moved < STILL && door_moved < STILL;
    }

    fn observation(&self, _goal: &[f32], observation: &mut [f32]) {
        let hand = self.sawyer.position();
        let seen = [hand.x, hand.y, hand.z, self.angle()];
        observation.copy_from_slice(&seen.map(|number| number as f32));
    }

    fn achieved_goal(&self, achieved_goal: &mut [f32]) {
        achieved_goal[0] = self.angle() as f32;
    }

    fn scene(&self) -> Scene {
        self.sawyer.scene(CAMERA, None)
    }

    fn poses(&self, poses: &mut Vec<Pose>) {
        self.sawyer.poses(self.angle(), poses);
    }

    /// Where the handle's bar is at that angle.
    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]> {
        let frames = self.sawyer.frames(goal[0].into());
        let robot = self.sawyer.robot();
        let grip = &robot.sites[robot.site("grip")];
        vec![(frames[grip.body] * grip.in_body).coords.map(|number| number as f32).into()]
    }
}

impl Restore for SawyerDoor {
    const RECORDED: RecordedDims = RecordedDims { qpos: 8, qvel: 8, mocap: 3 };

    fn restore(&mut self, state: &RecordedState<'_>) {
        self.world.restore(&self.fresh);
        self.sawyer.put(&mut self.world, point(state.observation), point(state.mocap));
        self.world.set_hinge(self.door, state.qpos[7].into(), state.qvel[7].into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GoalEnv;
    use gcrl_core::Env;

    #[test]
    fn a_hook_that_goes_down_and_pulls_opens_the_door() {
        let mut env = GoalEnv::new(SawyerDoor::new());
        env.reset(0).unwrap();
        assert_eq!(env.observation().observation, [-0.0439, 0.638, 0.2252, 0.0]);
        let hook = [[0.0, 0.5, 0.0], [0.0, 0.0, -1.0], [0.0, 0.0, -1.0]];
        for action in hook.into_iter().chain([[0.0, -1.0, 0.0]; 9]) {
            env.step(&action).unwrap();
        }
        // The description in MuJoCo, told the same, opens to 0.61.
        let angle = env.observation().achieved_goal[0];
        assert!((0.5..0.75).contains(&angle), "{angle}");
    }

    #[test]
    fn goals_are_shown_at_the_bar_of_the_handle() {
        let task = SawyerDoor::new();
        let [x, y, z] = task.goal_points(&[0.0])[0];
        assert!((x + 0.05).abs() < 1e-6 && (y - 0.665).abs() < 1e-6 && (z - 0.15).abs() < 1e-6);
        // A quarter turn about the hinge at (0.21, 0.725): (−0.26, −0.06) becomes (0.06, −0.26).
        let [x, y, _] = task.goal_points(&[std::f32::consts::FRAC_PI_2])[0];
        assert!((x - 0.27).abs() < 1e-6 && (y - 0.465).abs() < 1e-6);
    }
}
