//! Sawyer: an arm whose hand is dragged by a commanded point.
//!
//! `c ← clip(c + 0.02 a, box)`; the hand goes to `c + error(c)` like a critically damped spring, as far
//! as contacts let it.
//!
//! In the originals, the commanded point is a mocap body, and a soft weld drags the hand after it. The
//! weld loses where the arm's joints come to their limits, by up to 3 cm: `error` is that, measured at
//! the ends of control steps in free space. The arm itself is only drawn, by inverse kinematics.
//!
//! Source: multiworld (Pong et al., 2018), `SawyerReachXYZEnv`; errors measured on 200 episodes of the
//! original in `MuJoCo` 2.3.7. [`super::sawyer_at_door`] moves the other Sawyer by its joints.

use gcrl_core::scene::{Camera, Pose, Scene};
use gcrl_physics::drive::{Motion, Push, Tracker};
use gcrl_physics::nalgebra::{Isometry3, Quaternion, UnitQuaternion, Vector3};
use gcrl_physics::robot::pose;
use gcrl_physics::world::{Body, World};
use gcrl_physics::{Robot, inverse_kinematics};

/// How far a full command moves the commanded point along an axis, in meters.
pub(super) const METERS_PER_ACTION: f64 = 0.02;

/// Least and largest coordinates of the commanded point, in meters; goals are in the same box.
pub(crate) const LOW: Vector3<f64> = Vector3::new(-0.2, 0.55, 0.05);
pub(crate) const HIGH: Vector3<f64> = Vector3::new(0.2, 0.75, 0.3);

/// The commanded point after the original's reset, in meters.
const COMMAND_AT_RESET: Vector3<f64> = Vector3::new(0.0, 0.5, 0.02);

/// Where the hand is then, in meters.
const HAND_AT_RESET: Vector3<f64> = Vector3::new(0.0, 0.5, 0.0523);

/// The bodies that touch as one with the hand, itself first.
const HAND: [&str; 3] = ["hand", "left_claw", "right_claw"];

/// What the hand seems to weigh for what it touches, in kilograms.
const MASS: f64 = 10.0;

/// Time constant of the hand's spring, in seconds.
const TIME_CONSTANT_SECS: f64 = 0.0105;

/// How far the hand goes at most along an axis in a step of the world, in meters.
///
/// A command takes it no further; only a hand that comes free of what held it would be faster, and
/// might pass what is as thin as this unseen.
const METERS_PER_STEP: f64 = 0.02;

/// Longest step in which the hand's spring is integrated, in seconds.
const SUB_STEP_SECS: f64 = 0.001;

/// What must be left of a gap for the hand to pass it without asking the world, in meters.
const CLEARANCE: f64 = 0.002;

/// Coefficients of the hand's error, in millimeters, for the monomials of `(c − middle) / 0.1 m` by
/// degree: 1; x, y, z; x², xy, xz, y², yz, z²; and so on.
const ERROR: [[f64; 3]; 20] = [
    [-0.56, 0.01, -0.18],
    [-2.04, -0.27, 0.11],
    [-0.20, 0.23, -0.16],
    [0.29, -0.08, 0.08],
    [-2.66, -0.71, 0.71],
    [-1.52, -1.14, 0.06],
    [1.55, 0.19, -0.52],
    [-0.61, -0.46, 0.05],
    [0.22, 0.26, -0.23],
    [-0.14, 0.01, 0.11],
    [-0.89, -0.24, 0.38],
    [-1.00, -1.27, 0.32],
    [0.98, 0.28, -0.66],
    [-1.33, -1.39, 0.67],
    [0.51, 1.52, -1.54],
    [-0.51, -0.65, 0.63],
    [-0.43, -0.63, 0.43],
    [0.55, 1.10, -1.23],
    [-0.62, -0.95, 1.01],
    [0.11, 0.33, -0.13],
];

/// `middle`, in meters.
const ERROR_MIDDLE: Vector3<f64> = Vector3::new(0.0, 0.65, 0.15);

/// The unit of `c − middle`, in meters.
const ERROR_UNIT: f64 = 0.1;

/// How the hand is turned at all times: its x points down, its y to the world's y.
pub(super) fn rotation() -> UnitQuaternion<f64> {
    UnitQuaternion::from_quaternion(Quaternion::new(1.0, 0.0, 1.0, 0.0))
}

/// The arm with its hand in a world.
pub(crate) struct Sawyer {
    robot: &'static Robot,
    hand: Body,
    tracker: Tracker,
    /// The commanded point.
    command: Vector3<f64>,
    /// Where the hand comes to rest.
    rest: Vector3<f64>,
    motion: Motion,
}

impl Sawyer {
    /// Puts the hand of `robot` into `world`.
    pub(crate) fn new(robot: &'static Robot, world: &mut World) -> Self {
        Self {
            robot,
            hand: world.add_driven(robot, &HAND, rotation(), MASS),
            tracker: Tracker::new(TIME_CONSTANT_SECS, SUB_STEP_SECS),
            command: COMMAND_AT_RESET,
            rest: HAND_AT_RESET,
            motion: Motion::rest(HAND_AT_RESET),
        }
    }

    /// Where the hand is, in meters.
    pub(crate) fn position(&self) -> Vector3<f64> {
        self.motion.position
    }

    /// Puts the hand where the original's reset leaves it.
    pub(crate) fn reset(&mut self, world: &mut World) {
        self.put(world, HAND_AT_RESET, COMMAND_AT_RESET);
    }

    /// Puts the hand at rest, dragged by the point `command`.
    pub(crate) fn put(&mut self, world: &mut World, position: Vector3<f64>, command: Vector3<f64>) {
        self.command = command;
        self.rest = command + self.error();
        self.motion = Motion::rest(position);
        world.set_position(self.hand, &position);
        world.set_velocity(self.hand, &Vector3::zeros());
    }

    /// Moves the commanded point by `action`, `[3]`.
    pub(crate) fn command(&mut self, action: &[f32]) {
        let moved = self.command + METERS_PER_ACTION * point(action);
        self.command = moved.sup(&LOW).inf(&HIGH);
        self.rest = self.command + self.error();
    }

    /// Moves the hand on by one step of the world, if nothing is in its way.
    ///
    /// Nothing is, if all shapes of `obstacle` stay clear of it; then it answers so, and the world has
    /// not been asked: most steps are of this kind, and cost a hundredth.
    pub(crate) fn glides(&mut self, world: &mut World, obstacle: Body) -> bool {
        let next = self.next(world);
        let way = (next.position - self.motion.position).norm();
        if !world.are_apart(self.hand, obstacle, way + CLEARANCE) {
            return false;
        }
        self.motion = next;
        world.set_position(self.hand, &next.position);
        world.set_velocity(self.hand, &next.velocity);
        true
    }

    /// Moves hand and world on by one step of the world, and says how far the hand moved, in meters.
    pub(crate) fn push(&mut self, world: &mut World) -> f64 {
        let before = self.motion.position;
        self.motion = self.next(world);
        let push = Push::toward(world, self.hand, &self.motion.position);
        world.step();
        self.motion += push.deviation(world);
        (self.motion.position - before).norm()
    }

    /// What the spring makes of the hand's motion in one step of the world.
    fn next(&self, world: &World) -> Motion {
        let before = self.motion.position;
        let mut next = self.tracker.track(self.motion, &self.rest, world.dt_secs(), |_| {});
        let furthest = Vector3::repeat(METERS_PER_STEP);
        next.position = before + (next.position - before).sup(&-furthest).inf(&furthest);
        next
    }

    /// How far the hand stays from the commanded point, in meters.
    fn error(&self) -> Vector3<f64> {
        let at = (self.command - ERROR_MIDDLE) / ERROR_UNIT;
        let mut millimeters = Vector3::zeros();
        for (monomial, coefficients) in monomials(&at).zip(ERROR) {
            millimeters += Vector3::from(coefficients) * monomial;
        }
        millimeters * 1e-3
    }

    /// Frames in the world of all bodies, the arm's from inverse kinematics.
    fn frames(&self) -> Vec<Isometry3<f64>> {
        let hand = self.robot.body("hand");
        let wanted = Isometry3::from_parts(self.position().into(), rotation());
        let start = self.robot.keyframe("before_reset");
        let qpos = inverse_kinematics::solve(self.robot, hand, &wanted, start);
        self.robot.forward_kinematics(&qpos)
    }

    /// What there is to draw.
    pub(crate) fn scene(&self, camera: Camera, goal_radius: Option<f32>) -> Scene {
        self.robot.scene(camera, goal_radius)
    }

    /// Appends the poses of the scene's bodies.
    pub(crate) fn poses(&self, poses: &mut Vec<Pose>) {
        poses.extend(self.frames().iter().map(pose));
    }
}

/// Three numbers as a point.
pub(crate) fn point(numbers: &[f32]) -> Vector3<f64> {
    Vector3::new(numbers[0].into(), numbers[1].into(), numbers[2].into())
}

/// The products of powers of three numbers, by degree: 1; x, y, z; x², xy, xz, y², yz, z²; …
fn monomials(at: &Vector3<f64>) -> impl Iterator<Item = f64> {
    let [x, y, z] = [at.x, at.y, at.z];
    let of_degree = move |degree: i32| {
        (0..=degree).rev().flat_map(move |of_x| {
            (0..=degree - of_x)
                .rev()
                .map(move |of_y| x.powi(of_x) * y.powi(of_y) * z.powi(degree - of_x - of_y))
        })
    };
    (0..).flat_map(of_degree)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monomials_come_by_degree() {
        let found: Vec<f64> = monomials(&Vector3::new(2.0, 3.0, 5.0)).take(11).collect();
        assert_eq!(found, [1.0, 2.0, 3.0, 5.0, 4.0, 6.0, 10.0, 9.0, 15.0, 25.0, 8.0]);
    }
}
