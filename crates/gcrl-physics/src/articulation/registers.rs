//! Registers of x86 as numbers of several robots: AVX-512 holds eight, AVX2 four.
//!
//! Their operations are those of `f64` in every lane: they round alike, and none is fused. The compiler
//! is not left to find them in loops over lanes: it would rather gather one lane of several numbers.
//!
//! A function that uses one of these types must run only where the processor has the instructions, and
//! must be compiled for it, or every operation becomes a call; [`super::side_by_side`] sees to both.

#![allow(clippy::wildcard_imports, reason = "all names of intrinsics begin alike")]
#![allow(
    unsafe_code,
    reason = "intrinsics are called in operators, which no processor is named for"
)]

use super::real::Real;
use std::arch::x86_64::*;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// An operator of a register.
macro_rules! operator {
    ($name:ident: $operator:ident, $function:ident, $intrinsic:ident) => {
        impl $operator for $name {
            type Output = Self;
            #[inline(always)]
            fn $function(self, other: Self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $intrinsic(self.0, other.0) })
            }
        }
    };
}

/// A register of `$n` numbers, and its operations.
macro_rules! register {
    (
        $(#[$doc:meta])*
        $name:ident, $register:ident, $n:literal,
        $add:ident, $sub:ident, $mul:ident, $div:ident, $repeat:ident, $sqrt:ident, $max:ident, $min:ident,
        $equal:ident, $above:ident, $select:ident, $is_all:ident
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(super) struct $name($register);

        operator!($name: Add, add, $add);
        operator!($name: Sub, sub, $sub);
        operator!($name: Mul, mul, $mul);
        operator!($name: Div, div, $div);

        impl $name {
            #[inline(always)]
            fn numbers(&self) -> &[f64; $n] {
                // SAFETY: a register is its numbers, one after the other.
                unsafe { &*(&raw const self.0).cast() }
            }

            #[inline(always)]
            fn numbers_mut(&mut self) -> &mut [f64; $n] {
                // SAFETY: as above; any numbers are a register.
                unsafe { &mut *(&raw mut self.0).cast() }
            }
        }

        impl Neg for $name {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                // As `f64` is negated but for the sign of a NaN.
                Self::repeat(-0.0) - self
            }
        }

        impl AddAssign for $name {
            #[inline(always)]
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }

        impl SubAssign for $name {
            #[inline(always)]
            fn sub_assign(&mut self, other: Self) {
                *self = *self - other;
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.numbers() == other.numbers()
            }
        }

        impl Default for $name {
            #[inline(always)]
            fn default() -> Self {
                Self::repeat(0.0)
            }
        }

        impl Real for $name {
            const N_LANES: usize = $n;

            #[inline(always)]
            fn repeat(number: f64) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $repeat(number) })
            }

            #[inline(always)]
            fn lane(&self, lane: usize) -> f64 {
                self.numbers()[lane]
            }

            #[inline(always)]
            fn lane_mut(&mut self, lane: usize) -> &mut f64 {
                &mut self.numbers_mut()[lane]
            }

            #[inline(always)]
            fn sin_cos(self) -> (Self, Self) {
                let (mut sin, mut cos) = (self, self);
                for lane in 0..$n {
                    (*sin.lane_mut(lane), *cos.lane_mut(lane)) = libm::sincos(self.lane(lane));
                }
                (sin, cos)
            }

            #[inline(always)]
            fn sqrt(self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $sqrt(self.0) })
            }

            #[inline(always)]
            fn clamp(self, least: f64, largest: f64) -> Self {
                // Both keep the second number where the first is neither larger nor smaller, or NaN.
                // SAFETY: see the module.
                Self(unsafe { $min($repeat(largest), $max($repeat(least), self.0)) })
            }

            #[inline(always)]
            fn is_zero(self) -> bool {
                // SAFETY: see the module.
                unsafe { $is_all($equal(self.0, $repeat(0.0))) }
            }

            #[inline(always)]
            fn is_above(self, limit: f64) -> bool {
                // SAFETY: see the module.
                unsafe { $is_all($above(self.0, $repeat(limit))) }
            }

            #[inline(always)]
            fn where_above(self, number: Self, limit: f64, other: Self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $select($above(number.0, $repeat(limit)), self.0, other.0) })
            }

            #[inline(always)]
            fn add_product(self, a: Self, b: Self) -> Self {
                let sum = self + a * b;
                // SAFETY: see the module.
                Self(unsafe { $select($equal(b.0, $repeat(0.0)), self.0, sum.0) })
            }
        }
    };
}

register!(
    /// Eight numbers; needs AVX-512.
    Eight, __m512d, 8,
    _mm512_add_pd, _mm512_sub_pd, _mm512_mul_pd, _mm512_div_pd, _mm512_set1_pd, _mm512_sqrt_pd,
    _mm512_max_pd, _mm512_min_pd, equal_512, above_512, select_512, is_all_512
);

register!(
    /// Four numbers; needs AVX2.
    Four, __m256d, 4,
    _mm256_add_pd, _mm256_sub_pd, _mm256_mul_pd, _mm256_div_pd, _mm256_set1_pd, _mm256_sqrt_pd,
    _mm256_max_pd, _mm256_min_pd, equal_256, above_256, select_256, is_all_256
);

#[inline]
#[target_feature(enable = "avx512f")]
fn equal_512(a: __m512d, b: __m512d) -> __mmask8 {
    _mm512_cmp_pd_mask::<_CMP_EQ_OQ>(a, b)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn above_512(a: __m512d, b: __m512d) -> __mmask8 {
    _mm512_cmp_pd_mask::<_CMP_LT_OQ>(b, a)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn select_512(mask: __mmask8, where_set: __m512d, elsewhere: __m512d) -> __m512d {
    _mm512_mask_mov_pd(elsewhere, mask, where_set)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn is_all_512(mask: __mmask8) -> bool {
    mask == __mmask8::MAX
}

#[inline]
#[target_feature(enable = "avx2")]
fn equal_256(a: __m256d, b: __m256d) -> __m256d {
    _mm256_cmp_pd::<_CMP_EQ_OQ>(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
fn above_256(a: __m256d, b: __m256d) -> __m256d {
    _mm256_cmp_pd::<_CMP_LT_OQ>(b, a)
}

#[inline]
#[target_feature(enable = "avx2")]
fn select_256(mask: __m256d, where_set: __m256d, elsewhere: __m256d) -> __m256d {
    _mm256_blendv_pd(elsewhere, where_set, mask)
}

#[inline]
#[target_feature(enable = "avx2")]
fn is_all_256(mask: __m256d) -> bool {
    _mm256_movemask_pd(mask) == 0b1111
}
