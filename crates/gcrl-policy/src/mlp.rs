//! A deterministic policy: a multilayer perceptron over normalized observations and goals.
//!
//! ```text
//! x₀ = [normalize(observation), normalize(desired_goal)]
//! xᵢ₊₁ = max(0, xᵢ Wᵢ + bᵢ)            hidden layers
//! action = tanh(xₙ Wₙ + bₙ)
//! ```
//!
//! Source: Yang et al., "Rethinking Goal-Conditioned Supervised Learning and Its Connection to Offline
//! RL", 2022, as in the authors' published code.

use crate::dispatch;
use crate::packed::PackedLayer;
use crate::parts::{InvalidPolicy, PolicyParts, check_parts};
use gcrl_core::{ObservationBatch, Policy, TaskSpec, spec};
use std::cell::RefCell;

/// Rows that pass a layer together: they share each panel of weights while it is in the first cache.
const CHUNK_ROWS: usize = 64;

/// A cause for a policy not to act in a task.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaskMismatch {
    /// It was trained for another task.
    #[error("policy was trained for task `{found}`, not `{expected}`")]
    Task {
        /// The policy's task.
        found: String,
        /// The task at hand.
        expected: &'static str,
    },
    /// It was trained for another version of the task.
    #[error("policy has {found} numbers in {part}, where task `{task}` has {expected}")]
    Dimension {
        /// The task at hand.
        task: &'static str,
        /// `an observation`, `a goal` or `an action`.
        part: &'static str,
        /// Numbers that the policy has there.
        found: usize,
        /// Numbers that the task has there.
        expected: usize,
    },
}

/// A policy that acts.
#[derive(Clone, Debug)]
pub struct MlpPolicy {
    parts: PolicyParts,
    packed: Vec<PackedLayer>,
}

impl MlpPolicy {
    /// Makes a policy of its parts.
    ///
    /// # Errors
    ///
    /// If sizes do not fit each other, a number is not finite, or a standard deviation or clip is
    /// not positive.
    pub fn new(parts: PolicyParts) -> Result<Self, InvalidPolicy> {
        check_parts(&parts)?;
        let packed = parts.layers.iter().map(PackedLayer::new).collect();
        Ok(Self { parts, packed })
    }

    /// What it consists of.
    pub fn parts(&self) -> &PolicyParts {
        &self.parts
    }

    /// Checks that it was trained for the task of `spec`, or for another variant of that task.
    ///
    /// # Errors
    ///
    /// If the task's name or a dimension differs.
    pub fn check_task(&self, spec: &TaskSpec) -> Result<(), TaskMismatch> {
        if spec::base_id(&self.parts.task) != spec::base_id(spec.id) {
            return Err(TaskMismatch::Task { found: self.parts.task.clone(), expected: spec.id });
        }
        let dimensions = [
            ("an observation", self.observation_dim(), spec.observation_dim()),
            ("a goal", self.goal_dim(), spec.goal_dim()),
            ("an action", self.action_dim(), spec.action_dim()),
        ];
        match dimensions.into_iter().find(|(_, found, expected)| found != expected) {
            None => Ok(()),
            Some((part, found, expected)) => {
                Err(TaskMismatch::Dimension { task: spec.id, part, found, expected })
            }
        }
    }

    /// Writes the normalized `[observation, goal]` of each row into `input`, `[n_rows, n_inputs]`.
    fn normalize(&self, batch: &ObservationBatch<'_>, input: &mut [f32]) {
        let (observation_dim, goal_dim) = (self.observation_dim(), self.goal_dim());
        for (row_idx, input) in input.chunks_exact_mut(observation_dim + goal_dim).enumerate() {
            let (observation, goal) = input.split_at_mut(observation_dim);
            let source = &batch.observation[row_idx * observation_dim..][..observation_dim];
            self.parts.observation.normalize(source, observation);
            let source = &batch.desired_goal[row_idx * goal_dim..][..goal_dim];
            self.parts.goal.normalize(source, goal);
        }
    }

    /// Acts in at most `CHUNK_ROWS` environments.
    fn act_in_chunk(
        &self,
        batch: &ObservationBatch<'_>,
        action: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let Scratch { input, output } = scratch;
        let (last, hidden) = self.packed.split_last().expect("a policy has a layer");
        input.resize(batch.n_rows * (self.observation_dim() + self.goal_dim()), 0.0);
        self.normalize(batch, input);
        for layer in hidden {
            dispatch::apply(layer, batch.n_rows, input, output);
            relu(output);
            std::mem::swap(input, output);
        }
        dispatch::apply(last, batch.n_rows, input, output);
        let rows = action.chunks_exact_mut(self.action_dim());
        for (action, output) in rows.zip(output.chunks_exact(last.padded_outputs())) {
            for (action, output) in action.iter_mut().zip(output) {
                *action = libm::tanhf(*output);
            }
        }
    }
}

impl Policy for MlpPolicy {
    fn observation_dim(&self) -> usize {
        self.parts.observation.dim()
    }

    fn goal_dim(&self) -> usize {
        self.parts.goal.dim()
    }

    fn action_dim(&self) -> usize {
        self.parts.layers.last().expect("a policy has a layer").n_outputs
    }

    fn act(&self, batch: &ObservationBatch<'_>, action: &mut [f32]) {
        let ObservationBatch { n_rows, observation, desired_goal } = *batch;
        assert_eq!(observation.len(), n_rows * self.observation_dim(), "observations of all rows");
        assert_eq!(desired_goal.len(), n_rows * self.goal_dim(), "goals of all rows");
        assert_eq!(action.len(), n_rows * self.action_dim(), "room for the actions of all rows");
        SCRATCH.with_borrow_mut(|scratch| {
            let chunks = observation
                .chunks(CHUNK_ROWS * self.observation_dim())
                .zip(desired_goal.chunks(CHUNK_ROWS * self.goal_dim()))
                .zip(action.chunks_mut(CHUNK_ROWS * self.action_dim()));
            for ((observation, desired_goal), action) in chunks {
                let n_rows = action.len() / self.action_dim();
                let chunk = ObservationBatch { n_rows, observation, desired_goal };
                self.act_in_chunk(&chunk, action, scratch);
            }
        });
    }
}

/// Activations of a chunk, kept from call to call so that acting does not allocate.
#[derive(Default)]
struct Scratch {
    input: Vec<f32>,
    output: Vec<f32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// `x ← max(0, x)`; a NaN stays one, so that it shows in the action.
fn relu(values: &mut [f32]) {
    for value in values {
        *value = if *value < 0.0 { 0.0 } else { *value };
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::parts::Layer;
    use gcrl_core::{Field, Normalizer, SuccessRule, seed};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    pub(crate) const SPEC: TaskSpec = TaskSpec {
        id: "PointReach",
        summary: "",
        observation: &[Field::new("point_in_world", 3, "m")],
        goal: &[Field::new("point_in_world", 2, "m")],
        action: &[Field::new("velocity", 2, "m/s")],
        horizon: 50,
        n_transitions: 49,
        sub_steps: 1,
        physics_dt_secs: 1.0,
        reward: SuccessRule::Within(1.0),
        success: SuccessRule::Within(1.0),
    };

    /// Numbers in [-scale, scale], the same in every run.
    fn numbers(name: &str, n: usize, scale: f32) -> Vec<f32> {
        let unit = |i| (seed::child(7, name, i) >> 40) as f32 / (1 << 23) as f32 - 1.0;
        (0..n as u64).map(|i| scale * unit(i)).collect()
    }

    /// A policy of `SPEC` with random weights, whose hidden layers leave a remainder in every panel.
    pub(crate) fn random_policy() -> MlpPolicy {
        let sizes = [5, 37, 20, 2];
        let layers = sizes.windows(2).enumerate().map(|(layer_idx, size)| Layer {
            n_inputs: size[0],
            n_outputs: size[1],
            weight: numbers(&format!("weight {layer_idx}"), size[0] * size[1], 0.5),
            bias: numbers(&format!("bias {layer_idx}"), size[1], 0.5),
        });
        let normalizer = |dim| Normalizer {
            mean: numbers("mean", dim, 3.0),
            std: numbers("std", dim, 1.0).iter().map(|x| 0.1 + x.abs()).collect(),
            input_clip: 200.0,
            output_clip: 5.0,
        };
        let parts = PolicyParts {
            task: "PointReach".to_owned(),
            layers: layers.collect(),
            observation: normalizer(3),
            goal: normalizer(2),
            training: BTreeMap::from([("algorithm".to_owned(), "wgcsl".to_owned())]),
        };
        MlpPolicy::new(parts).unwrap()
    }

    fn act(policy: &MlpPolicy, observation: &[f32], desired_goal: &[f32]) -> Vec<f32> {
        let n_rows = observation.len() / policy.observation_dim();
        let mut action = vec![0.0; n_rows * policy.action_dim()];
        policy.act(&ObservationBatch { n_rows, observation, desired_goal }, &mut action);
        action
    }

    /// The formula in the file's header, one output at a time, summed in the promised order.
    fn act_by_formula(policy: &MlpPolicy, observation: &[f32], desired_goal: &[f32]) -> Vec<f32> {
        let parts = policy.parts();
        let mut x = vec![0.0; 5];
        parts.observation.normalize(observation, &mut x[..3]);
        parts.goal.normalize(desired_goal, &mut x[3..]);
        for (layer_idx, layer) in parts.layers.iter().enumerate() {
            let output = |j: usize| {
                let mut sum = layer.bias[j];
                for (i, x) in x.iter().enumerate() {
                    sum += x * layer.weight[i * layer.n_outputs + j];
                }
                if layer_idx + 1 < parts.layers.len() { sum.max(0.0) } else { libm::tanhf(sum) }
            };
            x = (0..layer.n_outputs).map(output).collect();
        }
        x
    }

    #[test]
    fn a_policy_worked_by_hand_acts_as_worked_out() {
        let parts = PolicyParts {
            task: "PointReach".to_owned(),
            layers: vec![
                Layer {
                    n_inputs: 2,
                    n_outputs: 2,
                    weight: vec![1.0, 2.0, 3.0, -4.0],
                    bias: vec![0.5, 1.0],
                },
                Layer { n_inputs: 2, n_outputs: 1, weight: vec![0.25, 7.0], bias: vec![-0.5] },
            ],
            observation: Normalizer { mean: vec![1.0], ..Normalizer::identity(1, 200.0, 5.0) },
            goal: Normalizer { std: vec![2.0], ..Normalizer::identity(1, 200.0, 5.0) },
            training: BTreeMap::new(),
        };
        let policy = MlpPolicy::new(parts).unwrap();
        // x = [2 - 1, 4 / 2] = [1, 2]; hidden = max(0, [0.5 + 1 + 6, 1 + 2 - 8]) = [7.5, 0];
        // action = tanh(0.25 * 7.5 - 0.5) = tanh(1.375).
        assert_eq!(act(&policy, &[2.0], &[4.0]), [libm::tanhf(1.375)]);
    }

    #[test]
    fn a_nan_that_is_seen_is_a_nan_that_is_done() {
        assert!(act(&random_policy(), &[f32::NAN; 3], &[0.0; 2]).iter().all(|a| a.is_nan()));
    }

    proptest! {
        #[test]
        fn every_row_of_every_batch_is_the_formula_bit_for_bit(n_rows in 0_usize..150) {
            let policy = random_policy();
            let observation = numbers("observation", 3 * n_rows, 10.0);
            let desired_goal = numbers("goal", 2 * n_rows, 10.0);
            let action = act(&policy, &observation, &desired_goal);
            for row_idx in 0..n_rows {
                let row = act_by_formula(
                    &policy,
                    &observation[3 * row_idx..][..3],
                    &desired_goal[2 * row_idx..][..2],
                );
                prop_assert_eq!(&action[2 * row_idx..][..2], &row[..]);
            }
        }
    }

    #[test]
    fn a_policy_acts_in_its_own_task_only() {
        let policy = random_policy();
        assert_eq!(policy.check_task(&SPEC), Ok(()));
        let other = TaskSpec { id: "FetchPush", ..SPEC };
        assert_eq!(
            policy.check_task(&other).unwrap_err().to_string(),
            "policy was trained for task `PointReach`, not `FetchPush`"
        );
        let variant = TaskSpec { id: "PointReach@rapier", ..SPEC };
        assert_eq!(policy.check_task(&variant), Ok(()));
        let wider = TaskSpec { goal: SPEC.observation, ..SPEC };
        assert_eq!(
            policy.check_task(&wider).unwrap_err().to_string(),
            "policy has 2 numbers in a goal, where task `PointReach` has 3"
        );
    }
}
