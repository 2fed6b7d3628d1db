//! Joints moved by an integrator of our own, in the manner of `MuJoCo`.
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
use super::rows::Rows;
use super::solver::Solver;
use super::tree::{Frame, Tree};
use super::weights::Weights;
use super::{Integrator, Joints, JointsError};
use crate::robot::Robot;

/// A robot in motion.
#[derive(Clone, Debug)]
pub(super) struct JointSpace {
    tree: Tree,
    chains: Chains,
    armature: Vec<f64>,
    drives: Drives,
    constraints: Constraints,
    integrator: Integrator,
    dt_secs: f64,
    /// `h D`, of the implicit dampers.
    damping_impulse: Vec<f64>,
    control: Vec<f64>,
    qpos: Vec<f64>,
    qvel: Vec<f64>,
    /// Forces at the current state, or what `M` or `M + h D` makes of them.
    forces: Vec<f64>,
    frames: Vec<Frame>,
    dynamics: Dynamics,
    mass: TreeMatrix,
    mass_factors: TreeMatrix,
    rows: Rows,
    solver: Solver,
    stages: Stages,
}

/// Where a Runge-Kutta step began, and the weighted sums of what its stages found.
#[derive(Clone, Debug)]
struct Stages {
    qpos: Vec<f64>,
    qvel: Vec<f64>,
    sum_of_qvel: Vec<f64>,
    sum_of_acceleration: Vec<f64>,
}

impl JointSpace {
    /// `robot` at rest in the pose of zeros.
    ///
    /// # Errors
    ///
    /// If it has a joint or a pair of shapes that this module does not know.
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
        let (drives, mass) = (Drives::new(robot), TreeMatrix::new(&chains));
        let zeros = vec![0.0; tree.n_joints()];
        Ok(Self {
            armature: robot.joints.iter().map(|joint| joint.armature).collect(),
            damping_impulse: drives.damping.iter().map(|damping| dt_secs * damping).collect(),
            control: vec![0.0; drives.n_controls()],
            qpos: zeros.clone(),
            qvel: zeros.clone(),
            forces: zeros.clone(),
            frames: tree.frames(),
            dynamics: Dynamics::new(&tree),
            mass: mass.clone(),
            mass_factors: mass,
            rows: Rows::default(),
            solver: Solver::new(constraints.n_slots(), tree.n_joints()),
            stages: Stages {
                qpos: zeros.clone(),
                qvel: zeros.clone(),
                sum_of_qvel: zeros.clone(),
                sum_of_acceleration: zeros,
            },
            tree,
            chains,
            drives,
            constraints,
            integrator,
            dt_secs,
        })
    }

    /// Writes `M`, its factors, and all forces at the current state.
    fn evaluate(&mut self) {
        let Self { tree, chains, frames, qpos, qvel, forces, .. } = self;
        tree.place(qpos, frames);
        self.dynamics.update((tree, chains), frames, qvel, (&mut self.mass, forces));
        for force in &mut *forces {
            *force = -*force;
        }
        self.drives.add_forces(&self.control, (qpos, qvel), forces);
        self.mass_factors.set_sum(chains, &self.mass, &self.armature);
        self.mass_factors.factor(chains);
        self.constraints.collect((tree, frames, &self.dynamics), (qpos, qvel), &mut self.rows);
        self.rows.respond(chains, &self.mass_factors);
        self.solver.add_forces(
            (chains, &self.mass_factors),
            (&self.rows, &self.constraints.frictions),
            (self.constraints.softness(), qvel),
            forces,
        );
    }

    fn euler(&mut self) {
        self.evaluate();
        let Self { chains, mass, mass_factors, forces, .. } = self;
        for (index, armature) in self.armature.iter().enumerate() {
            mass.row_mut(chains, index)[0] += armature;
        }
        mass_factors.set_sum(chains, mass, &self.damping_impulse);
        mass_factors.factor(chains);
        mass_factors.solve(chains, forces);
        for ((q, v), a) in self.qpos.iter_mut().zip(&mut self.qvel).zip(forces) {
            *v += self.dt_secs * *a;
            *q += self.dt_secs * *v;
        }
    }

    fn runge_kutta(&mut self) {
        // Share of the step that leads from its start to the next stage, and weight of a stage.
        const TABLEAU: [(f64, f64); 4] =
            [(0.5, 1.0 / 6.0), (0.5, 1.0 / 3.0), (1.0, 1.0 / 3.0), (1.0, 1.0 / 6.0)];
        self.stages.qpos.copy_from_slice(&self.qpos);
        self.stages.qvel.copy_from_slice(&self.qvel);
        self.stages.sum_of_qvel.fill(0.0);
        self.stages.sum_of_acceleration.fill(0.0);
        for (share, weight) in TABLEAU {
            self.evaluate();
            self.mass_factors.solve(&self.chains, &mut self.forces);
            let (stages, step) = (&mut self.stages, share * self.dt_secs);
            for joint in 0..self.qpos.len() {
                let (speed, acceleration) = (self.qvel[joint], self.forces[joint]);
                stages.sum_of_qvel[joint] += weight * speed;
                stages.sum_of_acceleration[joint] += weight * acceleration;
                self.qpos[joint] = stages.qpos[joint] + step * speed;
                self.qvel[joint] = stages.qvel[joint] + step * acceleration;
            }
        }
        let stages = &self.stages;
        for joint in 0..self.qpos.len() {
            self.qpos[joint] = stages.qpos[joint] + self.dt_secs * stages.sum_of_qvel[joint];
            self.qvel[joint] =
                stages.qvel[joint] + self.dt_secs * stages.sum_of_acceleration[joint];
        }
    }
}

impl Joints for JointSpace {
    fn set_state(&mut self, qpos: &[f64], qvel: &[f64]) {
        self.qpos.copy_from_slice(qpos);
        self.qvel.copy_from_slice(qvel);
        self.solver.reset();
    }

    fn set_control(&mut self, control: &[f64]) {
        self.control.copy_from_slice(control);
    }

    fn advance(&mut self) {
        match self.integrator {
            Integrator::Euler => self.euler(),
            Integrator::RungeKutta => self.runge_kutta(),
        }
    }

    fn qpos(&self) -> &[f64] {
        &self.qpos
    }

    fn qvel(&self) -> &[f64] {
        &self.qvel
    }
}
