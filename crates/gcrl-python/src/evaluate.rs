//! Scores of a behavior.

use crate::behavior::StoppableBehavior;
use crate::collect::check_count;
use crate::error::failure;
use crate::json;
use crate::progress::{Listener, watched};
use crate::task;
use gcrl_core::EnvPool;
use gcrl_eval::Evaluation;
use gcrl_run::goes_on;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Plays and scores episodes; see `gcrl.evaluate`.
#[pyfunction]
pub(crate) fn evaluate<'py>(
    py: Python<'py>,
    task: &str,
    policy: &Bound<'py, PyAny>,
    n_episodes: u64,
    seed: u64,
    noise: (f32, f32),
    num_threads: usize,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyDict>)> {
    check_count(n_episodes)?;
    let task = task::find(task)?;
    let player = StoppableBehavior::of(policy, task, noise)?;
    let plan = gcrl_run::evaluation_plan(seed, n_episodes, num_threads.max(1));
    let listener = Listener { callback: None, on_stop: &|| player.stop() };
    let scores = watched(py, &listener, |watch| {
        let mut pool = EnvPool::new(&|| task.make(), plan.n_envs());
        gcrl_eval::score(&mut pool, &player.behavior, &plan, &|_| goes_on(watch))
    })?;
    let scores = scores.map_err(|error| player.cause_of(failure(error)))?;
    let evaluation = Evaluation { seed, ..scores.summarize(task.spec, plan.seed) };
    let episodes = PyDict::new(py);
    episodes.set_item("return", PyArray1::from_vec(py, scores.returns))?;
    episodes.set_item("discounted_return", PyArray1::from_vec(py, scores.discounted_returns))?;
    episodes.set_item("final_distance", PyArray1::from_vec(py, scores.final_distances))?;
    episodes.set_item("success", PyArray1::from_vec(py, scores.successes))?;
    let summary = serde_json::to_value(&evaluation).expect("scores are plain values");
    Ok((json::to_python(py, &summary)?, episodes))
}
