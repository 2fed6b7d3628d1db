//! The robot's accelerations by the factors of the last full solution ([`super::newton`]), of one world
//! or of several side by side.
//!
//! That is Newton's method with the second derivatives of some steps ago, and one step of refinement. It
//! holds where the same inequalities act as then. **A fault of physics version 1**, kept for its bits:
//! weights of equalities are not compared, so that a weld whose impedance has just grown from that at no
//! gap is solved with factors of the softer one for up to nine steps.

use super::limits::PassedEnd;
use super::newton::{N, Newton, Row, Vector, substitute};
use crate::articulation::real::{Real, gather, scatter};
use std::ops::Range;

/// By how much of itself a row's weight may change before factors with it are not used again.
const WEIGHT_MARGIN: f64 = 0.01;

/// The last factors.
#[derive(Clone, Debug)]
pub(super) struct Again<T: Real> {
    /// As [`super::newton::Newton::factors`].
    factors: [Vector<T>; N],
    /// 1 where a passed end is among the kept inequalities, elsewhere 0.
    is_kept: Vec<T>,
}

/// Inequalities that are kept, by slot and weight.
type Kept = [(usize, f64)];

/// Whether an inequality is kept.
fn is_kept(kept: &Kept, slot: Option<usize>, weight: f64) -> bool {
    kept.iter().any(|(of_kept, of_weight)| {
        slot == Some(*of_kept) && (weight / of_weight - 1.0).abs() < WEIGHT_MARGIN
    })
}

/// What acts on the robots.
pub(super) struct Acting<'a, T: Real> {
    /// With `M` and `τ`.
    pub(super) newton: &'a Newton<T>,
    pub(super) weld: &'a [Row<T>; 6],
    pub(super) limits: &'a [PassedEnd<T>],
}

impl<T: Real> Again<T> {
    pub(super) fn new() -> Self {
        Self { factors: [[T::repeat(0.0); N]; N], is_kept: Vec::new() }
    }

    /// Takes over the factors of one world's `n` joints.
    #[inline(always)]
    pub(super) fn set_lane(&mut self, lane: usize, n: usize, own: &[Vector; N]) {
        for i in 0..n {
            gather(&own[i][i..n], lane, &mut self.factors[i][i..]);
        }
    }

    /// The factors of one world's `n` joints, into `own`.
    #[inline(always)]
    pub(super) fn lane_into(&self, lane: usize, n: usize, own: &mut [Vector; N]) {
        for i in 0..n {
            scatter(&self.factors[i][i..n], lane, &mut own[i][i..]);
        }
    }

    /// Takes over the factors of `n` joints where `is_new` is 1.
    #[inline(always)]
    pub(super) fn take(&mut self, newton: &Newton<T>, n: usize, is_new: T) {
        for i in 0..n {
            for j in i..n {
                let own = &mut self.factors[i][j];
                *own = newton.factors[i][j].where_above(is_new, 0.5, *own);
            }
        }
    }

    /// The accelerations of `n` joints that balance what acts, and contacts of each world; they hold where
    /// [`Again::holds`]. `worlds` gives what is kept and the contacts, where that is to be tried.
    #[inline(always)]
    pub(super) fn solve<'a>(
        &mut self,
        n: usize,
        acting: &Acting<'_, T>,
        worlds: impl Fn(usize) -> Option<(&'a Kept, &'a [Row])>,
    ) -> Vector<T> {
        self.is_kept.clear();
        for passed in acting.limits {
            let mut is_kept_there = T::repeat(0.0);
            for lane in 0..T::N_LANES {
                let Some((kept, _)) = worlds(lane) else { continue };
                let (slot, weight) = (Some(passed.slot()), passed.weight.lane(lane));
                if passed.is_there.lane(lane) > 0.0 && is_kept(kept, slot, weight) {
                    *is_kept_there.lane_mut(lane) = 1.0;
                }
            }
            self.is_kept.push(is_kept_there);
        }
        match n {
            8 => self.balance(&(0..8), acting, worlds),
            10 => self.balance(&(0..10), acting, worlds),
            _ => self.balance(&(0..n), acting, worlds),
        }
    }

    #[inline(always)]
    fn balance<'a>(
        &self,
        of: &Range<usize>,
        acting: &Acting<'_, T>,
        worlds: impl Fn(usize) -> Option<(&'a Kept, &'a [Row])>,
    ) -> Vector<T> {
        let mut found = acting.newton.forces;
        self.push(of, acting, &worlds, (&mut found, None));
        substitute(&self.factors, of, &mut found);
        // The rows are newer than the factors: one step of refinement.
        let mut lacking = acting.newton.residual(of, &found);
        self.push(of, acting, &worlds, (&mut lacking, Some(&found)));
        substitute(&self.factors, of, &mut lacking);
        for i in of.clone() {
            found[i] += lacking[i];
        }
        found
    }

    /// Adds the forces of the weld and of all kept inequalities, without accelerations or at some.
    #[inline(always)]
    fn push<'a>(
        &self,
        of: &Range<usize>,
        acting: &Acting<'_, T>,
        worlds: &impl Fn(usize) -> Option<(&'a Kept, &'a [Row])>,
        (forces, at): (&mut Vector<T>, Option<&Vector<T>>),
    ) {
        for row in acting.weld {
            let force = match at {
                None => row.weight * row.reference,
                Some(at) => -row.weight * row.error(of, at),
            };
            for i in of.clone() {
                forces[i] += force * row.derivative[i];
            }
        }
        for (passed, is_kept) in acting.limits.iter().zip(&self.is_kept) {
            let force = match at {
                None => passed.weight * passed.reference,
                Some(at) => -passed.weight * passed.error(at),
            };
            let own = &mut forces[passed.joint];
            let pushed = *own + force * T::repeat(passed.side);
            *own = pushed.where_above(*is_kept, 0.5, *own);
        }
        for lane in 0..T::N_LANES {
            let Some((kept, contacts)) = worlds(lane) else { continue };
            for row in contacts.iter().filter(|row| is_kept(kept, row.slot, row.weight)) {
                let force = match at {
                    None => row.weight * row.reference,
                    Some(at) => -row.weight * error_at(row, at, lane),
                };
                for i in of.clone() {
                    *forces[i].lane_mut(lane) += force * row.derivative[i];
                }
            }
        }
    }

    /// Whether in the world of `lane` exactly the kept inequalities act at `found`.
    #[inline(always)]
    pub(super) fn holds(
        &self,
        lane: usize,
        (limits, contacts): (&[PassedEnd<T>], &[Row]),
        kept: &Kept,
        found: &Vector<T>,
    ) -> bool {
        let (mut n_kept, mut stays) = (0, true);
        for (passed, is_kept) in limits.iter().zip(&self.is_kept) {
            if passed.is_there.lane(lane) > 0.0 {
                let is_kept = is_kept.lane(lane) > 0.0;
                n_kept += usize::from(is_kept);
                stays &= is_kept == (passed.error(found).lane(lane) < 0.0);
            }
        }
        for row in contacts {
            let is_kept = is_kept(kept, row.slot, row.weight);
            n_kept += usize::from(is_kept);
            stays &= is_kept == (error_at(row, found, lane) < 0.0);
        }
        stays && n_kept == kept.len()
    }
}

/// `J a − a*` of one world's row.
#[inline(always)]
fn error_at<T: Real>(row: &Row, accelerations: &Vector<T>, lane: usize) -> f64 {
    let products = row.derivative.iter().zip(accelerations).map(|(j, a)| j * a.lane(lane));
    products.sum::<f64>() - row.reference
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_inequalities_give_the_same_accelerations() {
        // Two masses of 2 and 1, pulled by 4 and −3, welded to each other, the second at its range's end.
        let mut newton = Newton::<f64>::new();
        (newton.mass[0][0], newton.mass[1][1]) = (2.0, 1.0);
        (newton.forces[0], newton.forces[1]) = (4.0, -3.0);
        let mut weld = [Row::new(); 6];
        weld[0].derivative[..2].fill(1.0);
        weld[0].weight = 2.0;
        let end = |is_there: f64, weight: f64| PassedEnd {
            joint: 1,
            side: 1.0,
            is_there,
            reference: -1.0,
            weight,
        };
        let (passed, mut full) = ([end(1.0, 5.0)], [0.0; N]);
        newton.solve(0..2, (&weld, &[passed[0].row()]), &mut full, 1.0);
        let mut again = Again::new();
        again.take(&newton, 2, 1.0);
        let kept = [(passed[0].slot(), 5.0)];
        let mut found = |limits: &[PassedEnd<f64>]| {
            let acting = Acting { newton: &newton, weld: &weld, limits };
            let found = again.solve(2, &acting, |_| Some((&kept, &[])));
            (found, again.holds(0, (limits, &[]), &kept, &found))
        };
        let (same, holds) = found(&passed);
        assert!(holds);
        for (one, other) in same.iter().zip(&full) {
            assert!((one - other).abs() < 1e-14, "{same:?} {full:?}");
        }
        // Not if it is softer now, or not passed any more.
        assert!(!found(&[end(1.0, 4.0)]).1);
        assert!(!found(&[]).1);
    }
}
