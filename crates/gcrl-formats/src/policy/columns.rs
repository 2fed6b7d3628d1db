//! The inputs of another tool's network, put in the order of ours: observation, then desired goal.
//!
//! Stable-Baselines3 also shows the achieved goal to its networks, which ours do not see. Where it is a
//! part of the observation, its columns of the first layer are added to those of that part:
//!
//! ```text
//! W_o o + W_a a + W_g g = (W_o + W_a P) o + W_g g      with a = P o
//! ```
//!
//! `P` follows from the task: a field of a goal that is called as a field of the observation is equal to it.

use gcrl_core::{Normalizer, TaskSpec};
use gcrl_policy::Layer;
use std::fmt::{self, Display};
use std::ops::Range;

/// A limit that limits nothing.
pub(crate) const UNLIMITED: f32 = f32::MAX;

/// What an input of a network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The observation.
    Observation,
    /// The goal that is asked for.
    DesiredGoal,
    /// The goal that is achieved in the present state.
    AchievedGoal,
}

impl Role {
    /// The role of an input called `name`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "observation" | "obs" => Some(Self::Observation),
            "desired_goal" | "goal" => Some(Self::DesiredGoal),
            "achieved_goal" => Some(Self::AchievedGoal),
            _ => None,
        }
    }

    /// Numbers of it in `task`.
    pub(crate) fn dim(self, task: &TaskSpec) -> usize {
        match self {
            Self::Observation => task.observation_dim(),
            Self::DesiredGoal | Self::AchievedGoal => task.goal_dim(),
        }
    }
}

impl Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Observation => "observation",
            Self::DesiredGoal => "desired_goal",
            Self::AchievedGoal => "achieved_goal",
        })
    }
}

/// A cause for a network's inputs not to be those of a policy of ours.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The first layer takes another number of inputs than there are.
    #[error("first layer takes {found} numbers, where {expected} arrive: {inputs}")]
    Width {
        /// Numbers that it takes.
        found: usize,
        /// Numbers in all inputs.
        expected: usize,
        /// The inputs.
        inputs: String,
    },
    /// The achieved goal is not a part of the observation.
    #[error(
        "the network sees the achieved goal, and in task `{task}` its field `{field}` is no part of the \
         observation, which is all that a policy here sees beside the desired goal"
    )]
    HiddenGoal {
        /// The task.
        task: &'static str,
        /// The field of the goal.
        field: &'static str,
    },
    /// The achieved goal is scaled in another way than the same numbers in the observation.
    #[error(
        "the achieved goal is scaled in another way than the same numbers in the observation, so that \
         their weights cannot be added"
    )]
    Scales,
}

/// Inputs side by side in a row, scaled.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) role: Role,
    pub(crate) normalizer: Normalizer,
}

impl Piece {
    /// An input that is not scaled.
    pub(crate) fn plain(role: Role, dim: usize) -> Self {
        Self { role, normalizer: Normalizer::identity(dim, UNLIMITED, UNLIMITED) }
    }
}

/// The first layer for inputs of ours, and their normalizers.
pub(crate) struct OrderedInputs {
    pub(crate) layer: Layer,
    pub(crate) observation: Normalizer,
    pub(crate) goal: Normalizer,
}

/// Puts the inputs of `layer`, `pieces` side by side, in the order of ours.
///
/// Pieces have the sizes that `task` has for their roles, and no role is there twice.
pub(crate) fn in_order(
    pieces: &[Piece],
    layer: &Layer,
    task: &TaskSpec,
) -> Result<OrderedInputs, InputError> {
    let expected = pieces.iter().map(|piece| piece.normalizer.dim()).sum();
    if layer.n_inputs != expected {
        let inputs =
            pieces.iter().map(|piece| format!("{} {}", piece.normalizer.dim(), piece.role));
        let inputs = inputs.collect::<Vec<_>>().join(", ");
        return Err(InputError::Width { found: layer.n_inputs, expected, inputs });
    }
    let (observation_dim, goal_dim) = (task.observation_dim(), task.goal_dim());
    let n_outputs = layer.n_outputs;
    let mut weight = vec![0.0; (observation_dim + goal_dim) * n_outputs];
    let mut rows = layer.weight.chunks_exact(n_outputs);
    let normalizer = |role: Role| {
        let found = pieces.iter().find(|piece| piece.role == role);
        found.map_or_else(
            || Piece::plain(role, role.dim(task)).normalizer,
            |it| it.normalizer.clone(),
        )
    };
    let observation = normalizer(Role::Observation);
    for Piece { role, normalizer } in pieces {
        let columns: Vec<usize> = match role {
            Role::Observation => (0..observation_dim).collect(),
            Role::DesiredGoal => (observation_dim..observation_dim + goal_dim).collect(),
            Role::AchievedGoal => {
                let columns = achieved_goal_in_observation(task)?;
                if !is_part(normalizer, &observation, &columns) {
                    return Err(InputError::Scales);
                }
                columns
            }
        };
        for (column, row) in columns.into_iter().zip(rows.by_ref()) {
            let sums = &mut weight[column * n_outputs..(column + 1) * n_outputs];
            sums.iter_mut().zip(row).for_each(|(sum, weight)| *sum += weight);
        }
    }
    let n_inputs = observation_dim + goal_dim;
    let layer = Layer { n_inputs, n_outputs, weight, bias: layer.bias.clone() };
    Ok(OrderedInputs { layer, observation, goal: normalizer(Role::DesiredGoal) })
}

/// Whether `part` scales as `whole` does in `columns`.
fn is_part(part: &Normalizer, whole: &Normalizer, columns: &[usize]) -> bool {
    let limits = |it: &Normalizer| (it.input_clip, it.output_clip);
    limits(part) == limits(whole)
        && columns
            .iter()
            .zip(part.mean.iter().zip(&part.std))
            .all(|(&column, (mean, std))| (*mean, *std) == (whole.mean[column], whole.std[column]))
}

/// Where in the observation the numbers of the achieved goal stand.
fn achieved_goal_in_observation(task: &TaskSpec) -> Result<Vec<usize>, InputError> {
    let mut columns = Vec::new();
    for goal in task.goal {
        let mut start = 0;
        let mut found: Option<Range<usize>> = None;
        for field in task.observation {
            if (field.name, field.len) == (goal.name, goal.len) {
                found = Some(start..start + field.len);
            }
            start += field.len;
        }
        let hidden = InputError::HiddenGoal { task: task.id, field: goal.name };
        columns.extend(found.ok_or(hidden)?);
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::{Field, SuccessRule};

    const SPEC: TaskSpec = TaskSpec {
        id: "Test",
        summary: "",
        observation: &[Field::new("hand", 1, "m"), Field::new("block", 2, "m")],
        goal: &[Field::new("block", 2, "m")],
        action: &[Field::new("velocity", 1, "m/s")],
        horizon: 50,
        n_transitions: 49,
        sub_steps: 1,
        physics_dt_secs: 1.0,
        physics_version: 1,
        reward: SuccessRule::Within(1.0),
        success: SuccessRule::Within(1.0),
    };

    fn layer(weight: &[f32]) -> Layer {
        Layer { n_inputs: weight.len(), n_outputs: 1, weight: weight.to_vec(), bias: vec![0.5] }
    }

    #[test]
    fn columns_of_the_achieved_goal_are_added_to_the_observation_s() {
        let pieces = [
            Piece::plain(Role::AchievedGoal, 2),
            Piece::plain(Role::DesiredGoal, 2),
            Piece::plain(Role::Observation, 3),
        ];
        let weight = [10.0, 20.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        let inputs = in_order(&pieces, &layer(&weight), &SPEC).unwrap();
        assert_eq!(inputs.layer.weight, [3.0, 4.0 + 10.0, 5.0 + 20.0, 1.0, 2.0]);
        assert_eq!((inputs.layer.n_inputs, inputs.layer.bias), (5, vec![0.5]));
    }

    #[test]
    fn a_goal_that_cannot_be_seen_is_refused() {
        const LID: &[Field] = &[Field::new("lid", 2, "m")];
        let pieces = [Piece::plain(Role::AchievedGoal, 2), Piece::plain(Role::Observation, 3)];
        let elsewhere = TaskSpec { goal: LID, ..SPEC };
        let error = in_order(&pieces, &layer(&[0.0; 5]), &elsewhere).err().unwrap();
        assert!(error.to_string().contains("`lid` is no part of the observation"), "{error}");
    }

    #[test]
    fn an_achieved_goal_of_another_scale_is_refused() {
        let mut pieces = [Piece::plain(Role::AchievedGoal, 2), Piece::plain(Role::Observation, 3)];
        pieces[1].normalizer.mean = vec![7.0, 0.0, 0.0];
        assert!(in_order(&pieces, &layer(&[0.0; 5]), &SPEC).is_ok());
        pieces[1].normalizer.mean[2] = 0.5;
        let error = in_order(&pieces, &layer(&[0.0; 5]), &SPEC).err().unwrap();
        assert!(matches!(error, InputError::Scales), "{error}");
    }

    #[test]
    fn a_layer_of_another_width_is_refused() {
        let error = in_order(&[Piece::plain(Role::Observation, 3)], &layer(&[0.0; 4]), &SPEC);
        assert_eq!(
            error.err().unwrap().to_string(),
            "first layer takes 4 numbers, where 3 arrive: 3 observation"
        );
    }
}
