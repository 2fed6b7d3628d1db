//! SawyerDoor: a hook on a Sawyer arm pulls the door of a cabinet open to an angle.
//!
//! 6.7 commands a second, each moving the commanded point by up to 2 cm along each axis. The start is
//! always the same: the door shut, the hook above the gap between the door and the bar of its handle.
//! The door coasts: `J ω̇ = −0.1 ω`, with `J = 0.244 kg m²` about the hinge. Reward 1 where
//! `|angle − goal| ≤ 0.06`; an episode is successful where it ends with less than 0.02.
//!
//! Source: multiworld, `SawyerDoorHookEnv`. Random actions earn 4.3: goals below 0.06 are easy.

use crate::recorded::{RecordedDims, RecordedState, Restore};
use crate::robots;
use crate::robots::sawyer_at_door::{N_JOINTS, STEP_SECS, SawyerAtDoor};
use crate::task::Task;
use gcrl_core::scene::{Camera, Pose};
use gcrl_core::seed::Stream;
use gcrl_core::{Field, Scene, SuccessRule, TaskSpec};
use gcrl_physics::Robot;
use rand::RngExt;
use std::sync::LazyLock;

/// The robot, and what stands around it.
static ROBOT: LazyLock<Robot> =
    LazyLock::new(|| robots::described(include_str!("../../../assets/robots/sawyer_door.xml")));

/// The largest angle that is asked for, in radians.
const LARGEST_GOAL: f64 = 0.83;

const CAMERA: Camera = Camera { target: [0.02, 0.6, 0.16], eye: [1.35, -0.3, 0.8] };

/// The task's state.
pub(crate) struct SawyerDoor {
    sawyer: SawyerAtDoor,
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
        sub_steps: 50,
        physics_dt_secs: STEP_SECS,
        physics_version: crate::PHYSICS_VERSION,
        reward: SuccessRule::Within(0.06),
        success: SuccessRule::Inside(0.02),
    };

    fn new() -> Self {
        Self { sawyer: SawyerAtDoor::new(&ROBOT) }
    }

    fn reset(&mut self, goal: &mut [f32], rng: &mut Stream) {
        self.sawyer.reset();
        goal[0] = (LARGEST_GOAL * rng.random::<f64>()) as f32;
    }

    fn command(&mut self, action: &[f32]) {
        self.sawyer.command(action);
    }

    fn advance(tasks: &mut [&mut Self]) {
        let sawyers = tasks.iter_mut().map(|task| &mut task.sawyer);
        SawyerAtDoor::advance(sawyers, Self::SPEC.sub_steps);
    }

    fn observation(&self, _goal: &[f32], observation: &mut [f32]) {
        let hand = self.sawyer.hand();
        let seen = [hand.x, hand.y, hand.z, self.sawyer.angle()];
        observation.copy_from_slice(&seen.map(|number| number as f32));
    }

    fn achieved_goal(&self, achieved_goal: &mut [f32]) {
        achieved_goal[0] = self.sawyer.angle() as f32;
    }

    fn scene(&self) -> Scene {
        ROBOT.scene(CAMERA, None)
    }

    fn poses(&self, poses: &mut Vec<Pose>) {
        self.sawyer.poses(poses);
    }

    /// Where the handle's bar is at that angle.
    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]> {
        let mut qpos = ROBOT.keyframe("before_reset").to_vec();
        qpos[N_JOINTS - 1] = goal[0].into();
        let frames = ROBOT.forward_kinematics(&qpos);
        let grip = &ROBOT.sites[ROBOT.site("grip")];
        vec![(frames[grip.body] * grip.in_body).coords.map(|number| number as f32).into()]
    }
}

impl Restore for SawyerDoor {
    const RECORDED: RecordedDims = RecordedDims { qpos: 8, qvel: 8, mocap_pos: 3 };

    fn restore(&mut self, state: &RecordedState<'_>) {
        self.sawyer.restore(state);
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
        for (found, original) in
            env.observation().observation.iter().zip([-0.0439, 0.638, 0.2252, 0.0])
        {
            assert!((found - original).abs() < 1e-4, "{found} instead of {original}");
        }
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
