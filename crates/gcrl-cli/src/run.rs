//! A training run, from its settings to its folder.

pub(crate) mod engine;
pub(crate) mod folder;
pub(crate) mod outcome;
pub(crate) mod session;
pub(crate) mod source;

pub(crate) use folder::RunFolder;
pub(crate) use outcome::Outcome;
pub(crate) use session::{Pace, train};
