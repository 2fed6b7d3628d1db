//! SawyerReach: the hand of a Sawyer arm goes to a point above a table.
//!
//! 10 commands a second, each moving the commanded point by up to 2 cm along each axis. The start is
//! outside the box of commands, and always the same: claws on the table. Reward 1 where `‖h − g‖ ≤ 0.06`.
//!
//! Source: multiworld, `SawyerReachXYZEnv-v1`. The best possible mean return is about 43.3; random
//! actions earn 1.25.
//!
//! **Deviation:** the arm is not simulated; see [`crate::robots::sawyer`].

use crate::recorded::{RecordedDims, RecordedState, Restore};
use crate::robots;
use crate::robots::sawyer::{self, Sawyer, point};
use crate::task::Task;
use gcrl_core::scene::{Camera, Pose};
use gcrl_core::seed::Stream;
use gcrl_core::{Field, Scene, SuccessRule, TaskSpec};
use gcrl_physics::Robot;
use gcrl_physics::world::{Body, Settings, Snapshot, World};
use rand::RngExt;
use std::sync::LazyLock;

/// The robot, and what stands around it.
static ROBOT: LazyLock<Robot> =
    LazyLock::new(|| robots::described(include_str!("../../../assets/robots/sawyer_reach.xml")));

/// What moves less in a step, in meters, moves no more.
const STILL: f64 = 2e-5;

const CAMERA: Camera = Camera { target: [0.0, 0.45, 0.2], eye: [1.2, 1.55, 0.8] };

const SETTINGS: Settings =
    Settings { dt_secs: SawyerReach::SPEC.physics_dt_secs, solver_iterations: 4 };

/// The task's state.
pub(crate) struct SawyerReach {
    world: World,
    fresh: Snapshot,
    table: Body,
    sawyer: Sawyer,
    /// Nothing moves until the next command.
    is_settled: bool,
}

impl SawyerReach {
    /// Moves on by one physics step.
    fn move_on(&mut self) {
        if self.is_settled || self.sawyer.glides(&mut self.world, self.table) {
            return;
        }
        self.is_settled = self.sawyer.push(&mut self.world) < STILL;
    }
}

impl Task for SawyerReach {
    const SPEC: TaskSpec = TaskSpec {
        id: "SawyerReach",
        summary: "The hand of a Sawyer arm goes to a point above a table.",
        observation: &[Field::new("hand_in_world", 3, "m")],
        goal: &[Field::new("hand_in_world", 3, "m")],
        action: &[Field::new("hand_displacement", 3, "2 cm")],
        horizon: 50,
        n_transitions: 49,
        sub_steps: 5,
        physics_dt_secs: 0.02,
        physics_version: crate::PHYSICS_VERSION,
        reward: SuccessRule::Within(0.06),
        success: SuccessRule::Within(0.06),
    };

    fn new() -> Self {
        let mut world = World::new(&SETTINGS);
        let table = world.add_fixed(&ROBOT, "table");
        let sawyer = Sawyer::new(&ROBOT, &mut world);
        let fresh = world.snapshot();
        Self { world, fresh, table, sawyer, is_settled: false }
    }

    fn reset(&mut self, goal: &mut [f32], rng: &mut Stream) {
        self.world.restore(&self.fresh);
        self.sawyer.reset(&mut self.world);
        let drawn = std::array::from_fn(|axis| {
            sawyer::LOW[axis] + (sawyer::HIGH[axis] - sawyer::LOW[axis]) * rng.random::<f64>()
        });
        write(drawn, goal);
    }

    fn command(&mut self, action: &[f32]) {
        self.sawyer.command(action);
        self.is_settled = false;
    }

    fn advance(tasks: &mut [&mut Self]) {
        for task in tasks {
            (0..Self::SPEC.sub_steps).for_each(|_| task.move_on());
        }
    }

    fn observation(&self, _goal: &[f32], observation: &mut [f32]) {
        self.achieved_goal(observation);
    }

    fn achieved_goal(&self, achieved_goal: &mut [f32]) {
        write(self.sawyer.position().into(), achieved_goal);
    }

    fn scene(&self) -> Scene {
        self.sawyer.scene(CAMERA, Some(Self::SPEC.reward.radius() as f32))
    }

    fn poses(&self, poses: &mut Vec<Pose>) {
        self.sawyer.poses(poses);
    }

    fn goal_points(&self, goal: &[f32]) -> Vec<[f32; 3]> {
        vec![[goal[0], goal[1], goal[2]]]
    }
}

impl Restore for SawyerReach {
    const RECORDED: RecordedDims = RecordedDims { qpos: 0, qvel: 0, mocap_pos: 3 };

    fn restore(&mut self, state: &RecordedState<'_>) {
        self.world.restore(&self.fresh);
        self.sawyer.put(&mut self.world, point(state.observation), point(state.mocap_pos));
    }
}

fn write(point: [f64; 3], numbers: &mut [f32]) {
    for (number, coordinate) in numbers.iter_mut().zip(point) {
        *number = coordinate as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GoalEnv;
    use gcrl_core::{Depict, Env};

    #[test]
    fn the_first_command_enters_the_box_and_presses_the_claws_on_the_table() {
        let mut env = GoalEnv::new(SawyerReach::new());
        env.reset(0).unwrap();
        assert_eq!(env.observation().observation, [0.0, 0.5, 0.0523]);
        env.step(&[0.0; 3]).unwrap();
        // The original's hand comes to (0, 0.546, 0.0555).
        let hand = env.observation().observation;
        assert!(hand[0].abs() < 3e-3 && (hand[1] - 0.546).abs() < 5e-3, "{hand:?}");
        assert!((hand[2] - 0.0555).abs() < 1e-3, "{hand:?}");
    }

    #[test]
    fn the_arm_that_is_drawn_holds_the_hand() {
        let mut env = GoalEnv::new(SawyerReach::new());
        env.reset(0).unwrap();
        for _ in 0..15 {
            env.step(&[1.0, 1.0, 0.5]).unwrap();
        }
        let (mut poses, scene) = (Vec::new(), env.scene());
        env.poses(&mut poses);
        let hand = scene.bodies.iter().position(|name| name == "hand").unwrap();
        for (drawn, seen) in poses[hand].position.iter().zip(env.observation().observation) {
            assert!((drawn - seen).abs() < 2e-3, "{drawn} instead of {seen}");
        }
    }
}
