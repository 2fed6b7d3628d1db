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
use super::real::Real;
use super::rows::{Rows, Softness, along, regularization};

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

/// What pushes one robot: its rows and their forces, and what is left of the last step's.
#[derive(Clone, Debug)]
pub(super) struct Pushes {
    pub(super) rows: Rows,
    /// Last force of every possible row, by slot.
    last: Vec<f64>,
    /// Friction forces after the last step, a joint each.
    pub(super) friction: Vec<f64>,
    /// Forces of the rows, and what their equations still lack.
    forces: Vec<f64>,
    errors: Vec<f64>,
    /// `A`, `[rows, rows]`.
    matrix: Vec<f64>,
}

impl Pushes {
    pub(super) fn new(n_slots: usize, n_joints: usize) -> Self {
        Self {
            rows: Rows::default(),
            last: vec![0.0; n_slots],
            friction: vec![0.0; n_joints],
            forces: Vec::new(),
            errors: Vec::new(),
            matrix: Vec::new(),
        }
    }

    /// Forgets the last step.
    pub(super) fn reset(&mut self) {
        self.last.fill(0.0);
        self.friction.fill(0.0);
    }

    /// Writes `A`, and takes the last step's forces; the robot is that of `lane`.
    fn prepare<T: Real>(&mut self, responses: &Responses<T>, lane: usize) {
        let n_rows = self.rows.len();
        self.matrix.resize(n_rows * n_rows, 0.0);
        for i in 0..n_rows {
            for j in 0..=i {
                let entry = along(self.rows.entries(i), (responses.row(j), lane));
                self.matrix[i * n_rows + j] = entry;
                self.matrix[j * n_rows + i] = entry;
            }
        }
        self.forces.clear();
        for (index, row) in self.rows.iter().enumerate() {
            self.matrix[index * (n_rows + 1)] += row.regularization;
            self.forces.push(self.last[row.slot]);
        }
    }

    /// One round of the rows; `free` are accelerations without their forces.
    fn update_rows<T: Real>(&mut self, free: &[T], lane: usize) {
        let n_rows = self.rows.len();
        self.errors.clear();
        for (index, row) in self.rows.iter().enumerate() {
            let matrix_row = &self.matrix[index * n_rows..][..n_rows];
            let pushed: f64 = matrix_row.iter().zip(&self.forces).map(|(a, f)| a * f).sum();
            let own = along(self.rows.entries(index), (free, lane));
            self.errors.push(own - row.reference + pushed);
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

    /// Adds the rows' forces to the joints', and keeps them for the next step.
    fn finish<T: Real>(&mut self, forces: &mut [T], lane: usize) {
        self.last.fill(0.0);
        for (row, force) in self.rows.iter().zip(&self.forces) {
            self.last[row.slot] = *force;
        }
        for (row, force) in self.forces.iter().enumerate() {
            for (joint, derivative) in self.rows.entries(row) {
                *forces[*joint].lane_mut(lane) += derivative * force;
            }
        }
    }
}

/// `M⁻¹ Jᵀ` of all rows, `[rows, joints]`: row `i` of each robot that has as many.
#[derive(Clone, Debug)]
struct Responses<T> {
    numbers: Vec<T>,
    n_joints: usize,
}

impl<T: Real> Responses<T> {
    #[inline(always)]
    fn update(
        &mut self,
        (chains, mass_factors): (&Chains, &TreeMatrix<T>),
        robots: &[&mut Pushes],
    ) {
        let n_rows = most_rows(robots);
        self.numbers.clear();
        self.numbers.resize(n_rows * self.n_joints, T::default());
        for (row, response) in self.numbers.chunks_exact_mut(self.n_joints).enumerate() {
            for (lane, own) in robots.iter().enumerate().filter(|(_, own)| row < own.rows.len()) {
                for (joint, derivative) in own.rows.entries(row) {
                    *response[*joint].lane_mut(lane) += derivative;
                }
            }
            mass_factors.solve(chains, response);
        }
    }

    #[inline(always)]
    fn row(&self, row: usize) -> &[T] {
        &self.numbers[row * self.n_joints..][..self.n_joints]
    }
}

fn most_rows(robots: &[&mut Pushes]) -> usize {
    robots.iter().map(|own| own.rows.len()).max().unwrap_or(0)
}

/// The solver's room to work in, for robots side by side.
#[derive(Clone, Debug)]
pub(super) struct Solver<T: Real = f64> {
    responses: Responses<T>,
    /// Friction forces, a joint each.
    pub(super) friction: Vec<T>,
    /// Accelerations without the rows' forces, and with them.
    free: Vec<T>,
    accelerations: Vec<T>,
}

impl<T: Real> Solver<T> {
    pub(super) fn new(n_joints: usize) -> Self {
        let zeros = vec![T::default(); n_joints];
        Self {
            responses: Responses { numbers: Vec::new(), n_joints },
            friction: zeros.clone(),
            free: zeros.clone(),
            accelerations: zeros,
        }
    }

    /// Adds the forces of friction and rows to `forces`, which holds all others.
    #[inline(always)]
    pub(super) fn add_forces(
        &mut self,
        (chains, mass_factors): (&Chains, &TreeMatrix<T>),
        (robots, frictions): (&mut [&mut Pushes], &[Friction]),
        (softness, qvel): (&Softness, &[T]),
        forces: &mut [T],
    ) {
        if frictions.is_empty() && most_rows(robots) == 0 {
            for own in robots {
                own.last.fill(0.0);
            }
            return;
        }
        self.responses.update((chains, mass_factors), robots);
        for (lane, own) in robots.iter_mut().enumerate() {
            own.prepare(&self.responses, lane);
        }
        self.accelerate((chains, mass_factors), forces);
        for _ in 0..N_ROUNDS {
            if !frictions.is_empty() {
                self.update_friction(robots, frictions, softness, qvel);
                self.accelerate((chains, mass_factors), forces);
            }
            for (lane, own) in robots.iter_mut().enumerate() {
                own.update_rows(&self.free, lane);
            }
        }
        // A robot without friction and rows is left as it is: 0 added to −0 would be 0.
        let mut is_pushed = T::default();
        for (lane, own) in robots.iter_mut().enumerate() {
            own.finish(forces, lane);
            let is_free = frictions.is_empty() && own.rows.len() == 0;
            *is_pushed.lane_mut(lane) = if is_free { 0.0 } else { 1.0 };
        }
        for (total, friction) in forces.iter_mut().zip(&self.friction) {
            *total = total.add_product(*friction, is_pushed);
        }
    }

    /// `free ← M⁻¹ (τ + g)`.
    #[inline(always)]
    fn accelerate(&mut self, (chains, mass_factors): (&Chains, &TreeMatrix<T>), forces: &[T]) {
        for ((free, force), friction) in self.free.iter_mut().zip(forces).zip(&self.friction) {
            *free = *force + *friction;
        }
        mass_factors.solve(chains, &mut self.free);
    }

    #[inline(always)]
    fn update_friction(
        &mut self,
        robots: &[&mut Pushes],
        frictions: &[Friction],
        softness: &Softness,
        qvel: &[T],
    ) {
        self.accelerations.copy_from_slice(&self.free);
        for row in 0..most_rows(robots) {
            let mut force = T::default();
            for (lane, own) in robots.iter().enumerate() {
                *force.lane_mut(lane) = own.forces.get(row).copied().unwrap_or(0.0);
            }
            if force.is_zero() {
                continue;
            }
            for (total, response) in self.accelerations.iter_mut().zip(self.responses.row(row)) {
                *total = total.add_product(*response, force);
            }
        }
        for Friction { joint, limit, weight } in frictions {
            let softening = regularization(0.0, *weight);
            let force = self.friction[*joint];
            let error = self.accelerations[*joint] - softness.reference(0.0, qvel[*joint])
                + T::repeat(softening) * force;
            let share = error / T::repeat(weight + softening);
            self.friction[*joint] = (force - share).clamp(-limit, *limit);
        }
    }
}
