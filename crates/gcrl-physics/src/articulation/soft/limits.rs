//! Joints that are beyond the ends of their ranges, of one world or of several side by side: an
//! inequality with `J = ±1` each.

use super::model::Model;
use super::newton::{Row, Vector};
use super::softness::Spring;
use crate::articulation::real::Real;

/// An end that a joint is beyond, in some of the worlds.
#[derive(Clone, Copy, Debug)]
pub(super) struct PassedEnd<T: Real> {
    pub(super) joint: usize,
    /// `J`.
    pub(super) side: f64,
    /// 1 where the joint is beyond it, elsewhere 0.
    pub(super) is_there: T,
    /// `a*`.
    pub(super) reference: T,
    /// `D = 1 / R`.
    pub(super) weight: T,
}

impl<T: Real> PassedEnd<T> {
    /// Writes all ends that are passed.
    #[inline(always)]
    pub(super) fn collect(model: &Model, (qpos, qvel): (&[T], &Vector<T>), found: &mut Vec<Self>) {
        found.clear();
        for limit in &model.limits {
            let (coordinate, speed) = (qpos[limit.joint], qvel[limit.joint]);
            for (side, end) in [1.0, -1.0].into_iter().zip(limit.range) {
                let gap = if side < 0.0 {
                    T::repeat(end) - coordinate
                } else {
                    coordinate - T::repeat(end)
                };
                if gap.is_above(0.0) {
                    continue;
                }
                let (mut spring, mut is_there) = (Spring::of_nothing(), T::repeat(0.0));
                for lane in (0..T::N_LANES).filter(|lane| gap.lane(*lane) < 0.0) {
                    spring.set_lane(lane, &limit.softness.at(gap.lane(lane), model.dt_secs));
                    *is_there.lane_mut(lane) = 1.0;
                }
                if is_there.is_zero() {
                    continue;
                }
                found.push(Self {
                    joint: limit.joint,
                    side,
                    is_there,
                    reference: spring.reference(gap, T::repeat(side) * speed),
                    weight: T::repeat(1.0) / (spring.yielding * T::repeat(limit.weight)),
                });
            }
        }
    }

    /// Which of all rows it is.
    pub(super) fn slot(&self) -> usize {
        2 * self.joint + usize::from(self.side < 0.0)
    }

    /// `J a − a*`.
    #[inline(always)]
    pub(super) fn error(&self, accelerations: &Vector<T>) -> T {
        T::repeat(self.side) * accelerations[self.joint] - self.reference
    }

    /// That of one world, where it is passed.
    #[inline(always)]
    pub(super) fn lane(&self, lane: usize) -> PassedEnd<f64> {
        let Self { joint, side, .. } = *self;
        let (reference, weight) = (self.reference.lane(lane), self.weight.lane(lane));
        PassedEnd { joint, side, is_there: 1.0, reference, weight }
    }

    /// Of all worlds; without weight where it is not passed.
    #[inline(always)]
    pub(super) fn row(&self) -> Row<T> {
        let (there, zero) = (self.is_there, T::repeat(0.0));
        let mut row = Row::new();
        row.derivative[self.joint] = T::repeat(self.side).where_above(there, 0.5, zero);
        row.reference = self.reference.where_above(there, 0.5, zero);
        row.weight = self.weight.where_above(there, 0.5, zero);
        row
    }
}
