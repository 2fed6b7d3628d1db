//! The forces of dry friction and of constraints that balance a step.
//!
//! Constraint forces `f ≥ 0` and friction forces `|g| ≤ limit` settle where
//!
//! ```text
//! q̈ = M⁻¹ (τ + g + Jᵀ f)
//! J q̈ + R f = a*   or  f = 0 and J q̈ ≥ a*          every row
//! q̈ⱼ + Rⱼ gⱼ = −b q̇ⱼ  or  gⱼ at its limit         every joint with friction
//! ```
//!
//! which is the one minimum of `MuJoCo`'s dual problem. Rows are solved by projected Gauss-Seidel on
//! `A = J M⁻¹ Jᵀ + R`. Frictions are many and act on their own joint first of all, so each joint takes
//! `1 / (w + R)` of its own error, with `w` its inverse inertia, between two rounds of rows. Everything
//! starts from the last step's forces. Two rounds left 0.003 mm at fingertips over 50 control steps.
//!
//! Source: `MuJoCo` documentation, "Computation" (solver algorithms, PGS).

use super::ltdl::{Chains, TreeMatrix};
use super::rows::{Rows, Softness, regularization};

/// Rounds of friction and rows.
const N_ROUNDS: usize = 2;

/// Sweeps over the rows in a round, at most; four or five are usual.
const MAX_SWEEPS: usize = 50;

/// Sweeps end when no force changes by more than this times the square root of its inertia.
const TOLERANCE: f64 = 1e-4;

/// Dry friction of a joint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Friction {
    pub(super) joint: usize,
    pub(super) limit: f64,
    /// Inverse inertia of the joint in the pose of zeros.
    pub(super) weight: f64,
}

/// The solver's memory: forces of the last step, and room to work in.
#[derive(Clone, Debug)]
pub(super) struct Solver {
    /// Last force of every possible row, by slot.
    last: Vec<f64>,
    /// Friction forces, a joint each.
    friction: Vec<f64>,
    /// Forces of the rows, and what their equations still lack.
    forces: Vec<f64>,
    errors: Vec<f64>,
    /// `A`, `[rows, rows]`.
    matrix: Vec<f64>,
    /// Accelerations without the rows' forces, and with them.
    free: Vec<f64>,
    accelerations: Vec<f64>,
}

impl Solver {
    pub(super) fn new(n_slots: usize, n_joints: usize) -> Self {
        Self {
            last: vec![0.0; n_slots],
            friction: vec![0.0; n_joints],
            forces: Vec::new(),
            errors: Vec::new(),
            matrix: Vec::new(),
            free: vec![0.0; n_joints],
            accelerations: vec![0.0; n_joints],
        }
    }

    /// Forgets the last step.
    pub(super) fn reset(&mut self) {
        self.last.fill(0.0);
        self.friction.fill(0.0);
    }

    /// Adds the forces of friction and rows to `forces`, which holds all others.
    pub(super) fn add_forces(
        &mut self,
        (chains, mass_factors): (&Chains, &TreeMatrix),
        (rows, frictions): (&Rows, &[Friction]),
        (softness, qvel): (&Softness, &[f64]),
        forces: &mut [f64],
    ) {
        if frictions.is_empty() && rows.len() == 0 {
            self.last.fill(0.0);
            return;
        }
        self.prepare(rows);
        self.accelerate((chains, mass_factors), forces);
        for _ in 0..N_ROUNDS {
            if !frictions.is_empty() {
                self.update_friction(rows, frictions, softness, qvel);
                self.accelerate((chains, mass_factors), forces);
            }
            self.update_rows(rows);
        }
        self.last.fill(0.0);
        for (row, force) in rows.iter().zip(&self.forces) {
            self.last[row.slot] = *force;
        }
        for (row, force) in self.forces.iter().enumerate() {
            rows.add_force(row, *force, forces);
        }
        for (total, friction) in forces.iter_mut().zip(&self.friction) {
            *total += friction;
        }
    }

    /// Writes `A`, and takes the last step's forces.
    fn prepare(&mut self, rows: &Rows) {
        let n_rows = rows.len();
        self.matrix.resize(n_rows * n_rows, 0.0);
        for i in 0..n_rows {
            for j in 0..=i {
                let entry = rows.along(i, rows.response(j));
                self.matrix[i * n_rows + j] = entry;
                self.matrix[j * n_rows + i] = entry;
            }
        }
        self.forces.clear();
        for (index, row) in rows.iter().enumerate() {
            self.matrix[index * (n_rows + 1)] += row.regularization;
            self.forces.push(self.last[row.slot]);
        }
    }

    /// `free ← M⁻¹ (τ + g)`.
    fn accelerate(&mut self, (chains, mass_factors): (&Chains, &TreeMatrix), forces: &[f64]) {
        for ((free, force), friction) in self.free.iter_mut().zip(forces).zip(&self.friction) {
            *free = force + friction;
        }
        mass_factors.solve(chains, &mut self.free);
    }

    fn update_friction(
        &mut self,
        rows: &Rows,
        frictions: &[Friction],
        softness: &Softness,
        qvel: &[f64],
    ) {
        self.accelerations.copy_from_slice(&self.free);
        for (row, force) in self.forces.iter().enumerate().filter(|(_, force)| **force != 0.0) {
            for (total, response) in self.accelerations.iter_mut().zip(rows.response(row)) {
                *total += response * force;
            }
        }
        for Friction { joint, limit, weight } in frictions {
            let softening = regularization(0.0, *weight);
            let force = &mut self.friction[*joint];
            let error = self.accelerations[*joint] - softness.reference(0.0, qvel[*joint])
                + softening * *force;
            *force = (*force - error / (weight + softening)).clamp(-limit, *limit);
        }
    }

    fn update_rows(&mut self, rows: &Rows) {
        let n_rows = rows.len();
        self.errors.clear();
        for (index, row) in rows.iter().enumerate() {
            let matrix_row = &self.matrix[index * n_rows..][..n_rows];
            let pushed: f64 = matrix_row.iter().zip(&self.forces).map(|(a, f)| a * f).sum();
            self.errors.push(rows.along(index, &self.free) - row.reference + pushed);
        }
        for _ in 0..MAX_SWEEPS {
            let mut largest_change: f64 = 0.0;
            for index in 0..n_rows {
                let matrix_row = &self.matrix[index * n_rows..][..n_rows];
                let diagonal = matrix_row[index];
                let force = (self.forces[index] - self.errors[index] / diagonal).max(0.0);
                let change = force - self.forces[index];
                if change != 0.0 {
                    self.forces[index] = force;
                    largest_change = largest_change.max(change * change * diagonal);
                    for (error, entry) in self.errors.iter_mut().zip(matrix_row) {
                        *error += entry * change;
                    }
                }
            }
            if largest_change <= TOLERANCE * TOLERANCE {
                break;
            }
        }
    }
}
