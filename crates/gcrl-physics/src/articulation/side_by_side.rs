//! Steps of several robots at once, in the registers that the processor has.
//!
//! The step ([`super::step`]) is compiled once more for each kind of register, all of it, since
//! everything in it is `inline(always)`. Where there is none, robots step one by one, to equal bits.

#![allow(unsafe_code, reason = "a function for one processor is called after asking the processor")]

use super::real::Real;
#[cfg(target_arch = "x86_64")]
use super::registers::{Eight, Four};
use super::solver::Pushes;
use super::step::{Model, Room, State};

/// States of robots, and what pushes them.
pub(super) type Robots<'a, 'b> = (&'a mut [&'b mut State], &'a mut [&'b mut Pushes]);

/// Registers of this processor that hold a number of each of `n_lanes` robots.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registers {
    pub(super) n_lanes: usize,
    advance: unsafe fn(&Model, Robots<'_, '_>, usize),
}

impl Registers {
    /// All that the processor has, the widest first.
    pub(super) fn detect() -> Vec<Self> {
        let mut found = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                found.push(Self { n_lanes: Eight::N_LANES, advance: in_avx512 });
            }
            if is_x86_feature_detected!("avx2") {
                found.push(Self { n_lanes: Four::N_LANES, advance: in_avx2 });
            }
        }
        found
    }

    /// Moves `n_lanes` robots of `model` on by `n_steps` steps.
    pub(super) fn advance(self, model: &Model, robots: Robots<'_, '_>, n_steps: usize) {
        // SAFETY: `detect` alone makes these, each where the processor has what its function needs.
        unsafe { (self.advance)(model, robots, n_steps) }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn in_avx512(model: &Model, robots: Robots<'_, '_>, n_steps: usize) {
    Room::<Eight>::new(model).advance(model, robots, n_steps);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn in_avx2(model: &Model, robots: Robots<'_, '_>, n_steps: usize) {
    Room::<Four>::new(model).advance(model, robots, n_steps);
}
