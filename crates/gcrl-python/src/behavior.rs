//! Who acts, by what Python passes: a word, a file, a policy, or a function.

use crate::acting::Acting;
use crate::error::{GcrlError, bad_value, failure, refusal};
use crate::policy::Policy;
use gcrl_core::{Behavior, Exploration, spec};
use gcrl_envs::TaskEntry;
use gcrl_policy::TaskMismatch;
use gcrl_run::behavior::{self, BehaviorError};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Who acts in a task, and how that is stopped.
pub(crate) struct StoppableBehavior {
    pub(crate) behavior: Behavior,
    /// Absent where actions are random.
    pub(crate) acting: Option<Arc<Acting>>,
}

impl StoppableBehavior {
    /// Reads who acts.
    pub(crate) fn of(
        who: &Bound<'_, PyAny>,
        task: &'static TaskEntry,
        (noise_std, random_action_probability): (f32, f32),
    ) -> PyResult<Self> {
        check_noise(noise_std, random_action_probability)?;
        let exploration = Exploration { noise_std, random_action_probability };
        if let Ok(policy) = who.cast::<Policy>() {
            let policy = policy.get();
            check_task(policy, task)?;
            return Ok(Self::new(Behavior { exploration, ..policy.behavior.clone() }, task));
        }
        if let Ok(path) = who.extract::<PathBuf>() {
            let name = path.to_string_lossy();
            let behavior = behavior::read(&name, exploration, task);
            let behavior = behavior.map_err(|error| match error {
                BehaviorError::NoisyRandom | BehaviorError::OtherTask { .. } => bad_value(error),
                error => failure(error),
            })?;
            return Ok(Self::new(behavior, task));
        }
        if who.is_callable() {
            let acting = Arc::new(Acting::function(who.clone().unbind(), task.spec));
            let behavior =
                Behavior { exploration, ..Behavior::of("function of Python", acting.clone()) };
            return Ok(Self { behavior, acting: Some(acting) });
        }
        Err(refusal(format!(
            "{who} cannot act; pass `random`, `expert`, a policy, its file, or a function"
        )))
    }

    fn new(behavior: Behavior, task: &'static TaskEntry) -> Self {
        let Some(policy) = behavior.policy.clone() else { return Self { behavior, acting: None } };
        let acting = Arc::new(Acting::policy(policy, task.spec));
        let behavior = Behavior { policy: Some(acting.clone()), ..behavior };
        Self { behavior, acting: Some(acting) }
    }

    /// Why its episodes ended early: the exception of a function that acted, or that it was stopped;
    /// otherwise `error`.
    pub(crate) fn cause_of(&self, error: PyErr) -> PyErr {
        let Some(acting) = &self.acting else { return error };
        match acting.take_failure() {
            Some(raised) => raised,
            None if acting.stop.load(Ordering::Relaxed) => {
                GcrlError::new_err("stopped before the last episode")
            }
            None => error,
        }
    }

    /// Asks it to end its episodes.
    pub(crate) fn stop(&self) {
        if let Some(acting) = &self.acting {
            acting.stop.store(true, Ordering::Relaxed);
        }
    }
}

/// Checks that a policy is of the task, as reading its file for the task would.
fn check_task(policy: &Policy, task: &TaskEntry) -> PyResult<()> {
    let spec = task.spec;
    if spec::base_id(&policy.task) != spec::base_id(spec.id) {
        let found = policy.task.clone();
        return Err(bad_value(TaskMismatch::Task { found, expected: spec.id }));
    }
    let dimensions = [
        ("an observation", policy.observation_dim, spec.observation_dim()),
        ("a goal", policy.goal_dim, spec.goal_dim()),
        ("an action", policy.action_dim, spec.action_dim()),
    ];
    match dimensions.into_iter().find(|(_, found, expected)| found != expected) {
        None => Ok(()),
        Some((part, found, expected)) => {
            Err(bad_value(TaskMismatch::Dimension { task: spec.id, part, found, expected }))
        }
    }
}

/// Noise on actions, as arguments of Python: standard deviation, and probability of a random action.
fn check_noise(noise_std: f32, random_action_probability: f32) -> PyResult<()> {
    if !noise_std.is_finite() || noise_std < 0.0 {
        return Err(refusal(format!("noise_std is {noise_std}, not a number of at least 0")));
    }
    if !(0.0..=1.0).contains(&random_action_probability) {
        return Err(refusal(format!(
            "random_action_probability is {random_action_probability}, not from 0 to 1"
        )));
    }
    Ok(())
}
