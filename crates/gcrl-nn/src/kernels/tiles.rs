//! Products by tiles: a few rows and up to two registers of columns, whose sums stay in registers.
//!
//! At each step along `k` a tile loads its columns of one line of `b` and, for each of its rows, one
//! number of `a`, repeated; a fused multiply-add for each sum follows. The numbers of `a` are found by
//! two strides, so that the same tile reads it by rows and transposed.
//!
//! Every sum goes along `k` alone, from 0 on, with one rounding a step; from block to block of `k` it
//! waits in the result. So equal products have equal bits in every kernel made of tiles, however wide its
//! registers, high its tiles and long its blocks are.
//!
//! All of this is inlined into functions that are compiled for a processor's instructions: those that
//! [`kernel!`] writes, and [`Register::run_tile`].

#![allow(unsafe_code, reason = "registers load from and store to pointers")]
#![allow(clippy::needless_range_loop, reason = "rows and parts index several arrays of registers")]
#![allow(clippy::inline_always, reason = "a tile gets its caller's instructions only if inlined")]

use super::{Finish, LANES, Left, Line, Product, n_panels};

/// A register of `f32`.
///
/// # Safety
///
/// Its functions may be called only where the processor has its instructions. Pointers are of
/// [`Self::N`] numbers, aligned to their size. `run_tile` has to be [`Tile::run`], compiled for these
/// instructions.
pub(super) unsafe trait Register: Copy {
    /// Numbers in it; twice as many divide a line.
    const N: usize;
    /// Rows of a tile, at most 12: two sums a row, two registers of `b` and a number of `a` fit the
    /// processor's registers.
    const TILE_ROWS: usize;

    unsafe fn repeat(number: f32) -> Self;
    unsafe fn load(from: *const f32) -> Self;
    unsafe fn store(self, to: *mut f32);
    unsafe fn add(self, other: Self) -> Self;
    /// `self factor + term`, rounded once.
    unsafe fn mul_add(self, factor: Self, term: Self) -> Self;
    /// `max(0, self)`; NaN for NaN.
    unsafe fn relu(self) -> Self;
    /// Zero where `mask` is not positive.
    unsafe fn masked(self, mask: Self) -> Self;

    /// # Safety
    ///
    /// As for [`Tile::run`].
    unsafe fn run_tile<const M: usize, const PARTS: usize, const ROW: usize, const STEP: usize>(
        tile: &mut Tile<'_>,
    );
}

/// Panel after panel of `b`; a block of what a tile has of one stays in the first cache, under all tiles
/// of `a`.
///
/// # Safety
///
/// The processor must have the instructions of `R`.
#[inline(always)]
pub(super) unsafe fn multiply<R: Register>(product: Product<'_>) {
    product.check();
    let Product { a, b, mut c, finish } = product;
    for panel_idx in 0..n_panels(b.n_columns()) {
        let n_columns = LANES.min(b.n_columns() - panel_idx * LANES);
        for column in (0..LANES).step_by(2 * R::N) {
            let mut strip =
                Strip { b: b.panel(panel_idx), c: c.panel(panel_idx), finish, panel_idx, column };
            // SAFETY: the caller's promise.
            unsafe {
                if column + R::N < n_columns {
                    strip.multiply::<R, 2>(a);
                } else if column < n_columns {
                    strip.multiply::<R, 1>(a);
                } else {
                    strip.clear::<R>();
                }
            }
        }
    }
}

/// Lines of `b` in a block, a multiple of [`LANES`]. 64 bytes of each of 96 lines, which share half of the
/// places of a first cache, and those of `a` beside them fit one of 32 KiB; 64 and 128 lines were slower.
const BLOCK: usize = 96;

/// The columns of a panel that tiles have at once: two registers, from `column` on.
struct Strip<'a> {
    b: &'a [Line],
    c: &'a mut [Line],
    finish: Finish<'a>,
    panel_idx: usize,
    column: usize,
}

impl Strip<'_> {
    /// All are padding.
    fn clear<R: Register>(&mut self) {
        for line in &mut *self.c {
            line.0[self.column..self.column + 2 * R::N].fill(0.0);
        }
    }

    /// Only the first `PARTS` registers are not padding.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions of `R`; the sizes must be checked.
    #[inline(always)]
    unsafe fn multiply<R: Register, const PARTS: usize>(&mut self, a: Left<'_>) {
        let n_blocks = self.b.len().div_ceil(BLOCK).max(1);
        for block_idx in 0..n_blocks {
            // SAFETY: the caller's promise.
            unsafe { self.multiply_block::<R, PARTS>(a, block_idx * BLOCK) }
        }
    }

    /// Adds what the block of `k` from `first` on gives to the sums in the result; that from 0 on begins
    /// them.
    ///
    /// # Safety
    ///
    /// As for [`Self::multiply`].
    #[inline(always)]
    unsafe fn multiply_block<R: Register, const PARTS: usize>(
        &mut self,
        a: Left<'_>,
        first: usize,
    ) {
        let &mut Self { b, ref mut c, finish, panel_idx, column } = self;
        let end = b.len().min(first + BLOCK);
        let is_last = end == b.len();
        let b = &b[first..end];
        let finish =
            |row| if is_last { TileFinish::new(finish, panel_idx, row) } else { TileFinish::Plain };
        match a {
            Left::Rows(a) => {
                for (tile_idx, c) in c.chunks_mut(R::TILE_ROWS).enumerate() {
                    let row = tile_idx * R::TILE_ROWS;
                    let piece_stride = a.panel_rows() * LANES;
                    let lines = a.lines_from(row).as_ptr().cast::<f32>();
                    let mut tile = Tile {
                        a: lines.wrapping_add(first / LANES * piece_stride),
                        piece: LANES,
                        piece_stride,
                        b,
                        c,
                        column,
                        is_first: first == 0,
                        finish: finish(row),
                    };
                    // SAFETY: row `row + i` of panel `p` of `a` stands `p * panel_rows` lines after
                    // that of the first, `i < c.len()`, and `a` has `b.len()` columns and as many rows
                    // as the result. Strips end within a line.
                    unsafe { any_tile::<R, PARTS, LANES, 1>(&mut tile) }
                }
            }
            Left::Transposed(a) => {
                for (a_panel_idx, c) in c.chunks_mut(LANES).enumerate() {
                    let a_panel = a.panel(a_panel_idx).as_ptr().cast::<f32>();
                    let mut a_column = 0;
                    for c in balanced_chunks(c, R::TILE_ROWS) {
                        let row = a_panel_idx * LANES + a_column;
                        let mut tile = Tile {
                            a: a_panel.wrapping_add(first * LANES + a_column),
                            piece: b.len().max(1),
                            piece_stride: 0,
                            b,
                            c,
                            column,
                            is_first: first == 0,
                            finish: finish(row),
                        };
                        // SAFETY: `a_column + c.len() <= 32`, and `a` has `b.len()` rows and as many
                        // columns as the result has rows. Strips end within a line.
                        unsafe { any_tile::<R, PARTS, 1, LANES>(&mut tile) }
                        a_column += tile.c.len();
                    }
                }
            }
        }
    }
}

/// The fewest chunks of at most `longest` lines, as equal as can be: a tile of few rows has too few sums
/// to keep the processor busy.
#[inline(always)]
fn balanced_chunks(lines: &mut [Line], longest: usize) -> impl Iterator<Item = &mut [Line]> {
    let n_chunks = lines.len().div_ceil(longest);
    let mut rest = lines;
    (0..n_chunks).map(move |chunk_idx| {
        let length = rest.len().div_ceil(n_chunks - chunk_idx);
        rest.split_off_mut(..length).expect("not longer than the rest")
    })
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

/// A few rows of one strip of a product, and a block of its sums.
pub(super) struct Tile<'a> {
    /// Number `(i, k)` of the left factor stands at `k / piece * piece_stride + k % piece * STEP +
    /// i * ROW`.
    a: *const f32,
    piece: usize,
    piece_stride: usize,
    /// The block of the panel of the right factor, `[k]`.
    b: &'a [Line],
    /// The rows of the result, at most 12.
    c: &'a mut [Line],
    /// The first of its columns in their lines.
    column: usize,
    /// Whether the sums begin at zero, and not with what is in the result.
    is_first: bool,
    finish: TileFinish<'a>,
}

/// # Safety
///
/// As for [`Tile::run`], with as many rows as `tile.c` has.
#[inline(always)]
unsafe fn any_tile<R: Register, const PARTS: usize, const ROW: usize, const STEP: usize>(
    tile: &mut Tile<'_>,
) {
    // SAFETY: the caller's promise.
    unsafe {
        match tile.c.len().min(R::TILE_ROWS) {
            1 => R::run_tile::<1, PARTS, ROW, STEP>(tile),
            2 => R::run_tile::<2, PARTS, ROW, STEP>(tile),
            3 => R::run_tile::<3, PARTS, ROW, STEP>(tile),
            4 => R::run_tile::<4, PARTS, ROW, STEP>(tile),
            5 => R::run_tile::<5, PARTS, ROW, STEP>(tile),
            6 => R::run_tile::<6, PARTS, ROW, STEP>(tile),
            7 => R::run_tile::<7, PARTS, ROW, STEP>(tile),
            8 => R::run_tile::<8, PARTS, ROW, STEP>(tile),
            9 => R::run_tile::<9, PARTS, ROW, STEP>(tile),
            10 => R::run_tile::<10, PARTS, ROW, STEP>(tile),
            11 => R::run_tile::<11, PARTS, ROW, STEP>(tile),
            _ => R::run_tile::<12, PARTS, ROW, STEP>(tile),
        }
    }
}

impl Tile<'_> {
    /// Sums, finishes and stores.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions of `R`. The numbers of `a` must be there for `i < M` and
    /// `k < b.len()`, and two registers from `column` on must end within a line.
    #[inline(always)]
    pub(super) unsafe fn run<
        R: Register,
        const M: usize,
        const PARTS: usize,
        const ROW: usize,
        const STEP: usize,
    >(
        &mut self,
    ) {
        let column = self.column;
        // SAFETY, of all below: the caller's promise; `k = piece_idx * piece + step`, and lines are
        // aligned to 64 bytes.
        unsafe {
            // Loops over arrays of a known length unroll; otherwise the sums would live in memory.
            let c: &mut [Line; M] = self.c.first_chunk_mut().expect("a tile of M rows");
            let mut sums = [[R::repeat(0.0); PARTS]; M];
            if !self.is_first {
                for i in 0..M {
                    sums[i] = load(&c[i], column);
                }
            }
            for (piece_idx, piece) in self.b.chunks(self.piece).enumerate() {
                let a = self.a.add(piece_idx * self.piece_stride);
                for (step, line) in piece.iter().enumerate() {
                    let line: [R; PARTS] = load(line, column);
                    for i in 0..M {
                        let number = R::repeat(*a.add(step * STEP + i * ROW));
                        for part in 0..PARTS {
                            sums[i][part] = number.mul_add(line[part], sums[i][part]);
                        }
                    }
                }
            }
            match self.finish {
                TileFinish::Plain => {
                    for i in 0..M {
                        store(&mut c[i], column, sums[i]);
                    }
                }
                TileFinish::Bias(bias) => {
                    let bias = load(bias, column);
                    for i in 0..M {
                        store(&mut c[i], column, each(sums[i], bias, |sum, bias| sum.add(bias)));
                    }
                }
                TileFinish::BiasRelu(bias) => {
                    let bias = load(bias, column);
                    for i in 0..M {
                        let sums = each(sums[i], bias, |sum, bias| R::add(sum, bias).relu());
                        store(&mut c[i], column, sums);
                    }
                }
                TileFinish::Mask(mask) => {
                    let mask: &[Line; M] = mask.first_chunk().expect("a mask of M rows");
                    for i in 0..M {
                        let mask = load(&mask[i], column);
                        let sums = each(sums[i], mask, |sum, mask| R::masked(sum, mask));
                        store(&mut c[i], column, sums);
                    }
                }
            }
        }
    }
}

/// # Safety
///
/// As for [`Tile::run`].
#[inline(always)]
unsafe fn load<R: Register, const PARTS: usize>(line: &Line, column: usize) -> [R; PARTS] {
    // SAFETY: the caller's promise.
    unsafe {
        let numbers = line.0.as_ptr().add(column);
        let mut loaded = [R::repeat(0.0); PARTS];
        for part in 0..PARTS {
            loaded[part] = R::load(numbers.add(part * R::N));
        }
        loaded
    }
}

/// Fills two registers of a line; the second with zeros where there is only one part.
///
/// # Safety
///
/// As for [`Tile::run`].
#[inline(always)]
unsafe fn store<R: Register, const PARTS: usize>(line: &mut Line, column: usize, sums: [R; PARTS]) {
    // SAFETY: the caller's promise.
    unsafe {
        let numbers = line.0.as_mut_ptr().add(column);
        for part in 0..2 {
            let sum = if part < PARTS { sums[part] } else { R::repeat(0.0) };
            sum.store(numbers.add(part * R::N));
        }
    }
}

#[inline(always)]
fn each<R: Register, const PARTS: usize>(
    mut left: [R; PARTS],
    right: [R; PARTS],
    function: impl Fn(R, R) -> R,
) -> [R; PARTS] {
    for part in 0..PARTS {
        left[part] = function(left[part], right[part]);
    }
    left
}

/// A kernel of tiles, compiled for the instructions of its register.
macro_rules! kernel {
    ($(#[$doc:meta])* $kernel:ident, $name:literal, $register:ident, $instructions:literal) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $kernel(());

        impl Kernel for $kernel {
            fn name(&self) -> &'static str {
                $name
            }

            fn multiply(&self, product: Product<'_>) {
                #[target_feature(enable = $instructions)]
                fn multiply(product: Product<'_>) {
                    // SAFETY: this is compiled for the instructions.
                    unsafe { tiles::multiply::<$register>(product) }
                }
                // SAFETY: `detect` saw the instructions, and nothing else makes this kernel.
                unsafe { multiply(product) }
            }

            fn sum_rows(&self, a: View<'_>, out: &mut [Line]) {
                #[target_feature(enable = $instructions)]
                fn sum_rows(a: View<'_>, out: &mut [Line]) {
                    loops::sum_rows(a, out);
                }
                // SAFETY: as in `multiply`.
                unsafe { sum_rows(a, out) }
            }

            fn adam(&self, step: AdamStep<'_>) {
                #[target_feature(enable = $instructions)]
                fn adam(step: AdamStep<'_>) {
                    loops::adam(step);
                }
                // SAFETY: as in `multiply`.
                unsafe { adam(step) }
            }

            fn polyak(&self, target: &mut [Line], online: &[Line], tau: f32) {
                #[target_feature(enable = $instructions)]
                fn polyak(target: &mut [Line], online: &[Line], tau: f32) {
                    loops::polyak(target, online, tau);
                }
                // SAFETY: as in `multiply`.
                unsafe { polyak(target, online, tau) }
            }
        }
    };
}
pub(super) use kernel;
