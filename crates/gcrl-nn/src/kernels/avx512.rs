//! The kernel for processors with AVX-512: a tile of 12 rows and 32 columns in 24 registers.
//!
//! At each step along `k` a tile loads one line of `b` (two registers) and, for each of its rows, one
//! number of `a`, broadcast; 24 fused multiply-adds follow. The numbers of `a` are found by two
//! strides, so that the same tile reads it by rows and transposed.

#![allow(unsafe_code, reason = "intrinsics load from and store to pointers")]
#![allow(clippy::needless_range_loop, reason = "rows and halves index several arrays of registers")]

use super::{AdamStep, Finish, Kernel, LANES, Left, Line, Product, View, loops, n_panels};
use std::arch::x86_64::{
    __m512, _CMP_GT_OQ, _mm512_add_ps, _mm512_cmp_ps_mask, _mm512_fmadd_ps, _mm512_load_ps,
    _mm512_maskz_mov_ps, _mm512_max_ps, _mm512_set1_ps, _mm512_setzero_ps, _mm512_store_ps,
};

/// Rows of a tile: 2 × 12 sums, 2 halves of a line and a broadcast fit 32 registers.
const TILE_ROWS: usize = 12;

/// Proof that the processor has AVX-512; see the module.
#[derive(Debug)]
pub struct Avx512(());

impl Avx512 {
    /// The kernel, where the processor has the instructions.
    pub fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx512f").then_some(Self(()))
    }
}

impl Kernel for Avx512 {
    fn name(&self) -> &'static str {
        "avx512"
    }

    fn multiply(&self, product: Product<'_>) {
        // SAFETY: `detect` saw AVX-512, and nothing else makes an `Avx512`.
        unsafe { multiply(product) }
    }

    fn sum_rows(&self, a: View<'_>, out: &mut [Line]) {
        // SAFETY: as in `multiply`.
        unsafe { sum_rows(a, out) }
    }

    fn adam(&self, step: AdamStep<'_>) {
        // SAFETY: as in `multiply`.
        unsafe { adam(step) }
    }

    fn polyak(&self, target: &mut [Line], online: &[Line], tau: f32) {
        // SAFETY: as in `multiply`.
        unsafe { polyak(target, online, tau) }
    }
}

#[target_feature(enable = "avx512f")]
fn sum_rows(a: View<'_>, out: &mut [Line]) {
    loops::sum_rows(a, out);
}

#[target_feature(enable = "avx512f")]
fn adam(step: AdamStep<'_>) {
    loops::adam(step);
}

#[target_feature(enable = "avx512f")]
fn polyak(target: &mut [Line], online: &[Line], tau: f32) {
    loops::polyak(target, online, tau);
}

/// Panel after panel of `b`, which stays in the first cache, under all tiles of `a`.
#[target_feature(enable = "avx512f")]
fn multiply(product: Product<'_>) {
    product.check();
    let Product { a, b, mut c, finish } = product;
    for panel_idx in 0..n_panels(b.n_columns()) {
        if LANES / 2 < b.n_columns() - panel_idx * LANES {
            multiply_panel::<2>(a, b.panel(panel_idx), c.panel(panel_idx), finish, panel_idx);
        } else {
            multiply_panel::<1>(a, b.panel(panel_idx), c.panel(panel_idx), finish, panel_idx);
        }
    }
}

/// One panel of a product, of which the first `16 HALVES` columns are not padding.
#[target_feature(enable = "avx512f")]
fn multiply_panel<const HALVES: usize>(
    a: Left<'_>,
    b: &[Line],
    c: &mut [Line],
    finish: Finish<'_>,
    panel_idx: usize,
) {
    match a {
        Left::Rows(a) => {
            for (tile_idx, c) in c.chunks_mut(TILE_ROWS).enumerate() {
                let row = tile_idx * TILE_ROWS;
                let mut tile = Tile {
                    a: a.lines_from(row).as_ptr().cast(),
                    piece: LANES,
                    piece_stride: a.panel_rows() * LANES,
                    b,
                    c,
                    finish: TileFinish::new(finish, panel_idx, row),
                };
                // SAFETY: row `row + i` of panel `p` of `a` stands `p * panel_rows` lines after that
                // of the first, `i < c.len()`, and `check` saw that `a` has `b.len()` columns and as
                // many rows as the result.
                unsafe { any_tile::<HALVES, LANES, 1>(&mut tile) }
            }
        }
        Left::Transposed(a) => {
            for (a_panel_idx, c) in c.chunks_mut(LANES).enumerate() {
                let a_panel = a.panel(a_panel_idx).as_ptr().cast::<f32>();
                for (tile_idx, c) in c.chunks_mut(TILE_ROWS).enumerate() {
                    let column = tile_idx * TILE_ROWS;
                    let row = a_panel_idx * LANES + column;
                    let mut tile = Tile {
                        a: a_panel.wrapping_add(column),
                        piece: b.len().max(1),
                        piece_stride: 0,
                        b,
                        c,
                        finish: TileFinish::new(finish, panel_idx, row),
                    };
                    // SAFETY: `column + c.len() <= 32`, and `check` saw that `a` has `b.len()` rows
                    // and as many columns as the result has rows.
                    unsafe { any_tile::<HALVES, 1, LANES>(&mut tile) }
                }
            }
        }
    }
}

/// What happens to the sums of a tile.
#[derive(Clone, Copy)]
enum TileFinish<'a> {
    Plain,
    Bias(&'a Line),
    BiasRelu(&'a Line),
    /// Lines of the mask, from the tile's first row on.
    Mask(&'a [Line]),
}

impl<'a> TileFinish<'a> {
    fn new(finish: Finish<'a>, panel_idx: usize, row: usize) -> Self {
        match finish {
            Finish::Plain => Self::Plain,
            Finish::Bias(bias) => Self::Bias(&bias[panel_idx]),
            Finish::BiasRelu(bias) => Self::BiasRelu(&bias[panel_idx]),
            Finish::Mask(mask) => Self::Mask(&mask.panel(panel_idx)[row..]),
        }
    }
}

/// A few rows of one panel of a product.
struct Tile<'a> {
    /// Number `(i, k)` of the left factor stands at `k / piece * piece_stride + k % piece * STEP +
    /// i * ROW`.
    a: *const f32,
    piece: usize,
    piece_stride: usize,
    /// The panel of the right factor, `[k]`.
    b: &'a [Line],
    /// The rows of the result, at most 12.
    c: &'a mut [Line],
    finish: TileFinish<'a>,
}

/// # Safety
///
/// The numbers of `tile.a` must be there for `i < tile.c.len()` and `k < tile.b.len()`.
#[target_feature(enable = "avx512f")]
unsafe fn any_tile<const HALVES: usize, const ROW: usize, const STEP: usize>(tile: &mut Tile<'_>) {
    // SAFETY: the caller's promise, for as many rows as there are.
    unsafe {
        match tile.c.len() {
            1 => run_tile::<1, HALVES, ROW, STEP>(tile),
            2 => run_tile::<2, HALVES, ROW, STEP>(tile),
            3 => run_tile::<3, HALVES, ROW, STEP>(tile),
            4 => run_tile::<4, HALVES, ROW, STEP>(tile),
            5 => run_tile::<5, HALVES, ROW, STEP>(tile),
            6 => run_tile::<6, HALVES, ROW, STEP>(tile),
            7 => run_tile::<7, HALVES, ROW, STEP>(tile),
            8 => run_tile::<8, HALVES, ROW, STEP>(tile),
            9 => run_tile::<9, HALVES, ROW, STEP>(tile),
            10 => run_tile::<10, HALVES, ROW, STEP>(tile),
            11 => run_tile::<11, HALVES, ROW, STEP>(tile),
            _ => run_tile::<TILE_ROWS, HALVES, ROW, STEP>(tile),
        }
    }
}

/// # Safety
///
/// The numbers of `tile.a` must be there for `i < M` and `k < tile.b.len()`.
#[target_feature(enable = "avx512f")]
unsafe fn run_tile<const M: usize, const HALVES: usize, const ROW: usize, const STEP: usize>(
    tile: &mut Tile<'_>,
) {
    let mut sums = [[_mm512_setzero_ps(); HALVES]; M];
    for (piece_idx, piece) in tile.b.chunks(tile.piece).enumerate() {
        // SAFETY: the caller's promise for `k = piece_idx * tile.piece`.
        let a = unsafe { tile.a.add(piece_idx * tile.piece_stride) };
        for (step, line) in piece.iter().enumerate() {
            let line: [__m512; HALVES] = load(line);
            for i in 0..M {
                // SAFETY: the caller's promise for `i < M` and `k = piece_idx * tile.piece + step`.
                let number = _mm512_set1_ps(unsafe { *a.add(step * STEP + i * ROW) });
                for half in 0..HALVES {
                    sums[i][half] = _mm512_fmadd_ps(number, line[half], sums[i][half]);
                }
            }
        }
    }
    // Loops over arrays of a known length unroll; otherwise the sums would live in memory above.
    let c: &mut [Line; M] = tile.c.first_chunk_mut().expect("a tile of M rows");
    match tile.finish {
        TileFinish::Plain => {
            for i in 0..M {
                store(&mut c[i], sums[i]);
            }
        }
        TileFinish::Bias(bias) => {
            let bias = load(bias);
            for i in 0..M {
                store(&mut c[i], add(sums[i], bias));
            }
        }
        TileFinish::BiasRelu(bias) => {
            let bias = load(bias);
            for i in 0..M {
                store(&mut c[i], relu(add(sums[i], bias)));
            }
        }
        TileFinish::Mask(mask) => {
            let mask: &[Line; M] = mask.first_chunk().expect("a mask of M rows");
            for i in 0..M {
                store(&mut c[i], masked(sums[i], load(&mask[i])));
            }
        }
    }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn add<const HALVES: usize>(
    mut sums: [__m512; HALVES],
    bias: [__m512; HALVES],
) -> [__m512; HALVES] {
    for half in 0..HALVES {
        sums[half] = _mm512_add_ps(sums[half], bias[half]);
    }
    sums
}

/// NaN for NaN: of a zero and a NaN, `max` returns its second argument.
#[target_feature(enable = "avx512f")]
#[inline]
fn relu<const HALVES: usize>(mut sums: [__m512; HALVES]) -> [__m512; HALVES] {
    for sum in &mut sums {
        *sum = _mm512_max_ps(_mm512_setzero_ps(), *sum);
    }
    sums
}

/// Zero where `mask` is not positive.
#[target_feature(enable = "avx512f")]
#[inline]
fn masked<const HALVES: usize>(
    mut sums: [__m512; HALVES],
    mask: [__m512; HALVES],
) -> [__m512; HALVES] {
    for half in 0..HALVES {
        let positive = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(mask[half], _mm512_setzero_ps());
        sums[half] = _mm512_maskz_mov_ps(positive, sums[half]);
    }
    sums
}

/// The first half of a line, or both.
#[target_feature(enable = "avx512f")]
#[inline]
fn load<const HALVES: usize>(line: &Line) -> [__m512; HALVES] {
    let (halves, _) = line.0.as_chunks::<{ LANES / 2 }>();
    let mut loaded = [_mm512_setzero_ps(); HALVES];
    for half in 0..HALVES {
        // SAFETY: half a line is 16 numbers, and lines are aligned to 64 bytes.
        loaded[half] = unsafe { _mm512_load_ps(halves[half].as_ptr()) };
    }
    loaded
}

/// Fills a line; its second half with zeros where there is only one.
#[target_feature(enable = "avx512f")]
#[inline]
fn store<const HALVES: usize>(line: &mut Line, sums: [__m512; HALVES]) {
    let (halves, _) = line.0.as_chunks_mut::<{ LANES / 2 }>();
    for (half, numbers) in halves.iter_mut().enumerate() {
        let sum = if half < HALVES { sums[half] } else { _mm512_setzero_ps() };
        // SAFETY: as in `load`.
        unsafe { _mm512_store_ps(numbers.as_mut_ptr(), sum) }
    }
}
