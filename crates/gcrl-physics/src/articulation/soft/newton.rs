//! The accelerations in which soft constraints balance: the least of a convex function.
//!
//! ```text
//! minimize over a   ½ aᵀ M a − τᵀ a + Σ ½ Dᵢ (Jᵢ a − a*ᵢ)²
//! ```
//!
//! where the sum runs over all equalities and, of the inequalities, over those with `Jᵢ a < a*ᵢ`. For a
//! given set of those, the least is a linear system. Newton's method solves it, goes there as far as an
//! exact line search says, and ends where the set stays: usually after one or two rounds, since it
//! begins at the last step's accelerations. Worlds side by side go on until the last of them is there; the
//! others stay where they are. It is compiled once for each range of coordinates that the worlds of this
//! program have (8 of Sawyer and its door, 10 of Fetch, 6 of an object behind them, all 16), which unrolls
//! the loops over them, and once for any other.
//!
//! Source: `MuJoCo` documentation, "Computation" (primal problem, Newton's method).

use crate::articulation::real::{Real, one_above, scatter};
use std::ops::Range;

/// The most coordinates there can be.
pub(super) const N: usize = 16;

/// A number a coordinate.
pub(super) type Vector<T = f64> = [T; N];

/// Rounds of Newton's method, at most.
const MAX_ROUNDS: usize = 30;

/// Rounds of the line search, at most.
const MAX_SEARCHES: usize = 20;

/// A constraint, of one world or of several side by side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<T = f64> {
    /// `J`.
    pub(super) derivative: Vector<T>,
    /// `a*`.
    pub(super) reference: T,
    /// `D = 1 / R`; 0, as all else, in worlds that do not have it.
    pub(super) weight: T,
    /// Which of the rows it is whose `J` never changes; none where it does.
    pub(super) slot: Option<usize>,
}

/// A problem, and room to work in.
#[derive(Clone, Debug)]
pub(super) struct Newton<T: Real = f64> {
    /// `M`, lower triangle.
    pub(super) mass: [Vector<T>; N],
    /// `τ`.
    pub(super) forces: Vector<T>,
    hessian: [Vector<T>; N],
    /// `hessian = L D Lᵀ`: row `j` holds `1 / Dⱼ` and the rest of row `j` of `Lᵀ`.
    pub(super) factors: [Vector<T>; N],
    right: Vector<T>,
    /// `J a − a*` of every inequality, and how it changes along the way.
    errors: Vec<T>,
    changes: Vec<T>,
    /// 1 where an inequality acts, elsewhere 0.
    pub(super) is_active: Vec<T>,
}

impl<T: Real> Newton<T> {
    pub(super) fn new() -> Self {
        let zeros = [T::repeat(0.0); N];
        Self {
            mass: [zeros; N],
            forces: zeros,
            hessian: [zeros; N],
            factors: [zeros; N],
            right: zeros,
            errors: Vec::new(),
            changes: Vec::new(),
            is_active: Vec::new(),
        }
    }

    /// Moves `accelerations` of the coordinates `of` to the least, in the worlds where `is_wanted` is 1;
    /// returns 1 where they are there, elsewhere 0.
    #[inline(always)]
    pub(super) fn solve(
        &mut self,
        of: Range<usize>,
        rows: (&[Row<T>], &[Row<T>]),
        accelerations: &mut Vector<T>,
        is_wanted: T,
    ) -> T {
        match (of.start, of.end) {
            (0, 8) => self.solve_of(0..8, rows, accelerations, is_wanted),
            (0, 10) => self.solve_of(0..10, rows, accelerations, is_wanted),
            (10, 16) => self.solve_of(10..16, rows, accelerations, is_wanted),
            (0, 16) => self.solve_of(0..16, rows, accelerations, is_wanted),
            _ => self.solve_of(of, rows, accelerations, is_wanted),
        }
    }

    #[inline(always)]
    fn solve_of(
        &mut self,
        of: Range<usize>,
        (equalities, inequalities): (&[Row<T>], &[Row<T>]),
        accelerations: &mut Vector<T>,
        is_wanted: T,
    ) -> T {
        let one = T::repeat(1.0);
        for i in of.clone() {
            for j in i..of.end {
                self.hessian[i][j] = self.mass[j][i];
            }
            self.right[i] = self.forces[i];
        }
        for row in equalities {
            self.add(&of, row, one);
        }
        self.errors.clear();
        self.is_active.clear();
        for row in inequalities {
            let error = row.error(&of, accelerations);
            let is_active = one_above(-error, 0.0).where_above(is_wanted, 0.5, T::repeat(0.0));
            self.errors.push(error);
            self.is_active.push(is_active);
            self.add(&of, row, is_active);
        }
        let mut is_open = is_wanted;
        for _ in 0..MAX_ROUNDS {
            self.factor(&of);
            let mut way = self.right;
            substitute(&self.factors, &of, &mut way);
            for i in of.clone() {
                way[i] -= accelerations[i];
            }
            self.changes.clear();
            for row in inequalities {
                self.changes.push(row.along(&of, &way));
            }
            let mut n_change = T::repeat(0.0);
            let acting = self.errors.iter().zip(&self.changes).zip(&self.is_active);
            for ((error, change), is_active) in acting {
                let turn = one_above(-(*error + *change), 0.0) - *is_active;
                n_change += turn * turn;
            }
            let stays = one_above(T::repeat(0.5) - n_change, 0.0);
            let is_there = is_open.where_above(stays, 0.5, T::repeat(0.0));
            let goes_on = is_open - is_there;
            let mut length = one;
            if !goes_on.is_zero() {
                let found =
                    self.search(&of, (equalities, inequalities), (accelerations, &way), goes_on);
                length = one.where_above(stays, 0.5, found);
            }
            for i in of.clone() {
                let moved = accelerations[i] + length * way[i];
                accelerations[i] = moved.where_above(is_open, 0.5, accelerations[i]);
            }
            is_open = goes_on;
            if is_open.is_zero() {
                return is_wanted;
            }
            for (index, row) in inequalities.iter().enumerate() {
                self.errors[index] += length * self.changes[index];
                let is_active = self.is_active[index];
                let becomes =
                    one_above(-self.errors[index], 0.0).where_above(is_open, 0.5, is_active);
                self.is_active[index] = becomes;
                self.add(&of, row, becomes - is_active);
            }
        }
        is_wanted - is_open
    }

    /// How far to go, in the worlds where `is_open` is 1: where the function is least along `way`.
    #[inline(always)]
    fn search(
        &self,
        of: &Range<usize>,
        (equalities, inequalities): (&[Row<T>], &[Row<T>]),
        (accelerations, way): (&Vector<T>, &Vector<T>),
        mut is_open: T,
    ) -> T {
        let zero = T::repeat(0.0);
        // Slope at length t without the inequalities: start + t · growth.
        let (mut start, mut growth) = (zero, zero);
        for i in of.clone() {
            let mut along = [zero; 2];
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
        let steepest = self.slope((start, growth), inequalities, zero).0;
        let (mut low, mut high) = (zero, T::repeat(f64::INFINITY));
        let mut length = T::repeat(1.0);
        for _ in 0..MAX_SEARCHES {
            let (here, curvature) = self.slope((start, growth), inequalities, length);
            for lane in 0..T::N_LANES {
                let (own, last) = (here.lane(lane), length.lane(lane));
                if is_open.lane(lane) == 0.0 || own.abs() <= 1e-10 * steepest.lane(lane).abs() {
                    *is_open.lane_mut(lane) = 0.0;
                    continue;
                }
                let end = if own < 0.0 { &mut low } else { &mut high };
                *end.lane_mut(lane) = last;
                let (low, high) = (low.lane(lane), high.lane(lane));
                let next = last - own / curvature.lane(lane);
                let is_between = low < next && next < high;
                *length.lane_mut(lane) =
                    if is_between { next } else { 0.5 * (low + high.min(2.0)) };
            }
            if is_open.is_zero() {
                break;
            }
        }
        length
    }

    /// Slope and curvature at a length, those without the inequalities being `start + length · growth` and
    /// `growth`.
    #[inline(always)]
    fn slope(&self, (start, growth): (T, T), inequalities: &[Row<T>], length: T) -> (T, T) {
        let (mut slope, mut curvature) = (start + length * growth, growth);
        for (row, (error, change)) in inequalities.iter().zip(self.errors.iter().zip(&self.changes))
        {
            let there = *error + length * *change;
            let steeper = slope + row.weight * *change * there;
            let rounder = curvature + row.weight * *change * *change;
            slope = steeper.where_above(-there, 0.0, slope);
            curvature = rounder.where_above(-there, 0.0, curvature);
        }
        (slope, curvature)
    }

    /// `τ − M a`.
    #[inline(always)]
    pub(super) fn residual(&self, of: &Range<usize>, accelerations: &Vector<T>) -> Vector<T> {
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

    /// Writes the factors.
    #[inline(always)]
    fn factor(&mut self, of: &Range<usize>) {
        for i in of.clone() {
            self.factors[i][i..of.end].copy_from_slice(&self.hessian[i][i..of.end]);
        }
        for j in of.clone() {
            let (before, after) = self.factors.split_at_mut(j + 1);
            let row = &mut before[j][..of.end];
            let least = T::repeat(1e-12);
            let inverse = T::repeat(1.0) / row[j].where_above(row[j], 1e-12, least);
            for i in j + 1..of.end {
                let ratio = row[i] * inverse;
                let entries = after[i - j - 1][i..of.end].iter_mut();
                for (entry, other) in entries.zip(&row[i..]) {
                    *entry -= ratio * *other;
                }
            }
            for entry in &mut row[j + 1..] {
                *entry = *entry * inverse;
            }
            row[j] = inverse;
        }
    }

    /// Adds `sign D J Jᵀ` and `sign D a* J`.
    #[inline(always)]
    fn add(&mut self, of: &Range<usize>, row: &Row<T>, sign: T) {
        if sign.is_zero() {
            return;
        }
        for i in of.clone() {
            let scaled = sign * row.weight * row.derivative[i];
            if scaled.is_zero() {
                continue;
            }
            self.right[i] += scaled * row.reference;
            let entries = self.hessian[i][i..of.end].iter_mut();
            for (entry, derivative) in entries.zip(&row.derivative[i..of.end]) {
                *entry += scaled * *derivative;
            }
        }
    }
}

/// `x ← hessian⁻¹ x`, by [`Newton::factors`].
#[inline(always)]
pub(super) fn substitute<T: Real>(factors: &[Vector<T>], of: &Range<usize>, x: &mut Vector<T>) {
    for j in of.clone() {
        let (row, number) = (&factors[j][..of.end], x[j]);
        for (entry, other) in x[j + 1..of.end].iter_mut().zip(&row[j + 1..]) {
            *entry -= *other * number;
        }
    }
    for j in of.clone().rev() {
        let row = &factors[j][..of.end];
        let mut known = T::repeat(-0.0);
        for (entry, x) in row[j + 1..].iter().zip(&x[j + 1..of.end]) {
            known += *entry * *x;
        }
        x[j] = x[j] * row[j] - known;
    }
}

impl<T: Real> Row<T> {
    /// Of no coordinate and without weight.
    #[inline(always)]
    pub(super) fn new() -> Self {
        let zero = T::repeat(0.0);
        Self { derivative: [zero; N], reference: zero, weight: zero, slot: None }
    }

    /// Takes over coordinates `of` of one world's row.
    #[inline(always)]
    pub(super) fn set_lane(&mut self, lane: usize, of: &Range<usize>, own: &Row) {
        for i in of.clone() {
            *self.derivative[i].lane_mut(lane) = own.derivative[i];
        }
        *self.reference.lane_mut(lane) = own.reference;
        *self.weight.lane_mut(lane) = own.weight;
    }

    /// `J x`.
    #[inline(always)]
    pub(super) fn along(&self, of: &Range<usize>, x: &Vector<T>) -> T {
        let mut sum = T::repeat(-0.0);
        for i in of.clone() {
            sum += self.derivative[i] * x[i];
        }
        sum
    }

    /// `J a − a*`.
    #[inline(always)]
    pub(super) fn error(&self, of: &Range<usize>, accelerations: &Vector<T>) -> T {
        self.along(of, accelerations) - self.reference
    }
}

impl Row {
    /// Takes over the first `n` coordinates of the row of one of several worlds.
    #[inline(always)]
    pub(super) fn take_lane<T: Real>(&mut self, all: &Row<T>, lane: usize, n: usize) {
        scatter(&all.derivative[..n], lane, &mut self.derivative);
        self.reference = all.reference.lane(lane);
        self.weight = all.weight.lane(lane);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(derivative: &[f64], reference: f64, weight: f64) -> Row {
        let mut row = Row { reference, weight, ..Row::new() };
        row.derivative[..derivative.len()].copy_from_slice(derivative);
        row
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
        let rows = (&[][..], &[row(&[1.0, 0.0], 1.0, 8.0)][..]);
        assert_eq!(newton().solve(0..2, rows, &mut found, 1.0), 1.0);
        // The inequality wants at least 1, and 2 it is.
        assert_eq!(found[..2], [2.0, -3.0]);
    }

    #[test]
    fn an_equality_and_an_inequality_share_the_work() {
        let mut found = [0.0; N];
        let (weld, floor) = (row(&[1.0, 1.0], 0.0, 2.0), row(&[0.0, 1.0], -1.0, 5.0));
        newton().solve(0..2, (&[weld], &[floor]), &mut found, 1.0);
        // 2 a + 2 (a + b) = 4 and b + 2 (a + b) + 5 (b + 1) = −3: a = 1.714…, b = −1.428….
        assert!((found[0] - 12.0 / 7.0).abs() < 1e-12, "{found:?}");
        assert!((found[1] + 10.0 / 7.0).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn what_is_not_wanted_stays() {
        let mut found = [0.5; N];
        assert_eq!(newton().solve(0..2, (&[], &[]), &mut found, 0.0), 0.0);
        assert_eq!(found, [0.5; N]);
    }
}
