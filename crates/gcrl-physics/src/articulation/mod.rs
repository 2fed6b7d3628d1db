//! Robots made of joints, moved in the coordinates of those joints, in one of two ways.
//!
//! `real` ▸ `vectors` ▸ `spatial` ▸ `tree` (where links are) ▸ `dynamics` (`M`, bias) and `ltdl` (`M⁻¹`) ▸ `drives` ▸
//! `constraints` (from `touch`, `weights`; as `rows`) ▸ `solver` ▸ `step`, which integrates ▸
//! `side_by_side` ▸ `joint_space`.
//! `multibody` hands the same robot to rapier instead. [`soft`] moves a robot and an object that touch
//! softly.

#![allow(
    clippy::inline_always,
    reason = "a solution is compiled as a whole for known coordinates (`newton`), a step for wide registers"
)]

mod constraints;
mod drives;
mod dynamics;
mod joint_space;
mod ltdl;
mod multibody;
mod real;
#[cfg(target_arch = "x86_64")]
mod registers;
mod rows;
mod side_by_side;
pub mod soft;
mod solver;
mod spatial;
mod step;
mod touch;
pub mod tree;
mod vectors;
mod weights;

use crate::robot::Robot;

pub use joint_space::JointSpace;
pub use multibody::Multibody;
pub use tree::{Frame, LinkPoint, Tree, TreeError};

/// How an articulated robot is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Articulation {
    /// By [`JointSpace`], the integrator of this crate.
    JointSpace,
    /// By [`Multibody`], the multibodies of rapier.
    Rapier,
}

/// How [`JointSpace`] steps; rapier has a way of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integrator {
    /// Semi-implicit, with implicit dampers.
    Euler,
    /// Fourth order, explicit.
    RungeKutta,
}

/// A robot in motion; a coordinate per joint, in the order of [`Robot::joints`].
pub trait Joints: Send + Sync + Sized + 'static {
    /// Which of the two ways this is.
    const ARTICULATION: Articulation;

    /// `robot` at rest in the pose of zeros, to be moved in steps of `dt_secs`.
    ///
    /// # Errors
    ///
    /// If it has joints, or pairs of shapes that touch, which cannot be moved this way.
    fn new(robot: &Robot, integrator: Integrator, dt_secs: f64) -> Result<Self, JointsError>;

    /// Takes over a state, as if nothing had been before: radians or meters, and those a second.
    ///
    /// # Panics
    ///
    /// If either has not one number a joint.
    fn set_state(&mut self, qpos: &[f64], qvel: &[f64]);

    /// Takes the controls of all actuators, which hold until the next.
    ///
    /// # Panics
    ///
    /// If there is not one number an actuator.
    fn set_control(&mut self, control: &[f64]);

    /// Moves on by one physics step.
    fn advance(&mut self);

    /// Moves each of `robots`, which are of one description, on by `n_steps` physics steps, to the
    /// same bits as one after the other.
    fn advance_together(robots: &mut [&mut Self], n_steps: usize) {
        for robot in robots {
            (0..n_steps).for_each(|_| robot.advance());
        }
    }

    /// Coordinates of the joints.
    fn qpos(&self) -> &[f64];

    /// Their rates.
    fn qvel(&self) -> &[f64];
}

/// A robot that cannot be moved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JointsError {
    /// Its joints are not those of a tree of links.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// Two shapes cannot touch each other here.
    #[error("geoms `{first}` and `{second}` cannot be a pair: one must be a capsule or a sphere")]
    Pair {
        /// Name of the one.
        first: String,
        /// Name of the other.
        second: String,
    },
}
