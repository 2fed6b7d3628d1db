//! The accelerations in which soft constraints balance: the least of a convex function.
//!
//! ```text
//! minimize over a   ½ aᵀ M a − τᵀ a + Σ ½ Dᵢ (Jᵢ a − a*ᵢ)²
//! ```
//!
//! where the sum runs over all equalities and, of the inequalities, over those with `Jᵢ a < a*ᵢ`. For a
//! given set of those, the least is a linear system. Newton's method solves it, goes there as far as an
//! exact line search says, and ends where the set stays: usually after one or two rounds, since it
//! begins at the last step's accelerations. It is compiled once for each range of coordinates that the
//! worlds of this program have (8 of Sawyer and its door, 10 of Fetch, 6 of an object behind them, all
//! 16), which unrolls the loops over them, and once for any other.
//!
//! Source: `MuJoCo` documentation, "Computation" (primal problem, Newton's method).

use std::ops::Range;

/// The most coordinates there can be.
pub(super) const N: usize = 16;

/// A number a coordinate.
pub(super) type Vector = [f64; N];

/// Rounds of Newton's method, at most.
const MAX_ROUNDS: usize = 30;

/// Rounds of the line search, at most.
const MAX_SEARCHES: usize = 20;

/// By how much of itself a row's weight may change before factors with it are not used again.
const WEIGHT_MARGIN: f64 = 0.01;

/// A constraint.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// `J`.
    pub(super) derivative: Vector,
    /// `a*`.
    pub(super) reference: f64,
    /// `D = 1 / R`.
    pub(super) weight: f64,
    /// Which of the rows it is whose `J` never changes; none where it does.
    pub(super) slot: Option<usize>,
}

/// A problem, and room to work in.
#[derive(Clone, Debug)]
pub(super) struct Newton {
    /// `M`, lower triangle.
    pub(super) mass: [Vector; N],
    /// `τ`.
    pub(super) forces: Vector,
    hessian: [Vector; N],
    factors: [Vector; N],
    right: Vector,
    /// `J a − a*` of every inequality, and how it changes along the way.
    errors: Vec<f64>,
    changes: Vec<f64>,
    is_active: Vec<bool>,
    /// Slots and weights of the inequalities in `factors`, if those may be used again.
    kept: Option<Vec<(usize, f64)>>,
}

impl Newton {
    pub(super) fn new() -> Self {
        Self {
            mass: [[0.0; N]; N],
            forces: [0.0; N],
            hessian: [[0.0; N]; N],
            factors: [[0.0; N]; N],
            right: [0.0; N],
            errors: Vec::new(),
            changes: Vec::new(),
            is_active: Vec::new(),
            kept: None,
        }
    }

    /// Forgets the factors of the last solution.
    pub(super) fn reset(&mut self) {
        self.kept = None;
    }

    /// Solves with the last solution's factors, if the same inequalities act; says whether they do.
    ///
    /// That is Newton's method with the second derivatives of some steps ago. **A fault of physics version
    /// 1**, kept for its bits: weights of equalities are not compared, so that a weld whose impedance has
    /// just grown from that at no gap is solved with factors of the softer one for up to nine steps.
    pub(super) fn solve_again(
        &mut self,
        of: Range<usize>,
        equalities: &[Row],
        inequalities: &[Row],
        accelerations: &mut Vector,
    ) -> bool {
        let rows = (equalities, inequalities);
        match (of.start, of.end) {
            (0, 8) => self.solve_of_again(0..8, rows, accelerations),
            (0, 10) => self.solve_of_again(0..10, rows, accelerations),
            _ => self.solve_of_again(of, rows, accelerations),
        }
    }

    #[inline(always)]
    fn solve_of_again(
        &mut self,
        of: Range<usize>,
        (equalities, inequalities): (&[Row], &[Row]),
        accelerations: &mut Vector,
    ) -> bool {
        let Some(kept) = &self.kept else { return false };
        let is_kept = |row: &Row| {
            kept.iter().any(|(slot, weight)| {
                row.slot == Some(*slot) && (row.weight / weight - 1.0).abs() < WEIGHT_MARGIN
            })
        };
        let mut found = self.forces;
        for row in equalities.iter().chain(inequalities.iter().filter(|row| is_kept(row))) {
            let force = row.weight * row.reference;
            for i in of.clone() {
                found[i] += force * row.derivative[i];
            }
        }
        self.substitute(&of, &mut found);
        // The rows are newer than the factors: one step of refinement.
        let mut lacking = self.residual(&of, &found);
        for row in equalities.iter().chain(inequalities.iter().filter(|row| is_kept(row))) {
            let force = -row.weight * row.error(&of, &found);
            for i in of.clone() {
                lacking[i] += force * row.derivative[i];
            }
        }
        self.substitute(&of, &mut lacking);
        for i in of.clone() {
            found[i] += lacking[i];
        }
        let n_kept = inequalities.iter().filter(|row| is_kept(row)).count();
        let stays = n_kept == kept.len()
            && inequalities.iter().all(|row| is_kept(row) == (row.error(&of, &found) < 0.0));
        if stays {
            accelerations[of.clone()].copy_from_slice(&found[of]);
        }
        stays
    }

    /// Moves `accelerations` of the coordinates `of` to the least.
    pub(super) fn solve(
        &mut self,
        of: Range<usize>,
        equalities: &[Row],
        inequalities: &[Row],
        accelerations: &mut Vector,
    ) {
        let rows = (equalities, inequalities);
        match (of.start, of.end) {
            (0, 8) => self.solve_of(0..8, rows, accelerations),
            (0, 10) => self.solve_of(0..10, rows, accelerations),
            (10, 16) => self.solve_of(10..16, rows, accelerations),
            (0, 16) => self.solve_of(0..16, rows, accelerations),
            _ => self.solve_of(of, rows, accelerations),
        }
    }

    #[inline(always)]
    fn solve_of(
        &mut self,
        of: Range<usize>,
        (equalities, inequalities): (&[Row], &[Row]),
        accelerations: &mut Vector,
    ) {
        if of.start == 0 {
            self.kept = None;
        }
        for i in of.clone() {
            for j in i..of.end {
                self.hessian[i][j] = self.mass[j][i];
            }
            self.right[i] = self.forces[i];
        }
        for row in equalities {
            self.add(&of, row, 1.0);
        }
        self.errors.clear();
        self.errors.extend(inequalities.iter().map(|row| row.error(&of, accelerations)));
        self.is_active.clear();
        for (row, error) in inequalities.iter().zip(&self.errors) {
            self.is_active.push(*error < 0.0);
            if *error < 0.0 {
                add(&mut self.hessian, &mut self.right, &of, row, 1.0);
            }
        }
        for _ in 0..MAX_ROUNDS {
            self.factor(&of);
            let mut way = self.right;
            self.substitute(&of, &mut way);
            for i in of.clone() {
                way[i] -= accelerations[i];
            }
            self.changes.clear();
            self.changes.extend(inequalities.iter().map(|row| row.along(&of, &way)));
            let stays = self
                .is_active
                .iter()
                .zip(self.errors.iter().zip(&self.changes))
                .all(|(is_active, (error, change))| *is_active == (error + change < 0.0));
            let length = if stays {
                1.0
            } else {
                self.search(&of, equalities, inequalities, accelerations, &way)
            };
            for i in of.clone() {
                accelerations[i] += length * way[i];
            }
            if stays {
                self.keep(of.start, inequalities);
                return;
            }
            for (index, row) in inequalities.iter().enumerate() {
                self.errors[index] += length * self.changes[index];
                let is_active = self.errors[index] < 0.0;
                if is_active != self.is_active[index] {
                    self.is_active[index] = is_active;
                    let sign = if is_active { 1.0 } else { -1.0 };
                    add(&mut self.hessian, &mut self.right, &of, row, sign);
                }
            }
        }
    }

    /// `τ − M a`.
    #[inline(always)]
    fn residual(&self, of: &Range<usize>, accelerations: &Vector) -> Vector {
        let mut lacking = self.forces;
        for i in of.clone() {
            for j in of.start..i {
                lacking[i] -= self.mass[i][j] * accelerations[j];
                lacking[j] -= self.mass[i][j] * accelerations[i];
            }
            lacking[i] -= self.mass[i][i] * accelerations[i];
        }
        lacking
    }

    /// Keeps the factors, if no row of theirs changes.
    fn keep(&mut self, start: usize, inequalities: &[Row]) {
        if start != 0 {
            return;
        }
        let active = inequalities.iter().zip(&self.is_active).filter(|(_, is_active)| **is_active);
        let mut kept = self.kept.take().unwrap_or_default();
        kept.clear();
        for (row, _) in active {
            let Some(slot) = row.slot else { return };
            kept.push((slot, row.weight));
        }
        self.kept = Some(kept);
    }

    #[inline(always)]
    fn add(&mut self, of: &Range<usize>, row: &Row, sign: f64) {
        add(&mut self.hessian, &mut self.right, of, row, sign);
    }

    /// How far to go: where the function is least along `way`.
    fn search(
        &self,
        of: &Range<usize>,
        equalities: &[Row],
        inequalities: &[Row],
        accelerations: &Vector,
        way: &Vector,
    ) -> f64 {
        // Slope at length t without the inequalities: start + t · growth.
        let (mut start, mut growth) = (0.0, 0.0);
        for i in of.clone() {
            let mut along = [0.0; 2];
            for j in of.clone() {
                let entry = if j <= i { self.mass[i][j] } else { self.mass[j][i] };
                along[0] += entry * accelerations[j];
                along[1] += entry * way[j];
            }
            start += way[i] * (along[0] - self.forces[i]);
            growth += way[i] * along[1];
        }
        for row in equalities {
            let change = row.along(of, way);
            start += row.weight * change * row.error(of, accelerations);
            growth += row.weight * change * change;
        }
        let slope = |length: f64| {
            let (mut slope, mut curvature) = (start + length * growth, growth);
            for (row, (error, change)) in
                inequalities.iter().zip(self.errors.iter().zip(&self.changes))
            {
                let there = error + length * change;
                if there < 0.0 {
                    slope += row.weight * change * there;
                    curvature += row.weight * change * change;
                }
            }
            (slope, curvature)
        };
        let tolerance = 1e-10 * slope(0.0).0.abs();
        let (mut low, mut high, mut length) = (0.0, f64::INFINITY, 1.0);
        for _ in 0..MAX_SEARCHES {
            let (here, curvature) = slope(length);
            if here.abs() <= tolerance {
                break;
            }
            if here < 0.0 {
                low = length;
            } else {
                high = length;
            }
            let next = length - here / curvature;
            length = if low < next && next < high { next } else { 0.5 * (low + high.min(2.0)) };
        }
        length
    }

    /// `hessian = L D Lᵀ`; row `j` of `factors` then holds `1 / Dⱼ` and the rest of row `j` of `Lᵀ`.
    #[inline(always)]
    fn factor(&mut self, of: &Range<usize>) {
        for i in of.clone() {
            self.factors[i][i..of.end].copy_from_slice(&self.hessian[i][i..of.end]);
        }
        for j in of.clone() {
            let (before, after) = self.factors.split_at_mut(j + 1);
            let row = &mut before[j][..of.end];
            let inverse = 1.0 / row[j].max(1e-12);
            for i in j + 1..of.end {
                let ratio = row[i] * inverse;
                let entries = after[i - j - 1][i..of.end].iter_mut();
                for (entry, other) in entries.zip(&row[i..]) {
                    *entry -= ratio * other;
                }
            }
            for entry in &mut row[j + 1..] {
                *entry *= inverse;
            }
            row[j] = inverse;
        }
    }

    /// `x ← hessian⁻¹ x`.
    #[inline(always)]
    fn substitute(&self, of: &Range<usize>, x: &mut Vector) {
        for j in of.clone() {
            let (row, number) = (&self.factors[j][..of.end], x[j]);
            for (entry, other) in x[j + 1..of.end].iter_mut().zip(&row[j + 1..]) {
                *entry -= other * number;
            }
        }
        for j in of.clone().rev() {
            let row = &self.factors[j][..of.end];
            let known: f64 = row[j + 1..].iter().zip(&x[j + 1..of.end]).map(|(l, x)| l * x).sum();
            x[j] = x[j] * row[j] - known;
        }
    }
}

/// Adds `sign D J Jᵀ` and `sign D a* J`.
#[inline(always)]
fn add(hessian: &mut [Vector; N], right: &mut Vector, of: &Range<usize>, row: &Row, sign: f64) {
    for i in of.clone() {
        let scaled = sign * row.weight * row.derivative[i];
        if scaled == 0.0 {
            continue;
        }
        right[i] += scaled * row.reference;
        let entries = hessian[i][i..of.end].iter_mut();
        for (entry, derivative) in entries.zip(&row.derivative[i..of.end]) {
            *entry += scaled * derivative;
        }
    }
}

impl Row {
    /// `J x`.
    #[inline(always)]
    fn along(&self, of: &Range<usize>, x: &Vector) -> f64 {
        self.derivative[of.clone()].iter().zip(&x[of.clone()]).map(|(j, x)| j * x).sum()
    }

    /// `J a − a*`.
    #[inline(always)]
    fn error(&self, of: &Range<usize>, accelerations: &Vector) -> f64 {
        self.along(of, accelerations) - self.reference
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(derivative: &[f64], reference: f64, weight: f64) -> Row {
        let mut whole = [0.0; N];
        whole[..derivative.len()].copy_from_slice(derivative);
        Row { derivative: whole, reference, weight, slot: None }
    }

    /// Two masses of 2 and 1, pulled by 4 and −3.
    fn newton() -> Newton {
        let mut newton = Newton::new();
        (newton.mass[0][0], newton.mass[1][1]) = (2.0, 1.0);
        (newton.forces[0], newton.forces[1]) = (4.0, -3.0);
        newton
    }

    #[test]
    fn what_nothing_holds_goes_where_it_is_pulled() {
        let mut found = [0.0; N];
        newton().solve(0..2, &[], &[row(&[1.0, 0.0], 1.0, 8.0)], &mut found);
        // The inequality wants at least 1, and 2 it is.
        assert_eq!(found[..2], [2.0, -3.0]);
    }

    #[test]
    fn an_equality_and_an_inequality_share_the_work() {
        let mut found = [0.0; N];
        let (weld, floor) = (row(&[1.0, 1.0], 0.0, 2.0), row(&[0.0, 1.0], -1.0, 5.0));
        newton().solve(0..2, &[weld], &[floor], &mut found);
        // 2 a + 2 (a + b) = 4 and b + 2 (a + b) + 5 (b + 1) = −3: a = 1.714…, b = −1.428….
        assert!((found[0] - 12.0 / 7.0).abs() < 1e-12, "{found:?}");
        assert!((found[1] + 10.0 / 7.0).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn solving_again_gives_the_same() {
        let (mut newton, mut first) = (newton(), [0.0; N]);
        let (weld, mut limit) = (row(&[1.0, 1.0], 0.0, 2.0), row(&[0.0, 1.0], -1.0, 5.0));
        limit.slot = Some(3);
        let (weld, limit) = ([weld], [limit]);
        newton.solve(0..2, &weld, &limit, &mut first);
        let mut again = [0.0; N];
        assert!(newton.solve_again(0..2, &weld, &limit, &mut again));
        assert!((first[0] - again[0]).abs() < 1e-14 && (first[1] - again[1]).abs() < 1e-14);
    }
}
