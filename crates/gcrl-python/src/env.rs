//! One environment.

use crate::arrays::{Precision, vector};
use crate::error::{bad_value, failure, in_use};
use crate::lanes::Lane;
use crate::picture::{self, Painter};
use crate::reward::RewardKind;
use crate::task;
use gcrl_core::{EnvError, TaskSpec};
use numpy::{PyArray3, PyReadonlyArray1};
use pyo3::prelude::*;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// What is seen: observation, achieved goal and desired goal, as new arrays.
type Seen<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>);

/// What a step led to: what is seen, the reward, whether the goal is reached, and whether the episode
/// is over.
type Stepped<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>, f64, bool, bool);

/// One environment of a task.
#[pyclass(frozen, module = "gcrl._gcrl")]
pub(crate) struct Env {
    spec: &'static TaskSpec,
    kind: RewardKind,
    precision: Precision,
    lane: Mutex<Lane>,
    painter: Painter,
}

impl Env {
    fn lane(&self) -> PyResult<MutexGuard<'_, Lane>> {
        match self.lane.try_lock() {
            Ok(lane) => Ok(lane),
            Err(TryLockError::Poisoned(poisoned)) => Ok(PoisonError::into_inner(poisoned)),
            Err(TryLockError::WouldBlock) => Err(in_use("an environment")),
        }
    }

    fn seen<'py>(&self, py: Python<'py>, lane: &Lane) -> Seen<'py> {
        let seen = lane.env.observation();
        let array = |numbers| self.precision.array(py, numbers);
        (array(seen.observation), array(seen.achieved_goal), array(seen.desired_goal))
    }
}

#[pymethods]
impl Env {
    #[new]
    fn new(task: &str, reward_type: &str, dtype: &str, width: u32, height: u32) -> PyResult<Self> {
        let task = task::find(task)?;
        let (kind, precision) = (RewardKind::of(reward_type)?, Precision::of(dtype)?);
        let lane = Lane::new(task);
        let painter = Painter::new(&*lane.env, width, height)?;
        Ok(Self { spec: task.spec, kind, precision, lane: Mutex::new(lane), painter })
    }

    /// Starts the episode of `seed`; with a goal, `[goal_dim]`, it asks for that one.
    #[pyo3(signature = (seed, desired_goal=None))]
    fn reset<'py>(
        &self,
        py: Python<'py>,
        seed: u64,
        desired_goal: Option<PyReadonlyArray1<'py, f32>>,
    ) -> PyResult<Seen<'py>> {
        let mut guard = self.lane()?;
        let lane = &mut *guard;
        py.detach(|| lane.reset(seed)).map_err(failure)?;
        if let Some(goal) = desired_goal {
            let goal = vector(&goal, self.spec.goal_dim(), "desired_goal")?;
            lane.env.set_goal(goal).map_err(bad_value)?;
        }
        Ok(self.seen(py, lane))
    }

    /// Applies `action`, `[action_dim]`, for one control step.
    fn step<'py>(
        &self,
        py: Python<'py>,
        action: PyReadonlyArray1<'py, f32>,
    ) -> PyResult<Stepped<'py>> {
        let mut guard = self.lane()?;
        let lane = &mut *guard;
        let action = vector(&action, self.spec.action_dim(), "the action")?;
        let stepped = py.detach(|| lane.step(action));
        let (truncated, success) = stepped.map_err(|error| match error {
            EnvError::ActionNotFinite { .. } => bad_value(error),
            error => failure(error),
        })?;
        let reward = lane.reward(self.spec, self.kind);
        let (observation, achieved_goal, desired_goal) = self.seen(py, lane);
        Ok((observation, achieved_goal, desired_goal, reward, success, truncated))
    }

    /// A picture of it now, `[height, width, 3]`.
    fn render<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray3<u8>>> {
        let lane = self.lane()?;
        let picture = py.detach(|| self.painter.draw(&*lane.env));
        picture::to_array(py, &picture)
    }

    /// The seed of the episode.
    #[getter]
    fn episode_seed(&self) -> PyResult<u64> {
        Ok(self.lane()?.seed)
    }
}
