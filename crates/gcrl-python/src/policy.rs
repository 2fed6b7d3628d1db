//! A trained policy that acts.

use crate::arrays::{check_finite, matrix, reshaped};
use crate::error::{failure, refusal};
use crate::task;
use gcrl_core::{Behavior, Exploration, ObservationBatch, PolicyFile};
use gcrl_policy::TrainedPolicy;
use gcrl_run::behavior;
use numpy::{PyArray1, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// A trained policy that acts; every row of a batch is answered alone, bit for bit.
#[pyclass(frozen, module = "gcrl._gcrl")]
pub(crate) struct Policy {
    pub(crate) behavior: Behavior,
    /// Id of the task it was trained for.
    #[pyo3(get)]
    pub(crate) task: String,
    /// What it is called: the algorithm that trained it, or `expert`.
    #[pyo3(get)]
    name: String,
    #[pyo3(get)]
    pub(crate) observation_dim: usize,
    #[pyo3(get)]
    pub(crate) goal_dim: usize,
    #[pyo3(get)]
    pub(crate) action_dim: usize,
}

impl Policy {
    fn of(behavior: Behavior, task: String) -> Self {
        let policy = behavior.policy.as_ref().expect("it was read from a file");
        let (observation_dim, goal_dim, action_dim) =
            (policy.observation_dim(), policy.goal_dim(), policy.action_dim());
        let name = behavior.name.clone();
        Self { behavior, task, name, observation_dim, goal_dim, action_dim }
    }
}

#[pymethods]
impl Policy {
    /// The policy of a file.
    #[staticmethod]
    fn load(path: PathBuf) -> PyResult<Self> {
        let read = |source| behavior::BehaviorError::Read { path: path.clone(), source };
        let bytes = gcrl_file::read(&path).map_err(read).map_err(failure)?;
        let policy = TrainedPolicy::from_bytes(&bytes, &path).map_err(failure)?;
        let task = policy.parts().task.clone();
        let algorithm = policy.parts().training.notes.get("algorithm").cloned();
        let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let blake3 = blake3::hash(&bytes).to_hex().to_string();
        let file = Some(PolicyFile { task: task.clone(), blake3 });
        let name = algorithm.unwrap_or_else(stem);
        let behavior = Behavior { file, ..Behavior::of(name, Arc::new(policy)) };
        Ok(Self::of(behavior, task))
    }

    /// The expert of a task that comes with the package.
    #[staticmethod]
    fn expert(task: &str) -> PyResult<Self> {
        let task = task::find(task)?;
        let behavior = behavior::read(behavior::EXPERT, Exploration::NONE, task);
        Ok(Self::of(behavior.map_err(failure)?, task.spec.id.to_owned()))
    }

    /// BLAKE3 of its file, in hexadecimal.
    #[getter]
    fn blake3(&self) -> Option<&str> {
        self.behavior.file.as_ref().map(|file| &*file.blake3)
    }

    /// The actions for `observation`, `[n, observation_dim]`, and `goal`, `[n, goal_dim]`: new,
    /// `[n, action_dim]`.
    fn act<'py>(
        &self,
        py: Python<'py>,
        observation: PyReadonlyArray2<'py, f32>,
        goal: PyReadonlyArray2<'py, f32>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let (n_rows, observation) = matrix(&observation, self.observation_dim, "observation")?;
        let (n_goals, goal) = matrix(&goal, self.goal_dim, "goal")?;
        if n_rows != n_goals {
            return Err(refusal(format!("{n_rows} observations, and {n_goals} goals")));
        }
        check_finite(observation, self.observation_dim, "observation")?;
        check_finite(goal, self.goal_dim, "goal")?;
        let mut action = vec![0.0; n_rows * self.action_dim];
        let policy = self.behavior.policy.as_ref().expect("it was read from a file");
        py.detach(|| {
            policy.act(&ObservationBatch { n_rows, observation, desired_goal: goal }, &mut action);
        });
        reshaped(PyArray1::from_vec(py, action), n_rows, self.action_dim)
    }
}
