//! Records as dictionaries, by way of JSON.

use pyo3::prelude::*;
use serde_json::Value;

/// A dictionary of what a record would be in JSON.
pub(crate) fn to_python<'py>(py: Python<'py>, record: &Value) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (record.to_string(),))
}
