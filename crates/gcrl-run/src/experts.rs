//! Experts: the policies whose episodes, with noise, are the expert data. Those that come with the
//! program, how they are trained, and by which rule one of a run's policies is chosen.

mod index;
mod preset;
mod selection;

pub use index::{Expert, Index, experts};
pub use preset::ExpertPreset;
pub use selection::{Candidate, SelectError, Selection, save, select};

pub(crate) use index::{of_blake3, of_task};
