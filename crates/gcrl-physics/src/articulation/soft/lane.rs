//! What one world has of its own: its state, and the contacts, which are found for each world alone.

use super::grip::Carrier;
use super::model::{Model, Pair};
use super::motion::FreeMotion;
use super::narrow::{Known, Narrow};
use super::newton::{N, Vector};
use super::rows::{Rows, State};
use super::solids::{FreeBody, are_apart};
use crate::articulation::dynamics::Dynamics;
use crate::articulation::ltdl::TreeMatrix;
use crate::articulation::real::{Real, scatter};
use crate::articulation::tree::Frame;
use crate::articulation::vectors::product;
use nalgebra::{UnitQuaternion, Vector3};

/// Acceleration of free fall along z, in m/s².
const GRAVITY: f64 = -9.81;

/// An object slower than this that nothing moves lies still, in meters or radians per second.
const STILL: f64 = 1e-5;

/// What one world has of its own.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub(super) qpos: Vec<f64>,
    pub(super) qvel: Vec<f64>,
    pub(super) object: FreeMotion,
    pub(super) control: Vec<f64>,
    pub(super) target: (Vector3<f64>, UnitQuaternion<f64>),
    /// Last accelerations, where the next search begins.
    pub(super) accelerations: Vector,
    /// Steps since the state was set.
    pub(super) n_steps: usize,
    /// The object lies still, and is not solved for until something moving touches it.
    is_still: bool,
    /// Something touched the robot in the last step.
    pub(super) is_touched: bool,

    /// Of the state in which they were last computed: bias, `M` (lower triangle), factors of `M + h D`.
    pub(super) bias: Vec<f64>,
    pub(super) mass: [Vector; N],
    pub(super) mass_factors: TreeMatrix,
    /// Of the last full solution for the robot ([`super::again`]).
    pub(super) factors: [Vector; N],
    /// Slots and weights of the inequalities in `factors`, if those may be used again.
    pub(super) kept: Option<Vec<(usize, f64)>>,
    pub(super) rows: Rows,
    pub(super) placed: Vec<Frame>,
    /// Pairs of shapes that are near each other, and what is known of them.
    pub(super) near: Vec<(usize, Known)>,
    narrow: Narrow,
}

impl Lane {
    /// At rest in the pose of zeros.
    pub(super) fn new(model: &Model) -> Self {
        let zeros = vec![0.0; model.tree.n_joints()];
        Self {
            qpos: zeros.clone(),
            qvel: zeros.clone(),
            object: FreeMotion {
                position: Vector3::zeros(),
                rotation: UnitQuaternion::identity(),
                velocity: Vector3::zeros(),
                spin: Vector3::zeros(),
            },
            control: vec![0.0; model.drives.n_controls()],
            target: (Vector3::zeros(), UnitQuaternion::identity()),
            accelerations: [0.0; N],
            n_steps: 0,
            is_still: false,
            is_touched: false,
            bias: zeros,
            mass: [[0.0; N]; N],
            mass_factors: TreeMatrix::new(&model.chains),
            factors: [[0.0; N]; N],
            kept: None,
            rows: Rows::default(),
            placed: vec![Frame::identity(); model.solids.len()],
            near: Vec::new(),
            narrow: Narrow::default(),
        }
    }

    /// Takes over a state, as if nothing had been before.
    pub(super) fn set_state(&mut self, qpos: &[f64], qvel: &[f64], object: Option<&FreeMotion>) {
        self.qpos.copy_from_slice(qpos);
        self.qvel.copy_from_slice(qvel);
        if let Some(object) = object {
            self.object = *object;
        }
        self.accelerations = [0.0; N];
        self.n_steps = 0;
        self.is_still = false;
        self.is_touched = false;
        self.kept = None;
    }

    /// Places all shapes and finds which are near each other; `placed` are those that links carry, in
    /// `lane`.
    pub(super) fn approach<T: Real>(&mut self, model: &Model, placed: &[Frame<T>], lane: usize) {
        let object = self.object.frame();
        for ((solid, own), all) in model.solids.iter().zip(&mut self.placed).zip(placed) {
            *own = match solid.carrier {
                Carrier::World => solid.in_carrier,
                Carrier::Link(_) => all.lane(lane),
                Carrier::Object => Frame {
                    position: object.transform(&solid.in_carrier.position),
                    rotation: product(&object.rotation, &solid.in_carrier.rotation),
                },
            };
        }
        let place = |solid: usize| (&model.solids[solid], &self.placed[solid]);
        let is_near = |Pair { solids: [one, two], grip }: &Pair| {
            !are_apart(place(*one), place(*two), grip.margin)
        };
        let is_moved = |pair: &&Pair| pair.grip.is_between_robot_and_object();
        if self.is_still && model.pairs.iter().filter(is_moved).any(is_near) {
            self.is_still = false;
        }
        self.near.clear();
        for (index, pair) in model.pairs.iter().enumerate() {
            let is_at_rest = self.is_still && pair.grip.carriers.contains(&Carrier::Object);
            if !is_at_rest && is_near(pair) {
                self.near.push((index, Known::Nothing));
            }
        }
    }

    /// Finds all contacts and writes their rows; `qvel` are the joints' speeds in this step.
    pub(super) fn touch<T: Real>(
        &mut self,
        model: &Model,
        (dynamics, qvel): (&Dynamics<T>, &Vector<T>),
        lane: usize,
    ) {
        let n_joints = model.tree.n_joints();
        let mut all_qvel = [0.0; N];
        scatter(&qvel[..n_joints], lane, &mut all_qvel);
        if model.free.is_some() {
            all_qvel[n_joints..n_joints + 3].copy_from_slice(self.object.velocity.as_slice());
            all_qvel[n_joints + 3..n_joints + 6].copy_from_slice(self.object.spin.as_slice());
        }
        let object = self.object.frame();
        let state = State { model, dynamics, lane, object: &object, qvel: &all_qvel };
        let place = |solid: usize| (&model.solids[solid].form, &self.placed[solid]);
        self.rows.clear();
        for (pair, known) in &self.near {
            let Pair { solids: [one, two], grip } = &model.pairs[*pair];
            self.narrow.find(place(*one), place(*two), (grip.margin, *known));
            for touch in &self.narrow.found {
                self.rows.add_contact(&state, grip, touch);
            }
        }
        self.is_touched =
            !self.rows.both.is_empty() || self.rows.robot.iter().any(|row| row.slot.is_none());
    }

    /// What is kept of the last solution for the robot, if it may be used again.
    pub(super) fn kept(&self) -> Option<&[(usize, f64)]> {
        if self.rows.both.is_empty() { self.kept.as_deref() } else { None }
    }

    /// Whether the object moves.
    pub(super) fn has_moving_object(&self, model: &Model) -> bool {
        model.free.is_some() && !self.is_still
    }

    /// Forces on the object.
    pub(super) fn object_forces(&self, free: &FreeBody) -> [f64; 6] {
        let FreeMotion { velocity, spin, .. } = &self.object;
        let turning = spin.cross(&free.inertia.component_mul(spin));
        let mut forces = [0.0; 6];
        for axis in 0..3 {
            forces[axis] = -free.damping * velocity[axis];
            forces[3 + axis] = -turning[axis] - free.damping * spin[axis];
        }
        forces[2] += free.mass * GRAVITY;
        forces
    }

    /// Moves the object on by a step, with its accelerations in `lane` of `all`.
    pub(super) fn integrate_object<T: Real>(
        &mut self,
        model: &Model,
        all: &Vector<T>,
        lane: usize,
    ) {
        let Some(free) = model.free.as_ref().filter(|_| !self.is_still) else { return };
        let (object, dt_secs) = (&mut self.object, model.dt_secs);
        let mut accelerations = [0.0; 6];
        scatter(&all[model.tree.n_joints()..], lane, &mut accelerations);
        let slowed = |inertia: f64| inertia / (inertia + dt_secs * free.damping);
        for axis in 0..3 {
            object.velocity[axis] += dt_secs * slowed(free.mass) * accelerations[axis];
            object.spin[axis] += dt_secs * slowed(free.inertia[axis]) * accelerations[3 + axis];
        }
        object.position += object.velocity * dt_secs;
        let turn = super::turned(&(object.spin * dt_secs));
        object.rotation = UnitQuaternion::new_normalize((object.rotation * turn).into_inner());
        let fastest = object.velocity.amax().max(object.spin.amax());
        let pushed = accelerations.iter().map(|a| a.abs());
        self.is_still = fastest < STILL && pushed.fold(0.0, f64::max) < STILL / dt_secs;
    }
}
