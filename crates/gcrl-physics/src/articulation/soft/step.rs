//! One step, of one world or of several side by side.
//!
//! What has the same shape in all of them, the robot, its weld and its limits, is computed at once.
//! Contacts are found for each world alone; overlaps of convex shapes and full solutions at once too, if
//! more than [`FEW`] worlds need them.

use super::again::{Acting, Again};
use super::forms::Placed;
use super::grip::Carrier;
use super::lane::Lane;
use super::limits::PassedEnd;
use super::model::{Drag, Model};
use super::narrow::Known;
use super::newton::{N, Vector};
use super::portal;
use super::problem::Problem;
use super::weld::{self, Target};
use crate::articulation::dynamics::Dynamics;
use crate::articulation::ltdl::TreeMatrix;
use crate::articulation::real::{Real, gather, scatter};
use crate::articulation::tree::Frame;
use crate::articulation::vectors::{product, repeat_matrix};
use std::ops::Range;

/// Every so many steps at least, `M` and the bias are computed anew: always where something touches
/// the robot, or where a joint is faster than [`FAST`].
const STEPS_A_REFRESH: usize = 10;

/// In radians or meters per second.
const FAST: f64 = 5.0;

/// So many worlds that need a full solution, or have shapes that may overlap, are looked at one by one.
const FEW: usize = 2;

/// Most lanes that a register has.
const MAX_LANES: usize = 8;

/// What is computed in steps, for as many worlds as `T` has lanes.
#[derive(Clone, Debug)]
pub(super) struct Room<T: Real> {
    control: Vec<T>,
    qpos: Vec<T>,
    qvel: Vector<T>,
    target: Target<T>,
    frames: Vec<Frame<T>>,
    /// Where shapes are that links carry.
    placed: Vec<Frame<T>>,
    dynamics: Dynamics<T>,
    bias: Vec<T>,
    /// Factors of `M + h D`.
    mass_factors: TreeMatrix<T>,
    new_bias: Vec<T>,
    new_mass: TreeMatrix<T>,
    new_mass_factors: TreeMatrix<T>,
    forces: Vec<T>,
    again: Again<T>,
    problem: Problem<T>,
    /// That of one of several worlds.
    alone: Problem<f64>,
}

/// Whether something holds in each lane.
type Flags = [bool; MAX_LANES];

impl<T: Real> Room<T> {
    pub(super) fn new(model: &Model) -> Self {
        let zero = T::repeat(0.0);
        let zeros = vec![zero; model.tree.n_joints()];
        let mass = TreeMatrix::new(&model.chains);
        Self {
            control: vec![zero; model.drives.n_controls()],
            qpos: zeros.clone(),
            qvel: [zero; N],
            target: Target::new(),
            frames: vec![Frame::identity(); zeros.len()],
            placed: vec![Frame::identity(); model.solids.len()],
            dynamics: Dynamics::new(&model.tree),
            bias: zeros.clone(),
            mass_factors: mass.clone(),
            new_bias: zeros.clone(),
            new_mass: mass.clone(),
            new_mass_factors: mass,
            forces: zeros,
            again: Again::new(),
            problem: Problem::new(model),
            alone: Problem::new(model),
        }
    }

    /// Moves worlds of `model` on by `n_steps` steps, one in each lane.
    #[inline(always)]
    pub(super) fn advance(&mut self, model: &Model, lanes: &mut [&mut Lane], n_steps: usize) {
        assert!(lanes.len() == T::N_LANES && T::N_LANES <= MAX_LANES, "a world a lane");
        let n_joints = self.qpos.len();
        for (index, lane) in lanes.iter().enumerate() {
            gather(&lane.control, index, &mut self.control);
            gather(&lane.qpos, index, &mut self.qpos);
            gather(&lane.qvel, index, &mut self.qvel);
            gather(lane.target.0.as_slice(), index, self.target.position.as_mut_slice());
            gather(lane.target.1.coords.as_slice(), index, self.target.rotation.as_mut_slice());
            gather(&lane.accelerations, index, &mut self.problem.accelerations);
            gather(&lane.bias, index, &mut self.bias);
            self.mass_factors.set_lane(index, &lane.mass_factors);
            for i in 0..n_joints {
                gather(&lane.mass[i][..=i], index, &mut self.problem.newton.mass[i]);
            }
            self.again.set_lane(index, n_joints, &lane.factors);
        }
        for _ in 0..n_steps {
            self.step(model, lanes);
        }
        for (index, lane) in lanes.iter_mut().enumerate() {
            scatter(&self.qpos, index, &mut lane.qpos);
            scatter(&self.qvel, index, &mut lane.qvel);
            scatter(&self.problem.accelerations, index, &mut lane.accelerations);
            self.again.lane_into(index, n_joints, &mut lane.factors);
        }
    }

    #[inline(always)]
    fn step(&mut self, model: &Model, lanes: &mut [&mut Lane]) {
        model.tree.place_all(&self.qpos, &mut self.frames);
        let mut is_fresh: Flags = [false; MAX_LANES];
        for (index, lane) in lanes.iter_mut().enumerate() {
            let is_fast =
                self.qvel[..self.qpos.len()].iter().any(|speed| FAST < speed.lane(index).abs());
            is_fresh[index] =
                lane.is_touched || is_fast || lane.n_steps.is_multiple_of(STEPS_A_REFRESH);
            lane.n_steps += 1;
        }
        if is_fresh.contains(&true) {
            self.refresh(model, lanes, is_fresh);
        } else {
            self.dynamics.aim(&model.tree, &self.frames);
        }
        for (force, bias) in self.forces.iter_mut().zip(&self.bias) {
            *force = -*bias;
        }
        model.drives.add_forces(&self.control, (&self.qpos, &self.qvel), &mut self.forces);
        self.collect(model, lanes);
        self.solve(model, lanes, is_fresh);
        self.integrate(model);
        for (index, lane) in lanes.iter_mut().enumerate() {
            lane.integrate_object(model, &self.problem.accelerations, index);
        }
    }

    /// Computes `M` and the bias of some worlds anew.
    #[inline(always)]
    fn refresh(&mut self, model: &Model, lanes: &mut [&mut Lane], is_fresh: Flags) {
        let Model { tree, chains, .. } = model;
        let (mass, bias) = (&mut self.new_mass, &mut self.new_bias);
        self.dynamics.update((tree, chains), &self.frames, &self.qvel, (mass, bias));
        for (joint, armature) in model.armature.iter().enumerate() {
            mass.row_mut(chains, joint)[0] += T::repeat(*armature);
        }
        self.new_mass_factors.set_sum(chains, mass, &model.damping_impulse);
        self.new_mass_factors.factor(chains);
        for (index, lane) in lanes.iter_mut().enumerate().filter(|(index, _)| is_fresh[*index]) {
            scatter(&self.new_bias, index, &mut lane.bias);
            gather(&lane.bias, index, &mut self.bias);
            self.new_mass_factors.lane_into(index, &mut lane.mass_factors);
            self.mass_factors.set_lane(index, &lane.mass_factors);
            for joint in 0..tree.n_joints() {
                let own = &mut lane.mass[joint];
                *own = [0.0; N];
                let row = self.new_mass.row_mut(chains, joint);
                for (entry, other) in row.iter().zip(chains.chain(joint)) {
                    own[*other] = entry.lane(index);
                }
                gather(&own[..=joint], index, &mut self.problem.newton.mass[joint]);
            }
        }
    }

    /// Writes all rows.
    #[inline(always)]
    fn collect(&mut self, model: &Model, lanes: &mut [&mut Lane]) {
        let Drag { link, in_link, .. } = &model.drag;
        let link = &self.frames[*link];
        let dragged = Frame {
            rotation: product(&link.rotation, &repeat_matrix(&in_link.rotation)),
            position: link.transform(&in_link.position),
        };
        let to = (&dragged, &self.target);
        weld::write_rows(model, &self.dynamics, to, &self.qvel, &mut self.problem.weld);
        PassedEnd::collect(model, (&self.qpos, &self.qvel), &mut self.problem.limits);
        for (solid, placed) in model.solids.iter().zip(&mut self.placed) {
            if let Carrier::Link(link) = solid.carrier {
                let (link, own) = (&self.frames[link], &solid.in_carrier);
                placed.position = link.transform(&own.position);
                placed.rotation = product(&link.rotation, &repeat_matrix(&own.rotation));
            }
        }
        for (index, lane) in lanes.iter_mut().enumerate() {
            lane.approach(model, &self.placed, index);
        }
        if T::N_LANES > 1 {
            self.find_overlaps(model, lanes);
        }
        for (index, lane) in lanes.iter_mut().enumerate() {
            lane.touch(model, (&self.dynamics, &self.qvel), index);
        }
    }

    /// Finds how shapes overlap that are near each other in several worlds.
    #[inline(always)]
    fn find_overlaps(&mut self, model: &Model, lanes: &mut [&mut Lane]) {
        for (index, pair) in model.pairs.iter().enumerate() {
            let forms = pair.solids.map(|solid| &model.solids[solid].form);
            let Some(order) = forms[0].portal_order(forms[1]) else { continue };
            let (mut is_near, mut n_near) = (T::repeat(0.0), 0);
            for (at, lane) in lanes.iter().enumerate() {
                if lane.near.iter().any(|(pair, _)| *pair == index) {
                    *is_near.lane_mut(at) = 1.0;
                    n_near += 1;
                }
            }
            if n_near <= FEW {
                continue;
            }
            for solid in pair.solids {
                for (at, lane) in lanes.iter().enumerate() {
                    self.placed[solid].set_lane(at, &lane.placed[solid]);
                }
            }
            let [first, second] = order.map(|at| {
                let solid = pair.solids[at];
                let (form, frame) = (&model.solids[solid].form, &self.placed[solid]);
                Placed { form, frame, margin: 0.5 * pair.grip.margin }
            });
            let found = portal::search(&[first, second], is_near);
            for (at, lane) in lanes.iter_mut().enumerate() {
                let own = lane.near.iter_mut().filter(|(pair, _)| *pair == index);
                own.for_each(|(_, known)| *known = Known::Overlap(found.lane(at)));
            }
        }
    }

    /// Finds all accelerations.
    #[inline(always)]
    fn solve(&mut self, model: &Model, lanes: &mut [&mut Lane], is_fresh: Flags) {
        let (n_joints, n_all) = (self.qpos.len(), model.n_all());
        self.problem.newton.forces[..n_joints].copy_from_slice(&self.forces);
        let is_solved = self.solve_again(lanes, is_fresh);
        let [mut robots, mut objects, mut both] = [T::repeat(0.0); 3];
        for (index, lane) in lanes.iter().enumerate() {
            let touch = !lane.rows.both.is_empty();
            let moves = lane.has_moving_object(model);
            *robots.lane_mut(index) = f64::from(!touch && !is_solved[index]);
            *objects.lane_mut(index) = f64::from(!touch && moves);
            *both.lane_mut(index) = f64::from(touch);
            if let Some(free) = model.free.as_ref().filter(|_| touch || moves) {
                gather(
                    &lane.object_forces(free),
                    index,
                    &mut self.problem.newton.forces[n_joints..],
                );
            }
        }
        let kinds = [(robots, 0..n_joints), (objects, n_joints..n_all), (both, 0..n_all)];
        for (is_wanted, of) in kinds {
            let wanted = (0..T::N_LANES).filter(|index| is_wanted.lane(*index) > 0.0);
            match wanted.clone().count() {
                0 => {}
                n if T::N_LANES == 1 || FEW < n => {
                    self.problem.solve(lanes, of.clone(), is_wanted);
                    if of.start == 0 {
                        self.again.take(&self.problem.newton, n_joints, is_wanted);
                    }
                }
                _ => wanted.for_each(|index| self.solve_alone(index, lanes[index], &of)),
            }
        }
    }

    /// Solves for the coordinates `of` of one of several worlds.
    #[inline(always)]
    fn solve_alone(&mut self, index: usize, lane: &mut Lane, of: &Range<usize>) {
        self.alone.take_lane(&self.problem, index, of);
        self.alone.solve_one(lane, of);
        let found = &self.alone.accelerations[of.clone()];
        gather(found, index, &mut self.problem.accelerations[of.clone()]);
        if of.start == 0 {
            self.again.set_lane(index, self.qpos.len(), &self.alone.newton.factors);
        }
    }

    /// Tries the factors of the last solutions; says where that is all that was to do for the robot.
    #[inline(always)]
    fn solve_again(&mut self, lanes: &[&mut Lane], is_fresh: Flags) -> Flags {
        let of_lane = |index: usize| {
            let lane: &Lane = lanes[index];
            let kept = if is_fresh[index] { None } else { lane.kept() };
            kept.map(|kept| (kept, &lane.rows.robot[..]))
        };
        let mut is_solved: Flags = [false; MAX_LANES];
        if (0..T::N_LANES).all(|index| of_lane(index).is_none()) {
            return is_solved;
        }
        let n_joints = self.qpos.len();
        let Self { again, problem, .. } = self;
        let Problem { newton, weld, limits, accelerations, .. } = problem;
        let found = again.solve(n_joints, &Acting { newton, weld, limits }, of_lane);
        for (index, is_solved) in is_solved[..T::N_LANES].iter_mut().enumerate() {
            let Some((kept, contacts)) = of_lane(index) else { continue };
            *is_solved = again.holds(index, (limits, contacts), kept, &found);
            if *is_solved {
                for (own, found) in accelerations[..n_joints].iter_mut().zip(&found) {
                    *own.lane_mut(index) = found.lane(index);
                }
            }
        }
        is_solved
    }

    /// `q̇ ← q̇ + h (M + h D)⁻¹ M a`, `q ← q + h q̇`.
    #[inline(always)]
    fn integrate(&mut self, model: &Model) {
        let (n_joints, dt_secs) = (self.qpos.len(), T::repeat(model.dt_secs));
        let Self { forces, problem, .. } = self;
        let Problem { accelerations, newton, .. } = &*problem;
        forces.fill(T::repeat(0.0));
        for i in 0..n_joints {
            for j in 0..i {
                forces[i] += newton.mass[i][j] * accelerations[j];
                forces[j] += newton.mass[i][j] * accelerations[i];
            }
            forces[i] += newton.mass[i][i] * accelerations[i];
        }
        self.mass_factors.solve(&model.chains, forces);
        for ((q, v), a) in self.qpos.iter_mut().zip(&mut self.qvel).zip(forces) {
            *v += dt_secs * *a;
            *q += dt_secs * *v;
        }
    }
}
