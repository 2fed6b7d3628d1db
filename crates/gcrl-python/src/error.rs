//! Errors as exceptions, with the texts of the program: each cause after a colon.

use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use std::error::Error;

create_exception!(
    gcrl,
    GcrlError,
    PyException,
    "What the program would have ended with: a file that cannot be used, a step outside an episode."
);

/// The error and its causes, as the program prints them.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// A failure that no argument could have avoided.
pub(crate) fn failure<E: Error>(error: E) -> PyErr {
    GcrlError::new_err(chain(&error))
}

/// An argument that cannot be used.
pub(crate) fn bad_value<E: Error>(error: E) -> PyErr {
    PyValueError::new_err(chain(&error))
}

/// An argument that cannot be used, in words.
pub(crate) fn refusal(text: impl Into<String>) -> PyErr {
    PyValueError::new_err(text.into())
}

/// What two threads are told that use one object at the same time.
pub(crate) fn in_use(what: &str) -> PyErr {
    GcrlError::new_err(format!("{what} is used by another thread at the moment; make one for each"))
}
