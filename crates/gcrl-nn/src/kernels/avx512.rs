//! The kernel for processors with AVX-512: tiles of 12 rows and 32 columns, 24 sums in 32 registers.

#![allow(unsafe_code, reason = "intrinsics run on processors that have them")]
#![allow(clippy::inline_always, reason = "a tile gets its caller's instructions only if inlined")]

use super::tiles::{self, Register, Tile, kernel};
use super::{AdamStep, Kernel, Line, Product, View, loops};
use std::arch::x86_64::{
    __m512, _CMP_GT_OQ, _mm512_add_ps, _mm512_cmp_ps_mask, _mm512_fmadd_ps, _mm512_load_ps,
    _mm512_maskz_mov_ps, _mm512_max_ps, _mm512_set1_ps, _mm512_setzero_ps, _mm512_store_ps,
};

kernel!(
    /// Proof that the processor has AVX-512; see the module.
    Avx512, "avx512", Numbers, "avx512f"
);

impl Avx512 {
    /// The kernel, where the processor has the instructions.
    pub fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx512f").then_some(Self(()))
    }
}

#[derive(Clone, Copy)]
struct Numbers(__m512);

// SAFETY: each function is one instruction, which its caller promises to be there.
unsafe impl Register for Numbers {
    const N: usize = 16;
    const TILE_ROWS: usize = 12;

    #[inline(always)]
    unsafe fn repeat(number: f32) -> Self {
        Self(unsafe { _mm512_set1_ps(number) })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(unsafe { _mm512_load_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { _mm512_store_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Self(unsafe { _mm512_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, term: Self) -> Self {
        Self(unsafe { _mm512_fmadd_ps(self.0, factor.0, term.0) })
    }

    #[inline(always)]
    unsafe fn relu(self) -> Self {
        // Of a zero and a NaN, it returns the second.
        Self(unsafe { _mm512_max_ps(_mm512_setzero_ps(), self.0) })
    }

    #[inline(always)]
    unsafe fn masked(self, mask: Self) -> Self {
        let positive = unsafe { _mm512_cmp_ps_mask::<_CMP_GT_OQ>(mask.0, _mm512_setzero_ps()) };
        Self(unsafe { _mm512_maskz_mov_ps(positive, self.0) })
    }

    #[target_feature(enable = "avx512f")]
    unsafe fn run_tile<const M: usize, const PARTS: usize, const ROW: usize, const STEP: usize>(
        tile: &mut Tile<'_>,
    ) {
        // SAFETY: the caller's promise.
        unsafe { tile.run::<Self, M, PARTS, ROW, STEP>() }
    }
}
