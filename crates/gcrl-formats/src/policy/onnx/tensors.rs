//! Numbers of a tensor's message.

use super::OnnxError;
use super::proto::{FLOAT, INT64, Tensor};

/// A message of float32 numbers.
pub(super) fn floats(name: &str, shape: &[usize], numbers: &[f32]) -> Tensor {
    Tensor {
        dims: shape.iter().map(|&len| len as i64).collect(),
        data_type: FLOAT,
        name: name.to_owned(),
        raw_data: numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
        ..Tensor::default()
    }
}

/// A message of integers.
pub(super) fn integers(name: &str, numbers: &[i64]) -> Tensor {
    Tensor {
        dims: vec![numbers.len() as i64],
        data_type: INT64,
        name: name.to_owned(),
        raw_data: numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
        ..Tensor::default()
    }
}

/// Shape and numbers of a tensor of float32.
pub(super) fn numbers(tensor: &Tensor) -> Result<(Vec<usize>, Vec<f32>), OnnxError> {
    let refused = |what: String| OnnxError::Tensor { name: tensor.name.clone(), what };
    if tensor.data_type != FLOAT {
        return Err(refused(format!("is of the type {}, not float32", tensor.data_type)));
    }
    if !tensor.external_data.is_empty() {
        return Err(refused("lies in another file; save the model in one".to_owned()));
    }
    let (raw, rest) = tensor.raw_data.as_chunks();
    let numbers = match &tensor.float_data[..] {
        [] => raw.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
        numbers => numbers.to_vec(),
    };
    let shape: Option<Vec<usize>> =
        tensor.dims.iter().map(|&len| usize::try_from(len).ok()).collect();
    let len = |shape: &Vec<usize>| shape.iter().try_fold(1_usize, |n, len| n.checked_mul(*len));
    match shape {
        Some(shape) if len(&shape) == Some(numbers.len()) && rest.is_empty() => {
            Ok((shape, numbers))
        }
        _ => Err(refused(format!("has shape {:?} and {} numbers", tensor.dims, numbers.len()))),
    }
}
