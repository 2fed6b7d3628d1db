//! One physics step of robots of a kind, of one or of several side by side.
//!
//! A step computes `M` and the bias ([`super::dynamics`]), adds drives, springs and dampers
//! ([`super::drives`]), finds the forces of friction, limits, tendons and contacts ([`super::solver`]),
//! and integrates the sum `τ`:
//!
//! | [`Integrator`] | step |
//! |---|---|
//! | `Euler` | `q̇ ← q̇ + h (M + h D)⁻¹ τ`, `q ← q + h q̇`: dampers `D` act with the speed at the step's end |
//! | `RungeKutta` | the classical one of fourth order; constraints are solved at each of its stages |
//!
//! Source: `MuJoCo` documentation, "Computation" (numerical integration).

use super::constraints::Constraints;
use super::drives::Drives;
use super::dynamics::Dynamics;
use super::ltdl::{Chains, TreeMatrix};
use super::real::{Real, gather, scatter};
use super::solver::{Pushes, Solver};
use super::tree::{Frame, Tree};
use super::weights::Weights;
use super::{Integrator, JointsError};
use crate::robot::Robot;

/// What all robots of a kind have in common.
#[derive(Clone, Debug)]
pub(super) struct Model {
    tree: Tree,
    chains: Chains,
    armature: Vec<f64>,
    drives: Drives,
    constraints: Constraints,
    integrator: Integrator,
    dt_secs: f64,
    /// `h D`, of the implicit dampers.
    damping_impulse: Vec<f64>,
}

/// What a robot takes from one step to the next.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) control: Vec<f64>,
    pub(super) qpos: Vec<f64>,
    pub(super) qvel: Vec<f64>,
}

/// What is computed in steps, for as many robots as `T` has lanes.
#[derive(Clone, Debug)]
pub(super) struct Room<T: Real> {
    control: Vec<T>,
    qpos: Vec<T>,
    qvel: Vec<T>,
    /// Forces at the current state, or what `M` or `M + h D` makes of them.
    forces: Vec<T>,
    frames: Vec<Frame<T>>,
    dynamics: Dynamics<T>,
    mass: TreeMatrix<T>,
    mass_factors: TreeMatrix<T>,
    solver: Solver<T>,
    stages: Stages<T>,
}

/// Where a Runge-Kutta step began, and the weighted sums of what its stages found.
#[derive(Clone, Debug)]
struct Stages<T> {
    qpos: Vec<T>,
    qvel: Vec<T>,
    sum_of_qvel: Vec<T>,
    sum_of_acceleration: Vec<T>,
}

impl Model {
    pub(super) fn new(
        robot: &Robot,
        integrator: Integrator,
        dt_secs: f64,
    ) -> Result<Self, JointsError> {
        let tree = Tree::new(robot)?;
        let parents: Vec<Option<usize>> = tree.links.iter().map(|link| link.parent).collect();
        let chains = Chains::new(&parents);
        let weights = Weights::new(robot, &tree, &chains);
        let constraints = Constraints::new(robot, &tree, &weights, dt_secs)?;
        let drives = Drives::new(robot);
        Ok(Self {
            armature: robot.joints.iter().map(|joint| joint.armature).collect(),
            damping_impulse: drives.damping.iter().map(|damping| dt_secs * damping).collect(),
            tree,
            chains,
            drives,
            constraints,
            integrator,
            dt_secs,
        })
    }

    /// Whether `other` has as many joints, in as many chains, and the same steps; not whether all its
    /// numbers are the same.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.chains == other.chains
            && (self.integrator, self.dt_secs) == (other.integrator, other.dt_secs)
    }

    /// What pushes one of them, before its first step.
    pub(super) fn pushes(&self) -> Pushes {
        Pushes::new(self.constraints.n_slots(), self.tree.n_joints())
    }
}

impl State {
    /// At rest in the pose of zeros.
    pub(super) fn new(model: &Model) -> Self {
        let n_joints = model.tree.n_joints();
        Self {
            control: vec![0.0; model.drives.n_controls()],
            qpos: vec![0.0; n_joints],
            qvel: vec![0.0; n_joints],
        }
    }
}

impl<T: Real> Room<T> {
    pub(super) fn new(model: &Model) -> Self {
        let Model { tree, chains, .. } = model;
        let zeros = vec![T::default(); tree.n_joints()];
        let mass = TreeMatrix::new(chains);
        Self {
            control: vec![T::default(); model.drives.n_controls()],
            qpos: zeros.clone(),
            qvel: zeros.clone(),
            forces: zeros.clone(),
            frames: vec![Frame::identity(); tree.n_joints()],
            dynamics: Dynamics::new(tree),
            mass: mass.clone(),
            mass_factors: mass,
            solver: Solver::new(tree.n_joints()),
            stages: Stages {
                qpos: zeros.clone(),
                qvel: zeros.clone(),
                sum_of_qvel: zeros.clone(),
                sum_of_acceleration: zeros,
            },
        }
    }

    /// Moves robots of `model` on by `n_steps` steps, one in each lane.
    #[inline(always)]
    pub(super) fn advance(
        &mut self,
        model: &Model,
        (states, pushes): (&mut [&mut State], &mut [&mut Pushes]),
        n_steps: usize,
    ) {
        assert_eq!((states.len(), pushes.len()), (T::N_LANES, T::N_LANES), "a robot a lane");
        for (lane, (state, pushes)) in states.iter().zip(&*pushes).enumerate() {
            gather(&state.control, lane, &mut self.control);
            gather(&state.qpos, lane, &mut self.qpos);
            gather(&state.qvel, lane, &mut self.qvel);
            gather(&pushes.friction, lane, &mut self.solver.friction);
        }
        for _ in 0..n_steps {
            match model.integrator {
                Integrator::Euler => self.euler(model, pushes),
                Integrator::RungeKutta => self.runge_kutta(model, pushes),
            }
        }
        for (lane, (state, pushes)) in states.iter_mut().zip(pushes).enumerate() {
            scatter(&self.qpos, lane, &mut state.qpos);
            scatter(&self.qvel, lane, &mut state.qvel);
            scatter(&self.solver.friction, lane, &mut pushes.friction);
        }
    }

    /// Writes `M`, its factors, and all forces at the current state.
    #[inline(always)]
    fn evaluate(&mut self, model: &Model, pushes: &mut [&mut Pushes]) {
        let Model { tree, chains, constraints, .. } = model;
        let Self { frames, qpos, qvel, forces, .. } = self;
        tree.place_all(qpos, frames);
        self.dynamics.update((tree, chains), frames, qvel, (&mut self.mass, forces));
        for force in &mut *forces {
            *force = -*force;
        }
        model.drives.add_forces(&self.control, (qpos, qvel), forces);
        self.mass_factors.set_sum(chains, &self.mass, &model.armature);
        self.mass_factors.factor(chains);
        constraints.collect((tree, frames, &self.dynamics), (qpos, qvel), pushes);
        self.solver.add_forces(
            (chains, &self.mass_factors),
            (pushes, &constraints.frictions),
            (constraints.softness(), qvel),
            forces,
        );
    }

    #[inline(always)]
    fn euler(&mut self, model: &Model, pushes: &mut [&mut Pushes]) {
        self.evaluate(model, pushes);
        let (chains, dt_secs) = (&model.chains, T::repeat(model.dt_secs));
        let Self { mass, mass_factors, forces, .. } = self;
        for (index, armature) in model.armature.iter().enumerate() {
            mass.row_mut(chains, index)[0] += T::repeat(*armature);
        }
        mass_factors.set_sum(chains, mass, &model.damping_impulse);
        mass_factors.factor(chains);
        mass_factors.solve(chains, forces);
        for ((q, v), a) in self.qpos.iter_mut().zip(&mut self.qvel).zip(forces) {
            *v += dt_secs * *a;
            *q += dt_secs * *v;
        }
    }

    #[inline(always)]
    fn runge_kutta(&mut self, model: &Model, pushes: &mut [&mut Pushes]) {
        // Share of the step that leads from its start to the next stage, and weight of a stage.
        const TABLEAU: [(f64, f64); 4] =
            [(0.5, 1.0 / 6.0), (0.5, 1.0 / 3.0), (1.0, 1.0 / 3.0), (1.0, 1.0 / 6.0)];
        self.stages.qpos.copy_from_slice(&self.qpos);
        self.stages.qvel.copy_from_slice(&self.qvel);
        self.stages.sum_of_qvel.fill(T::repeat(0.0));
        self.stages.sum_of_acceleration.fill(T::repeat(0.0));
        for (share, weight) in TABLEAU {
            self.evaluate(model, pushes);
            self.mass_factors.solve(&model.chains, &mut self.forces);
            let (stages, step) = (&mut self.stages, T::repeat(share * model.dt_secs));
            let weight = T::repeat(weight);
            for joint in 0..self.qpos.len() {
                let (speed, acceleration) = (self.qvel[joint], self.forces[joint]);
                stages.sum_of_qvel[joint] += weight * speed;
                stages.sum_of_acceleration[joint] += weight * acceleration;
                self.qpos[joint] = stages.qpos[joint] + step * speed;
                self.qvel[joint] = stages.qvel[joint] + step * acceleration;
            }
        }
        let (stages, dt_secs) = (&self.stages, T::repeat(model.dt_secs));
        for joint in 0..self.qpos.len() {
            self.qpos[joint] = stages.qpos[joint] + dt_secs * stages.sum_of_qvel[joint];
            self.qvel[joint] = stages.qvel[joint] + dt_secs * stages.sum_of_acceleration[joint];
        }
    }
}
