//! The data sets of the benchmark: what they are, where they are, and how they are built.

mod build;
mod place;
mod published;

pub(crate) use place::find_published;

pub use build::{BuildError, Built, Order, build};
pub use place::{ROOT_VARIABLE, find, roots, size_bytes};
pub use published::{Published, State, published, published_of};
