//! The robot and its object in motion, with soft contacts.
//!
//! The arm carries no motors. A soft weld drags the gripper's body to a target, which every control
//! step puts 5 cm times the action beside where the gripper is, and turns most of the way back to
//! pointing down. Fingers have servos (in FetchPickAndPlace), or are shut anew at the end of every
//! control step, and keep their velocities.

use super::stage::{FETCH, Stage};
use super::{GripperView, N_JOINTS, Object};
use crate::recorded::RecordedState;
#[cfg(test)]
use crate::recorded::Restore;
use gcrl_core::scene::Pose;
use gcrl_physics::Robot;
use gcrl_physics::articulation::soft::{FreeMotion, Setup, SoftWorld, Softness, Surface, Weld};
use gcrl_physics::nalgebra::{Isometry3, Point3, Quaternion, UnitQuaternion, Vector3};

/// How far a full command puts the target beside the gripper, in meters.
const FULL_COMMAND: f64 = 0.05;

/// From the gripper's body to the grip site, in its frame, in meters.
const GRIP_IN_BODY: Vector3<f64> = Vector3::new(0.02, 0.0, 0.0);

/// Physics steps in a control step, and their duration in seconds.
pub(crate) const SUB_STEPS: usize = 20;
const STEP_SECS: f64 = 0.002;

/// Joints that move: torso, seven of the arm, two fingers.
pub(super) const N_MOVING: usize = 10;

/// Which of a robot's 15 joints those are.
const MOVING: [usize; N_MOVING] = [3, 6, 7, 8, 9, 10, 11, 12, 13, 14];

/// The base's other two joints, and the head's.
const HELD: [(&str, f64); 4] =
    [("slide1", 0.48), ("slide2", 0.0), ("head_pan_joint", 0.0), ("head_tilt_joint", 0.06)];

/// How soft the robot's parts are, and the ends of its fingers' ranges.
const ROBOT: Softness = Softness { time_constant_secs: 0.01, impedance: [0.99, 0.99], width: 0.01 };
const FINGER_LIMIT: Softness =
    Softness { time_constant_secs: 0.01, impedance: [0.99, 0.999], width: 0.01 };

const PALM: Surface = Surface { softness: ROBOT, spin_friction: None };
const FINGER: Surface = Surface { softness: ROBOT, spin_friction: Some(0.05) };

const FINGERS: [&str; 2] = ["r_gripper_finger_link", "l_gripper_finger_link"];

/// What moves the fingers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fingers {
    /// Nothing; they are shut anew at the end of every control step.
    Shut,
    /// A servo each.
    Driven,
}

/// Where an object starts but for its place on the table: the original's state after its set-up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ObjectStart {
    /// Height of its middle, in meters.
    pub(crate) height: f64,
    /// Its orientation: w, x, y, z.
    pub(crate) turn: [f64; 4],
    /// In meters per second.
    pub(crate) velocity: [f64; 3],
    /// In radians per second, about its own axes.
    pub(crate) spin: [f64; 3],
}

/// Where an episode starts: the state of the original after its set-up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    /// How far the base stands in front of the world's origin, its joint `slide0`, in meters.
    pub(crate) base_x: f64,
    /// Torso, arm, fingers.
    pub(crate) joints: [f64; N_MOVING],
    /// Their velocities.
    pub(crate) rates: [f64; N_MOVING],
    /// The object, if there is one.
    pub(crate) object: Option<ObjectStart>,
}

/// What is seen of gripper and object.
#[derive(Clone, Copy)]
struct Seen {
    gripper: Isometry3<f64>,
    object: (Vector3<f64>, UnitQuaternion<f64>),
}

/// The robot in motion.
pub(crate) struct Fetch {
    world: SoftWorld,
    fingers: Fingers,
    start: &'static State,
    seen: Seen,
    servo_range: [f64; 2],
}

impl Fetch {
    /// The robot in a scenery, at a start.
    ///
    /// # Panics
    ///
    /// If the descriptions in assets are not sound.
    pub(crate) fn new(
        scenery: &Robot,
        object: Option<&str>,
        start: &'static State,
        fingers: Fingers,
    ) -> Self {
        let mut fetch = FETCH.clone();
        let servo_range = fetch.actuators[0].control_range;
        if fingers == Fingers::Shut {
            fetch.actuators.clear();
        }
        let held: Vec<_> = [("slide0", start.base_x)].into_iter().chain(HELD).collect();
        let mut pairs = vec![(FINGERS[0], "table"), (FINGERS[1], "table")];
        if let Some(object) = object {
            pairs.extend([("table", object), ("world", object)]);
            pairs.extend([(FINGERS[0], object), (FINGERS[1], object), ("gripper_link", object)]);
        }
        let world = SoftWorld::new(&Setup {
            robot: &fetch,
            held: &held,
            scenery: Some(scenery),
            object,
            weld: Weld { body: "gripper_link", softness: Softness::default() },
            surfaces: &[("gripper_link", PALM), (FINGERS[0], FINGER), (FINGERS[1], FINGER)],
            hulls: &[],
            limits: &[
                ("r_gripper_finger_joint", FINGER_LIMIT),
                ("l_gripper_finger_joint", FINGER_LIMIT),
            ],
            pairs: &pairs,
            dt_secs: STEP_SECS,
        });
        let world = world.expect("hinges and slides");
        let object = (Vector3::zeros(), UnitQuaternion::identity());
        let seen = Seen { gripper: Isometry3::identity(), object };
        let mut machine = Self { world, fingers, start, seen, servo_range };
        machine.reset([0.0; 2]);
        machine
    }

    /// Goes to the start, with the object at a place on the table.
    pub(crate) fn reset(&mut self, [x, y]: [f64; 2]) {
        let start = self.start;
        let object = start.object.map(|object| {
            let [w, i, j, k] = object.turn;
            FreeMotion {
                position: Vector3::new(x, y, object.height),
                rotation: UnitQuaternion::from_quaternion(Quaternion::new(w, i, j, k)),
                velocity: object.velocity.into(),
                spin: object.spin.into(),
            }
        });
        self.world.set_state(&start.joints, &start.rates, object.as_ref());
        self.see();
    }

    /// Takes over a recorded state.
    pub(crate) fn restore(&mut self, state: &RecordedState<'_>) {
        let of = |numbers: &[f32]| MOVING.map(|joint| f64::from(numbers[joint]));
        let object = (N_JOINTS < state.qpos.len()).then(|| {
            let (at, rate) = (&state.qpos[N_JOINTS..], &state.qvel[N_JOINTS..]);
            let turn = [3, 4, 5, 6].map(|index| f64::from(at[index]));
            let turn = Quaternion::new(turn[0], turn[1], turn[2], turn[3]);
            FreeMotion {
                position: super::read(at),
                rotation: UnitQuaternion::from_quaternion(turn),
                velocity: super::read(rate),
                spin: super::read(&rate[3..]),
            }
        });
        self.world.set_state(&of(state.qpos), &of(state.qvel), object.as_ref());
        self.see();
    }

    fn see(&mut self) {
        let object = self.world.object();
        self.seen =
            Seen { gripper: self.world.dragged(), object: (object.position, object.rotation) };
    }

    /// Takes the command of a control step, `[4]`.
    pub(crate) fn command(&mut self, action: &[f32]) {
        let Isometry3 { rotation, translation } = self.seen.gripper;
        let position = translation.vector + super::read(action) * FULL_COMMAND;
        // The original adds the quaternion that points down to the gripper's own.
        let turn = rotation.into_inner() + Quaternion::new(1.0, 0.0, 1.0, 0.0);
        self.world.set_target(position, UnitQuaternion::from_quaternion(turn));
        if self.fingers == Fingers::Driven {
            let qpos = self.world.qpos();
            let [least, largest] = self.servo_range;
            let control = [8, 9]
                .map(|finger: usize| (qpos[finger] + f64::from(action[3])).clamp(least, largest));
            self.world.set_control(&control);
        }
    }

    /// Moves each of `robots`, of one task, on by one control step.
    pub(crate) fn advance<'a>(robots: impl Iterator<Item = &'a mut Self>) {
        let mut robots: Vec<_> = robots.collect();
        let advance = |robots: &mut [&mut Self], n_steps: usize| {
            let mut worlds: Vec<_> = robots.iter_mut().map(|robot| &mut robot.world).collect();
            SoftWorld::advance_together(&mut worlds, n_steps);
        };
        advance(&mut robots, SUB_STEPS - 1);
        // Nothing brings what is seen up to date after the last step.
        let driven = robots.iter_mut().filter(|robot| robot.fingers == Fingers::Driven);
        driven.for_each(|robot| robot.see());
        advance(&mut robots, 1);
        for robot in robots {
            if robot.fingers == Fingers::Shut {
                robot.world.set_joint(8, 0.0);
                robot.world.set_joint(9, 0.0);
                robot.see();
            }
        }
    }

    /// What the agent sees of the gripper.
    pub(crate) fn gripper(&self) -> GripperView {
        let position = (self.seen.gripper * Point3::from(GRIP_IN_BODY)).coords;
        let (qpos, qvel) = (self.world.qpos(), self.world.qvel());
        GripperView {
            position,
            velocity: self.world.dragged_velocity(&position),
            fingers: [qpos[8], qpos[9]],
            finger_velocities: [qvel[8], qvel[9]],
        }
    }

    /// What the agent sees of the object.
    pub(crate) fn object(&self) -> Object {
        let (position, rotation) = self.seen.object;
        let now = self.world.object();
        Object { position, rotation, velocity: now.velocity, spin: rotation * now.spin }
    }

    /// The robot's joints.
    pub(crate) fn joints(&self) -> [f64; N_JOINTS] {
        let mut joints = [0.0; N_JOINTS];
        (joints[0], joints[1], joints[5]) = (self.start.base_x, HELD[0].1, HELD[3].1);
        for (joint, coordinate) in MOVING.iter().zip(self.world.qpos()) {
            joints[*joint] = *coordinate;
        }
        joints
    }

    /// Appends the poses of the scene's bodies.
    pub(crate) fn poses(&self, stage: &Stage, poses: &mut Vec<Pose>) {
        let object = self.start.object.map(|_| {
            let object = self.world.object();
            Isometry3::from_parts(object.position.into(), object.rotation)
        });
        stage.poses(&self.joints(), object, poses);
    }
}

/// Puts the robot of `task` at `start` with its fingers at `fingers`, and an object at `position`.
#[cfg(test)]
pub(crate) fn put(task: &mut impl Restore, start: &State, fingers: f64, position: [f64; 3]) {
    let (mut qpos, mut qvel) = ([0.0; N_JOINTS + 7], [0.0; N_JOINTS + 6]);
    for (index, joint) in MOVING.iter().enumerate() {
        qpos[*joint] = start.joints[index] as f32;
        qvel[*joint] = start.rates[index] as f32;
    }
    qpos[13..15].fill(fingers as f32);
    qpos[15..18].copy_from_slice(&position.map(|number| number as f32));
    qpos[18] = 1.0;
    let (achieved_goal, mocap_pos) = (&qpos[15..18], &[][..]);
    task.restore(&RecordedState {
        observation: &[],
        achieved_goal,
        qpos: &qpos,
        qvel: &qvel,
        mocap_pos,
    });
}
