//! How easily joints, bodies and tendons move in the pose of zeros: their inverse inertias.
//!
//! `w = J M⁻¹ Jᵀ` for a joint or a tendon, and for a body the mean over the three directions of its
//! center of mass. They scale the softness of constraints ([`super::rows`]).
//!
//! Source: `MuJoCo` documentation, "XML reference" and "Computation" (`dof_invweight0` and its kin).

use super::dynamics::Dynamics;
use super::ltdl::{Chains, TreeMatrix};
use super::spatial::Force;
use super::tree::{Frame, Tree};
use crate::robot::Robot;
use nalgebra::{Point3, Vector3};

/// The robot in the pose of zeros.
pub(super) struct Weights<'a> {
    robot: &'a Robot,
    tree: &'a Tree,
    chains: &'a Chains,
    frames: Vec<Frame>,
    dynamics: Dynamics,
    mass_factors: TreeMatrix,
}

impl<'a> Weights<'a> {
    pub(super) fn new(robot: &'a Robot, tree: &'a Tree, chains: &'a Chains) -> Self {
        let zeros = vec![0.0; tree.n_joints()];
        let (mut frames, mut dynamics) = (tree.frames(), Dynamics::new(tree));
        let (mut mass, mut bias) = (TreeMatrix::new(chains), zeros.clone());
        tree.place(&zeros, &mut frames);
        dynamics.update((tree, chains), &frames, &zeros, (&mut mass, &mut bias));
        let armature: Vec<f64> = robot.joints.iter().map(|joint| joint.armature).collect();
        let mut mass_factors = mass.clone();
        mass_factors.set_sum(chains, &mass, &armature);
        mass_factors.factor(chains);
        Self { robot, tree, chains, frames, dynamics, mass_factors }
    }

    pub(super) fn of_joint(&self, joint: usize) -> f64 {
        self.of_terms(&[(joint, 1.0)])
    }

    /// Of a linear combination of coordinates.
    pub(super) fn of_terms(&self, terms: &[(usize, f64)]) -> f64 {
        let mut derivative = vec![0.0; self.tree.n_joints()];
        for (joint, coefficient) in terms {
            derivative[*joint] += coefficient;
        }
        let mut response = derivative.clone();
        self.mass_factors.solve(self.chains, &mut response);
        response.iter().zip(&derivative).map(|(response, own)| response * own).sum()
    }

    /// Of a body's center of mass; a fixed body has none.
    pub(super) fn of_body(&self, body: usize) -> f64 {
        let center = self.robot.bodies[body].inertial.map_or(Point3::origin(), |own| own.center);
        let point = self.tree.point(body, &center);
        let at = Vector3::from(point.in_world(&self.frames));
        let along = |direction: Vector3<f64>| {
            let force = Force::at(&at, direction);
            let mut terms = Vec::new();
            let mut next = point.link;
            while let Some(link) = next {
                terms.push((link, self.dynamics.direction(link).dot(&force)));
                next = self.tree.links[link].parent;
            }
            self.of_terms(&terms)
        };
        (along(Vector3::x()) + along(Vector3::y()) + along(Vector3::z())) / 3.0
    }
}
