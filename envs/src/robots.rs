//! What the tasks of one robot share.

pub mod fetch;
pub mod sawyer;
