//! Policies of other programs: the tensors of a policy of kind `mlp` without header and self-test.
//!
//! Source of the names: `write`, whose table they share; weights are `[n_inputs, n_outputs]`.

use crate::header::Clips;
use crate::parts::{PolicyKind, PolicyParts, TrainingRecord};
use crate::policy::TrainedPolicy;
use crate::read::{read_file, take_actor, take_normalizer};
use crate::read_error::{PolicyFileError, ReadPolicyError};
use crate::tensors::Tensors;
use gcrl_core::TaskSpec;
use std::collections::BTreeMap;
use std::path::Path;

impl TrainedPolicy {
    /// Reads the raw policy at `path` for `task`: tensors `actor.{i}.weight`, `actor.{i}.bias` and
    /// `normalizer.{observation,goal}.{mean,std}`, and nothing else.
    ///
    /// Raw files do not say how inputs are limited: `input_clip` and `output_clip` do, for both
    /// normalizers. Hidden layers are followed by `ReLU`, the last one by `tanh`.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, a tensor is missing, unknown, of another type or shape, numbers
    /// make no policy, or dimensions differ from the task's.
    pub fn import(
        path: &Path,
        task: &TaskSpec,
        input_clip: f32,
        output_clip: f32,
    ) -> Result<Self, ReadPolicyError> {
        read_file(path)
            .and_then(|file| parse_raw(&file, task, Clips { input_clip, output_clip }))
            .map_err(|source| ReadPolicyError { path: path.to_owned(), source })
    }
}

fn parse_raw(file: &[u8], task: &TaskSpec, clips: Clips) -> Result<TrainedPolicy, PolicyFileError> {
    let mut tensors = Tensors::new(file)?;
    let notes = BTreeMap::from([("algorithm".to_owned(), "imported".to_owned())]);
    let parts = PolicyParts {
        task: task.id.to_owned(),
        kind: PolicyKind::Mlp(take_actor(&mut tensors)?),
        observation: take_normalizer(&mut tensors, "observation", clips)?,
        goal: take_normalizer(&mut tensors, "goal", clips)?,
        training: TrainingRecord { dataset_blake3: None, notes },
    };
    tensors.finish()?;
    let policy = TrainedPolicy::new(parts)?;
    policy.check_task(task)?;
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensors::TensorMap;
    use crate::test_policies::{SPEC, chain, mlp_policy};
    use crate::write::{serialize, tensors_of};

    /// The tensors of `mlp_policy` as another program writes them.
    fn raw() -> TensorMap {
        let mut tensors = tensors_of(&mlp_policy());
        tensors.retain(|name, _| !name.starts_with("self_test."));
        tensors
    }

    fn import(tensors: &TensorMap, task: &TaskSpec) -> Result<TrainedPolicy, ReadPolicyError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), serialize(tensors, None)).unwrap();
        TrainedPolicy::import(file.path(), task, 200.0, 5.0)
    }

    fn refusal(spoil: fn(&mut TensorMap)) -> String {
        let mut tensors = raw();
        spoil(&mut tensors);
        chain(&import(&tensors, &SPEC).unwrap_err())
    }

    #[test]
    fn an_imported_policy_has_the_layers_and_normalizers_of_the_file() {
        let (imported, original) = (import(&raw(), &SPEC).unwrap(), mlp_policy());
        assert_eq!(imported.parts().kind, original.parts().kind);
        assert_eq!(imported.parts().observation, original.parts().observation);
        assert_eq!(imported.parts().goal, original.parts().goal);
    }

    #[test]
    fn tensors_that_are_not_as_needed_are_named() {
        assert_eq!(
            refusal(|tensors| drop(tensors.remove("actor.1.bias"))),
            "cannot read policy: tensor `actor.1.bias` is missing"
        );
        assert_eq!(
            refusal(TensorMap::clear),
            "cannot read policy: tensor `actor.0.weight` is missing"
        );
        assert_eq!(
            refusal(|tensors| drop(tensors.insert("critic".into(), (vec![1], vec![0.0])))),
            "cannot read policy: unknown tensor `critic`"
        );
        assert_eq!(
            refusal(|tensors| tensors.get_mut("actor.0.bias").unwrap().0 = vec![37, 1]),
            "cannot read policy: tensor `actor.0.bias` has shape [37, 1], where 1 dimensions are needed"
        );
        assert_eq!(
            refusal(|tensors| tensors.get_mut("actor.1.weight").unwrap().0 = vec![20, 37]),
            "cannot read policy: layer 1 of `actor` holds 740 weights and 20 biases, which do not make a layer \
             from 20 inputs to 37 outputs"
        );
    }

    #[test]
    fn a_policy_in_doubles_is_refused() {
        let view =
            safetensors::tensor::TensorView::new(safetensors::Dtype::F64, vec![1, 1], &[0; 8]);
        let bytes = safetensors::serialize([("actor.0.weight", view.unwrap())], None).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let error = TrainedPolicy::import(file.path(), &SPEC, 200.0, 5.0).unwrap_err();
        assert_eq!(chain(&error), "cannot read policy: tensor `actor.0.weight` holds F64, not F32");
    }

    #[test]
    fn a_policy_of_other_dimensions_is_refused() {
        let other = TaskSpec { observation: SPEC.goal, ..SPEC };
        assert_eq!(
            chain(&import(&raw(), &other).unwrap_err()),
            "cannot read policy: policy has 3 numbers in an observation, \
             where task `PointReach` has 2"
        );
    }
}
