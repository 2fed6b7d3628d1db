//! Soft constraints as rows: what each wants, how hard, and which joints it moves.
//!
//! A row has a gap `r` (negative: violated), the derivative `J` of that gap by the joints, and pushes
//! with a force `f ≥ 0` along `J`. It wants the acceleration `a* = −b ṙ − k d r` of a damped spring, and
//! gives way by `R`:
//!
//! ```text
//! J q̈ + R f = a*   where f > 0           k = 1 / (d_max² T²),  b = 2 / (d_max T),  T = 20 ms
//! R = (1 − d) / d · w                     d = 0.9 at the surface to d_max = 0.95 at 1 mm or mrad
//! ```
//!
//! where `w` is about `J M⁻¹ Jᵀ`, taken in the pose of zeros. These are `MuJoCo`'s defaults, critical
//! damping included.
//!
//! Source: `MuJoCo` documentation, "Computation" (constraint model) and "Modeling" (solver parameters).

use super::real::Real;

/// Constant of time of the spring, in seconds; `MuJoCo` keeps it above two steps.
const TIME_CONSTANT_SECS: f64 = 0.02;

/// Impedance at the surface and at [`WIDTH`] and beyond.
const IMPEDANCE: [f64; 2] = [0.9, 0.95];

/// Over which violation the impedance grows, in radians or meters.
const WIDTH: f64 = 0.001;

/// The spring and the damper of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Softness {
    stiffness: f64,
    damping: f64,
}

impl Softness {
    /// For physics steps of `dt_secs`.
    pub(super) fn new(dt_secs: f64) -> Self {
        let time_constant = TIME_CONSTANT_SECS.max(2.0 * dt_secs);
        let rate = 1.0 / (IMPEDANCE[1] * time_constant);
        Self { stiffness: rate * rate, damping: 2.0 * rate }
    }

    /// The acceleration that a row wants at gap `gap` and its rate `rate`.
    #[inline(always)]
    pub(super) fn reference<T: Real>(&self, gap: f64, rate: T) -> T {
        T::repeat(-self.damping) * rate - T::repeat(self.stiffness * impedance(gap) * gap)
    }
}

/// `d`: a spline of two parabolas over the width.
fn impedance(gap: f64) -> f64 {
    let x = (gap.abs() / WIDTH).min(1.0);
    let share = if x <= 0.5 { 2.0 * x * x } else { 1.0 - 2.0 * (1.0 - x) * (1.0 - x) };
    IMPEDANCE[0] + share * (IMPEDANCE[1] - IMPEDANCE[0])
}

/// `R` of a row with the inverse inertia `weight`.
pub(super) fn regularization(gap: f64, weight: f64) -> f64 {
    let impedance = impedance(gap);
    (1.0 - impedance) / impedance * weight
}

/// A row.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Its identity from step to step.
    pub(super) slot: usize,
    pub(super) reference: f64,
    pub(super) regularization: f64,
    entries: std::ops::Range<usize>,
}

/// All rows of a robot's step.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    list: Vec<Row>,
    /// Joints and derivatives of all rows, one after the other.
    entries: Vec<(usize, f64)>,
}

impl Rows {
    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.entries.clear();
    }

    /// Adds a row of gap `gap`; `entries` are its joints and derivatives. The robot is that of `lane`.
    pub(super) fn push<T: Real>(
        &mut self,
        (slot, gap, weight): (usize, f64, f64),
        entries: impl Iterator<Item = (usize, f64)>,
        softness: &Softness,
        (qvel, lane): (&[T], usize),
    ) {
        let start = self.entries.len();
        self.entries.extend(entries);
        let rate = along(&self.entries[start..], (qvel, lane));
        self.list.push(Row {
            slot,
            reference: softness.reference(gap, rate),
            regularization: regularization(gap, weight),
            entries: start..self.entries.len(),
        });
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Row> {
        self.list.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Joints and derivatives of a row.
    pub(super) fn entries(&self, row: usize) -> &[(usize, f64)] {
        &self.entries[self.list[row].entries.clone()]
    }
}

/// `J x` of a row's `entries`, for the robot of `lane`.
pub(super) fn along<T: Real>(entries: &[(usize, f64)], (x, lane): (&[T], usize)) -> f64 {
    entries.iter().map(|(joint, derivative)| derivative * x[*joint].lane(lane)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impedance_grows_over_a_milliradian() {
        assert_eq!(impedance(0.0), 0.9);
        assert!((impedance(-0.0005) - 0.925).abs() < 1e-15);
        assert!((impedance(-0.00025) - 0.90625).abs() < 1e-15);
        assert_eq!([impedance(-0.001), impedance(0.5)], [0.95; 2]);
    }

    #[test]
    fn references_are_those_of_a_critically_damped_spring() {
        // k = 1 / (0.95² 0.02²), b = 2 / (0.95 · 0.02); at 2 mrad the impedance is 0.95.
        let reference = Softness::new(0.002).reference(-0.002, 0.1);
        assert!((reference - (0.002 / (0.95 * 0.0004) - 0.2 / 0.019)).abs() < 1e-12);
        // Steps of 20 ms double the constant of time.
        assert!((Softness::new(0.02).reference(0.0, 1.0) + 2.0 / (0.95 * 0.04)).abs() < 1e-12);
    }

    #[test]
    fn a_stiff_row_gives_way_less() {
        assert!((regularization(0.0, 9.0) - 1.0).abs() < 1e-15);
        assert!((regularization(1.0, 19.0) - 1.0).abs() < 1e-14);
    }
}
