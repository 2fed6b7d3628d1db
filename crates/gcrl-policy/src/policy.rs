//! A deterministic policy that acts: normalized observations and goals through its networks.
//!
//! ```text
//! s = normalize(observation), g = normalize(desired_goal)
//! action = clip(actor(s, g), ±1)          kind `mlp`; `PolicyKind` has the formulas of all
//! ```
//!
//! Source: Yang et al., "Rethinking Goal-Conditioned Supervised Learning and Its Connection to Offline
//! RL", 2022, as in the authors' published code.

use crate::bcq::{BcqRows, PackedBcq};
use crate::invalid::{InvalidPolicy, check_parts};
use crate::network::{LayerRows, PackedNetwork};
use crate::parts::{PolicyKind, PolicyParts};
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

/// A policy that acts, of any kind.
#[derive(Clone, Debug)]
pub struct TrainedPolicy {
    parts: PolicyParts,
    packed: PackedKind,
}

/// Its networks, laid out for inference.
#[derive(Clone, Debug)]
enum PackedKind {
    Mlp(PackedNetwork),
    Bcq(PackedBcq),
}

impl TrainedPolicy {
    /// Makes a policy of its parts.
    ///
    /// # Errors
    ///
    /// If sizes do not fit each other or are beyond a limit, a number is not finite, or a standard
    /// deviation or clip is not positive.
    pub fn new(parts: PolicyParts) -> Result<Self, InvalidPolicy> {
        check_parts(&parts)?;
        let packed = match &parts.kind {
            PolicyKind::Mlp(actor) => PackedKind::Mlp(PackedNetwork::new(actor)),
            PolicyKind::Bcq(bcq) => PackedKind::Bcq(PackedBcq::new(bcq)),
        };
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

    /// Writes the normalized `[observation, goal]` of each row into `states`.
    fn normalize(&self, batch: &ObservationBatch<'_>, states: &mut Vec<f32>) {
        let (observation_dim, goal_dim) = (self.observation_dim(), self.goal_dim());
        let state_dim = observation_dim + goal_dim;
        states.resize(batch.n_rows * state_dim, 0.0);
        let sources = batch
            .observation
            .chunks_exact(observation_dim)
            .zip(batch.desired_goal.chunks_exact(goal_dim));
        for (state, (observation, desired_goal)) in states.chunks_exact_mut(state_dim).zip(sources)
        {
            let (s, g) = state.split_at_mut(observation_dim);
            self.parts.observation.normalize(observation, s);
            self.parts.goal.normalize(desired_goal, g);
        }
    }

    /// Acts in at most `CHUNK_ROWS` environments.
    fn act_in_chunk(
        &self,
        batch: &ObservationBatch<'_>,
        actions: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let Scratch { states, rows, bcq_rows } = scratch;
        match &self.packed {
            PackedKind::Mlp(actor) => {
                self.normalize(batch, &mut rows.input);
                let outputs = actor.forward(batch.n_rows, rows).flatten();
                for (action, output) in actions.iter_mut().zip(outputs) {
                    *action = output.clamp(-1.0, 1.0);
                }
            }
            PackedKind::Bcq(bcq) => {
                self.normalize(batch, states);
                bcq.act(batch.n_rows, states, actions, rows, bcq_rows);
            }
        }
    }
}

impl Policy for TrainedPolicy {
    fn observation_dim(&self) -> usize {
        self.parts.observation.dim()
    }

    fn goal_dim(&self) -> usize {
        self.parts.goal.dim()
    }

    fn action_dim(&self) -> usize {
        self.parts.kind.action_dim()
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

/// Rows of a chunk, kept from call to call so that acting does not allocate.
#[derive(Default)]
struct Scratch {
    /// Normalized observations and goals, `[n_rows, observation_dim + goal_dim]`.
    states: Vec<f32>,
    rows: LayerRows,
    bcq_rows: BcqRows,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_policies::{SPEC, act, bcq_policy, mlp_policy, numbers};
    use crate::{Activation, Network, TrainingRecord};
    use gcrl_core::Normalizer;
    use proptest::prelude::*;

    /// A network by its formula, one output at a time, summed in the promised order.
    fn forward_by_formula(network: &Network, input: Vec<f32>) -> Vec<f32> {
        let mut x = input;
        for (layer_idx, layer) in network.layers.iter().enumerate() {
            let is_last = layer_idx + 1 == network.layers.len();
            let output = |j: usize| {
                let mut sum = layer.bias[j];
                for (i, x) in x.iter().enumerate() {
                    sum += x * layer.weight[i * layer.n_outputs + j];
                }
                match if is_last { network.output } else { network.hidden } {
                    Activation::Linear => sum,
                    Activation::Relu => sum.max(0.0),
                    Activation::Tanh => libm::tanhf(sum),
                }
            };
            x = (0..layer.n_outputs).map(output).collect();
        }
        x
    }

    /// The formulas of `PolicyKind` for one row.
    fn act_by_formula(
        policy: &TrainedPolicy,
        observation: &[f32],
        desired_goal: &[f32],
    ) -> Vec<f32> {
        let parts = policy.parts();
        let mut state = vec![0.0; 5];
        parts.observation.normalize(observation, &mut state[..3]);
        parts.goal.normalize(desired_goal, &mut state[3..]);
        let bcq = match &parts.kind {
            PolicyKind::Mlp(actor) => return forward_by_formula(actor, state),
            PolicyKind::Bcq(bcq) => bcq,
        };
        let candidates = bcq.latents.chunks(bcq.latent_dim).map(|latent| {
            let generated = forward_by_formula(&bcq.decoder, [&state[..], latent].concat());
            let perturbation =
                forward_by_formula(&bcq.perturbation, [&state[..], &generated].concat());
            let perturbed = generated
                .iter()
                .zip(perturbation)
                .map(|(a, xi)| (a + bcq.max_perturbation * xi).clamp(-1.0, 1.0));
            let action: Vec<f32> = perturbed.collect();
            let value = forward_by_formula(&bcq.critic, [&state[..], &action].concat())[0];
            (value, action)
        });
        let first_best = candidates.reduce(|best, next| if best.0 < next.0 { next } else { best });
        first_best.unwrap().1
    }

    #[test]
    fn a_policy_worked_by_hand_acts_as_worked_out() {
        let parameters = [1.0, 2.0, 3.0, -4.0, 0.5, 1.0, 0.25, 7.0, -0.5];
        let parts = PolicyParts {
            task: "PointReach".to_owned(),
            kind: PolicyKind::Mlp(Network::from_parameters(
                &[2, 2, 1],
                Activation::Relu,
                Activation::Tanh,
                &parameters,
            )),
            observation: Normalizer { mean: vec![1.0], ..Normalizer::identity(1, 200.0, 5.0) },
            goal: Normalizer { std: vec![2.0], ..Normalizer::identity(1, 200.0, 5.0) },
            training: TrainingRecord::default(),
        };
        let policy = TrainedPolicy::new(parts).unwrap();
        // x = [2 - 1, 4 / 2] = [1, 2]; hidden = max(0, [0.5 + 1 + 6, 1 + 2 - 8]) = [7.5, 0];
        // action = tanh(0.25 * 7.5 - 0.5) = tanh(1.375).
        assert_eq!(act(&policy, &[2.0], &[4.0]), [libm::tanhf(1.375)]);
    }

    #[test]
    fn an_actor_without_tanh_is_limited_to_possible_actions() {
        let actor = Network::from_parameters(
            &[2, 1],
            Activation::Relu,
            Activation::Linear,
            &[0.5, 0.25, 0.0],
        );
        let parts = PolicyParts {
            task: "PointReach".to_owned(),
            kind: PolicyKind::Mlp(actor),
            observation: Normalizer::identity(1, 200.0, 5.0),
            goal: Normalizer::identity(1, 200.0, 5.0),
            training: TrainingRecord::default(),
        };
        let policy = TrainedPolicy::new(parts).unwrap();
        // 0.5 · 1 + 0.25 · 0.5 = 0.625; 0.5 · 3 = 1.5, beyond 1; 0.5 · -4 = -2, beyond -1.
        assert_eq!(act(&policy, &[1.0, 3.0, -4.0], &[0.5, 0.0, 0.0]), [0.625, 1.0, -1.0]);
    }

    #[test]
    fn a_nan_that_is_seen_is_a_nan_that_is_done() {
        for policy in [mlp_policy(), bcq_policy()] {
            assert!(act(&policy, &[f32::NAN; 3], &[0.0; 2]).iter().all(|a| a.is_nan()));
        }
    }

    proptest! {
        #[test]
        fn every_row_of_every_batch_is_the_formula_bit_for_bit(n_rows in 0_usize..150) {
            for policy in [mlp_policy(), bcq_policy()] {
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
    }

    #[test]
    fn a_policy_acts_in_its_own_task_only() {
        for policy in [mlp_policy(), bcq_policy()] {
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
}
