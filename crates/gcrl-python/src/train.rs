//! Training, with a callback.

use crate::error::{bad_value, failure};
use crate::json;
use crate::progress::{Listener, watched};
use gcrl_run::{
    Catalog, Pace, ResolveError, ResumeRequest, Run, RunFolder, RunRequest, TrainError,
};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::time::Duration;

/// What to train, as the function of Python names it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Request {
    algorithm: String,
    dataset: Option<PathBuf>,
    task: Option<String>,
    out: PathBuf,
    seeds: Option<Vec<u64>>,
    config: Option<PathBuf>,
    settings: Vec<String>,
}

/// How it proceeds.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct PaceRequest {
    num_threads: usize,
    checkpoint_every: f64,
    keep_every: Option<u64>,
}

impl PaceRequest {
    fn pace(&self) -> PyResult<Pace> {
        let secs = self.checkpoint_every;
        let checkpoint_every = Duration::try_from_secs_f64(secs).map_err(bad_value)?;
        if self.keep_every == Some(0) {
            return Err(crate::error::refusal("keep_every is 0, not at least 1"));
        }
        let n_threads = self.num_threads.max(1);
        Ok(Pace { n_threads, checkpoint_every, keep_every: self.keep_every })
    }
}

/// Trains from the start; see `gcrl.train`. `None` where it was stopped.
#[pyfunction]
pub(crate) fn train(
    py: Python<'_>,
    request: Request,
    pace: PaceRequest,
    callback: Option<Py<PyAny>>,
) -> PyResult<Option<Bound<'_, PyAny>>> {
    let pace = pace.pace()?;
    let Request { algorithm, dataset, task, out, seeds, config, settings } = request;
    let is_online = dataset.is_none();
    let request = RunRequest {
        algorithm,
        task,
        dataset,
        is_online,
        seeds,
        config,
        settings,
        ..RunRequest::default()
    };
    let start = || {
        let run = Run::resolve(&request, &Catalog::default()).map_err(resolve_error)?;
        let folder = RunFolder::create(&out, &run).map_err(failure)?;
        Ok::<_, PyErr>((run, folder))
    };
    let (run, folder) = py.detach(start)?;
    proceed(py, &run, &folder, pace, callback)
}

/// Continues a run; see `gcrl.resume`. `None` where it was stopped.
#[pyfunction]
pub(crate) fn resume(
    py: Python<'_>,
    out: PathBuf,
    dataset: Option<PathBuf>,
    settings: Vec<String>,
    pace: PaceRequest,
    callback: Option<Py<PyAny>>,
) -> PyResult<Option<Bound<'_, PyAny>>> {
    let pace = pace.pace()?;
    let request = ResumeRequest { dataset, settings };
    let open = || Run::resume(&out, &request, &Catalog::default()).map_err(resolve_error);
    let (run, folder) = py.detach(open)?;
    proceed(py, &run, &folder, pace, callback)
}

fn proceed<'py>(
    py: Python<'py>,
    run: &Run,
    folder: &RunFolder,
    pace: Pace,
    callback: Option<Py<PyAny>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let listener = Listener { callback, on_stop: &|| {} };
    let trained = watched(py, &listener, |watch| gcrl_run::train(run, folder, pace, watch))?;
    match trained {
        Ok(results) => {
            let results = serde_json::to_value(&results).expect("results are plain values");
            Ok(Some(json::to_python(py, &results)?))
        }
        Err(TrainError::Stopped) => Ok(None),
        Err(error) => Err(failure(error)),
    }
}

/// Names and settings are arguments; files and folders may be as they should not.
fn resolve_error(error: ResolveError) -> PyErr {
    match error {
        ResolveError::Name { .. }
        | ResolveError::Setting { .. }
        | ResolveError::Config { .. }
        | ResolveError::NoSource
        | ResolveError::NoTask
        | ResolveError::OtherTask { .. }
        | ResolveError::Begun { .. } => bad_value(error),
        error => failure(error),
    }
}
