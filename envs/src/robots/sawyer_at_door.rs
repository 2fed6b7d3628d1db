//! Sawyer with a hook before a door: all of it in motion, with soft contacts.
//!
//! `c ← clip(c + 0.02 a, box)`; a soft weld drags the hand to `c`, turned to point down. The arm carries
//! no motors. Its joints come to their limits and its upper arm to the ball around its head, which keeps
//! the hand up to 3 cm from `c`; the hook, and the wrist above it, push the door and are pushed.
//!
//! Source: multiworld (Pong et al., 2018), `SawyerDoorHookEnv`. Shapes of head and upper arm are those of
//! Rethink Robotics' description of Sawyer. That of the wrist, whose mesh the original has, was chosen so
//! that where the hand rests on the door is where recordings of the original have it.

use super::sawyer::{METERS_PER_ACTION, point, rotation};
use crate::recorded::RecordedState;
use gcrl_core::scene::Pose;
use gcrl_physics::Robot;
use gcrl_physics::articulation::soft::{Setup, SoftWorld, Softness, Surface, Weld};
use gcrl_physics::nalgebra::Vector3;
use gcrl_physics::robot::pose;

/// Joints: seven of the arm, the door's hinge.
pub(crate) const N_JOINTS: usize = 8;

/// Duration of a physics step, in seconds.
pub(crate) const STEP_SECS: f64 = 0.003;

/// Physics steps in which the original's reset drags the hand to its start.
const RESET_STEPS: usize = 500;

/// Where the commanded point is after a reset, in meters.
const COMMAND_AT_RESET: Vector3<f64> = Vector3::new(-0.05, 0.635, 0.225);

/// Least and largest coordinates of the commanded point, in meters.
const LOW: Vector3<f64> = Vector3::new(-0.1, 0.45, 0.1);
const HIGH: Vector3<f64> = Vector3::new(0.05, 0.65, 0.25);

const WELD: Softness = Softness { time_constant_secs: 0.005, impedance: [0.9, 0.95], width: 0.001 };
const TOUCH: Surface = Surface {
    softness: Softness { time_constant_secs: 0.008, impedance: [0.95, 0.95], width: 0.01 },
    spin_friction: None,
};

/// The arm, the door, and what moves them.
pub(crate) struct SawyerAtDoor {
    robot: &'static Robot,
    world: SoftWorld,
    /// Coordinates after a reset.
    start: [f64; N_JOINTS],
    command: Vector3<f64>,
}

impl SawyerAtDoor {
    /// `robot` as a reset leaves it.
    ///
    /// # Panics
    ///
    /// If the description is not sound.
    pub(crate) fn new(robot: &'static Robot) -> Self {
        let world = SoftWorld::new(&Setup {
            robot,
            held: &[],
            scenery: None,
            object: None,
            weld: Weld { body: "hand", softness: WELD },
            surfaces: &["head", "l2", "l6", "hand", "door", "cabinet"].map(|name| (name, TOUCH)),
            hulls: &["l6"],
            limits: &[],
            pairs: &[("head", "l2"), ("hand", "door"), ("l6", "door"), ("door", "cabinet")],
            dt_secs: STEP_SECS,
        });
        let world = world.expect("hinges alone");
        let start = robot.keyframe("before_reset").try_into().expect("a number a joint");
        let mut sawyer = Self { robot, world, start, command: COMMAND_AT_RESET };
        sawyer.reset();
        sawyer.world.advance(RESET_STEPS);
        sawyer.start.copy_from_slice(sawyer.world.qpos());
        sawyer.start[N_JOINTS - 1] = 0.0;
        sawyer.reset();
        sawyer
    }

    /// Goes to the start.
    pub(crate) fn reset(&mut self) {
        let start = self.start;
        self.put(COMMAND_AT_RESET, &start, &[0.0; N_JOINTS]);
    }

    /// Takes over a recorded state.
    pub(crate) fn restore(&mut self, state: &RecordedState<'_>) {
        let of = |numbers: &[f32]| std::array::from_fn(|joint| f64::from(numbers[joint]));
        self.put(point(state.mocap_pos), &of(state.qpos), &of(state.qvel));
    }

    fn put(&mut self, command: Vector3<f64>, qpos: &[f64; N_JOINTS], qvel: &[f64; N_JOINTS]) {
        self.command = command;
        self.world.set_state(qpos, qvel, None);
        self.world.set_target(command, rotation());
    }

    /// Moves the commanded point by `action`, `[3]`.
    pub(crate) fn command(&mut self, action: &[f32]) {
        let moved = self.command + METERS_PER_ACTION * point(action);
        self.command = moved.sup(&LOW).inf(&HIGH);
        self.world.set_target(self.command, rotation());
    }

    /// Moves each of `robots` on by `n_steps` physics steps.
    pub(crate) fn advance<'a>(robots: impl Iterator<Item = &'a mut Self>, n_steps: usize) {
        let mut worlds: Vec<_> = robots.map(|robot| &mut robot.world).collect();
        SoftWorld::advance_together(&mut worlds, n_steps);
    }

    /// Where the hand is, in meters.
    pub(crate) fn hand(&self) -> Vector3<f64> {
        self.world.dragged().translation.vector
    }

    /// The door's angle, in radians.
    pub(crate) fn angle(&self) -> f64 {
        self.world.qpos()[N_JOINTS - 1]
    }

    /// Appends the poses of all bodies.
    pub(crate) fn poses(&self, poses: &mut Vec<Pose>) {
        poses.extend(self.robot.forward_kinematics(self.world.qpos()).iter().map(pose));
    }
}
