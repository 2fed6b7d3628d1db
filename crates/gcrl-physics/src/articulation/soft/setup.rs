//! What a world is made of.

use super::softness::Softness;
use crate::robot::Robot;

/// What of a body's touch is not in its description.
#[derive(Clone, Copy, Debug)]
pub struct Surface {
    /// How soft it is.
    pub softness: Softness,
    /// Friction against spinning about a contact's normal, in meters, if it has any.
    pub spin_friction: Option<f64>,
}

/// Names of two bodies that may touch.
pub type TouchingPair<'a> = (&'a str, &'a str);

/// What drags the robot.
#[derive(Clone, Copy, Debug)]
pub struct Weld<'a> {
    /// Name of the body that is dragged.
    pub body: &'a str,
    /// How softly.
    pub softness: Softness,
}

/// What a world is made of.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    /// The robot.
    pub robot: &'a Robot,
    /// Joints that are held, and where.
    pub held: &'a [(&'a str, f64)],
    /// What stands around it, and lies there.
    pub scenery: Option<&'a Robot>,
    /// Name of the body of the scenery that is free.
    pub object: Option<&'a str>,
    /// What drags the robot.
    pub weld: Weld<'a>,
    /// Bodies whose surfaces are not the usual ones.
    pub surfaces: &'a [(&'a str, Surface)],
    /// Bodies that touch as the hull of their shapes.
    pub hulls: &'a [&'a str],
    /// Joints whose limits are not as soft as usual.
    pub limits: &'a [(&'a str, Softness)],
    /// Which bodies may touch.
    pub pairs: &'a [TouchingPair<'a>],
    /// Duration of a step, in seconds.
    pub dt_secs: f64,
}
