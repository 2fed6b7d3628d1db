//! Environments held against recordings of other simulators of the same tasks.
//!
//! [`Trace`] reads a recording, [`compare`] plays its actions from its start states, [`Report`] says how
//! far apart the two came out. The layout of recordings stands in [`trace`].

pub mod compare;
#[cfg(test)]
mod recording;
pub mod report;
pub mod statistics;
pub mod trace;

pub use compare::{CompareError, compare};
pub use report::Report;
pub use trace::{Trace, TraceError};
