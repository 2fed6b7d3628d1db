//! Bodies, joints and contacts.
//!
//! [`Robot`] reads a robot's description (MJCF). [`articulation`] moves robots made of joints, in
//! coordinates of those joints. [`World`] moves rigid bodies that touch, and [`drive`] says how commands
//! move end effectors and fingers. Everything here is deterministic: equal states and equal commands
//! give bit-equal states, on every machine.

pub mod articulation;
pub mod drive;
pub mod inverse_kinematics;
pub mod robot;
pub mod world;

pub use articulation::{
    Articulation, Frame, Integrator, JointSpace, Joints, JointsError, LinkPoint, Multibody, Tree,
};
pub use nalgebra;
pub use robot::Robot;
pub use world::World;
