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

/// How far the hand goes at most along an axis in a step of the world, in meters.
///
/// A command takes it no further; only a hand that comes free of what held it would be faster, and
/// might pass what is as thin as this unseen.
const METERS_PER_STEP: f64 = 0.02;

/// Longest step in which the hand's spring is integrated, in seconds.
const SUB_STEP_SECS: f64 = 0.001;

/// What must be left of a gap for the hand to pass it without asking the world, in meters.
const CLEARANCE: f64 = 0.002;

/// Edge of the unit in which [`Setup::error`] counts, in meters.
const ERROR_UNIT: f64 = 0.1;

/// How the hand is turned at all times: its x points down, its y to the world's y.
pub(super) fn rotation() -> UnitQuaternion<f64> {
    UnitQuaternion::from_quaternion(Quaternion::new(1.0, 0.0, 1.0, 0.0))
}

/// What differs between the tasks.
pub struct Setup {
    /// Least coordinates of the commanded point, in meters.
    pub low: [f64; 3],
    /// Largest coordinates of the commanded point, in meters.
    pub high: [f64; 3],
    /// Time constant of the hand's spring, in seconds.
    pub time_constant_secs: f64,
    /// What the hand seems to weigh for what it touches, in kilograms.
    pub mass: f64,
    /// The bodies that touch as one with the hand, itself first.
    pub hand: &'static [&'static str],
    /// The commanded point after the original's reset, in meters.
    pub command_at_reset: [f64; 3],
    /// Where the hand is then, in meters.
    pub hand_at_reset: [f64; 3],
    /// Coefficients of the hand's error, in millimeters, for the monomials of `(c − middle) / 0.1 m`
    /// by degree: 1; x, y, z; x², xy, xz, y², yz, z²; and so on.
    pub error: &'static [[f64; 3]],
    /// `middle`, in meters.
    pub middle: [f64; 3],
}

/// The arm with its hand in a world.
pub struct Sawyer {
    setup: &'static Setup,
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
    pub fn new(setup: &'static Setup, robot: &'static Robot, world: &mut World) -> Self {
        let hand = world.add_driven(robot, setup.hand, rotation(), setup.mass);
        let at_reset = Vector3::from(setup.hand_at_reset);
        Self {
            setup,
            robot,
            hand,
            tracker: Tracker::new(setup.time_constant_secs, SUB_STEP_SECS),
            command: setup.command_at_reset.into(),
            rest: at_reset,
            motion: Motion::rest(at_reset),
        }
    }

    /// The description of the robot and of what stands around it.
    pub fn robot(&self) -> &Robot {
        self.robot
    }

    /// Where the hand is, in meters.
    pub fn position(&self) -> Vector3<f64> {
        self.motion.position
    }

    /// Puts the hand where the original's reset leaves it.
    pub fn reset(&mut self, world: &mut World) {
        let Setup { hand_at_reset, command_at_reset, .. } = *self.setup;
        self.put(world, hand_at_reset.into(), command_at_reset.into());
    }

    /// Puts the hand at rest, dragged by the point `command`.
    pub fn put(&mut self, world: &mut World, position: Vector3<f64>, command: Vector3<f64>) {
        self.command = command;
        self.rest = command + self.error();
        self.motion = Motion::rest(position);
        world.set_position(self.hand, &position);
        world.set_velocity(self.hand, &Vector3::zeros());
    }

    /// Moves the commanded point by `action`, `[3]`.
    pub fn command(&mut self, action: &[f32]) {
        let moved = self.command + METERS_PER_ACTION * point(action);
        let (low, high) = (self.setup.low.into(), self.setup.high.into());
        self.command = moved.sup(&low).inf(&high);
        self.rest = self.command + self.error();
    }

    /// Moves the hand on by one step of the world, if nothing is in its way.
    ///
    /// Nothing is, if all shapes of `obstacle` stay clear of it; then it answers so, and the world has
    /// not been asked: most steps are of this kind, and cost a hundredth.
    pub fn glides(&mut self, world: &mut World, obstacle: Body) -> bool {
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
    pub fn push(&mut self, world: &mut World) -> f64 {
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
        let at = (self.command - Vector3::from(self.setup.middle)) / ERROR_UNIT;
        let mut millimeters = Vector3::zeros();
        for (monomial, coefficients) in monomials(&at).zip(self.setup.error) {
            millimeters += Vector3::from(*coefficients) * monomial;
        }
        millimeters * 1e-3
    }

    /// Frames in the world of all bodies, the arm's from inverse kinematics.
    ///
    /// `last` is the coordinate after the arm's seven: that of a claw or of the door.
    pub fn frames(&self, last: f64) -> Vec<Isometry3<f64>> {
        let hand = self.robot.body("hand");
        let wanted = Isometry3::from_parts(self.position().into(), rotation());
        let mut start = self.robot.keyframe("before_reset").to_vec();
        start[7] = last;
        let qpos = inverse_kinematics::solve(self.robot, hand, &wanted, &start);
        self.robot.forward_kinematics(&qpos)
    }

    /// What there is to draw.
    pub fn scene(&self, camera: Camera, goal_radius: Option<f32>) -> Scene {
        self.robot.scene(camera, goal_radius)
    }

    /// Appends the poses of the scene's bodies; `last` as for [`Sawyer::frames`].
    pub fn poses(&self, last: f64, poses: &mut Vec<Pose>) {
        poses.extend(self.frames(last).iter().map(pose));
    }
}

/// Three numbers as a point.
pub fn point(numbers: &[f32]) -> Vector3<f64> {
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
