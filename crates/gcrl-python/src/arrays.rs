//! Arrays in and out, with their shapes checked.

use crate::error::refusal;
use numpy::{
    PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods,
};
use pyo3::prelude::*;

/// In which floating-point numbers an environment answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    /// `float32`, as the numbers are.
    Single,
    /// `float64`, as the original environments answer.
    Double,
}

impl Precision {
    /// That of a name of numpy's.
    pub(crate) fn of(dtype: &str) -> PyResult<Self> {
        match dtype {
            "float32" => Ok(Self::Single),
            "float64" => Ok(Self::Double),
            other => Err(refusal(format!(
                "dtype `{other}`, where an environment has float32 or float64"
            ))),
        }
    }

    /// A new array, `[n]`.
    pub(crate) fn array<'py>(self, py: Python<'py>, numbers: &[f32]) -> Bound<'py, PyAny> {
        match self {
            Self::Single => PyArray1::from_slice(py, numbers).into_any(),
            Self::Double => {
                PyArray1::from_iter(py, numbers.iter().map(|number| f64::from(*number))).into_any()
            }
        }
    }
}

/// The numbers of a vector of `len`.
pub(crate) fn vector<'a, T: numpy::Element>(
    array: &'a PyReadonlyArray1<'_, T>,
    len: usize,
    what: &str,
) -> PyResult<&'a [T]> {
    if !array.is_c_contiguous() {
        return Err(refusal(format!("{what} is not C-contiguous")));
    }
    let numbers = array.as_slice()?;
    if numbers.len() != len {
        return Err(refusal(format!("{what} has {} numbers, not {len}", numbers.len())));
    }
    Ok(numbers)
}

/// The numbers of a matrix with rows of `dim`, and how many rows there are.
pub(crate) fn matrix<'a, T: numpy::Element>(
    array: &'a PyReadonlyArray2<'_, T>,
    dim: usize,
    what: &str,
) -> PyResult<(usize, &'a [T])> {
    // A slice is lent of arrays in Fortran's order, too.
    if !array.is_c_contiguous() {
        return Err(refusal(format!("{what} is not C-contiguous")));
    }
    let numbers = array.as_slice()?;
    let [n_rows, found] = <[usize; 2]>::from(array.as_array().dim());
    if found != dim {
        return Err(refusal(format!("{what} has {found} numbers a row, not {dim}")));
    }
    Ok((n_rows, numbers))
}

/// Refuses numbers that are NaN or infinite.
pub(crate) fn check_finite(numbers: &[f32], dim: usize, what: &str) -> PyResult<()> {
    match numbers.iter().position(|number| !number.is_finite()) {
        None => Ok(()),
        Some(position) => {
            let (row, component, found) = (position / dim, position % dim, numbers[position]);
            Err(refusal(format!("{what} holds {found} in row {row}, component {component}")))
        }
    }
}

/// A new array of zeros, `[n_rows, dim]`.
pub(crate) fn zeros<T: numpy::Element>(
    py: Python<'_>,
    n_rows: usize,
    dim: usize,
) -> Py<PyArray2<T>> {
    PyArray2::zeros(py, [n_rows, dim], false).unbind()
}

/// A matrix of numbers that are there already, `[n_rows, dim]`.
pub(crate) fn reshaped<T: numpy::Element>(
    array: Bound<'_, PyArray1<T>>,
    n_rows: usize,
    dim: usize,
) -> PyResult<Bound<'_, PyArray2<T>>> {
    array.reshape([n_rows, dim])
}
