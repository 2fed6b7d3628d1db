//! Policies of other programs: the tensors of a policy of kind `mlp` without header and self-test.
//!
//! Source of the names: `write`, whose table they share; weights are `[n_inputs, n_outputs]`.

use crate::header::Clips;
use crate::parts::{PolicyKind, PolicyParts, TrainingRecord};
use crate::policy::TrainedPolicy;
use crate::read::{take_actor, take_normalizer};
use crate::read_error::PolicyFileError;
use crate::tensors::Tensors;
use gcrl_core::TaskSpec;
use std::collections::BTreeMap;

impl TrainedPolicy {
    /// Reads a raw policy for `task` from the bytes of a safetensors file: tensors `actor.{i}.weight`,
    /// `actor.{i}.bias` and `normalizer.{observation,goal}.{mean,std}`, and nothing else.
    ///
    /// Raw files do not say how inputs are limited: `input_clip` and `output_clip` do, for both
    /// normalizers. Hidden layers are followed by `ReLU`, the last one by `tanh`.
    ///
    /// # Errors
    ///
    /// If a tensor is missing, unknown, of another type or shape, numbers make no policy, or dimensions
    /// differ from the task's.
    pub fn from_raw(
        file: &[u8],
        task: &TaskSpec,
        input_clip: f32,
        output_clip: f32,
    ) -> Result<Self, PolicyFileError> {
        let clips = Clips { input_clip, output_clip };
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
        let policy = Self::new(parts)?;
        policy.check_task(task)?;
        Ok(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensors::TensorMap;
    use crate::test_policies::{SPEC, mlp_policy};
    use crate::write::{serialize, tensors_of};

    /// The tensors of `mlp_policy` as another program writes them.
    fn raw() -> TensorMap {
        let mut tensors = tensors_of(&mlp_policy());
        tensors.retain(|name, _| !name.starts_with("self_test."));
        tensors
    }

    fn import(tensors: &TensorMap, task: &TaskSpec) -> Result<TrainedPolicy, PolicyFileError> {
        TrainedPolicy::from_raw(&serialize(tensors, None), task, 200.0, 5.0)
    }

    fn refusal(spoil: fn(&mut TensorMap)) -> String {
        let mut tensors = raw();
        spoil(&mut tensors);
        import(&tensors, &SPEC).unwrap_err().to_string()
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
            "tensor `actor.1.bias` is missing"
        );
        assert_eq!(refusal(TensorMap::clear), "tensor `actor.0.weight` is missing");
        assert_eq!(
            refusal(|tensors| drop(tensors.insert("critic".into(), (vec![1], vec![0.0])))),
            "unknown tensor `critic`"
        );
        assert_eq!(
            refusal(|tensors| tensors.get_mut("actor.0.bias").unwrap().0 = vec![37, 1]),
            "tensor `actor.0.bias` has shape [37, 1], where 1 dimensions are needed"
        );
        assert_eq!(
            refusal(|tensors| tensors.get_mut("actor.1.weight").unwrap().0 = vec![20, 37]),
            "layer 1 of `actor` holds 740 weights and 20 biases, which do not make a layer \
             from 20 inputs to 37 outputs"
        );
    }

    #[test]
    fn a_policy_in_doubles_is_refused() {
        let view =
            safetensors::tensor::TensorView::new(safetensors::Dtype::F64, vec![1, 1], &[0; 8]);
        let bytes = safetensors::serialize([("actor.0.weight", view.unwrap())], None).unwrap();
        let error = TrainedPolicy::from_raw(&bytes, &SPEC, 200.0, 5.0).unwrap_err();
        assert_eq!(error.to_string(), "tensor `actor.0.weight` holds F64, not F32");
    }

    #[test]
    fn a_policy_of_other_dimensions_is_refused() {
        let other = TaskSpec { observation: SPEC.goal, ..SPEC };
        assert_eq!(
            import(&raw(), &other).unwrap_err().to_string(),
            "policy has 3 numbers in an observation, \
             where task `PointReach` has 2"
        );
    }
}
