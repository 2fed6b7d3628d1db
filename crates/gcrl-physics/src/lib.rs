//! Bodies, joints and contacts.
//!
//! [`Robot`] reads a robot's description (MJCF). [`articulation`] moves robots made of joints, in
//! coordinates of those joints. Everything here is deterministic: equal states and equal commands
//! give bit-equal states, on every machine.

pub mod articulation;
pub mod robot;

pub use articulation::{Articulation, Frame, Integrator, Joints, JointsError, LinkPoint, Tree};
pub use robot::Robot;
