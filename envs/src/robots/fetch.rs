//! Fetch, a mobile manipulator, standing at a table: what its four tasks share.
//!
//! The arm of the original carries no motors: a soft weld drags the gripper to a target that every
//! control step puts 5 cm times the action beside it, and the arm follows. Arm, fingers and object are
//! simulated with the masses, dampings and soft contacts of the original, by
//! [`gcrl_physics::articulation::soft`].
//!
//! | file | holds |
//! |---|---|
//! | `machine.rs` | robot and object in motion: commands, and what is seen |
//! | `object.rs` | the block and the puck: where they start, how they are seen |
//! | `stage.rs` | robot and scenery, for physics and for drawing |
//!
//! Source: Plappert et al., "Multi-Goal Reinforcement Learning: Challenging Robotics Environments and
//! Request for Research", 2018. Numbers were measured on gymnasium-robotics 1.4.2 with `MuJoCo` 2.3.3.

mod machine;
mod object;
mod stage;

use machine::SUB_STEPS;
#[cfg(test)]
pub(crate) use machine::put;
pub(crate) use machine::{Fetch, Fingers, ObjectStart, State};
pub(crate) use object::{Object, draw_start};
pub(crate) use stage::{PUSH_SCENERY, REACH_SCENERY, SLIDE_SCENERY, Stage};

use crate::recorded::RecordedDims;
use gcrl_core::seed::{self, Stream};
use gcrl_core::{Field, SuccessRule, TaskSpec};
use gcrl_physics::nalgebra::Vector3;

/// Duration of a control step, in seconds. What the agent sees of a velocity is the way in this time.
const CONTROL_STEP_SECS: f64 = 0.04;

/// What the agent commands.
const ACTION: &[Field] = &[
    Field::new("gripper_displacement", 3, "5 cm"),
    // Added to the fingers' positions in meters; 0.2 and more opens them with all force.
    Field::new("fingers_displacement", 1, "m"),
];

/// What goals are about.
const GRIPPER_GOAL: &[Field] = &[Field::new("gripper_in_world", 3, "m")];
const OBJECT_GOAL: &[Field] = &[Field::new("object_in_world", 3, "m")];

/// What the agent sees of a scene with an object.
const OBJECT_OBSERVATION: &[Field] = &[
    Field::new("gripper_in_world", 3, "m"),
    Field::new("object_in_world", 3, "m"),
    Field::new("object_from_gripper", 3, "m"),
    Field::new("finger_positions", 2, "m"),
    Field::new("object_euler_angles", 3, "rad"),
    Field::new("object_velocity_from_gripper", 3, "m/step"),
    Field::new("object_spin", 3, "rad/step"),
    Field::new("gripper_velocity", 3, "m/step"),
    Field::new("finger_velocities", 2, "m/step"),
];

/// What the agent sees where there is only the gripper.
const GRIPPER_OBSERVATION: &[Field] = &[
    Field::new("gripper_in_world", 3, "m"),
    Field::new("finger_positions", 2, "m"),
    Field::new("gripper_velocity", 3, "m/step"),
    Field::new("finger_velocities", 2, "m/step"),
];

/// The first 15 coordinates of a recorded state: base, torso, head, arm, fingers.
const N_JOINTS: usize = 15;

/// Where the gripper is and how it moves, as the agent sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GripperView {
    /// In meters.
    pub(crate) position: Vector3<f64>,
    /// In meters per second.
    pub(crate) velocity: Vector3<f64>,
    /// Right, then left, in meters from shut.
    pub(crate) fingers: [f64; 2],
    /// In meters per second.
    pub(crate) finger_velocities: [f64; 2],
}

/// The specification of FetchReach.
pub(crate) const fn reach_spec(id: &'static str, summary: &'static str) -> TaskSpec {
    TaskSpec {
        id,
        summary,
        observation: GRIPPER_OBSERVATION,
        goal: GRIPPER_GOAL,
        action: ACTION,
        horizon: 50,
        n_transitions: 49,
        sub_steps: SUB_STEPS,
        physics_dt_secs: CONTROL_STEP_SECS / SUB_STEPS as f64,
        physics_version: crate::PHYSICS_VERSION,
        reward: SuccessRule::Inside(0.05),
        success: SuccessRule::Inside(0.05),
    }
}

/// The specification of a task with an object.
pub(crate) const fn object_spec(id: &'static str, summary: &'static str) -> TaskSpec {
    TaskSpec { observation: OBJECT_OBSERVATION, goal: OBJECT_GOAL, ..reach_spec(id, summary) }
}

/// The size of a recorded state with the gripper only.
pub(crate) const GRIPPER_RECORDED: RecordedDims =
    RecordedDims { qpos: N_JOINTS, qvel: N_JOINTS, mocap_pos: 0 };

/// The size of a recorded state with an object: its position and quaternion, its velocity and spin.
pub(crate) const OBJECT_RECORDED: RecordedDims =
    RecordedDims { qpos: N_JOINTS + 7, qvel: N_JOINTS + 6, mocap_pos: 0 };

/// A number between `-range` and `range`.
fn draw(range: f64, rng: &mut Stream) -> f64 {
    range * seed::signed_unit_f64(rng)
}

/// A point of the cube around `center` that reaches to `range` on every axis.
pub(crate) fn draw_around(center: [f64; 3], range: f64, rng: &mut Stream) -> Vector3<f64> {
    Vector3::from(center.map(|coordinate| coordinate + draw(range, rng)))
}

/// Three numbers of an observation or a goal.
pub(crate) fn read(numbers: &[f32]) -> Vector3<f64> {
    Vector3::new(numbers[0].into(), numbers[1].into(), numbers[2].into())
}

/// Writes three numbers of an observation or a goal.
pub(crate) fn write(vector: &Vector3<f64>, numbers: &mut [f32]) {
    for (number, coordinate) in numbers.iter_mut().zip(vector) {
        *number = *coordinate as f32;
    }
}

/// Writes what the agent sees where there is only the gripper, `[10]`.
pub(crate) fn observe_gripper(gripper: &GripperView, observation: &mut [f32]) {
    write(&gripper.position, &mut observation[0..3]);
    write_fingers(&gripper.fingers, 1.0, &mut observation[3..5]);
    write(&(gripper.velocity * CONTROL_STEP_SECS), &mut observation[5..8]);
    write_fingers(&gripper.finger_velocities, CONTROL_STEP_SECS, &mut observation[8..10]);
}

/// Writes what the agent sees of a scene with an object, `[25]`.
pub(crate) fn observe_object(gripper: &GripperView, object: &Object, observation: &mut [f32]) {
    let per_step = |velocity: Vector3<f64>| velocity * CONTROL_STEP_SECS;
    write(&gripper.position, &mut observation[0..3]);
    write(&object.position, &mut observation[3..6]);
    write(&(object.position - gripper.position), &mut observation[6..9]);
    write_fingers(&gripper.fingers, 1.0, &mut observation[9..11]);
    write(&object.euler_angles(), &mut observation[11..14]);
    write(&per_step(object.velocity - gripper.velocity), &mut observation[14..17]);
    write(&per_step(object.spin), &mut observation[17..20]);
    write(&per_step(gripper.velocity), &mut observation[20..23]);
    write_fingers(&gripper.finger_velocities, CONTROL_STEP_SECS, &mut observation[23..25]);
}

fn write_fingers(fingers: &[f64; 2], scale: f64, numbers: &mut [f32]) {
    for (number, finger) in numbers.iter_mut().zip(fingers) {
        *number = (finger * scale) as f32;
    }
}
