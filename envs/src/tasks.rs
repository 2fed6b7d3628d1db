//! One task a file, all in one order: constants, struct, `impl Task` as an episode calls it, tests.

pub mod fetch_pick_and_place;
pub mod fetch_push;
pub mod fetch_reach;
pub mod fetch_slide;
pub mod hand_reach;
pub mod point_reach;
pub mod point_rooms;
pub mod reacher;
pub mod sawyer_door;
pub mod sawyer_reach;
