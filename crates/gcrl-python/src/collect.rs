//! Collecting data sets, and building those of the benchmark.

use crate::behavior::StoppableBehavior;
use crate::error::{bad_value, failure, refusal};
use crate::json;
use crate::progress::{Listener, watched};
use crate::task;
use gcrl_core::rollout::Plan;
use gcrl_data::Manifest;
use gcrl_run::datasets::{self, Built, Order, roots};
use gcrl_run::{Collection, Observer};
use pyo3::prelude::*;
use std::path::PathBuf;

/// Episodes of one call, at most: they are in memory before they are written.
pub(crate) const MAX_EPISODES: u64 = u32::MAX as u64;

/// Refuses counts of episodes that no call can make.
pub(crate) fn check_count(n_episodes: u64) -> PyResult<()> {
    if !(1..=MAX_EPISODES).contains(&n_episodes) {
        return Err(refusal(format!("n_episodes is {n_episodes}, not 1 to {MAX_EPISODES}")));
    }
    Ok(())
}

fn record<'py>(py: Python<'py>, manifest: &Manifest) -> PyResult<Bound<'py, PyAny>> {
    let record = serde_json::to_value(manifest);
    json::to_python(py, &record.expect("a manifest is plain values"))
}

/// Collects a data set into the folder `out`; see `gcrl.collect`.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "they are named by the function of Python")]
pub(crate) fn collect<'py>(
    py: Python<'py>,
    task: &str,
    behavior: &Bound<'py, PyAny>,
    n_episodes: u64,
    seed: u64,
    out: PathBuf,
    noise: (f32, f32),
    num_threads: usize,
    callback: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    check_count(n_episodes)?;
    let task = task::find(task)?;
    let player = StoppableBehavior::of(behavior, task, noise)?;
    let plan = Plan { seed, episodes: 0..n_episodes, n_threads: num_threads.max(1) };
    let collection = Collection { task, behavior: &player.behavior, plan: &plan };
    let listener = Listener { callback, on_stop: &|| player.stop() };
    let work = |watch: &_| gcrl_run::collect(&collection, &out, watch as &dyn Observer);
    let manifest = watched(py, &listener, work)?;
    record(py, &manifest.map_err(|error| player.cause_of(failure(error)))?)
}

/// Builds a data set of the benchmark under `root`; see `gcrl.build_dataset`.
#[pyfunction]
pub(crate) fn build_dataset<'py>(
    py: Python<'py>,
    name: &str,
    root: Option<PathBuf>,
    num_threads: usize,
    callback: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let set = datasets::published_of(name).map_err(bad_value)?;
    let root = root.or_else(|| roots().into_iter().next()).unwrap_or_default();
    let n_threads = num_threads.max(1);
    let order = Order { set: &set, root: &root, is_forced: false, n_threads };
    let listener = Listener { callback, on_stop: &|| {} };
    let built = watched(py, &listener, |watch| datasets::build(&order, watch))?;
    match built.map_err(failure)? {
        Built::Found(manifest) | Built::Made(manifest) => record(py, &manifest),
    }
}
