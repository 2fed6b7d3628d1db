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
use super::{Articulation, Integrator, Joints, JointsError};
use crate::robot::Robot;

/// A robot moved by the integrator of this crate, with soft constraints in the manner of `MuJoCo`.
#[derive(Clone, Debug)]
pub struct JointSpace {
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
    const ARTICULATION: Articulation = Articulation::JointSpace;

    fn new(robot: &Robot, integrator: Integrator, dt_secs: f64) -> Result<Self, JointsError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn moving(mjcf: &str, integrator: Integrator, dt_secs: f64) -> JointSpace {
        JointSpace::new(&Robot::parse(mjcf).unwrap(), integrator, dt_secs).unwrap()
    }

    /// A pendulum of 2 kg on a massless rod of 0.5 m, about y, with `attributes` of its joint.
    fn pendulum(attributes: &str) -> String {
        format!(
            r#"<mujoco><compiler angle="radian"/><worldbody><body name="rod" pos="0 0 2">
            <joint name="hinge" axis="0 1 0" {attributes}/>
            <inertial pos="0.5 0 0" mass="2" diaginertia="0 0 0"/></body></worldbody></mujoco>"#
        )
    }

    #[test]
    fn a_swinging_pendulum_keeps_its_energy() {
        // E = m l² q̇² / 2 − m g l sin q, with z falling as q grows about y.
        let energy = |joints: &JointSpace| {
            let (q, v) = (joints.qpos()[0], joints.qvel()[0]);
            0.25 * v * v - 9.81 * q.sin()
        };
        let mut joints = moving(&pendulum(""), Integrator::RungeKutta, 0.005);
        joints.set_state(&[0.3], &[1.0]);
        let start = energy(&joints);
        for _ in 0..2_000 {
            joints.advance();
            assert!((energy(&joints) - start).abs() < 1e-5);
        }
    }

    #[test]
    fn dampers_act_at_the_end_of_a_step() {
        // Without gravity's arm (rod straight down): v' = v − h d v' / I, I = 2 · 0.25 + 0.5.
        let mjcf = pendulum(r#"damping="3" armature="0.5""#);
        let mut joints = moving(&mjcf, Integrator::Euler, 0.1);
        joints.set_state(&[std::f64::consts::FRAC_PI_2], &[1.3]);
        joints.advance();
        assert!((joints.qvel()[0] - 1.3 / (1.0 + 0.1 * 3.0)).abs() < 1e-12);
        assert!((joints.qpos()[0] - std::f64::consts::FRAC_PI_2 - 0.1).abs() < 1e-12);
    }

    #[test]
    fn dry_friction_holds_until_it_does_not() {
        // Weight asks 2 · 9.81 · 0.5 cos q = 9.81 N m when level.
        let settle = |friction: &str| {
            let mjcf = pendulum(&format!(r#"frictionloss="{friction}""#));
            let mut joints = moving(&mjcf, Integrator::Euler, 0.002);
            (0..100).for_each(|_| joints.advance());
            joints.qvel()[0]
        };
        // Friction is soft: it creeps at the speed where b v = R f, 9.81 · 0.111 / 0.5 / 105.
        assert!((settle("12") - 9.81 / 9.0 / 0.5 * 0.0095).abs() < 1e-4, "{}", settle("12"));
        // With a third of it, the rest accelerates by 6.54 / 0.5 for 0.2 s; the arm shortens.
        assert!((2.0..2.62).contains(&settle("3.27")), "{}", settle("3.27"));
    }

    #[test]
    fn a_limit_carries_a_weight_as_far_in_as_its_spring_says() {
        // At rest k d r = −R f and R = (1 − d) w / d, so r = w f (1 − d) / (d² k), with w = 1 / 0.5,
        // f = 9.81 and k = 2770. At r = 0.564 mrad, d = 0.95 − 0.05 · 2 · 0.436² = 0.931: 0.564 mrad.
        let mut joints = moving(&pendulum(r#"range="-1 0" margin="0""#), Integrator::Euler, 0.002);
        (0..2_000).for_each(|_| joints.advance());
        assert!((joints.qpos()[0] - 0.000_564).abs() < 1e-6, "{:?}", joints.qpos());
        assert!(joints.qvel()[0].abs() < 1e-9);
    }

    #[test]
    fn steps_repeat_to_the_bit_from_equal_states() {
        let mjcf = pendulum(r#"range="-1 0.2" margin="0.01" frictionloss="0.1" damping="0.1""#);
        let mut joints = moving(&mjcf, Integrator::Euler, 0.002);
        let mut run = || {
            joints.set_state(&[0.1], &[3.0]);
            (0..200).for_each(|_| joints.advance());
            (joints.qpos()[0].to_bits(), joints.qvel()[0].to_bits())
        };
        assert_eq!(run(), run());
    }
}
