//! The arithmetic of the native engine: products of matrices stored in panels, and two loops over
//! parameters.
//!
//! Every matrix stands in **panels** of 32 columns, `[n_panels, n_rows, 32]`, the last one filled up
//! with zeros. So a row of a panel is two registers of AVX-512 or four of AVX2, both factors of every
//! product are read along the cache line, and a factor can be read transposed without being copied:
//!
//! | product | left factor | right factor | finished by |
//! |---|---|---|---|
//! | forward | activations, by rows | weights | bias, and `ReLU` |
//! | gradient of weights | activations, transposed | gradient at the layer's outputs | nothing |
//! | gradient of activations | gradient at the layer's outputs, by rows | weights, transposed | the mask of `ReLU` |
//!
//! The kernels: [`portable`] runs everywhere and is the second opinion; of [`avx512`] and [`avx2`], which
//! give equal bits, the first that the processor has is chosen at run time. A kernel for another
//! instruction set is one more file here and one more line in [`KernelChoice::kernels`].

#[cfg(target_arch = "x86_64")]
pub mod avx2;
#[cfg(target_arch = "x86_64")]
pub mod avx512;
mod loops;
mod panels;
pub mod portable;
#[cfg(target_arch = "x86_64")]
mod tiles;

pub use panels::{LANES, Line, View, ViewMut, n_panels};

/// How the left factor of a product is read.
#[derive(Clone, Copy, Debug)]
pub enum Left<'a> {
    /// As it is.
    Rows(View<'a>),
    /// Its columns as rows.
    Transposed(View<'a>),
}

impl Left<'_> {
    /// Rows and columns, as read.
    fn size(&self) -> (usize, usize) {
        match self {
            Self::Rows(view) => (view.n_rows(), view.n_columns()),
            Self::Transposed(view) => (view.n_columns(), view.n_rows()),
        }
    }
}

/// What happens to a product before it is stored.
#[derive(Clone, Copy, Debug)]
pub enum Finish<'a> {
    /// Nothing.
    Plain,
    /// `c + bias`, with the bias in lines, `[n_panels]`.
    Bias(&'a [Line]),
    /// `max(0, c + bias)`.
    BiasRelu(&'a [Line]),
    /// Zero where this matrix is not positive.
    Mask(View<'a>),
}

/// `c = finish(a b)`. Columns of padding come out zero if those of `b` and of the bias are.
#[derive(Debug)]
pub struct Product<'a> {
    /// `[m, k]`
    pub a: Left<'a>,
    /// `[k, n]`
    pub b: View<'a>,
    /// `[m, n]`
    pub c: ViewMut<'a>,
    /// What follows the sum.
    pub finish: Finish<'a>,
}

impl Product<'_> {
    /// # Panics
    ///
    /// If the sizes of the factors, the result and the finish do not fit.
    fn check(&self) {
        let (m, k) = self.a.size();
        let n = self.b.n_columns();
        assert_eq!(k, self.b.n_rows(), "columns of the left factor are rows of the right");
        assert_eq!((self.c.n_rows(), self.c.n_columns()), (m, n), "the result has room");
        match self.finish {
            Finish::Plain => {}
            Finish::Bias(bias) | Finish::BiasRelu(bias) => {
                assert_eq!(bias.len(), n_panels(n), "one bias a column");
            }
            Finish::Mask(mask) => {
                assert_eq!((mask.n_rows(), mask.n_columns()), (m, n), "one mask a number");
            }
        }
    }
}

/// What Adam keeps of a network, each `[n_lines]`.
#[derive(Debug)]
pub struct AdamStep<'a> {
    /// θ
    pub parameters: &'a mut [Line],
    /// m
    pub first_moment: &'a mut [Line],
    /// v
    pub second_moment: &'a mut [Line],
    /// g
    pub gradient: &'a [Line],
    /// α, with the corrections of both moments folded in.
    pub step_size: f32,
}

/// One implementation of the arithmetic.
///
/// Of every kernel: equal calls give equal bits, and a row of a product depends on no other row.
pub trait Kernel: std::fmt::Debug + Send + Sync {
    /// Its name, such as `avx512`.
    fn name(&self) -> &'static str;

    /// Multiplies.
    ///
    /// # Panics
    ///
    /// If the sizes do not fit.
    fn multiply(&self, product: Product<'_>);

    /// Sums the rows of `a` into one line a panel, `[n_panels]`.
    ///
    /// # Panics
    ///
    /// If the sizes do not fit.
    fn sum_rows(&self, a: View<'_>, out: &mut [Line]);

    /// The formula of [`Engine::adam`](crate::Engine::adam). A moment that is too small for a normal
    /// number becomes 0: the moments of a unit that no longer fires would decay into denormals, which
    /// a processor computes a hundred times slower.
    fn adam(&self, step: AdamStep<'_>);

    /// `target ← (1 − tau) target + tau online`.
    fn polyak(&self, target: &mut [Line], online: &[Line], tau: f32);
}

/// Which kernel an engine uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KernelChoice {
    /// The fastest that this processor runs.
    Fastest,
    /// The portable one, on any processor.
    Portable,
}

impl KernelChoice {
    /// The kernel.
    pub fn kernel(self) -> Box<dyn Kernel> {
        match self {
            Self::Fastest => Self::kernels().swap_remove(0),
            Self::Portable => Box::new(portable::Portable),
        }
    }

    /// All kernels that this processor runs, the fastest first, the portable one last.
    pub fn kernels() -> Vec<Box<dyn Kernel>> {
        let mut kernels: Vec<Box<dyn Kernel>> = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            kernels.extend(avx512::Avx512::detect().map(|kernel| Box::new(kernel) as Box<_>));
            kernels.extend(avx2::Avx2::detect().map(|kernel| Box::new(kernel) as Box<_>));
        }
        kernels.push(Box::new(portable::Portable));
        kernels
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A matrix in panels, and the same in f64 by rows.
    struct Matrix {
        lines: Vec<Line>,
        n_rows: usize,
        n_columns: usize,
    }

    impl Matrix {
        /// Numbers in [-0.5, 0.5] by a fixed rule.
        fn new(n_rows: usize, n_columns: usize, salt: usize) -> Self {
            let mut lines = vec![Line::ZERO; n_panels(n_columns) * n_rows];
            let mut view = ViewMut::new(&mut lines, n_rows, n_columns);
            for row in 0..n_rows {
                for column in 0..n_columns {
                    let hash = (row * 7919 + column * 104_729 + salt * 31_337) % 1009;
                    *view.at(row, column) = hash as f32 / 1008.0 - 0.5;
                }
            }
            Self { lines, n_rows, n_columns }
        }

        fn view(&self) -> View<'_> {
            View::new(&self.lines, self.n_rows, self.n_columns)
        }
    }

    /// Largest absolute error of the product of `a` and `b`, finished, on rows `margin..` of a
    /// result that has `margin` rows more at both ends.
    fn error(
        kernel: &dyn Kernel,
        a: Left<'_>,
        b: View<'_>,
        finish: Finish<'_>,
        margin: usize,
    ) -> f64 {
        let ((m, k), n) = (a.size(), b.n_columns());
        let n_rows = m + 2 * margin;
        let mut lines = vec![Line([7.0; LANES]); n_panels(n) * n_rows];
        let c = ViewMut::new(&mut lines, n_rows, n).rows(margin..margin + m);
        kernel.multiply(Product { a, b, c, finish });
        let mut worst: f64 = 0.0;
        for row in 0..n_rows {
            for column in 0..n_panels(n) * LANES {
                let found = lines[column / LANES * n_rows + row].0[column % LANES] as f64;
                let inside = margin <= row && row < margin + m;
                let expected = match inside {
                    false => 7.0,
                    true if n <= column => 0.0,
                    true => {
                        let i = row - margin;
                        let a = |t| match a {
                            Left::Rows(a) => a.at(i, t),
                            Left::Transposed(a) => a.at(t, i),
                        };
                        let sum: f64 = (0..k).map(|t| a(t) as f64 * b.at(t, column) as f64).sum();
                        let bias = |bias: &[Line]| bias[column / LANES].0[column % LANES] as f64;
                        match finish {
                            Finish::Mask(mask) if mask.at(i, column) <= 0.0 => 0.0,
                            Finish::Plain | Finish::Mask(_) => sum,
                            Finish::Bias(lines) => sum + bias(lines),
                            Finish::BiasRelu(lines) => (sum + bias(lines)).max(0.0),
                        }
                    }
                };
                worst = worst.max((found - expected).abs());
            }
        }
        worst
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_product_equals_the_naive_one_in_f64(
            m in 1_usize..80, k in 1_usize..80, n in 1_usize..80, margin in 0_usize..3,
        ) {
            // Terms are at most 0.25 and sums of 80 of them at most 20: f32 errs by less than 1e-5.
            let (rows, columns) = (Matrix::new(m + margin, k, 1), Matrix::new(k + margin, m, 2));
            let (b, mask) = (Matrix::new(k + margin, n, 3), Matrix::new(m, n, 4));
            let bias = Matrix::new(1, n, 5);
            let b = b.view().rows(margin..margin + k);
            let lefts = [
                Left::Rows(rows.view().rows(margin..margin + m)),
                Left::Transposed(columns.view().rows(margin..margin + k)),
            ];
            let finishes = [
                Finish::Plain,
                Finish::Bias(&bias.lines),
                Finish::BiasRelu(&bias.lines),
                Finish::Mask(mask.view()),
            ];
            for kernel in KernelChoice::kernels() {
                for a in lefts {
                    for finish in finishes {
                        let error = error(&*kernel, a, b, finish, margin);
                        prop_assert!(error < 1e-5, "{} {finish:?}: {error}", kernel.name());
                    }
                }
            }
        }

        #[test]
        fn sums_of_tiles_go_along_k_with_one_rounding_a_step(
            m in 1_usize..40, k in 1_usize..300, n in 1_usize..80, is_transposed: bool,
        ) {
            let (rows, columns) = (Matrix::new(m, k, 1), Matrix::new(k, m, 2));
            let (b, bias) = (Matrix::new(k, n, 3), Matrix::new(1, n, 4));
            let left = |i, t| if is_transposed { columns.view().at(t, i) } else { rows.view().at(i, t) };
            let a = if is_transposed {
                Left::Transposed(columns.view())
            } else {
                Left::Rows(rows.view())
            };
            for kernel in KernelChoice::kernels().iter().filter(|it| it.name() != "portable") {
                let mut lines = vec![Line::ZERO; n_panels(n) * m];
                let c = ViewMut::new(&mut lines, m, n);
                kernel.multiply(Product { a, b: b.view(), c, finish: Finish::Bias(&bias.lines) });
                let c = View::new(&lines, m, n);
                for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
                    let sum =
                        (0..k).fold(0.0, |sum, t| left(i, t).mul_add(b.view().at(t, j), sum));
                    let expected = sum + bias.view().at(0, j);
                    prop_assert_eq!(c.at(i, j).to_bits(), f32::to_bits(expected));
                }
            }
        }

        #[test]
        fn sums_of_rows_equal_the_naive_ones_in_f64(m in 1_usize..80, n in 1_usize..80) {
            let a = Matrix::new(m, n, 1);
            for kernel in KernelChoice::kernels() {
                let mut sums = vec![Line::ZERO; n_panels(n)];
                kernel.sum_rows(a.view(), &mut sums);
                for j in 0..n {
                    let sum: f64 = (0..m).map(|i| a.view().at(i, j) as f64).sum();
                    prop_assert!((sums[j / LANES].0[j % LANES] as f64 - sum).abs() < 1e-5);
                }
            }
        }
    }

    #[test]
    fn a_nan_is_not_hidden_by_the_relu() {
        let a = Matrix { lines: vec![Line([f32::NAN; LANES])], n_rows: 1, n_columns: 1 };
        let b = Matrix::new(1, 3, 0);
        for kernel in KernelChoice::kernels() {
            let mut lines = [Line::ZERO];
            let c = ViewMut::new(&mut lines, 1, 3);
            let finish = Finish::BiasRelu(&[Line::ZERO]);
            kernel.multiply(Product { a: Left::Rows(a.view()), b: b.view(), c, finish });
            assert!(lines[0].0[..3].iter().all(|number| number.is_nan()), "{}", kernel.name());
        }
    }

    #[test]
    fn ten_adam_steps_follow_the_formula_in_f64() {
        let gradients = [0.3, -0.7, 1e-6, 0.0, 2.0_f64];
        for kernel in KernelChoice::kernels() {
            let mut parameters = [Line([0.5; LANES])];
            let (mut first_moment, mut second_moment) = ([Line::ZERO], [Line::ZERO]);
            let (mut theta, mut m, mut v) = ([0.5_f64; LANES], [0.0_f64; LANES], [0.0_f64; LANES]);
            for n in 1..=10 {
                let mut gradient = [Line::ZERO];
                let alpha = 1e-3 * (1.0 - 0.999_f64.powi(n)).sqrt() / (1.0 - 0.9_f64.powi(n));
                for lane in 0..LANES {
                    let g = gradients[lane % 5] * (n as f64 + lane as f64).sin();
                    gradient[0].0[lane] = g as f32;
                    m[lane] = 0.9 * m[lane] + 0.1 * g;
                    v[lane] = 0.999 * v[lane] + 0.001 * g * g;
                    theta[lane] -= alpha * m[lane] / (v[lane].sqrt() + 1e-8);
                }
                kernel.adam(AdamStep {
                    parameters: &mut parameters,
                    first_moment: &mut first_moment,
                    second_moment: &mut second_moment,
                    gradient: &gradient,
                    step_size: alpha as f32,
                });
            }
            for lane in 0..LANES {
                assert!((parameters[0].0[lane] as f64 - theta[lane]).abs() < 1e-6);
                assert!((first_moment[0].0[lane] as f64 - m[lane]).abs() < 1e-6);
                assert!((second_moment[0].0[lane] as f64 - v[lane]).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn moments_decay_to_zero_and_not_into_denormals() {
        for kernel in KernelChoice::kernels() {
            let mut parameters = [Line([0.5; LANES])];
            let mut first_moment = [Line([-1.2e-38; LANES])];
            let mut second_moment = [Line([1.1755e-38; LANES])];
            let gradient = [Line::ZERO];
            kernel.adam(AdamStep {
                parameters: &mut parameters,
                first_moment: &mut first_moment,
                second_moment: &mut second_moment,
                gradient: &gradient,
                step_size: 1e-3,
            });
            assert_eq!((first_moment, second_moment), ([Line::ZERO], [Line::ZERO]));
            assert_eq!(parameters, [Line([0.5; LANES])]);
        }
    }

    #[test]
    fn polyak_moves_a_quarter_of_the_way() {
        for kernel in KernelChoice::kernels() {
            let mut target = [Line([2.0; LANES]); 2];
            kernel.polyak(&mut target, &[Line([6.0; LANES]); 2], 0.25);
            assert_eq!(target, [Line([3.0; LANES]); 2]);
        }
    }
}
