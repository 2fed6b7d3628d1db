//! The kernel for processors with AVX2 and FMA: tiles of 6 rows and 16 columns, 12 sums in 16 registers.

#![allow(unsafe_code, reason = "intrinsics run on processors that have them")]
#![allow(clippy::inline_always, reason = "a tile gets its caller's instructions only if inlined")]

use super::tiles::{self, Register, Tile, kernel};
use super::{AdamStep, Kernel, Line, Product, View, loops};
use std::arch::x86_64::{
    __m256, _CMP_GT_OQ, _mm256_add_ps, _mm256_and_ps, _mm256_cmp_ps, _mm256_fmadd_ps,
    _mm256_load_ps, _mm256_max_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_store_ps,
};

kernel!(
    /// Proof that the processor has AVX2 and FMA; see the module.
    Avx2, "avx2", Numbers, "avx2,fma"
);

impl Avx2 {
    /// The kernel, where the processor has the instructions.
    pub fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Self(()))
    }
}

#[derive(Clone, Copy)]
struct Numbers(__m256);

// SAFETY: each function is one instruction, which its caller promises to be there.
unsafe impl Register for Numbers {
    const N: usize = 8;
    const TILE_ROWS: usize = 6;

    #[inline(always)]
    unsafe fn repeat(number: f32) -> Self {
        Self(unsafe { _mm256_set1_ps(number) })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(unsafe { _mm256_load_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { _mm256_store_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Self(unsafe { _mm256_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, term: Self) -> Self {
        Self(unsafe { _mm256_fmadd_ps(self.0, factor.0, term.0) })
    }

    #[inline(always)]
    unsafe fn relu(self) -> Self {
        // Of a zero and a NaN, it returns the second.
        Self(unsafe { _mm256_max_ps(_mm256_setzero_ps(), self.0) })
    }

    #[inline(always)]
    unsafe fn masked(self, mask: Self) -> Self {
        let positive = unsafe { _mm256_cmp_ps::<_CMP_GT_OQ>(mask.0, _mm256_setzero_ps()) };
        Self(unsafe { _mm256_and_ps(self.0, positive) })
    }

    #[target_feature(enable = "avx2,fma")]
    unsafe fn run_tile<const M: usize, const PARTS: usize, const ROW: usize, const STEP: usize>(
        tile: &mut Tile<'_>,
    ) {
        // SAFETY: the caller's promise.
        unsafe { tile.run::<Self, M, PARTS, ROW, STEP>() }
    }
}
