//! A policy file taken apart, for other containers than safetensors.

use crate::header;
use crate::policy::TrainedPolicy;
use crate::tensors::{TensorError, TensorMap};
use crate::write::{bytes_of, header_of, serialize, tensors_of};

/// What a policy file holds: `write` lists the tensors, `header` has the text.
#[derive(Clone, Debug, PartialEq)]
pub struct UnpackedPolicy {
    /// The header, JSON; raw weights have none.
    pub header: Option<String>,
    /// The tensors.
    pub tensors: TensorMap,
}

impl UnpackedPolicy {
    /// Takes the file of `policy` apart.
    pub fn new(policy: &TrainedPolicy) -> Self {
        let tensors = tensors_of(policy);
        let header = header_of(policy).seal(&bytes_of(&tensors));
        Self { header: Some(header), tensors }
    }

    /// The bytes of the file, for [`TrainedPolicy::from_bytes`], or [`TrainedPolicy::from_raw`] if there
    /// is no header.
    ///
    /// # Errors
    ///
    /// If a tensor has more or fewer numbers than its shape says.
    pub fn to_bytes(&self) -> Result<Vec<u8>, TensorError> {
        for (name, (shape, values)) in &self.tensors {
            let len = shape.iter().try_fold(1_usize, |len, size| len.checked_mul(*size));
            if len != Some(values.len()) {
                let (name, found) = (name.clone(), vec![values.len()]);
                return Err(TensorError::Shape { name, found, expected: shape.clone() });
            }
        }
        Ok(serialize(&self.tensors, self.header.clone()))
    }
}

impl TrainedPolicy {
    /// BLAKE3 of all that the policy is, as its file has it: 64 digits in lower-case hexadecimal.
    pub fn blake3(&self) -> String {
        let tensors = tensors_of(self);
        let header = serde_json::to_string(&header_of(self)).expect("a header is JSON");
        header::checksum(&header, "", &bytes_of(&tensors))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_policies::{bcq_policy, mlp_policy};

    #[test]
    fn a_policy_taken_apart_goes_together_again() {
        for policy in [mlp_policy(), bcq_policy()] {
            let unpacked = UnpackedPolicy::new(&policy);
            assert!(unpacked.to_bytes().unwrap() == policy.to_bytes());
            assert!(unpacked.header.unwrap().contains(&policy.blake3()));
        }
    }

    #[test]
    fn a_tensor_whose_numbers_do_not_fill_its_shape_is_refused() {
        let mut unpacked = UnpackedPolicy::new(&mlp_policy());
        unpacked.tensors.insert("x".to_owned(), (vec![usize::MAX, 2], vec![0.0]));
        let error = unpacked.to_bytes().unwrap_err();
        assert!(error.to_string().starts_with("tensor `x` has shape [1], not ["), "{error}");
    }
}
