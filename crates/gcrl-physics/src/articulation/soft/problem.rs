//! Everything that acts, and the accelerations that balance it: of one world or of several side by side.

use super::lane::Lane;
use super::limits::PassedEnd;
use super::model::Model;
use super::newton::{N, Newton, Row, Vector};
use crate::articulation::real::Real;
use std::ops::Range;

/// What acts, and room to work in.
#[derive(Clone, Debug)]
pub(super) struct Problem<T: Real> {
    pub(super) newton: Newton<T>,
    pub(super) weld: [Row<T>; 6],
    pub(super) limits: Vec<PassedEnd<T>>,
    /// The last ones, where a search begins.
    pub(super) accelerations: Vector<T>,
    inequalities: Vec<Row<T>>,
    n_joints: usize,
}

impl<T: Real> Problem<T> {
    pub(super) fn new(model: &Model) -> Self {
        let (mut newton, n_joints) = (Newton::new(), model.tree.n_joints());
        if let Some(free) = &model.free {
            let weights = [[free.mass; 3], free.inertia.into()];
            for (index, weight) in (n_joints..).zip(weights.as_flattened()) {
                newton.mass[index][index] = T::repeat(*weight);
            }
        }
        Self {
            newton,
            weld: [Row::new(); 6],
            limits: Vec::new(),
            accelerations: [T::repeat(0.0); N],
            inequalities: Vec::new(),
            n_joints,
        }
    }

    /// Finds the accelerations of the coordinates `of`, the robots', the objects' or all, in the worlds
    /// where `is_wanted` is 1. Where that is the robot's, the worlds keep what factors may be used for.
    #[inline(always)]
    pub(super) fn solve(&mut self, lanes: &mut [&mut Lane], of: Range<usize>, is_wanted: T) {
        let (with_robot, n_joints) = (of.start == 0, self.n_joints);
        let Self { newton, weld, limits, accelerations, inequalities, .. } = self;
        let (weld, limits) = if with_robot { (&weld[..], &limits[..]) } else { (&[][..], &[][..]) };
        inequalities.clear();
        let mut starts = [0; 3];
        for (kind, start) in starts.iter_mut().enumerate() {
            if kind == 1 {
                for passed in limits {
                    inequalities.push(passed.row());
                }
            }
            *start = inequalities.len();
            for index in (0..T::N_LANES).filter(|index| is_wanted.lane(*index) > 0.0) {
                let contacts = lanes[index].rows.about(&of, n_joints)[kind];
                add(contacts, index, (&of, *start), inequalities);
            }
        }
        let is_solved = newton.solve(of.clone(), (weld, inequalities), accelerations, is_wanted);
        if !with_robot {
            return;
        }
        for index in (0..T::N_LANES).filter(|index| is_wanted.lane(*index) > 0.0) {
            let kinds = lanes[index].rows.about(&of, n_joints);
            let contacts = kinds.into_iter().zip(starts).flat_map(|(rows, start)| {
                (start..).zip(rows).map(|(at, row)| (at, row.slot, row.weight))
            });
            let ends = (starts[1] - limits.len()..).zip(limits);
            let ends = ends.map(|(at, end)| (at, Some(end.slot()), end.weight.lane(index)));
            let acting = ends.chain(contacts);
            let acting = acting.filter(|(at, ..)| newton.is_active[*at].lane(index) > 0.0);
            let acting = acting.map(|(_, slot, weight)| slot.map(|slot| (slot, weight)));
            let kept = if is_solved.lane(index) > 0.0 { acting.collect() } else { None };
            lanes[index].kept = kept;
        }
    }
}

/// Adds the contacts of one world to the rows from `start` on.
#[inline(always)]
fn add<T: Real>(
    contacts: &[Row],
    lane: usize,
    (of, start): (&Range<usize>, usize),
    rows: &mut Vec<Row<T>>,
) {
    for (at, own) in (start..).zip(contacts) {
        if rows.len() == at {
            rows.push(Row::new());
        }
        rows[at].set_lane(lane, of, own);
    }
}

impl Problem<f64> {
    /// [`Problem::solve`] of one world; not compiled into what solves for several.
    pub(super) fn solve_one(&mut self, lane: &mut Lane, of: &Range<usize>) {
        self.solve(&mut [lane], of.clone(), 1.0);
    }

    /// Takes over what of one of several worlds matters for the coordinates `of`.
    #[inline(always)]
    pub(super) fn take_lane<T: Real>(&mut self, all: &Problem<T>, lane: usize, of: &Range<usize>) {
        for i in of.clone() {
            self.newton.forces[i] = all.newton.forces[i].lane(lane);
            self.accelerations[i] = all.accelerations[i].lane(lane);
        }
        if of.start > 0 {
            return;
        }
        for i in 0..self.n_joints {
            for j in 0..=i {
                self.newton.mass[i][j] = all.newton.mass[i][j].lane(lane);
            }
        }
        for (own, all) in self.weld.iter_mut().zip(&all.weld) {
            own.take_lane(all, lane, self.n_joints);
        }
        self.limits.clear();
        for passed in all.limits.iter().filter(|passed| passed.is_there.lane(lane) > 0.0) {
            self.limits.push(passed.lane(lane));
        }
    }
}
