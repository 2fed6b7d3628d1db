//! One task a file, all in one order: constants, struct, `impl Task` as an episode calls it, tests.

pub(crate) mod fetch_pick_and_place;
pub(crate) mod fetch_push;
pub(crate) mod fetch_reach;
pub(crate) mod fetch_slide;
pub(crate) mod hand_reach;
pub(crate) mod point_reach;
pub(crate) mod point_rooms;
pub(crate) mod reacher;
pub(crate) mod sawyer_door;
pub(crate) mod sawyer_reach;
