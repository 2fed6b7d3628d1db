//! The project for Python: what `gcrl`, the package beside this file, is written over.
//!
//! | module | gives to Python |
//! |---|---|
//! | `env`, `vector` | environments, one or many, over [`lanes`] |
//! | `reward` | rewards of goals, as Gymnasium's robotics tasks want them computed |
//! | `dataset`, `sampler` | data sets on disk as arrays, and batches of them |
//! | `policy`, `behavior` | policies that act, and who acts where episodes are made |
//! | `collect`, `evaluate`, `train` | the loops of `gcrl-run`, with callbacks |
//!
//! Arrays arrive whole: the Python side has checked shapes and types, and what it let pass is refused
//! here again. Errors are exceptions with the texts of the program; nothing here panics on input.

#![allow(clippy::needless_pass_by_value, reason = "Python hands arguments over")]

mod acting;
mod arrays;
mod behavior;
mod collect;
mod dataset;
mod env;
mod error;
mod evaluate;
mod json;
mod lanes;
mod picture;
mod policy;
mod progress;
mod reward;
mod sampler;
mod task;
mod train;
mod vector;

use pyo3::prelude::*;

/// The native part of `gcrl`; import that instead.
#[pymodule(gil_used = true)]
fn _gcrl(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("GcrlError", module.py().get_type::<error::GcrlError>())?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<env::Env>()?;
    module.add_class::<vector::Lanes>()?;
    module.add_class::<dataset::Dataset>()?;
    module.add_class::<sampler::Sampler>()?;
    module.add_class::<policy::Policy>()?;
    module.add_function(wrap_pyfunction!(task::tasks, module)?)?;
    module.add_function(wrap_pyfunction!(task::task_json, module)?)?;
    module.add_function(wrap_pyfunction!(task::episode_seed, module)?)?;
    module.add_function(wrap_pyfunction!(reward::rewards, module)?)?;
    module.add_function(wrap_pyfunction!(collect::collect, module)?)?;
    module.add_function(wrap_pyfunction!(collect::build_dataset, module)?)?;
    module.add_function(wrap_pyfunction!(evaluate::evaluate, module)?)?;
    module.add_function(wrap_pyfunction!(train::train, module)?)?;
    module.add_function(wrap_pyfunction!(train::resume, module)?)?;
    Ok(())
}
