//! What a data set says about itself: `manifest.toml`, beside the numbers.
//!
//! Records are owned copies of the vocabulary in `gcrl_core`: a data set can be described, compared and
//! refused without knowing its task.

use gcrl_core::{
    Behavior, EpisodeShape, Exploration, Field, FieldRecord, PolicyFile, SuccessRule, TaskSpec,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All that is known of a data set beside its numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `gcrl-dataset`.
    pub format: String,
    /// Version of the format, from 1.
    pub version: u32,
    /// The program that wrote it, with its version.
    pub program: String,
    /// The root of all randomness in it.
    #[serde(with = "as_text")]
    pub seed: u64,
    /// Episodes in it.
    pub n_episodes: usize,
    /// The task, as it was when the episodes were made.
    pub task: TaskRecord,
    /// Who acted.
    pub behavior: BehaviorRecord,
    /// How well the episodes went.
    pub outcome: OutcomeRecord,
    /// What stands in the columns, by name.
    pub columns: BTreeMap<String, ColumnRecord>,
}

impl Manifest {
    /// One hash for all columns: BLAKE3 over their names and hashes, in the order of their names, in
    /// hexadecimal.
    pub fn blake3(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for (name, column) in &self.columns {
            hasher.update(name.as_bytes());
            hasher.update(column.blake3.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}

/// Where episodes come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// Who acted.
    pub behavior: BehaviorRecord,
    /// The root of all randomness in them.
    pub seed: u64,
}

/// A task, as `gcrl_core::TaskSpec` has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskRecord {
    /// Its name.
    pub id: String,
    /// Control steps in an episode of the environment.
    pub horizon: usize,
    /// Transitions of an episode in the data set.
    pub n_transitions: usize,
    /// Physics steps in a control step.
    pub sub_steps: usize,
    /// Duration of a physics step, in seconds.
    pub physics_dt_secs: f64,
    /// Version of the motion; 0 where a data set is older than these versions, or its task is not simulated.
    #[serde(default)]
    pub physics_version: u32,
    /// When a step earns 1.
    pub reward: RuleRecord,
    /// When an episode is successful at its last step.
    pub success: RuleRecord,
    /// Parts of an observation.
    pub observation: Vec<FieldRecord>,
    /// Parts of a goal.
    pub goal: Vec<FieldRecord>,
    /// Parts of an action.
    pub action: Vec<FieldRecord>,
}

/// When a goal counts as reached; see `gcrl_core::SuccessRule`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleRecord {
    /// At most this far away.
    Within(f64),
    /// Less than this far away.
    Inside(f64),
}

/// Who acted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum BehaviorRecord {
    /// Each component uniform in [-1, 1] at every step. Files call it `uniform`.
    #[serde(rename = "uniform", alias = "random")]
    Random,
    /// A policy that was read from a file, with the noise of `gcrl_core::Exploration`.
    Policy {
        /// Id of the task that the policy was trained for.
        task: String,
        /// BLAKE3 of the policy's file, in hexadecimal.
        blake3: String,
        /// Standard deviation of the noise, in units of the largest action.
        noise_std: f32,
        /// Probability that a step acted at random.
        random_action_probability: f32,
    },
    /// A policy that came from no file, such as a script, with the noise of
    /// `gcrl_core::Exploration`.
    Custom {
        /// Who it is, in a few words.
        name: String,
        /// Standard deviation of the noise, in units of the largest action.
        noise_std: f32,
        /// Probability that a step acted at random.
        random_action_probability: f32,
    },
}

/// How well the episodes went under the goals they asked for; standard deviations divide by `n`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeRecord {
    /// Mean over episodes of `Σ_t r(achieved_goal[t + 1], desired_goal)`, as policies are evaluated.
    pub return_mean: f64,
    /// Standard deviation of the same.
    pub return_std: f64,
    /// Mean over episodes of `Σ_t r(achieved_goal[t], desired_goal)`, which scores the state before
    /// each action: the convention of the paper's table of data sets, and of nothing else.
    pub paper_return_mean: f64,
    /// Standard deviation of the same.
    pub paper_return_std: f64,
    /// Share of episodes that are successful in their last state.
    pub success_rate: f64,
}

/// What stands in a column, dimension by dimension; standard deviations divide by `n`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnRecord {
    /// BLAKE3 of its little-endian bytes, in hexadecimal.
    pub blake3: String,
    /// Least value, `[dim]`.
    pub min: Vec<f32>,
    /// Largest value, `[dim]`.
    pub max: Vec<f32>,
    /// Mean, `[dim]`.
    pub mean: Vec<f64>,
    /// Standard deviation, `[dim]`.
    pub std: Vec<f64>,
}

impl TaskRecord {
    /// The shape of the task's episodes.
    pub fn episode_shape(&self) -> EpisodeShape {
        let dim = |fields: &[FieldRecord]| {
            fields.iter().map(|field| field.len).fold(0, usize::saturating_add)
        };
        EpisodeShape {
            observation_dim: dim(&self.observation),
            goal_dim: dim(&self.goal),
            action_dim: dim(&self.action),
            n_transitions: self.n_transitions,
        }
    }
}

impl From<&TaskSpec> for TaskRecord {
    fn from(spec: &TaskSpec) -> Self {
        let fields = |fields: &[Field]| fields.iter().map(FieldRecord::from).collect();
        Self {
            id: spec.id.to_owned(),
            horizon: spec.horizon,
            n_transitions: spec.n_transitions,
            sub_steps: spec.sub_steps,
            physics_dt_secs: spec.physics_dt_secs,
            physics_version: spec.physics_version,
            reward: spec.reward.into(),
            success: spec.success.into(),
            observation: fields(spec.observation),
            goal: fields(spec.goal),
            action: fields(spec.action),
        }
    }
}

impl From<&Behavior> for BehaviorRecord {
    fn from(behavior: &Behavior) -> Self {
        let Exploration { noise_std, random_action_probability } = behavior.exploration;
        match (&behavior.policy, behavior.file.clone()) {
            (None, _) => Self::Random,
            (Some(_), Some(PolicyFile { task, blake3 })) => {
                Self::Policy { task, blake3, noise_std, random_action_probability }
            }
            (Some(_), None) => {
                let name = behavior.name.clone();
                Self::Custom { name, noise_std, random_action_probability }
            }
        }
    }
}

impl From<SuccessRule> for RuleRecord {
    fn from(rule: SuccessRule) -> Self {
        match rule {
            SuccessRule::Within(radius) => Self::Within(radius),
            SuccessRule::Inside(radius) => Self::Inside(radius),
        }
    }
}

impl From<RuleRecord> for SuccessRule {
    fn from(rule: RuleRecord) -> Self {
        match rule {
            RuleRecord::Within(radius) => Self::Within(radius),
            RuleRecord::Inside(radius) => Self::Inside(radius),
        }
    }
}

/// TOML has no integers beyond 2^63, seeds do.
pub(crate) mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
    pub(crate) fn serialize<S: Serializer>(seed: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(seed)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
