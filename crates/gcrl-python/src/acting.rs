//! Who acts where episodes are made, so that it can be stopped: a policy, or a function of Python.

use crate::arrays::matrix;
use crate::error::refusal;
use gcrl_core::{ObservationBatch, Policy, TaskSpec};
use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray2};
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Who acts, until asked to stop.
///
/// A policy cannot fail, and an environment refuses actions that are no numbers: that is how an
/// exception, and the wish to stop, end a rollout.
pub(crate) struct Acting {
    who: Who,
    spec: &'static TaskSpec,
    /// Whether to end the episodes.
    pub(crate) stop: AtomicBool,
    /// What the function raised.
    failure: Mutex<Option<PyErr>>,
}

enum Who {
    Policy(Arc<dyn Policy>),
    Function(Py<PyAny>),
}

impl Acting {
    /// A policy that acts until it is stopped.
    pub(crate) fn policy(policy: Arc<dyn Policy>, spec: &'static TaskSpec) -> Self {
        Self::new(Who::Policy(policy), spec)
    }

    /// A function of `observation` and `goal`, `[n, …]`, that returns actions, `[n, action_dim]`.
    pub(crate) fn function(function: Py<PyAny>, spec: &'static TaskSpec) -> Self {
        Self::new(Who::Function(function), spec)
    }

    fn new(who: Who, spec: &'static TaskSpec) -> Self {
        Self { who, spec, stop: AtomicBool::new(false), failure: Mutex::new(None) }
    }

    /// What the function raised, once.
    pub(crate) fn take_failure(&self) -> Option<PyErr> {
        self.failure.lock().expect("no thread panics").take()
    }

    fn call(
        &self,
        py: Python<'_>,
        function: &Py<PyAny>,
        batch: &ObservationBatch<'_>,
        action: &mut [f32],
    ) -> PyResult<()> {
        let n_rows = batch.n_rows;
        let array =
            |numbers: &[f32], dim: usize| PyArray1::from_slice(py, numbers).reshape([n_rows, dim]);
        let observation = array(batch.observation, self.spec.observation_dim())?;
        let goal = array(batch.desired_goal, self.spec.goal_dim())?;
        let answer = function.bind(py).call1((observation, goal))?;
        let action_dim = self.spec.action_dim();
        let shaped = py.import("gcrl.arrays")?.getattr("shaped")?;
        let answer = shaped.call1((answer, (n_rows, action_dim), "the policy's action"))?;
        let answer: PyReadonlyArray2<'_, f32> = answer.extract()?;
        let (_n_rows, numbers) = matrix(&answer, action_dim, "the policy's action")?;
        if numbers.iter().any(|number| number.is_nan()) {
            return Err(refusal("the policy's action holds a NaN"));
        }
        action.copy_from_slice(numbers);
        Ok(())
    }
}

impl Policy for Acting {
    fn observation_dim(&self) -> usize {
        self.spec.observation_dim()
    }

    fn goal_dim(&self) -> usize {
        self.spec.goal_dim()
    }

    fn action_dim(&self) -> usize {
        self.spec.action_dim()
    }

    fn act(&self, batch: &ObservationBatch<'_>, action: &mut [f32]) {
        if self.stop.load(Ordering::Relaxed) {
            return action.fill(f32::NAN);
        }
        let function = match &self.who {
            Who::Policy(policy) => return policy.act(batch, action),
            Who::Function(function) => function,
        };
        if let Err(error) = Python::attach(|py| self.call(py, function, batch, action)) {
            self.failure.lock().expect("no thread panics").get_or_insert(error);
            self.stop.store(true, Ordering::Relaxed);
            action.fill(f32::NAN);
        }
    }
}
