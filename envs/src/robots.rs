//! What tasks of one robot share: its description, how it is moved, what is asked of it.

pub mod fetch;
pub(crate) mod hand;
pub(crate) mod jointed;
pub(crate) mod point;
pub(crate) mod reacher;
pub mod sawyer;
pub(crate) mod walls;
