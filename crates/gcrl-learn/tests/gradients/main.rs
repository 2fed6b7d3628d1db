//! Every algorithm's gradients against central differences of its losses, written out in f64.
//!
//! Adam's first moment moves by `m' = 0.9 m + 0.1 g`, so the gradient `g` of an update can be read from
//! the states around it. The losses here are the formulas at the head of each algorithm's file, on the
//! same draws, computed in the plainest way: one row, one network, one number at a time. The third
//! update is examined: by then normalizers, targets and recent advantages have a past.

#[path = "../common/mod.rs"]
mod common;

mod bcq;
mod cql;
mod formula;
mod gciql;
mod goat;
mod gofar;
mod paper;
