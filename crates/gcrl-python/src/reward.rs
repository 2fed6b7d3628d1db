//! Rewards of goals: a task's own, or those of Gymnasium's robotics tasks.
//!
//! | name | reward of a distance `d` | |
//! |---|---|---|
//! | `reached` | 1 if the goal is reached, otherwise 0 | ours and the paper's |
//! | `sparse` | 0 if the goal is reached, otherwise -1 | `reward_type="sparse"` of the originals |
//! | `dense` | `-d` | `reward_type="dense"` of the originals |

use crate::arrays::matrix;
use crate::error::refusal;
use crate::task;
use gcrl_core::{TaskSpec, spec};
use numpy::{PyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

/// How a distance of goals is rewarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RewardKind {
    /// 1 or 0.
    Reached,
    /// 0 or -1.
    Sparse,
    /// The distance, negative.
    Dense,
}

impl RewardKind {
    /// That of its name.
    pub(crate) fn of(name: &str) -> PyResult<Self> {
        match name {
            "reached" => Ok(Self::Reached),
            "sparse" => Ok(Self::Sparse),
            "dense" => Ok(Self::Dense),
            other => Err(refusal(format!(
                "unknown reward_type `{other}`; there are `reached`, `sparse` and `dense`"
            ))),
        }
    }

    /// The reward of a distance, in units of the goal.
    fn of_distance(self, spec: &TaskSpec, distance: f64) -> f64 {
        let reached = if spec.reward.holds(distance) { 1.0 } else { 0.0 };
        match self {
            Self::Reached => reached,
            Self::Sparse => reached - 1.0,
            Self::Dense => -distance,
        }
    }

    /// The reward of an achieved goal under a desired one.
    pub(crate) fn of_goals(self, spec: &TaskSpec, achieved: &[f32], desired: &[f32]) -> f64 {
        self.of_distance(spec, spec::distance(achieved, desired))
    }
}

/// The rewards of achieved goals under desired ones, both `[n, goal_dim]`: `[n]`.
#[pyfunction]
pub(crate) fn rewards<'py>(
    py: Python<'py>,
    task: &str,
    reward_type: &str,
    achieved_goal: PyReadonlyArray2<'py, f64>,
    desired_goal: PyReadonlyArray2<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (spec, kind) = (task::find(task)?.spec, RewardKind::of(reward_type)?);
    let goal_dim = spec.goal_dim();
    let (n_rows, achieved) = matrix(&achieved_goal, goal_dim, "achieved_goal")?;
    let (n_desired, desired) = matrix(&desired_goal, goal_dim, "desired_goal")?;
    if n_rows != n_desired {
        return Err(refusal(format!("{n_rows} achieved goals, and {n_desired} desired ones")));
    }
    if !achieved.iter().chain(desired).all(|number| number.is_finite()) {
        return Err(refusal("a goal holds a number that is not finite"));
    }
    let rows = achieved.chunks_exact(goal_dim).zip(desired.chunks_exact(goal_dim));
    let rewards = rows.map(|(achieved, desired)| {
        // As `gcrl_core::spec::distance`, which takes the numbers of episodes.
        let squares = achieved.iter().zip(desired).map(|(a, d)| (a - d) * (a - d));
        kind.of_distance(spec, squares.sum::<f64>().sqrt())
    });
    Ok(PyArray1::from_iter(py, rewards))
}
