//! Batches of transitions, relabeled in hindsight.
//!
//! Batch `number` of seed `S` is a function of the two alone: a sampler that is made anew and told its
//! number goes on as the one before.

use crate::dataset::Dataset;
use crate::error::{in_use, refusal};
use gcrl_core::{EpisodeView, GoalAt, SuccessRule, TransitionIndex, seed, spec};
use gcrl_data::{Relabel, sample_batch, steps_to_goal};
use numpy::{PyReadwriteArray1, PyReadwriteArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::{Mutex, TryLockError};

/// Transitions of a batch, at most: its indices are in memory at once.
const MAX_BATCH: usize = 1 << 24;

/// Fills batches with transitions of a data set.
#[pyclass(frozen, module = "gcrl._gcrl")]
pub(crate) struct Sampler {
    dataset: Py<Dataset>,
    relabel: Relabel,
    seed: u64,
    rule: SuccessRule,
    #[pyo3(get)]
    batch_size: usize,
    state: Mutex<State>,
}

struct State {
    /// Batches so far.
    number: u64,
    batch: Vec<TransitionIndex>,
}

/// Where a batch is written, each with a row for each transition.
struct Batch<'py> {
    observation: PyReadwriteArray2<'py, f32>,
    achieved_goal: PyReadwriteArray2<'py, f32>,
    action: PyReadwriteArray2<'py, f32>,
    goal: PyReadwriteArray2<'py, f32>,
    reward: PyReadwriteArray1<'py, f32>,
    next_observation: PyReadwriteArray2<'py, f32>,
    next_achieved_goal: PyReadwriteArray2<'py, f32>,
    steps_to_goal: PyReadwriteArray1<'py, i32>,
    episode: PyReadwriteArray1<'py, i32>,
    t: PyReadwriteArray1<'py, i32>,
}

impl Sampler {
    fn state(&self) -> PyResult<std::sync::MutexGuard<'_, State>> {
        self.state.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => in_use("a sampler"),
            TryLockError::Poisoned(_) => refusal("a sampler that failed; make another"),
        })
    }
}

#[pymethods]
impl Sampler {
    #[new]
    fn new(
        dataset: Py<Dataset>,
        batch_size: usize,
        future_probability: f64,
        seed: u64,
    ) -> PyResult<Self> {
        if !(1..=MAX_BATCH).contains(&batch_size) {
            return Err(refusal(format!("batch_size is {batch_size}, not 1 to {MAX_BATCH}")));
        }
        if !(0.0..=1.0).contains(&future_probability) {
            return Err(refusal(format!(
                "future_probability is {future_probability}, not from 0 to 1"
            )));
        }
        let nothing = TransitionIndex { episode: 0, t: 0, goal: GoalAt::Desired };
        let state = State { number: 0, batch: vec![nothing; batch_size] };
        let rule = dataset.get().rule();
        let relabel = Relabel { future_probability: future_probability as f32 };
        Ok(Self { dataset, relabel, seed, rule, batch_size, state: Mutex::new(state) })
    }

    /// Fills `batch`, a dictionary of arrays that can be written, with the next batch.
    fn fill(&self, py: Python<'_>, batch: &Bound<'_, PyDict>) -> PyResult<()> {
        let mut batch = Batch::of(batch)?;
        let mut guard = self.state()?;
        let state = &mut *guard;
        let view = self.dataset.get().inner.view();
        let mut columns = Columns::of(&mut batch, view, self.batch_size)?;
        py.detach(|| {
            let mut rng = seed::stream(self.seed, "sample", state.number);
            let (n_episodes, n_transitions) = (view.n_episodes, view.shape.n_transitions);
            sample_batch(n_episodes, n_transitions, self.relabel, &mut rng, &mut state.batch);
            for (row, transition) in state.batch.iter().enumerate() {
                columns.write(row, *transition, view, self.rule);
            }
        });
        state.number += 1;
        Ok(())
    }

    /// Batches filled so far; the next one has this number.
    #[getter]
    fn number(&self) -> PyResult<u64> {
        Ok(self.state()?.number)
    }

    /// The next batch is that of this number.
    fn seek(&self, number: u64) -> PyResult<()> {
        self.state()?.number = number;
        Ok(())
    }
}

impl<'py> Batch<'py> {
    fn of(batch: &Bound<'py, PyDict>) -> PyResult<Self> {
        Ok(Self {
            observation: item(batch, "observation")?,
            achieved_goal: item(batch, "achieved_goal")?,
            action: item(batch, "action")?,
            goal: item(batch, "goal")?,
            reward: item(batch, "reward")?,
            next_observation: item(batch, "next_observation")?,
            next_achieved_goal: item(batch, "next_achieved_goal")?,
            steps_to_goal: item(batch, "steps_to_goal")?,
            episode: item(batch, "episode")?,
            t: item(batch, "t")?,
        })
    }
}

/// An array of a batch, lent to be written.
fn item<'py, A>(batch: &Bound<'py, PyDict>, name: &str) -> PyResult<A>
where
    A: for<'a> FromPyObject<'a, 'py, Error = PyErr>,
{
    let found = batch.get_item(name)?;
    let array = found.ok_or_else(|| refusal(format!("the batch has no array `{name}`")))?;
    array.extract().map_err(|error: PyErr| {
        let cause = error.value(batch.py()).to_string();
        refusal(format!("array `{name}` of the batch cannot be filled: {cause}"))
    })
}

/// The arrays of a batch, as numbers.
struct Columns<'a> {
    observation: Rows<'a>,
    achieved_goal: Rows<'a>,
    action: Rows<'a>,
    goal: Rows<'a>,
    next_observation: Rows<'a>,
    next_achieved_goal: Rows<'a>,
    reward: &'a mut [f32],
    steps_to_goal: &'a mut [i32],
    episode: &'a mut [i32],
    t: &'a mut [i32],
}

struct Rows<'a> {
    numbers: &'a mut [f32],
    dim: usize,
}

impl<'a> Rows<'a> {
    fn of(
        array: &'a mut PyReadwriteArray2<'_, f32>,
        shape: [usize; 2],
        name: &str,
    ) -> PyResult<Self> {
        let found = <[usize; 2]>::from(array.as_array().dim());
        if found != shape {
            return Err(refusal(format!("`{name}` has shape {found:?}, not {shape:?}")));
        }
        check_order(&***array, name)?;
        Ok(Self { numbers: array.as_slice_mut()?, dim: shape[1] })
    }

    fn put(&mut self, row: usize, numbers: &[f32]) {
        self.numbers[row * self.dim..(row + 1) * self.dim].copy_from_slice(numbers);
    }
}

fn list<'a, T: numpy::Element>(
    array: &'a mut PyReadwriteArray1<'_, T>,
    len: usize,
    name: &str,
) -> PyResult<&'a mut [T]> {
    let found = array.as_array().len();
    if found != len {
        return Err(refusal(format!("`{name}` has shape [{found}], not [{len}]")));
    }
    check_order(&***array, name)?;
    Ok(array.as_slice_mut()?)
}

/// A slice is lent of arrays in Fortran's order, too.
fn check_order<'py>(array: &impl PyUntypedArrayMethods<'py>, name: &str) -> PyResult<()> {
    if array.is_c_contiguous() {
        return Ok(());
    }
    Err(refusal(format!("`{name}` is not C-contiguous")))
}

impl<'a> Columns<'a> {
    fn of(batch: &'a mut Batch<'_>, view: EpisodeView<'_>, n_rows: usize) -> PyResult<Self> {
        let shape = view.shape;
        let rows = |dim| [n_rows, dim];
        Ok(Self {
            observation: Rows::of(
                &mut batch.observation,
                rows(shape.observation_dim),
                "observation",
            )?,
            achieved_goal: Rows::of(
                &mut batch.achieved_goal,
                rows(shape.goal_dim),
                "achieved_goal",
            )?,
            action: Rows::of(&mut batch.action, rows(shape.action_dim), "action")?,
            goal: Rows::of(&mut batch.goal, rows(shape.goal_dim), "goal")?,
            next_observation: Rows::of(
                &mut batch.next_observation,
                rows(shape.observation_dim),
                "next_observation",
            )?,
            next_achieved_goal: Rows::of(
                &mut batch.next_achieved_goal,
                rows(shape.goal_dim),
                "next_achieved_goal",
            )?,
            reward: list(&mut batch.reward, n_rows, "reward")?,
            steps_to_goal: list(&mut batch.steps_to_goal, n_rows, "steps_to_goal")?,
            episode: list(&mut batch.episode, n_rows, "episode")?,
            t: list(&mut batch.t, n_rows, "t")?,
        })
    }

    fn write(
        &mut self,
        row: usize,
        transition: TransitionIndex,
        view: EpisodeView<'_>,
        rule: SuccessRule,
    ) {
        let (episode, t) = (transition.episode as usize, transition.t as usize);
        let (goal, achieved) = (view.goal(transition), view.achieved_goal(episode, t + 1));
        self.observation.put(row, view.observation(episode, t));
        self.achieved_goal.put(row, view.achieved_goal(episode, t));
        self.action.put(row, view.action(episode, t));
        self.goal.put(row, goal);
        self.next_observation.put(row, view.observation(episode, t + 1));
        self.next_achieved_goal.put(row, achieved);
        let is_reached = rule.holds(spec::distance(achieved, goal));
        self.reward[row] = if is_reached { 1.0 } else { 0.0 };
        self.steps_to_goal[row] = steps_to_goal(transition).map_or(-1, |steps| steps as i32);
        self.episode[row] = episode as i32;
        self.t[row] = t as i32;
    }
}
