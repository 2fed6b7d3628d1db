//! Drives: how commands become motion where the originals use springs.
//!
//! - [`Tracker`]: the spring that pulls an end effector to a commanded point, `MuJoCo`'s soft weld.
//! - [`Push`]: how a tracked motion moves a body of the [`World`], and what contacts leave of it.
//! - [`SoftLimit`]: the spring behind the end of a joint's range.
//! - [`Slider`] and [`Servo`]: a joint that has inertia of its own, such as a gripper's finger's, and
//!   what moves it.
//!
//! Source: `MuJoCo` documentation, "Computation", section "Constraint model": a constraint with the
//! position error `r` and the velocity `v` asks for the acceleration `−b v − k r` with
//! `b = 2 / (d τ)` and `k = d(r) / (d² τ²)`, and gets the share `d` of it.

use crate::World;
use crate::robot::{Drive, Robot};
use crate::world::Body;
use nalgebra::Vector3;

/// Longest step in which a spring is integrated, in seconds: that of the Fetch and Hand originals.
pub const SUB_STEP_SECS: f64 = 0.002;

/// Where something is, and how fast it moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Motion {
    /// In meters.
    pub position: Vector3<f64>,
    /// In meters per second.
    pub velocity: Vector3<f64>,
}

impl Motion {
    /// At rest.
    pub fn rest(position: Vector3<f64>) -> Self {
        Self { position, velocity: Vector3::zeros() }
    }
}

impl std::ops::AddAssign for Motion {
    fn add_assign(&mut self, other: Self) {
        self.position += other.position;
        self.velocity += other.velocity;
    }
}

/// A critically damped spring between a point and its target: `a = (x* − x) / τ² − 2 v / τ`.
///
/// With `d = 0.95`, `MuJoCo`'s default, the weld's `d k` and `d b` are `1 / τ²` and `2 / τ`.
#[derive(Clone, Copy, Debug)]
pub struct Tracker {
    /// `1 / τ²`, in 1/s².
    stiffness: f64,
    /// `2 / τ`, in 1/s.
    damping: f64,
    /// The longest integration step, in seconds.
    sub_step_secs: f64,
}

impl Tracker {
    /// A tracker of time constant `τ`, integrated in steps of at most `sub_step_secs`.
    pub fn new(time_constant_secs: f64, sub_step_secs: f64) -> Self {
        let rate = 1.0 / time_constant_secs;
        Self { stiffness: rate * rate, damping: 2.0 * rate, sub_step_secs }
    }

    /// The motion `dt_secs` later, with `confine` applied after every integration step.
    ///
    /// Semi-implicit Euler, as in the originals.
    #[must_use]
    pub fn track(
        &self,
        mut motion: Motion,
        target: &Vector3<f64>,
        dt_secs: f64,
        confine: impl Fn(&mut Motion),
    ) -> Motion {
        let (n_sub_steps, step) = sub_steps(dt_secs, self.sub_step_secs);
        for _ in 0..n_sub_steps {
            let pull = (target - motion.position) * self.stiffness;
            motion.velocity += (pull - motion.velocity * self.damping) * step;
            motion.position += motion.velocity * step;
            confine(&mut motion);
        }
        motion
    }
}

/// The least number of equal steps in `dt_secs` that are not longer than `longest_secs`, and their
/// length.
fn sub_steps(dt_secs: f64, longest_secs: f64) -> (usize, f64) {
    // A thousandth of a step is what rounding may add.
    let n_sub_steps = (dt_secs / longest_secs - 1e-3).ceil().max(1.0);
    (n_sub_steps as usize, dt_secs / n_sub_steps)
}

/// One command to a driven body: be there after the next step.
///
/// The body obeys as far as contacts let it. Adding [`Push::deviation`] to the tracked motion makes
/// the drive yield like one of limited force, about the body's mass times its change of velocity.
#[derive(Clone, Copy, Debug)]
pub struct Push {
    body: Body,
    before: Vector3<f64>,
    velocity: Vector3<f64>,
}

impl Push {
    /// Sets the velocity of `body` so that the next step brings it to `position`.
    pub fn toward(world: &mut World, body: Body, position: &Vector3<f64>) -> Self {
        let before = world.position(body);
        let velocity = (position - before) / world.dt_secs();
        world.set_velocity(body, &velocity);
        Self { body, before, velocity }
    }

    /// After the step: how much further the body moved than commanded, and how much faster it is.
    pub fn deviation(&self, world: &World) -> Motion {
        let moved = world.position(self.body) - self.before;
        Motion {
            position: moved - self.velocity * world.dt_secs(),
            velocity: world.velocity(self.body) - self.velocity,
        }
    }
}

/// A coordinate's range with springs behind its ends.
#[derive(Clone, Copy, Debug)]
pub struct SoftLimit {
    range: [f64; 2],
    /// `k`, in 1/s².
    stiffness: f64,
    /// `b`, in 1/s.
    damping: f64,
    /// `d`: the share of the asked acceleration that it gets.
    impedance: f64,
}

impl SoftLimit {
    /// A limit with the time constant `τ` (`solref`) and the impedance `d` (`solimp`).
    pub fn new(range: [f64; 2], time_constant_secs: f64, impedance: f64) -> Self {
        let rate = 1.0 / time_constant_secs;
        let (stiffness, damping) = (rate * rate / impedance, 2.0 * rate / impedance);
        Self { range, stiffness, damping, impedance }
    }

    /// What becomes of the acceleration `free`: beyond an end, the limit pushes, and never pulls.
    pub fn acceleration(&self, coordinate: f64, velocity: f64, free: f64) -> f64 {
        let [least, largest] = self.range;
        let asked = |end: f64| -self.stiffness * (coordinate - end) - self.damping * velocity;
        let blend = |asked: f64| free + self.impedance * (asked - free);
        if coordinate < least {
            blend(asked(least).max(free))
        } else if largest < coordinate {
            blend(asked(largest).min(free))
        } else {
            free
        }
    }
}

/// A joint with inertia of its own, `m a = f − c v` within its range, such as a gripper's finger.
#[derive(Clone, Copy, Debug)]
pub struct Slider {
    /// `c`, in newton seconds per meter.
    damping: f64,
    /// `m`, the joint's armature and its body's mass, in kilograms.
    mass: f64,
    /// The share of its body, in kilograms.
    body_mass: f64,
    limit: SoftLimit,
}

impl Slider {
    /// The joint of the given name; its limit has the given time constant and impedance.
    ///
    /// # Panics
    ///
    /// If the robot has no such joint, or one without a range.
    pub fn new(robot: &Robot, joint: &str, time_constant_secs: f64, impedance: f64) -> Self {
        let joint = &robot.joints[robot.joint(joint)];
        let range = joint.range.expect("a slider has a range");
        let body_mass = robot.bodies[joint.body].inertial.map_or(0.0, |inertial| inertial.mass);
        Self {
            damping: joint.damping,
            mass: body_mass + joint.armature,
            body_mass,
            limit: SoftLimit::new(range, time_constant_secs, impedance),
        }
    }

    /// The force of its body's inertia when its joint is accelerated along its axis.
    pub fn inertial_force(&self, acceleration: f64) -> f64 {
        -self.body_mass * acceleration
    }

    /// Coordinate and velocity `dt_secs` later, with the force a function of the coordinate.
    pub fn slide(
        &self,
        mut coordinate: f64,
        mut velocity: f64,
        force: impl Fn(f64) -> f64,
        dt_secs: f64,
    ) -> (f64, f64) {
        let (n_sub_steps, step) = sub_steps(dt_secs, SUB_STEP_SECS);
        for _ in 0..n_sub_steps {
            let free = (force(coordinate) - self.damping * velocity) / self.mass;
            velocity += self.limit.acceleration(coordinate, velocity, free) * step;
            coordinate += velocity * step;
        }
        (coordinate, velocity)
    }
}

/// A position servo on a joint: its force is `k (u − q)`.
#[derive(Clone, Copy, Debug)]
pub struct Servo {
    /// `k`, in newtons per meter.
    stiffness: f64,
    control_range: [f64; 2],
}

impl Servo {
    /// The servo that the file calls `actuator`.
    ///
    /// # Panics
    ///
    /// If the file has no such servo.
    pub fn new(robot: &Robot, actuator: &str) -> Self {
        let actuator = robot.actuators.iter().find(|other| other.name == actuator);
        let actuator = actuator.expect("the robot's description names the actuator");
        let Drive::Servo { stiffness } = actuator.drive else {
            panic!("`{}` is a servo", actuator.name);
        };
        Self { stiffness, control_range: actuator.control_range }
    }

    /// The control nearest to `control` that the servo takes.
    pub fn limited(&self, control: f64) -> f64 {
        control.clamp(self.control_range[0], self.control_range[1])
    }

    /// Its force at a coordinate.
    pub fn force(&self, control: f64, coordinate: f64) -> f64 {
        self.stiffness * (control - coordinate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unconfined(_: &mut Motion) {}

    #[test]
    fn a_tracker_answers_like_a_critically_damped_spring() {
        // x(t) = 1 − (1 + t/τ) exp(−t/τ); at t = τ, 1 − 2/e = 0.264.
        let tracker = Tracker::new(0.02, 1e-6);
        let target = Vector3::new(1.0, 0.0, 0.0);
        let motion = tracker.track(Motion::rest(Vector3::zeros()), &target, 0.02, unconfined);
        assert!((motion.position.x - (1.0 - 2.0 * (-1.0_f64).exp())).abs() < 1e-4);
    }

    #[test]
    fn sub_steps_divide_the_step_evenly() {
        assert_eq!(sub_steps(0.010, 0.002).0, 5);
        assert_eq!(sub_steps(0.003, 0.002), (2, 0.0015));
        assert_eq!(sub_steps(0.001, 0.002), (1, 0.001));
    }

    #[test]
    fn a_limit_pushes_back_and_never_pulls() {
        let limit = SoftLimit::new([0.0, 1.0], 0.02, 0.95);
        assert_eq!(limit.acceleration(0.5, 3.0, 2.0), 2.0);
        assert!(limit.acceleration(1.01, 0.0, 0.0) < 0.0);
        assert!(0.0 < limit.acceleration(-0.01, 0.0, 0.0));
        // On its way out it is left alone, however fast.
        assert_eq!(limit.acceleration(1.001, -5.0, 0.0), 0.0);
    }

    #[test]
    fn what_coasts_into_a_limit_comes_back_slowly() {
        let limit = SoftLimit::new([0.0, 1.0], 0.02, 0.95);
        let (mut coordinate, mut velocity) = (0.99, 2.0);
        let (n_sub_steps, step) = sub_steps(0.3, SUB_STEP_SECS);
        for _ in 0..n_sub_steps {
            velocity += limit.acceleration(coordinate, velocity, 0.0) * step;
            coordinate += velocity * step;
        }
        assert!(coordinate < 1.0 && -0.3 < velocity && velocity < 0.0, "{coordinate} {velocity}");
    }
}
