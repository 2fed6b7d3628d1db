//! The kernel for every processor: products by the `matrixmultiply` crate, panel by panel.

#![allow(unsafe_code, reason = "matrixmultiply takes pointers and strides")]

use super::{AdamStep, Kernel, LANES, Left, Line, Product, View, loops, n_panels};

/// The kernel for every processor.
#[derive(Debug)]
pub struct Portable;

impl Kernel for Portable {
    fn name(&self) -> &'static str {
        "portable"
    }

    fn multiply(&self, product: Product<'_>) {
        product.check();
        let Product { a, b, mut c, finish } = product;
        for panel_idx in 0..n_panels(b.n_columns()) {
            let (b, c) = (b.panel(panel_idx), c.panel(panel_idx));
            match a {
                Left::Rows(a) => {
                    c.fill(Line::ZERO);
                    for (panel_idx, b) in b.chunks(LANES).enumerate() {
                        add_rows_product(a.panel(panel_idx), b, c);
                    }
                }
                Left::Transposed(a) => {
                    for (panel_idx, c) in c.chunks_mut(LANES).enumerate() {
                        transposed_product(a.panel(panel_idx), b, c);
                    }
                }
            }
        }
        loops::finish(finish, &mut c);
    }

    fn sum_rows(&self, a: View<'_>, out: &mut [Line]) {
        loops::sum_rows(a, out);
    }

    fn adam(&self, step: AdamStep<'_>) {
        loops::adam(step);
    }

    fn polyak(&self, target: &mut [Line], online: &[Line], tau: f32) {
        loops::polyak(target, online, tau);
    }
}

/// `c += a b` for as many columns of `a` as `b` has lines.
fn add_rows_product(a: &[Line], b: &[Line], c: &mut [Line]) {
    let (m, k) = (c.len(), b.len());
    assert!(a.len() == m && k <= LANES, "one panel of each factor");
    let (a, b) = (a.as_ptr().cast::<f32>(), b.as_ptr().cast::<f32>());
    let c = c.as_mut_ptr().cast::<f32>();
    // SAFETY: a line is 32 numbers without padding, so that `a` and `c` are `[m, 32]` and `b` is
    // `[k, 32]`, all by rows; `k` columns of `a` are read, and there are 32.
    unsafe { matrixmultiply::sgemm(m, k, LANES, 1.0, a, 32, 1, b, 32, 1, 1.0, c, 32, 1) }
}

/// `c = aᵀ b` for as many columns of `a` as `c` has lines.
fn transposed_product(a: &[Line], b: &[Line], c: &mut [Line]) {
    let (m, k) = (c.len(), b.len());
    assert!(a.len() == k && m <= LANES, "one panel of each factor");
    let (a, b) = (a.as_ptr().cast::<f32>(), b.as_ptr().cast::<f32>());
    let c = c.as_mut_ptr().cast::<f32>();
    // SAFETY: as above, but `a` is `[k, 32]`, and its first `m` columns, of 32, are read as rows.
    unsafe { matrixmultiply::sgemm(m, k, LANES, 1.0, a, 1, 32, b, 32, 1, 0.0, c, 32, 1) }
}
