//! A data set on disk.

#![allow(unsafe_code, reason = "numpy is handed pointers into the map; see SAFETY below")]

use crate::error::failure;
use crate::json;
use gcrl_core::{SuccessRule, spec};
use gcrl_run::{DatasetError, datasets};
use numpy::ndarray::{ArrayView, IntoDimension};
use numpy::{PyArray, PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use std::path::PathBuf;

/// A data set on disk, opened: its columns as read-only arrays that look into the file.
#[pyclass(frozen, subclass, module = "gcrl._gcrl")]
pub(crate) struct Dataset {
    pub(crate) inner: gcrl_data::Dataset,
}

impl Dataset {
    /// When a step earns 1, as the data set says.
    pub(crate) fn rule(&self) -> SuccessRule {
        self.inner.manifest().task.reward.into()
    }

    /// An index from the end, or from the beginning, as one from the beginning.
    fn position(&self, index: isize) -> PyResult<usize> {
        let n_episodes = self.inner.view().n_episodes;
        let from_start = if index < 0 { index + n_episodes as isize } else { index };
        usize::try_from(from_start).ok().filter(|episode| *episode < n_episodes).ok_or_else(|| {
            pyo3::exceptions::PyIndexError::new_err(format!(
                "episode {index} of a dataset of {n_episodes}"
            ))
        })
    }

    /// The rewards of an episode under the goal it asked for.
    fn rewards_of(&self, episode: usize) -> impl Iterator<Item = f32> + '_ {
        let (view, rule) = (self.inner.view(), self.rule());
        (1..view.shape.n_states()).map(move |t| {
            let achieved = view.achieved_goal(episode, t);
            let distance = spec::distance(achieved, view.desired_goal(episode));
            if rule.holds(distance) { 1.0 } else { 0.0 }
        })
    }
}

#[pymethods]
impl Dataset {
    #[new]
    fn new(py: Python<'_>, dataset: PathBuf) -> PyResult<Self> {
        let open = || -> Result<_, DatasetError> {
            let path = datasets::find(&dataset)?;
            Ok(gcrl_data::Dataset::open(&path)?)
        };
        Ok(Self { inner: py.detach(open).map_err(failure)? })
    }

    fn __len__(&self) -> usize {
        self.inner.view().n_episodes
    }

    /// Its folder.
    #[getter]
    fn path(&self) -> PathBuf {
        self.inner.path().to_owned()
    }

    /// Id of the task it was collected in.
    #[getter]
    fn task(&self) -> String {
        self.inner.manifest().task.id.clone()
    }

    /// Transitions of an episode.
    #[getter]
    fn n_transitions(&self) -> usize {
        self.inner.view().shape.n_transitions
    }

    /// One hash for all columns.
    #[getter]
    fn blake3(&self) -> String {
        self.inner.blake3()
    }

    /// What it says about itself.
    #[getter]
    fn manifest<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let record = serde_json::to_value(self.inner.manifest());
        json::to_python(py, &record.expect("a manifest is plain values"))
    }

    /// `[n_episodes, n_transitions + 1, observation_dim]`
    #[getter]
    fn observation<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let columns = slf.get().inner.view();
        let shape = [columns.n_episodes, columns.shape.n_states(), columns.shape.observation_dim];
        view(slf, shape, |dataset| dataset.inner.view().observation)
    }

    /// `[n_episodes, n_transitions + 1, goal_dim]`
    #[getter]
    fn achieved_goal<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let columns = slf.get().inner.view();
        let shape = [columns.n_episodes, columns.shape.n_states(), columns.shape.goal_dim];
        view(slf, shape, |dataset| dataset.inner.view().achieved_goal)
    }

    /// `[n_episodes, n_transitions, action_dim]`
    #[getter]
    fn action<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let columns = slf.get().inner.view();
        let shape = [columns.n_episodes, columns.shape.n_transitions, columns.shape.action_dim];
        view(slf, shape, |dataset| dataset.inner.view().action)
    }

    /// `[n_episodes, goal_dim]`
    #[getter]
    fn desired_goal<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let columns = slf.get().inner.view();
        let shape = [columns.n_episodes, columns.shape.goal_dim];
        view(slf, shape, |dataset| dataset.inner.view().desired_goal)
    }

    /// The rewards of every episode under the goal it asked for, new: `[n_episodes, n_transitions]`.
    fn rewards<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let shape = [self.__len__(), self.n_transitions()];
        let compute = || (0..shape[0]).flat_map(|episode| self.rewards_of(episode)).collect();
        let rewards: Vec<f32> = py.detach(compute);
        PyArray1::from_vec(py, rewards).reshape(shape)
    }

    /// The rewards of one episode, new: `[n_transitions]`.
    fn episode_rewards<'py>(
        &self,
        py: Python<'py>,
        episode: isize,
    ) -> PyResult<Bound<'py, PyArray1<f32>>> {
        Ok(PyArray1::from_iter(py, self.rewards_of(self.position(episode)?)))
    }

    /// Where an episode stands: an index from the end becomes one from the beginning.
    #[pyo3(name = "position")]
    fn python_position(&self, episode: isize) -> PyResult<usize> {
        self.position(episode)
    }

    /// Checks every hash and every statistic, and returns what is wrong, in words.
    fn verify(&self, py: Python<'_>) -> Vec<String> {
        py.detach(|| self.inner.verify().iter().map(ToString::to_string).collect())
    }
}

/// A column of `owner` as an array of `shape` that nobody can write to; it keeps the owner alive.
///
/// # Panics
///
/// If the shape has another count of numbers.
fn view<'py, D: IntoDimension>(
    owner: &Bound<'py, Dataset>,
    shape: D,
    column: impl for<'a> FnOnce(&'a Dataset) -> &'a [f32],
) -> PyResult<Bound<'py, PyAny>> {
    let array = ArrayView::from_shape(shape.into_dimension(), column(owner.get()));
    let array = array.expect("a column has as many numbers as its shape says");
    // SAFETY: the numbers are borrowed from `owner`, which is frozen, so that they stay where they are as
    // long as it lives, and which the array holds. They lie in a map that must not be written to: the
    // array is made read-only before anybody sees it, and numpy does not let it be made writeable,
    // because its base is an object that lends no memory to be written.
    let array = unsafe { PyArray::borrow_from_array(&array, owner.clone().into_any()) };
    let array = array.into_any();
    array.call_method1("setflags", (false,))?;
    Ok(array)
}
