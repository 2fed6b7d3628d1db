//! What carries shapes that touch, and how they hold each other.

use super::softness::Softness;

/// What carries a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier {
    World,
    Link(usize),
    Object,
}

/// What a contact's rows need to know of its pair.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grip {
    pub(super) carriers: [Carrier; 2],
    pub(super) softness: Softness,
    pub(super) margin: f64,
    /// Sliding friction, and that against spinning about the normal.
    pub(super) friction: f64,
    pub(super) spin_friction: Option<f64>,
    /// Inverse mass of both together.
    pub(super) weight: f64,
    /// Where the robot touches itself: the slot of the first of its rows, which hardly change.
    pub(super) slot: Option<usize>,
}

impl Grip {
    /// Whether a part of the robot may touch the object.
    pub(super) fn is_between_robot_and_object(&self) -> bool {
        let is_link = |carrier: &Carrier| matches!(carrier, Carrier::Link(_));
        self.carriers.contains(&Carrier::Object) && self.carriers.iter().any(is_link)
    }
}
