//! Steps of several robots at once, in the widest registers that the processor has.
//!
//! The step ([`super::step`]) is compiled once more for each kind of register, all of it, since
//! everything in it is `inline(always)`. Where there is none, robots step one by one, to equal bits.

#![allow(unsafe_code, reason = "a function for one processor is called after asking the processor")]

#[cfg(target_arch = "x86_64")]
use super::registers::{Eight, Four};
use super::solver::Pushes;
use super::step::{Model, Room, State};

/// Registers that hold a number of each of several robots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Registers {
    /// Those of AVX2: four robots.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Those of AVX-512: eight.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// Proof that the processor has such registers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Detected(Registers);

/// States of robots, and what pushes them.
pub(super) type Robots<'a, 'b> = (&'a mut [&'b mut State], &'a mut [&'b mut Pushes]);

impl Detected {
    /// All that the processor has, the widest first.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let all: [Option<Self>; _] = [
            #[cfg(target_arch = "x86_64")]
            is_x86_feature_detected!("avx512f").then_some(Self(Registers::Avx512)),
            #[cfg(target_arch = "x86_64")]
            is_x86_feature_detected!("avx2").then_some(Self(Registers::Avx2)),
        ];
        all.into_iter().flatten()
    }

    /// How many robots step at once.
    pub(super) fn n_lanes(self) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Registers::Avx2 => 4,
            #[cfg(target_arch = "x86_64")]
            Registers::Avx512 => 8,
        }
    }

    /// Moves `n_lanes` robots of `model` on by `n_steps` steps.
    pub(super) fn advance(self, model: &Model, robots: Robots<'_, '_>, n_steps: usize) {
        match self.0 {
            // SAFETY: `all` saw AVX2, and nothing else makes a `Detected` of it.
            #[cfg(target_arch = "x86_64")]
            Registers::Avx2 => unsafe { advance_avx2(model, robots, n_steps) },
            // SAFETY: as for AVX2.
            #[cfg(target_arch = "x86_64")]
            Registers::Avx512 => unsafe { advance_avx512(model, robots, n_steps) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn advance_avx2(model: &Model, robots: Robots<'_, '_>, n_steps: usize) {
    Room::<Four>::new(model).advance(model, robots, n_steps);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn advance_avx512(model: &Model, robots: Robots<'_, '_>, n_steps: usize) {
    Room::<Eight>::new(model).advance(model, robots, n_steps);
}
