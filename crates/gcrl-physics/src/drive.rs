//! Drives: how commands become motion where the originals use springs.
//!
//! - [`Tracker`]: the spring that pulls an end effector to a commanded point, `MuJoCo`'s soft weld.
//! - [`Push`]: how a tracked motion moves a body of the [`World`], and what contacts leave of it.
//!
//! Source: `MuJoCo` documentation, "Computation", section "Constraint model": a constraint with the
//! position error `r` and the velocity `v` asks for the acceleration `−b v − k r` with
//! `b = 2 / (d τ)` and `k = d(r) / (d² τ²)`, and gets the share `d` of it.

use crate::World;
use crate::world::Body;
use nalgebra::Vector3;

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
}
