//! Robots or worlds that move several at once, in the registers that the processor has.
//!
//! What moves them is compiled once more for each kind of register, all of it, since everything in it is
//! `inline(always)`. Where there is none, they move one by one, to equal bits.

#![allow(unsafe_code, reason = "a function for one processor is called after asking the processor")]

use super::real::Real;
#[cfg(target_arch = "x86_64")]
use super::registers::{Eight, Four};

/// What can move side by side with others of its kind.
pub(super) trait SideBySide: Sized {
    /// Moves `all`, as many at a time as `T` has lanes, on by `n_steps` steps; must be `inline(always)`.
    fn advance<T: Real>(all: &mut [&mut Self], n_steps: usize);

    /// Moves on alone.
    fn advance_alone(&mut self, n_steps: usize);
}

/// Moves each of `all`, which are of a kind, on by `n_steps` steps.
pub(super) fn advance_together<M: SideBySide>(all: &mut [&mut M], n_steps: usize) {
    let rest = Registers::detect()
        .into_iter()
        .fold(all, |rest, registers| registers.advance(rest, n_steps));
    for one in rest {
        one.advance_alone(n_steps);
    }
}

/// Registers of this processor that hold a number of each of `n_lanes`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registers {
    pub(super) n_lanes: usize,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Registers {
    /// All that the processor has, the widest first.
    pub(super) fn detect() -> Vec<Self> {
        let mut found = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                found.push(Self { n_lanes: Eight::N_LANES, kind: Kind::Avx512 });
            }
            if is_x86_feature_detected!("avx2") {
                found.push(Self { n_lanes: Four::N_LANES, kind: Kind::Avx2 });
            }
        }
        found
    }

    /// Moves on as many of `all` as fill registers; returns the others.
    pub(super) fn advance<'a, 'b, M: SideBySide>(
        self,
        all: &'a mut [&'b mut M],
        n_steps: usize,
    ) -> &'a mut [&'b mut M] {
        let (full, rest) = all.split_at_mut(all.len() - all.len() % self.n_lanes);
        if !full.is_empty() {
            // SAFETY: `detect` alone makes these, each where the processor has what its function needs.
            match self.kind {
                #[cfg(target_arch = "x86_64")]
                Kind::Avx512 => unsafe { in_avx512(full, n_steps) },
                #[cfg(target_arch = "x86_64")]
                Kind::Avx2 => unsafe { in_avx2(full, n_steps) },
            }
        }
        rest
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn in_avx512<M: SideBySide>(all: &mut [&mut M], n_steps: usize) {
    M::advance::<Eight>(all, n_steps);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn in_avx2<M: SideBySide>(all: &mut [&mut M], n_steps: usize) {
    M::advance::<Four>(all, n_steps);
}
