//! Tasks by their ids.

use crate::error::bad_value;
use crate::json;
use gcrl_core::seed;
use gcrl_envs::TaskEntry;
use gcrl_run::Catalog;
use pyo3::prelude::*;
use serde_json::json;

/// The task of this id.
pub(crate) fn find(id: &str) -> PyResult<&'static TaskEntry> {
    Catalog::default().task(id).map_err(bad_value)
}

/// Ids of all tasks, in the order of the paper's tables.
#[pyfunction]
pub(crate) fn tasks() -> Vec<&'static str> {
    gcrl_envs::TASKS.iter().map(|task| task.spec.id).collect()
}

/// What a task says about itself, as a dictionary.
#[pyfunction]
pub(crate) fn task_json<'py>(py: Python<'py>, task: &str) -> PyResult<Bound<'py, PyAny>> {
    let spec = find(task)?.spec;
    let mut record = serde_json::to_value(spec).expect("a task is plain values");
    record["observation_dim"] = json!(spec.observation_dim());
    record["goal_dim"] = json!(spec.goal_dim());
    record["action_dim"] = json!(spec.action_dim());
    json::to_python(py, &record)
}

/// The seed that starts episode `number` of a data set or an evaluation with root seed `root`.
#[pyfunction]
pub(crate) fn episode_seed(root: u64, number: u64) -> u64 {
    seed::child(root, "reset", number)
}
