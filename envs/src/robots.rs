//! What tasks of one robot share: its description, how it is moved, what is asked of it.

pub(crate) mod fetch;
pub(crate) mod hand;
pub(crate) mod jointed;
pub(crate) mod point;
pub(crate) mod reacher;
pub(crate) mod sawyer;
pub(crate) mod sawyer_at_door;
pub(crate) mod walls;

use gcrl_physics::Robot;

/// The robot of a description in `assets/robots`; each is read once, however many environments it is in.
pub(crate) fn described(mjcf: &str) -> Robot {
    Robot::parse(mjcf).expect("descriptions of this program are tested")
}
