//! Policies of other programs: the tensors of a policy file without its header and self-test.
//!
//! Source of the names: `file`, whose table they share; weights are `[n_inputs, n_outputs]`.

use crate::file::{Clips, ReadError, read, take_layers, take_normalizer};
use crate::mlp::MlpPolicy;
use crate::parts::PolicyParts;
use crate::tensors::Tensors;
use gcrl_core::TaskSpec;
use std::collections::BTreeMap;
use std::path::Path;

impl MlpPolicy {
    /// Reads the raw policy at `path` for `task`: tensors `actor.{i}.weight`, `actor.{i}.bias` and
    /// `normalizer.{observation,goal}.{mean,std}`, and nothing else.
    ///
    /// Raw files do not say how inputs are limited: `input_clip` and `output_clip` do, for both
    /// normalizers.
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
    ) -> Result<Self, ReadError> {
        let file = read(path)?;
        let in_file = |source| ReadError::Tensors { path: path.to_owned(), source };
        let mut tensors = Tensors::new(&file).map_err(in_file)?;
        let clips = Clips { input_clip, output_clip };
        let parts = PolicyParts {
            task: task.id.to_owned(),
            layers: take_layers(&mut tensors).map_err(in_file)?,
            observation: take_normalizer(&mut tensors, "observation", &clips).map_err(in_file)?,
            goal: take_normalizer(&mut tensors, "goal", &clips).map_err(in_file)?,
            training: BTreeMap::from([("algorithm".to_owned(), "imported".to_owned())]),
        };
        tensors.finish().map_err(in_file)?;
        let policy = Self::new(parts)
            .map_err(|source| ReadError::Invalid { path: path.to_owned(), source })?;
        policy
            .check_task(task)
            .map_err(|source| ReadError::Task { path: path.to_owned(), source })?;
        Ok(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::serialize;
    use crate::file::tests::chain;
    use crate::mlp::tests::{SPEC, random_policy};
    use crate::tensors::TensorMap;

    /// The tensors of `random_policy` as another program writes them.
    fn raw() -> TensorMap {
        let file = tempfile::NamedTempFile::new().unwrap();
        random_policy().save(file.path()).unwrap();
        let bytes = std::fs::read(file.path()).unwrap();
        let mut tensors = Tensors::new(&bytes).unwrap();
        let mut raw = TensorMap::new();
        for i in 0..3 {
            let (shape, values) = tensors.take::<2>(&format!("actor.{i}.weight")).unwrap();
            raw.insert(format!("actor.{i}.weight"), (shape.to_vec(), values));
        }
        for name in ["actor.0.bias", "actor.1.bias", "actor.2.bias"].into_iter().chain([
            "normalizer.observation.mean",
            "normalizer.observation.std",
            "normalizer.goal.mean",
            "normalizer.goal.std",
        ]) {
            let (shape, values) = tensors.take::<1>(name).unwrap();
            raw.insert(name.to_owned(), (shape.to_vec(), values));
        }
        raw
    }

    fn import(tensors: &TensorMap, task: &TaskSpec) -> Result<MlpPolicy, ReadError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), serialize(tensors, None)).unwrap();
        MlpPolicy::import(file.path(), task, 200.0, 5.0)
    }

    fn refusal(spoil: fn(&mut TensorMap)) -> String {
        let mut tensors = raw();
        spoil(&mut tensors);
        chain(&import(&tensors, &SPEC).unwrap_err())
    }

    #[test]
    fn an_imported_policy_has_the_layers_and_normalizers_of_the_file() {
        let (imported, original) = (import(&raw(), &SPEC).unwrap(), random_policy());
        assert_eq!(imported.parts().layers, original.parts().layers);
        assert_eq!(imported.parts().observation, original.parts().observation);
        assert_eq!(imported.parts().goal, original.parts().goal);
    }

    #[test]
    fn tensors_that_are_not_as_needed_are_named() {
        assert_eq!(
            refusal(|tensors| drop(tensors.remove("actor.1.bias"))),
            "not a policy: tensor `actor.1.bias` is missing"
        );
        assert_eq!(refusal(TensorMap::clear), "not a policy: tensor `actor.0.weight` is missing");
        assert_eq!(
            refusal(|tensors| drop(tensors.insert("critic".into(), (vec![1], vec![0.0])))),
            "not a policy: unknown tensor `critic`"
        );
        assert_eq!(
            refusal(|tensors| tensors.get_mut("actor.0.bias").unwrap().0 = vec![37, 1]),
            "not a policy: tensor `actor.0.bias` has shape [37, 1], where 1 dimensions are needed"
        );
        assert_eq!(
            refusal(|tensors| tensors.get_mut("actor.1.weight").unwrap().0 = vec![20, 37]),
            "policy is damaged: layer 1 holds 740 weights and 20 biases, which do not make a layer \
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
        let error = MlpPolicy::import(file.path(), &SPEC, 200.0, 5.0).unwrap_err();
        assert_eq!(chain(&error), "not a policy: tensor `actor.0.weight` holds F64, not F32");
    }

    #[test]
    fn a_policy_of_other_dimensions_is_refused() {
        let other = TaskSpec { observation: SPEC.goal, ..SPEC };
        assert_eq!(
            chain(&import(&raw(), &other).unwrap_err()),
            "policy is not one for this task: policy has 3 numbers in an observation, \
             where task `PointReach` has 2"
        );
    }
}
