//! Environments side by side, which write into arrays that are made once.

use crate::arrays::{matrix, vector, zeros};
use crate::error::{bad_value, failure, in_use, refusal};
use crate::lanes::{self, Lane, Row, SeenRow, Turn, Work};
use crate::picture::{self, Painter};
use crate::reward::RewardKind;
use crate::task;
use gcrl_core::{EnvError, TaskSpec};
use numpy::{
    PyArray1, PyArray2, PyArray3, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2,
    PyReadwriteArray1, PyReadwriteArray2,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// Environments in one process: more are a mistake, and would take the memory of hundreds of bodies.
const MAX_ENVS: usize = 1 << 20;

/// Environments of a task, side by side. Every method writes into the same arrays, which are
/// attributes.
#[pyclass(frozen, module = "gcrl._gcrl")]
pub(crate) struct Lanes {
    spec: &'static TaskSpec,
    kind: RewardKind,
    n_threads: usize,
    each: Mutex<Vec<Lane>>,
    painter: Painter,
    /// What is seen now.
    #[pyo3(get)]
    observation: Py<PyArray2<f32>>,
    #[pyo3(get)]
    achieved_goal: Py<PyArray2<f32>>,
    #[pyo3(get)]
    desired_goal: Py<PyArray2<f32>>,
    /// What was seen last in episodes that ended in a step that started others.
    #[pyo3(get)]
    final_observation: Py<PyArray2<f32>>,
    #[pyo3(get)]
    final_achieved_goal: Py<PyArray2<f32>>,
    #[pyo3(get)]
    final_desired_goal: Py<PyArray2<f32>>,
    /// What the last step led to.
    #[pyo3(get)]
    reward: Py<PyArray1<f64>>,
    #[pyo3(get)]
    truncated: Py<PyArray1<bool>>,
    #[pyo3(get)]
    success: Py<PyArray1<f64>>,
    /// Which environments have started an episode.
    #[pyo3(get)]
    was_reset: Py<PyArray1<bool>>,
}

/// How environments whose episode is over start the next one.
#[derive(Clone, Copy)]
enum Autoreset {
    NextStep,
    SameStep,
    Disabled,
}

impl Autoreset {
    fn of(name: &str) -> PyResult<Self> {
        match name {
            "NextStep" => Ok(Self::NextStep),
            "SameStep" => Ok(Self::SameStep),
            "Disabled" => Ok(Self::Disabled),
            other => Err(refusal(format!("unknown autoreset mode `{other}`"))),
        }
    }

    fn turn(self, lane: &Lane, seed: u64) -> Turn {
        match self {
            Self::NextStep if lane.is_over => Turn::Reset(seed),
            Self::NextStep | Self::Disabled => Turn::Step,
            Self::SameStep => Turn::StepThenReset(seed),
        }
    }
}

impl Lanes {
    fn lanes(&self) -> PyResult<MutexGuard<'_, Vec<Lane>>> {
        match self.each.try_lock() {
            Ok(lanes) => Ok(lanes),
            Err(TryLockError::Poisoned(poisoned)) => Ok(PoisonError::into_inner(poisoned)),
            Err(TryLockError::WouldBlock) => Err(in_use("a vector environment")),
        }
    }

    /// Gives every lane its turn, with the interpreter free for others meanwhile.
    fn run(
        &self,
        py: Python<'_>,
        lanes: &mut [Lane],
        turns: &[Turn],
        actions: &[f32],
    ) -> PyResult<()> {
        let mut outputs = Outputs::borrow(self, py)?;
        let rows = outputs.rows(self.spec)?;
        let action_dim = self.spec.action_dim();
        // Of lanes that only reset there are no actions.
        let action = |lane: usize| actions.get(lane * action_dim..(lane + 1) * action_dim);
        let work = lanes.iter_mut().zip(turns).zip(rows).enumerate();
        let work: Vec<_> = work
            .map(|(number, ((lane, turn), row))| Work {
                lane,
                turn: *turn,
                action: action(number).unwrap_or(&[]),
                row,
            })
            .collect();
        let result = py.detach(|| lanes::run(work, self.kind, self.n_threads));
        result.map_err(|(lane, error)| in_lane(failure(error), lane, py))
    }
}

/// Says in which environment an error was.
fn in_lane(error: PyErr, lane: usize, py: Python<'_>) -> PyErr {
    let text = format!("environment {lane}: {}", error.value(py));
    if error.is_instance_of::<PyValueError>(py) {
        PyValueError::new_err(text)
    } else {
        crate::error::GcrlError::new_err(text)
    }
}

#[pymethods]
impl Lanes {
    #[new]
    fn new(
        py: Python<'_>,
        task: &str,
        num_envs: usize,
        num_threads: usize,
        reward_type: &str,
        size: (u32, u32),
    ) -> PyResult<Self> {
        if !(1..=MAX_ENVS).contains(&num_envs) {
            return Err(refusal(format!("num_envs is {num_envs}, not 1 to {MAX_ENVS}")));
        }
        let (task, kind) = (task::find(task)?, RewardKind::of(reward_type)?);
        let lanes: Vec<_> = (0..num_envs).map(|_| Lane::new(task)).collect();
        let spec = task.spec;
        let (observation_dim, goal_dim) = (spec.observation_dim(), spec.goal_dim());
        Ok(Self {
            spec,
            kind,
            n_threads: num_threads.max(1),
            painter: Painter::new(&*lanes[0].env, size.0, size.1)?,
            each: Mutex::new(lanes),
            observation: zeros(py, num_envs, observation_dim),
            achieved_goal: zeros(py, num_envs, goal_dim),
            desired_goal: zeros(py, num_envs, goal_dim),
            final_observation: zeros(py, num_envs, observation_dim),
            final_achieved_goal: zeros(py, num_envs, goal_dim),
            final_desired_goal: zeros(py, num_envs, goal_dim),
            reward: PyArray1::zeros(py, num_envs, false).unbind(),
            truncated: PyArray1::zeros(py, num_envs, false).unbind(),
            success: PyArray1::zeros(py, num_envs, false).unbind(),
            was_reset: PyArray1::zeros(py, num_envs, false).unbind(),
        })
    }

    /// Starts the episodes of `seeds`, `[n]`, in the environments of `mask`, `[n]`.
    fn reset(
        &self,
        py: Python<'_>,
        seeds: PyReadonlyArray1<'_, u64>,
        mask: PyReadonlyArray1<'_, bool>,
    ) -> PyResult<()> {
        let mut lanes = self.lanes()?;
        let seeds = vector(&seeds, lanes.len(), "seeds")?;
        let mask = vector(&mask, lanes.len(), "mask")?;
        let turn = |(seed, is_meant): (&u64, &bool)| {
            if *is_meant { Turn::Reset(*seed) } else { Turn::Rest }
        };
        let turns: Vec<_> = seeds.iter().zip(mask).map(turn).collect();
        self.run(py, &mut lanes, &turns, &[])
    }

    /// Steps them all by `actions`, `[n, action_dim]`; those whose episode is over start that of their
    /// seed in `seeds`, `[n]`, as `autoreset` says.
    fn step(
        &self,
        py: Python<'_>,
        actions: PyReadonlyArray2<'_, f32>,
        seeds: PyReadonlyArray1<'_, u64>,
        autoreset: &str,
    ) -> PyResult<()> {
        let mut lanes = self.lanes()?;
        let autoreset = Autoreset::of(autoreset)?;
        let action_dim = self.spec.action_dim();
        let (n_rows, actions) = matrix(&actions, action_dim, "actions")?;
        if n_rows != lanes.len() {
            return Err(refusal(format!("{n_rows} actions of {} environments", lanes.len())));
        }
        let seeds = vector(&seeds, lanes.len(), "seeds")?;
        let turns: Vec<_> =
            lanes.iter().zip(seeds).map(|(lane, seed)| autoreset.turn(lane, *seed)).collect();
        // Before any of them steps, so that a mistake leaves all as they are.
        for (number, (lane, turn)) in lanes.iter().zip(&turns).enumerate() {
            if matches!(turn, Turn::Reset(_)) {
                continue;
            }
            let action = &actions[number * action_dim..(number + 1) * action_dim];
            let checked = lane.check(action);
            checked.map_err(|error| in_lane(bad_value(error), number, py))?;
            if lane.is_over {
                let error = EnvError::NotReset { task: self.spec.id };
                return Err(in_lane(failure(error), number, py));
            }
        }
        self.run(py, &mut lanes, &turns, actions)
    }

    /// Pictures of all now, each `[height, width, 3]`.
    fn render<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyArray3<u8>>>> {
        let lanes = self.lanes()?;
        let draw = || lanes.iter().map(|lane| self.painter.draw(&*lane.env)).collect::<Vec<_>>();
        let pictures = py.detach(draw);
        pictures.iter().map(|picture| picture::to_array(py, picture)).collect()
    }

    /// The seeds of their episodes.
    #[getter]
    fn episode_seeds<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<u64>>> {
        Ok(PyArray1::from_iter(py, self.lanes()?.iter().map(|lane| lane.seed)))
    }
}

/// The arrays of a [`Lanes`], lent to be written.
struct Outputs<'py> {
    seen: [PyReadwriteArray2<'py, f32>; 3],
    last_seen: [PyReadwriteArray2<'py, f32>; 3],
    reward: PyReadwriteArray1<'py, f64>,
    truncated: PyReadwriteArray1<'py, bool>,
    success: PyReadwriteArray1<'py, f64>,
    was_reset: PyReadwriteArray1<'py, bool>,
}

impl<'py> Outputs<'py> {
    fn borrow(lanes: &Lanes, py: Python<'py>) -> PyResult<Self> {
        let matrix = |array: &Py<PyArray2<f32>>| {
            let lent = array.bind(py).try_readwrite();
            lent.map_err(|error| refusal(format!("an array of the environment is lent: {error}")))
        };
        let seen = [&lanes.observation, &lanes.achieved_goal, &lanes.desired_goal];
        let last =
            [&lanes.final_observation, &lanes.final_achieved_goal, &lanes.final_desired_goal];
        let [a, b, c] = seen.map(matrix);
        let [d, e, f] = last.map(matrix);
        Ok(Self {
            seen: [a?, b?, c?],
            last_seen: [d?, e?, f?],
            reward: lanes.reward.bind(py).try_readwrite()?,
            truncated: lanes.truncated.bind(py).try_readwrite()?,
            success: lanes.success.bind(py).try_readwrite()?,
            was_reset: lanes.was_reset.bind(py).try_readwrite()?,
        })
    }

    /// Cuts them into rows.
    fn rows(&mut self, spec: &TaskSpec) -> PyResult<Vec<Row<'_>>> {
        let seen = seen_rows(&mut self.seen, spec)?;
        let last_seen = seen_rows(&mut self.last_seen, spec)?;
        let flags = self.truncated.as_slice_mut()?.iter_mut().zip(self.was_reset.as_slice_mut()?);
        let numbers = self.reward.as_slice_mut()?.iter_mut().zip(self.success.as_slice_mut()?);
        let rows = seen.into_iter().zip(last_seen).zip(flags).zip(numbers);
        let row = |(((seen, last_seen), (truncated, was_reset)), (reward, success))| Row {
            seen,
            last_seen,
            reward,
            truncated,
            success,
            was_reset,
        };
        Ok(rows.map(row).collect())
    }
}

fn seen_rows<'a>(
    arrays: &'a mut [PyReadwriteArray2<'_, f32>; 3],
    spec: &TaskSpec,
) -> PyResult<Vec<SeenRow<'a>>> {
    let [observation, achieved_goal, desired_goal] = arrays;
    let observation = observation.as_slice_mut()?.chunks_exact_mut(spec.observation_dim());
    let achieved_goal = achieved_goal.as_slice_mut()?.chunks_exact_mut(spec.goal_dim());
    let desired_goal = desired_goal.as_slice_mut()?.chunks_exact_mut(spec.goal_dim());
    let rows = observation.zip(achieved_goal).zip(desired_goal);
    Ok(rows
        .map(|((observation, achieved_goal), desired_goal)| SeenRow {
            observation,
            achieved_goal,
            desired_goal,
        })
        .collect())
}
