//! What can happen to a file.

use safetensors::{Dtype, SafeTensors};
use std::collections::BTreeMap;

/// Half of a file.
pub(super) fn truncated(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len() / 2].to_vec()
}

/// A file with the top bit of its last number's exponent flipped: 0.5 turns into 1.7e38.
pub(super) fn flipped(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    *bytes.last_mut().expect("the file is not empty") ^= 0x40;
    bytes
}

/// Bytes that are no format at all.
pub(super) fn garbage() -> Vec<u8> {
    (0..4096_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

/// Named f32 tensors, each with its shape.
pub(super) type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// A safetensors file without a header of ours.
pub(super) fn safetensors_file(tensors: &Tensors) -> Vec<u8> {
    let bytes: BTreeMap<_, Vec<u8>> = tensors
        .iter()
        .map(|(name, (_, numbers))| (name, numbers.iter().flat_map(|n| n.to_le_bytes()).collect()))
        .collect();
    let views = tensors.iter().map(|(name, (shape, _))| {
        let view = safetensors::tensor::TensorView::new(Dtype::F32, shape.clone(), &bytes[name]);
        (name, view.expect("shapes fit their numbers"))
    });
    safetensors::serialize(views, None).expect("shapes fit their numbers")
}

/// The tensors of a safetensors file whose names start with one of `prefixes`.
pub(super) fn tensors(file: &[u8], prefixes: &[&str]) -> Tensors {
    let file = SafeTensors::deserialize(file).expect("the file is whole");
    let tensors = file.tensors().into_iter().map(|(name, view)| {
        let (numbers, _) = view.data().as_chunks();
        let numbers = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        (name, (view.shape().to_vec(), numbers))
    });
    tensors.filter(|(name, _)| prefixes.iter().any(|prefix| name.starts_with(prefix))).collect()
}

/// A safetensors file with `from` in its header's text replaced by `to`, which is as long.
pub(super) fn with_header_text(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "the length of the header stands before it");
    let mut places =
        file.windows(from.len()).enumerate().filter(|(_, text)| *text == from.as_bytes());
    let (start, _) = places.next().expect("the header says so");
    let mut file = file.to_vec();
    file[start..start + to.len()].copy_from_slice(to.as_bytes());
    file
}
