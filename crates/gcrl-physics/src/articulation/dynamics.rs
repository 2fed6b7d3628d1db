//! The equation of motion of a tree of joints, `M(q) q̈ + bias(q, q̇) = τ`.
//!
//! Two passes over the links give both sides. Outward, with `S` the direction of a joint:
//!
//! ```text
//! v = v_parent + S q̇
//! a = a_parent + v × S q̇              accelerations of a motion with q̈ = 0
//! f = I a + v ×* I v                   a_world = −gravity, so f carries the weight too
//! ```
//!
//! inward, with composite inertias (a link and all that hangs on it):
//!
//! ```text
//! bias_i = Sᵢ · fᵢ                     f_parent += f        (recursive Newton-Euler)
//! M_ij   = Sⱼ · Iᵢ Sᵢ, j carries i     I_parent += I        (composite rigid bodies)
//! ```
//!
//! Source: Featherstone, "Rigid Body Dynamics Algorithms", 2008, sections 5.3 and 6.2.

use super::ltdl::{Chains, TreeMatrix};
use super::real::Real;
use super::spatial::{Force, Inertia, Motion};
use super::tree::{Frame, Tree};
use super::vectors::repeat;
use nalgebra::Vector3;

/// Acceleration of free fall along z, in m/s².
const GRAVITY: f64 = -9.81;

/// How a link moves if no joint accelerates.
#[derive(Clone, Copy, Debug)]
struct Drift<T: Real> {
    velocity: Motion<T>,
    acceleration: Motion<T>,
}

/// What a link, and after the way inward all that hangs on it, weighs.
#[derive(Clone, Copy, Debug)]
struct Load<T: Real> {
    force: Force<T>,
    inertia: Inertia<T>,
}

/// The passes' memory, a link each.
#[derive(Clone, Debug)]
pub(super) struct Dynamics<T: Real = f64> {
    directions: Vec<Motion<T>>,
    drifts: Vec<Drift<T>>,
    loads: Vec<Load<T>>,
}

impl<T: Real> Drift<T> {
    /// The world falls upward, so that everything in it has its weight.
    #[inline(always)]
    fn of_world() -> Self {
        let upward = repeat(&Vector3::new(0.0, 0.0, -GRAVITY));
        Self { velocity: Motion::zero(), acceleration: Motion::sliding(upward) }
    }
}

impl<T: Real> Dynamics<T> {
    pub(super) fn new(tree: &Tree) -> Self {
        let n_joints = tree.n_joints();
        Self {
            directions: vec![Motion::zero(); n_joints],
            drifts: vec![Drift::of_world(); n_joints],
            loads: vec![Load { force: Force::zero(), inertia: Inertia::zero() }; n_joints],
        }
    }

    /// How a link moves at unit speed of its joint.
    #[inline(always)]
    pub(super) fn direction(&self, link: usize) -> &Motion<T> {
        &self.directions[link]
    }

    /// Writes the directions alone.
    #[inline(always)]
    pub(super) fn aim(&mut self, tree: &Tree, frames: &[Frame<T>]) {
        for ((direction, link), frame) in self.directions.iter_mut().zip(&tree.links).zip(frames) {
            *direction = link.direction(frame);
        }
    }

    /// Writes `M` but drives' armature, and the forces `bias` that a motion without acceleration takes.
    #[inline(always)]
    pub(super) fn update(
        &mut self,
        (tree, chains): (&Tree, &Chains),
        frames: &[Frame<T>],
        qvel: &[T],
        (mass, bias): (&mut TreeMatrix<T>, &mut [T]),
    ) {
        self.outward(tree, frames, qvel);
        self.inward(tree, chains, mass, bias);
    }

    #[inline(always)]
    fn outward(&mut self, tree: &Tree, frames: &[Frame<T>], qvel: &[T]) {
        let world = Drift::of_world();
        for (index, link) in tree.links.iter().enumerate() {
            let parent = link.parent.map_or(&world, |parent| &self.drifts[parent]);
            let direction = link.direction(&frames[index]);
            let relative = direction * qvel[index];
            let velocity = parent.velocity + relative;
            let acceleration = parent.acceleration + velocity.cross(&relative);
            let inertia = link.inertia_in_world(&frames[index]);
            let momentum = inertia.times(&velocity);
            let force = inertia.times(&acceleration) + velocity.cross_force(&momentum);
            self.directions[index] = direction;
            self.drifts[index] = Drift { velocity, acceleration };
            self.loads[index] = Load { force, inertia };
        }
    }

    #[inline(always)]
    fn inward(&mut self, tree: &Tree, chains: &Chains, mass: &mut TreeMatrix<T>, bias: &mut [T]) {
        for (index, link) in tree.links.iter().enumerate().rev() {
            let (before, load) = self.loads.split_at_mut(index);
            let load = &load[0];
            let direction = &self.directions[index];
            bias[index] = direction.dot(&load.force);
            let momentum = load.inertia.times(direction);
            let row = mass.row_mut(chains, index);
            for (entry, ancestor) in row.iter_mut().zip(chains.chain(index)) {
                *entry = self.directions[*ancestor].dot(&momentum);
            }
            if let Some(parent) = link.parent {
                before[parent].force += load.force;
                before[parent].inertia += load.inertia;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Robot;

    /// Two links of 0.5 m and 0.4 m in a vertical plane; masses 3 and 2 kg in their middles.
    const PENDULUM: &str = r#"<mujoco><compiler angle="radian"/><worldbody>
        <body name="upper" pos="0 0 1"><joint name="shoulder" axis="0 -1 0"/>
            <inertial pos="0.25 0 0" mass="3" diaginertia="0 0.02 0.02"/>
            <body name="lower" pos="0.5 0 0"><joint name="elbow" axis="0 -1 0"/>
                <inertial pos="0.2 0 0" mass="2" diaginertia="0 0.01 0.01"/>
            </body></body></worldbody></mujoco>"#;

    fn equation(qpos: &[f64], qvel: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let tree = Tree::new(&Robot::parse(PENDULUM).unwrap()).unwrap();
        let chains = Chains::new(&[None, Some(0)]);
        let (mut frames, mut mass, mut bias) =
            (tree.frames(), TreeMatrix::new(&chains), vec![0.0; 2]);
        tree.place(qpos, &mut frames);
        Dynamics::new(&tree).update((&tree, &chains), &frames, qvel, (&mut mass, &mut bias));
        let rows = (0..2).flat_map(|joint| mass.row_mut(&chains, joint).to_vec()).collect();
        (rows, bias)
    }

    #[test]
    fn two_links_have_their_closed_form() {
        // Spong, Hutchinson, Vidyasagar, "Robot Modeling and Control", 2006, section 7.3.2:
        // M11 = m1 c1² + m2 (l1² + c2² + 2 l1 c2 cos q2) + I1 + I2, M12 = m2 (c2² + l1 c2 cos q2) + I2,
        // M22 = m2 c2² + I2, h = −m2 l1 c2 sin q2,
        // bias = (h q̇2² + 2 h q̇1 q̇2 + g1 + g2, −h q̇1² + g2).
        let (q1, q2, v1, v2) = (0.3_f64, 0.7_f64, 1.5, -2.0);
        let (mass, bias) = equation(&[q1, q2], &[v1, v2]);
        let m12 = 2.0 * (0.04 + 0.1 * q2.cos()) + 0.01;
        let m11 = 3.0 * 0.0625 + 2.0 * (0.25 + 0.04 + 0.2 * q2.cos()) + 0.03;
        let h = -2.0 * 0.5 * 0.2 * q2.sin();
        let upper = (3.0 * 0.25 + 2.0 * 0.5) * 9.81 * q1.cos();
        let lower = 2.0 * 0.2 * 9.81 * (q1 + q2).cos();
        let expected_bias = [h * v2 * v2 + 2.0 * h * v1 * v2 + upper + lower, -h * v1 * v1 + lower];
        for (found, expected) in mass.iter().zip([m11, 0.09, m12]) {
            assert!((found - expected).abs() < 1e-14, "{mass:?}");
        }
        for (found, expected) in bias.iter().zip(expected_bias) {
            assert!((found - expected).abs() < 1e-13, "{bias:?}");
        }
    }

    #[test]
    fn newton_euler_and_composite_bodies_agree_on_energy() {
        let (qpos, qvel, h) = ([0.3, 0.7], [1.5, -2.0], 1e-5);
        let kinetic = |qpos: [f64; 2], qvel: [f64; 2]| {
            let (mass, _) = equation(&qpos, &qvel);
            let [m11, m22, m12] = mass[..] else { panic!("two rows") };
            0.5 * (m11 * qvel[0] * qvel[0] + m22 * qvel[1] * qvel[1]) + m12 * qvel[0] * qvel[1]
        };
        // Where no joint accelerates, bias · q̇ turns into kinetic energy and height alone.
        let at = |t: f64| [qpos[0] + t * qvel[0], qpos[1] + t * qvel[1]];
        let rate = (kinetic(at(h), qvel) - kinetic(at(-h), qvel)) / (2.0 * h);
        let (_, bias) = equation(&qpos, &qvel);
        let (_, weight) = equation(&qpos, &[0.0; 2]);
        let power = |force: &[f64]| force[0] * qvel[0] + force[1] * qvel[1];
        assert!((power(&bias) - power(&weight) - rate).abs() < 1e-8);
    }
}
