//! Damaged input for every reader of the project: no panic, no hang, no memory beyond the input's size.
//!
//! ```text
//! samples (made by the program) ──mutate──▶ bytes ──read──▶ accepted or refused
//! ```
//!
//! Input `i` is a function of `(reader, seed, i)`, so that one that is refused badly is named by its number.
//! A short slice of the inputs is part of `cargo test`; for more:
//!
//! ```text
//! cargo run --release --package gcrl-fuzz --example fuzz -- metrics 10000000
//! ```

mod allocations;
mod check;
mod foreign;
mod foreign_policies;
mod mutate;
mod readers;

pub use check::{Failure, LARGEST_EXCESS, Report, SLOWEST, check};
pub use readers::{READERS, Reader, find};
