//! Reacher: an arm of two links brings its fingertip to a goal in the plane.
//!
//! | observation | content |
//! |---|---|
//! | 0..4 | cosines, then sines of both joints |
//! | 4..6 | the goal: the original shows it here too |
//! | 6..8 | speeds of both joints |
//! | 8..10 | the fingertip |
//! | 10 | height of the fingertip above the goal, always 0 |
//!
//! `Reacher@rapier` is the same with joints moved by rapier.
//!
//! Source: `Reacher-v2` of gym 0.15 under the wrapper of Yang et al., 2022. A planner reaches 42.7 on
//! average; random actions earn 2.2.

use crate::recorded::{RecordedDims, RecordedState, Restore};
use crate::robots::jointed::Jointed;
use crate::robots::reacher::{self, DT_SECS};
use crate::task::Task;
use gcrl_core::scene::{Camera, Pose};
use gcrl_core::seed::{self, Stream};
use gcrl_core::{Field, Scene, SuccessRule, TaskSpec};
use gcrl_physics::{Articulation, JointSpace, Joints, LinkPoint};

/// Goals lie in a disc of this radius around the shoulder, in meters.
const GOAL_RADIUS: f64 = 0.2;

/// Largest coordinate, in radians, and rate, in radians per second, of a joint at the start.
const START: [f64; 2] = [0.1, 0.005];

/// Height of the arm's plane, in meters.
const HEIGHT: f32 = 0.01;

/// The task's state; `J` moves the joints.
pub(crate) struct Reacher<J = JointSpace> {
    arm: Jointed<J>,
    tip: LinkPoint,
}

impl<J: Joints> Reacher<J> {
    fn tip(&self) -> [f64; 3] {
        self.arm.points_at(&[self.tip], self.arm.qpos())[0]
    }
}

/// Uniform in (-bound, bound), each.
fn draw_pair(bound: f64, rng: &mut Stream) -> [f64; 2] {
    std::array::from_fn(|_| bound * seed::signed_unit_f64(rng))
}

/// Uniform in the disc of goals.
fn draw_goal(rng: &mut Stream) -> [f64; 2] {
    loop {
        let [x, y] = draw_pair(GOAL_RADIUS, rng);
        if x * x + y * y < GOAL_RADIUS * GOAL_RADIUS {
            return [x, y];
        }
    }
}

impl<J: Joints> Task for Reacher<J> {
    const SPEC: TaskSpec = TaskSpec {
        id: match J::ARTICULATION {
            Articulation::JointSpace => "Reacher",
            Articulation::Rapier => "Reacher@rapier",
        },
        summary: "An arm of two links brings its fingertip to a goal in the plane.",
        observation: &[
            Field::new("joint_cosines", 2, "1"),
            Field::new("joint_sines", 2, "1"),
            Field::new("goal_in_world", 2, "m"),
            Field::new("joint_velocities", 2, "rad/s"),
            Field::new("tip_in_world", 2, "m"),
            Field::new("tip_above_goal", 1, "m"),
        ],
        goal: &[Field::new("tip_in_world", 2, "m")],
        action: &[Field::new("joint_torques", 2, "200 N m")],
        horizon: 50,
        n_transitions: 49,
        sub_steps: 2,
        physics_dt_secs: DT_SECS,
        physics_version: crate::PHYSICS_VERSION,
        reward: SuccessRule::Within(0.05),
        success: SuccessRule::Within(0.05),
    };

    fn new() -> Self {
        let (arm, tip) = reacher::build();
        Self { arm, tip }
    }

    fn reset(&mut self, goal: &mut [f32], rng: &mut Stream) {
        let [qpos, qvel] = START.map(|bound| draw_pair(bound, rng));
        self.arm.set_state(&qpos, &qvel);
        let [x, y] = draw_goal(rng);
        goal.copy_from_slice(&[x as f32, y as f32]);
    }

    fn command(&mut self, action: &[f32]) {
        self.arm.set_control(&[action[0], action[1]].map(f64::from));
    }

    fn advance(tasks: &mut [&mut Self]) {
        Jointed::advance(tasks.iter_mut().map(|task| &mut task.arm), Self::SPEC.sub_steps);
    }

    fn observation(&self, goal: &[f32], observation: &mut [f32]) {
        let ([q1, q2], [v1, v2]) = (pair(self.arm.qpos()), pair(self.arm.qvel()));
        let ((sin1, cos1), (sin2, cos2)) = (libm::sincos(q1), libm::sincos(q2));
        let ([x, y], [tip_x, tip_y, _]) = ([goal[0], goal[1]].map(f64::from), self.tip());
        let seen = [cos1, cos2, sin1, sin2, x, y, v1, v2, tip_x, tip_y, 0.0];
        observation.copy_from_slice(&seen.map(|number| number as f32));
    }

    fn achieved_goal(&self, achieved_goal: &mut [f32]) {
        let [x, y, _] = self.tip();
        achieved_goal.copy_from_slice(&[x as f32, y as f32]);
    }

    fn scene(&self) -> Scene {
        let camera = Camera { target: [0.0, -0.02, 0.0], eye: [0.0, -0.36, 0.50] };
        self.arm.scene(camera, Some(Self::SPEC.reward.radius() as f32))
    }

    fn poses(&self, poses: &mut Vec<Pose>) {
        self.arm.poses(poses);
    }

    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]> {
        vec![[goal[0], goal[1], HEIGHT]]
    }
}

impl<J: Joints> Restore for Reacher<J> {
    /// Both joints, then the goal (a body in the original).
    const RECORDED: RecordedDims = RecordedDims { qpos: 4, qvel: 4, mocap_pos: 0 };

    fn restore(&mut self, state: &RecordedState<'_>) {
        self.arm.restore(state);
    }
}

fn pair(numbers: &[f64]) -> [f64; 2] {
    [numbers[0], numbers[1]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingertip_is_where_two_links_lead() {
        let mut task = Reacher::<JointSpace>::new();
        task.arm.set_state(&[0.3, 0.5], &[0.0, 0.0]);
        let [x, y, z] = task.tip();
        assert!((x - (0.1 * 0.3_f64.cos() + 0.11 * 0.8_f64.cos())).abs() < 1e-15);
        assert!((y - (0.1 * 0.3_f64.sin() + 0.11 * 0.8_f64.sin())).abs() < 1e-15);
        assert!((z - 0.01).abs() < 1e-15);
    }

    #[test]
    fn goals_fill_the_disc() {
        let mut task = Reacher::<JointSpace>::new();
        let mut radii: Vec<f32> = (0..2_000)
            .map(|index| {
                let mut goal = [0.0; 2];
                task.reset(&mut goal, &mut seed::stream(0, "test", index));
                goal[0].hypot(goal[1])
            })
            .collect();
        radii.sort_by(f32::total_cmp);
        assert!(radii[1_999] < GOAL_RADIUS as f32);
        // Half of a disc's area lies within its radius over the root of 2.
        assert!((f64::from(radii[1_000]) - GOAL_RADIUS / 2.0_f64.sqrt()).abs() < 0.005);
    }
}
