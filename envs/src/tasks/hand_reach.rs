//! HandReach: a hand brings its thumb and one finger together.
//!
//! The observation holds 24 joint coordinates, their rates, and the fingertips (index, middle, ring,
//! little, thumb), which are also the achieved goal. Fingertips are one physics step older than the
//! joints, as in the original, which reads them before it updates them: they stand where
//! `q − 2 ms · q̇` puts them. `HandReach@rapier` is the same with joints moved by rapier.
//!
//! Source: `HandReach-v3` of gymnasium-robotics 1.4.2 (Plappert et al., "Multi-Goal Reinforcement
//! Learning", 2018). Random actions earn 0.00.

use crate::recorded::{RecordedDims, RecordedState, Restore};
use crate::robots::hand::{self, DT_SECS, N_JOINTS, N_SERVOS, Tips};
use crate::robots::jointed::Jointed;
use crate::task::Task;
use gcrl_core::scene::{Camera, Pose};
use gcrl_core::seed::Stream;
use gcrl_core::{Field, Scene, SuccessRule, TaskSpec};
use gcrl_physics::{Articulation, JointSpace, Joints, LinkPoint};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

/// Where thumb and finger meet on average, from the palm's place at the start, in meters.
const MEETING_FROM_PALM: [f64; 3] = [0.0, -0.09, 0.05];

/// Standard deviation of that place, per axis, in meters.
const MEETING_SPREAD: f64 = 0.005;

/// How far from it each of the two stops, in meters.
const SHORT_OF_MEETING: f64 = 0.005;

/// Share of the episodes that ask for the fingertips' places at the start.
const SHARE_OF_START: f64 = 0.1;

/// The thumb's place among the fingertips.
const THUMB: usize = 4;

/// The task's state; `J` moves the joints.
pub(crate) struct HandReach<J = JointSpace> {
    hand: Jointed<J>,
    tips: [LinkPoint; 5],
    start: Vec<f64>,
    tips_at_start: Tips,
    palm_at_start: [f64; 3],
}

/// `tip` brought to `meeting`, but for the last 5 mm.
fn short_of(meeting: [f64; 3], tip: [f64; 3]) -> [f64; 3] {
    let way: [f64; 3] = std::array::from_fn(|axis| meeting[axis] - tip[axis]);
    let length = way.iter().map(|part| part * part).sum::<f64>().sqrt();
    std::array::from_fn(|axis| meeting[axis] - SHORT_OF_MEETING * way[axis] / length)
}

impl<J: Joints> Task for HandReach<J> {
    const SPEC: TaskSpec = TaskSpec {
        id: match J::ARTICULATION {
            Articulation::JointSpace => "HandReach",
            Articulation::Rapier => "HandReach@rapier",
        },
        summary: "A hand brings its thumb and one finger together.",
        observation: &[
            Field::new("joint_positions", N_JOINTS, "rad"),
            Field::new("joint_velocities", N_JOINTS, "rad/s"),
            Field::new("fingertips_in_world", 15, "m"),
        ],
        goal: &[Field::new("fingertips_in_world", 15, "m")],
        action: &[Field::new("joint_targets", N_SERVOS, "half range")],
        horizon: 50,
        n_transitions: 49,
        sub_steps: 20,
        physics_dt_secs: DT_SECS,
        physics_version: crate::PHYSICS_VERSION,
        reward: SuccessRule::Inside(0.01),
        success: SuccessRule::Inside(0.01),
    };

    fn new() -> Self {
        let (hand, tips) = hand::build();
        let start = hand.robot().keyframe("reset").to_vec();
        let tips_at_start = hand.points_at(&tips, &start);
        let [palm_at_start] = hand.points_at(&[hand.body("palm")], &start);
        Self { hand, tips, start, tips_at_start, palm_at_start }
    }

    fn reset(&mut self, goal: &mut [f32], rng: &mut Stream) {
        self.hand.set_state(&self.start, &[0.0; N_JOINTS]);
        let finger = rng.random_range(0..THUMB);
        let meeting = std::array::from_fn(|axis| {
            let deviation: f64 = StandardNormal.sample(rng);
            self.palm_at_start[axis] + MEETING_FROM_PALM[axis] + MEETING_SPREAD * deviation
        });
        let mut tips = self.tips_at_start;
        if SHARE_OF_START <= rng.random::<f64>() {
            for tip in [finger, THUMB] {
                tips[tip] = short_of(meeting, tips[tip]);
            }
        }
        hand::write(&tips, goal);
    }

    fn command(&mut self, action: &[f32]) {
        let control = hand::control(&self.hand, action);
        self.hand.set_control(&control);
    }

    fn advance(tasks: &mut [&mut Self]) {
        Jointed::advance(tasks.iter_mut().map(|task| &mut task.hand), Self::SPEC.sub_steps);
    }

    fn observation(&self, _goal: &[f32], observation: &mut [f32]) {
        let joints = self.hand.qpos().iter().chain(self.hand.qvel());
        for (output, number) in observation.iter_mut().zip(joints) {
            *output = *number as f32;
        }
        hand::write(&hand::stale_tips(&self.hand, &self.tips), &mut observation[2 * N_JOINTS..]);
    }

    fn achieved_goal(&self, achieved_goal: &mut [f32]) {
        hand::write(&hand::stale_tips(&self.hand, &self.tips), achieved_goal);
    }

    fn scene(&self) -> Scene {
        let camera = Camera { target: [1.01, 0.91, 0.15], eye: [1.19, 0.58, 0.43] };
        self.hand.scene(camera, None)
    }

    fn poses(&self, poses: &mut Vec<Pose>) {
        self.hand.poses(poses);
    }

    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]> {
        goal.as_chunks().0.to_vec()
    }
}

impl<J: Joints> Restore for HandReach<J> {
    const RECORDED: RecordedDims = RecordedDims { qpos: N_JOINTS, qvel: N_JOINTS, mocap_pos: 0 };

    fn restore(&mut self, state: &RecordedState<'_>) {
        self.hand.restore(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::seed;

    #[test]
    fn a_goal_moves_the_thumb_and_one_finger() {
        let mut task = HandReach::<JointSpace>::new();
        let (mut n_moved, mut start) = ([0; 6], [0.0; 15]);
        hand::write(&task.tips_at_start, &mut start);
        for index in 0..1_000 {
            let mut goal = [0.0; 15];
            task.reset(&mut goal, &mut seed::stream(0, "test", index));
            let moved = (0..5).filter(|tip| goal[3 * tip..][..3] != start[3 * tip..][..3]);
            let moved: Vec<usize> = moved.collect();
            match moved[..] {
                [] => n_moved[5] += 1,
                [finger, THUMB] => n_moved[finger] += 1,
                _ => panic!("{moved:?}"),
            }
        }
        // A tenth asks for the start, the rest for each finger alike: 100 and 225 of 1,000.
        assert!((70..130).contains(&n_moved[5]), "{n_moved:?}");
        assert!(n_moved[..4].iter().all(|count| (175..275).contains(count)), "{n_moved:?}");
    }

    #[test]
    fn two_fingertips_stop_a_centimeter_apart_at_most() {
        let meeting = [0.0, 0.0, 0.1];
        assert_eq!(short_of(meeting, [0.0, 0.0, 0.0]), [0.0, 0.0, 0.095]);
        assert_eq!(short_of(meeting, [0.0, 0.3, 0.1]), [0.0, 0.005, 0.1]);
    }
}
