//! One task a file, all in one order: constants, struct, `impl Task` as an episode calls it, tests.

pub mod hand_reach;
pub mod plane;
pub mod point_reach;
pub mod point_rooms;
pub mod reacher;
