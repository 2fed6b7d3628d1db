//! A policy file carries questions with their answers, so that a loaded policy is known to act as
//! the saved one did.

use crate::policy::TrainedPolicy;
use gcrl_core::{Normalizer, ObservationBatch, Policy, seed};

/// Questions in a file.
pub(crate) const N_ROWS: usize = 8;

/// Largest accepted difference of an action. Equal bits are expected; a file written by a later
/// version with another order of summation may still be right.
const TOLERANCE: f32 = 1e-6;

/// Questions and their answers, of `N_ROWS` rows.
pub(crate) struct SelfTest {
    /// `[N_ROWS, observation_dim]`
    pub(crate) observation: Vec<f32>,
    /// `[N_ROWS, goal_dim]`
    pub(crate) desired_goal: Vec<f32>,
    /// `[N_ROWS, action_dim]`
    pub(crate) action: Vec<f32>,
}

/// An answer that is not the expected one.
pub(crate) struct WrongAnswer {
    pub(crate) row: usize,
    pub(crate) found: Vec<f32>,
    pub(crate) expected: Vec<f32>,
}

impl SelfTest {
    /// Asks `policy` the same questions for the same normalizers, spread beyond what it was trained
    /// on and beyond its clips.
    pub(crate) fn of(policy: &TrainedPolicy) -> Self {
        let parts = policy.parts();
        let observation = questions("self-test observation", &parts.observation);
        let desired_goal = questions("self-test goal", &parts.goal);
        let action = answers(policy, &observation, &desired_goal);
        Self { observation, desired_goal, action }
    }

    /// Asks `policy` again.
    pub(crate) fn run(&self, policy: &TrainedPolicy) -> Result<(), WrongAnswer> {
        let found = answers(policy, &self.observation, &self.desired_goal);
        let rows = found
            .chunks_exact(policy.action_dim())
            .zip(self.action.chunks_exact(policy.action_dim()));
        for (row, (found, expected)) in rows.enumerate() {
            // Numbers of a network may be so large that it acts in NaN: then it should again.
            let is_close =
                |(a, b): (&f32, &f32)| (a - b).abs() <= TOLERANCE || (a.is_nan() && b.is_nan());
            if !found.iter().zip(expected).all(is_close) {
                let (found, expected) = (found.to_vec(), expected.to_vec());
                return Err(WrongAnswer { row, found, expected });
            }
        }
        Ok(())
    }
}

/// `mean + std · U[−6, 6]`, `[N_ROWS, dim]`.
fn questions(name: &str, normalizer: &Normalizer) -> Vec<f32> {
    let dim = normalizer.dim();
    let question = |i: usize| {
        let unit = (seed::child(0, name, i as u64) >> 40) as f32 / (1 << 24) as f32;
        normalizer.mean[i % dim] + normalizer.std[i % dim] * (12.0 * unit - 6.0)
    };
    (0..N_ROWS * dim).map(question).collect()
}

fn answers(policy: &TrainedPolicy, observation: &[f32], desired_goal: &[f32]) -> Vec<f32> {
    let mut action = vec![0.0; N_ROWS * policy.action_dim()];
    let batch = ObservationBatch { n_rows: N_ROWS, observation, desired_goal };
    policy.act(&batch, &mut action);
    action
}
