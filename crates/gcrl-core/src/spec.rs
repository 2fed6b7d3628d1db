//! A task as data: its fields with units, its horizon, and when its goal counts as reached.
//!
//! Dimensions, `gcrl tasks`, the table in README and the manifest of a data set derive from here.

use serde::{Deserialize, Serialize};

/// A named part of an observation, a goal or an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// What it is, and of what frame: `gripper_in_world`, `object_from_gripper`.
    pub name: &'static str,
    /// How many numbers it has.
    pub len: usize,
    /// The unit of those numbers, such as `m`; `1` for a pure number.
    pub unit: &'static str,
}

impl Field {
    /// Names a part of `len` numbers in `unit`.
    pub const fn new(name: &'static str, len: usize, unit: &'static str) -> Self {
        Self { name, len, unit }
    }
}

/// A [`Field`] that is read from a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRecord {
    /// What it is.
    pub name: String,
    /// How many numbers it has.
    pub len: usize,
    /// Their unit; `1` for a pure number.
    pub unit: String,
}

impl From<&Field> for FieldRecord {
    fn from(field: &Field) -> Self {
        Self { name: field.name.to_owned(), len: field.len, unit: field.unit.to_owned() }
    }
}

/// When an achieved goal counts as the desired one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SuccessRule {
    /// Their Euclidean distance is at most this radius, in units of the goal.
    Within(f64),
    /// Their Euclidean distance is less than this radius, in units of the goal.
    Inside(f64),
}

impl SuccessRule {
    /// Says whether `achieved_goal` counts as `desired_goal`, both `[goal_dim]`.
    ///
    /// # Panics
    ///
    /// If the two differ in length.
    pub fn is_reached(self, achieved_goal: &[f32], desired_goal: &[f32]) -> bool {
        self.holds(distance(achieved_goal, desired_goal))
    }

    /// Says whether goals that are this far apart count as equal; `distance` is in units of the goal.
    pub const fn holds(self, distance: f64) -> bool {
        match self {
            Self::Within(radius) => distance <= radius,
            Self::Inside(radius) => distance < radius,
        }
    }

    /// The radius, in units of the goal.
    pub const fn radius(self) -> f64 {
        match self {
            Self::Within(radius) | Self::Inside(radius) => radius,
        }
    }
}

/// Euclidean distance of two goals, both `[goal_dim]`, in units of the goal.
///
/// # Panics
///
/// If the two differ in length.
pub fn distance(achieved_goal: &[f32], desired_goal: &[f32]) -> f64 {
    assert_eq!(achieved_goal.len(), desired_goal.len(), "goals of one task have one length");
    let squares = achieved_goal.iter().zip(desired_goal).map(|(achieved, desired)| {
        let difference = f64::from(*achieved) - f64::from(*desired);
        difference * difference
    });
    squares.sum::<f64>().sqrt()
}

/// The id of the task that `id` is a variant of, or `id`: `HandReach` for `HandReach@rapier`.
///
/// A variant moves another way and has its task's spaces, goals and rewards.
pub fn base_id(id: &str) -> &str {
    id.split_once('@').map_or(id, |(base, _variant)| base)
}

/// Everything about a task but its motion.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TaskSpec {
    /// The name users type, such as `PointReach`; that of a variant goes on, as `HandReach@rapier`.
    pub id: &'static str,
    /// One sentence for lists.
    pub summary: &'static str,
    /// Parts of the observation, in order; goals are not among them.
    pub observation: &'static [Field],
    /// Parts of a goal, in order; achieved and desired goals share them.
    pub goal: &'static [Field],
    /// Parts of an action, in order; each component lies in [-1, 1].
    pub action: &'static [Field],
    /// Control steps until an episode is truncated; no task ever terminates.
    pub horizon: usize,
    /// Transitions of an episode that data sets keep and that a return counts; at most `horizon`.
    ///
    /// This is the one place where the benchmark departs from the environment. An episode of the
    /// paper's environments has 50 control steps. The paper's data and its returns have 49: its
    /// collecting loop stops at the 50th step and discards that step. Collecting and evaluating both
    /// ask here, so that numbers compare with the paper's; the largest return is 49.
    ///
    /// Source: Yang et al., "Rethinking Goal-Conditioned Supervised Learning and Its Connection to
    /// Offline RL", 2022, as in the authors' published code.
    pub n_transitions: usize,
    /// Physics steps in a control step; 1 where there is no physics.
    pub sub_steps: usize,
    /// Duration of a physics step, in seconds.
    pub physics_dt_secs: f64,
    /// Version of the motion, from 1: it grows whenever the same seed and actions give another episode.
    ///
    /// Data sets, policies, recordings and checkpoints say which one made them.
    pub physics_version: u32,
    /// When a step earns the reward of 1; otherwise it earns 0.
    pub reward: SuccessRule,
    /// When an episode counts as successful at its last step; some tasks ask for more here.
    pub success: SuccessRule,
}

impl TaskSpec {
    /// Numbers in an observation.
    pub const fn observation_dim(&self) -> usize {
        total_len(self.observation)
    }

    /// Numbers in a goal.
    pub const fn goal_dim(&self) -> usize {
        total_len(self.goal)
    }

    /// Numbers in an action.
    pub const fn action_dim(&self) -> usize {
        total_len(self.action)
    }

    /// The shape of this task's episodes in a data set.
    pub const fn episode_shape(&self) -> crate::shape::EpisodeShape {
        crate::shape::EpisodeShape {
            observation_dim: self.observation_dim(),
            goal_dim: self.goal_dim(),
            action_dim: self.action_dim(),
            n_transitions: self.n_transitions,
        }
    }

    /// The reward of reaching `achieved_goal` when `desired_goal` was asked for: 1 or 0.
    ///
    /// It depends on nothing else; relabeling relies on that. The reward of transition `t` scores
    /// the goal achieved *after* it, at `t + 1`.
    pub fn reward_of(&self, achieved_goal: &[f32], desired_goal: &[f32]) -> f32 {
        if self.reward.is_reached(achieved_goal, desired_goal) { 1.0 } else { 0.0 }
    }
}

const fn total_len(fields: &[Field]) -> usize {
    let mut total = 0;
    let mut field_idx = 0;
    while field_idx < fields.len() {
        total += fields[field_idx].len;
        field_idx += 1;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_exactly_on_the_radius_is_within_but_not_inside() {
        let (achieved_goal, desired_goal) = ([0.0, 0.0], [0.6, 0.8]);
        let on_the_radius = distance(&achieved_goal, &desired_goal);
        assert!(SuccessRule::Within(on_the_radius).is_reached(&achieved_goal, &desired_goal));
        assert!(!SuccessRule::Inside(on_the_radius).is_reached(&achieved_goal, &desired_goal));
    }

    #[test]
    fn distance_is_euclidean() {
        assert_eq!(distance(&[0.0, 0.0, 1.0], &[3.0, 4.0, 1.0]), 5.0);
    }

    #[test]
    fn dimensions_add_up_over_fields() {
        const FIELDS: &[Field] =
            &[Field::new("gripper_in_world", 3, "m"), Field::new("gap", 1, "m")];
        assert_eq!(total_len(FIELDS), 4);
    }
}
