//! Environments side by side, each of which steps, rests or begins anew: what Gymnasium's vector
//! environments are made of.
//!
//! A lane's episodes do not depend on the others or on the number of threads. `gcrl_core::EnvPool`
//! plays episodes that are planned; here it is the caller who decides step by step.

use crate::reward::RewardKind;
use gcrl_core::{Depict, Env, EnvError, Outcome, TaskSpec, on_threads, step_each};
use gcrl_envs::TaskEntry;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Parts of the work a thread takes at a time, over all threads: more than threads, since some steps
/// take longer than others.
const PARTS_PER_THREAD: usize = 4;

/// What a lane does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nothing.
    Rest,
    /// Starts the episode of this seed.
    Reset(u64),
    /// Steps.
    Step,
    /// Steps, and where that ends the episode, starts that of this seed.
    StepThenReset(u64),
}

/// One environment, and where it is in its episode.
pub(crate) struct Lane {
    pub(crate) env: Box<dyn Depict>,
    /// The seed of the episode.
    pub(crate) seed: u64,
    /// Steps of the episode.
    n_steps: usize,
    /// Whether there is no episode to step in.
    pub(crate) is_over: bool,
}

/// Where a lane writes what it comes to.
pub(crate) struct Row<'a> {
    pub(crate) seen: SeenRow<'a>,
    /// What was seen last of an episode that ended and was followed by another in one turn.
    pub(crate) last_seen: SeenRow<'a>,
    pub(crate) reward: &'a mut f64,
    pub(crate) truncated: &'a mut bool,
    /// 1 if the step's goal is reached, otherwise 0.
    pub(crate) success: &'a mut f64,
    /// Whether an episode was started.
    pub(crate) was_reset: &'a mut bool,
}

/// Where it writes what is seen.
pub(crate) struct SeenRow<'a> {
    pub(crate) observation: &'a mut [f32],
    pub(crate) achieved_goal: &'a mut [f32],
    pub(crate) desired_goal: &'a mut [f32],
}

impl SeenRow<'_> {
    fn write(&mut self, env: &dyn Depict) {
        let seen = env.observation();
        self.observation.copy_from_slice(seen.observation);
        self.achieved_goal.copy_from_slice(seen.achieved_goal);
        self.desired_goal.copy_from_slice(seen.desired_goal);
    }
}

impl Lane {
    /// A lane that waits for its first reset.
    pub(crate) fn new(task: &TaskEntry) -> Self {
        Self { env: task.make(), seed: 0, n_steps: 0, is_over: true }
    }

    /// Starts the episode of `seed`.
    pub(crate) fn reset(&mut self, seed: u64) -> Result<(), EnvError> {
        (self.seed, self.n_steps) = (seed, 0);
        let result = self.env.reset(seed);
        self.is_over = result.is_err();
        result
    }

    /// Steps, and returns whether that ended the episode, and whether the goal is reached.
    pub(crate) fn step(&mut self, action: &[f32]) -> Result<(bool, bool), EnvError> {
        let answer = self.env.step(action);
        self.take_answer(answer)
    }

    /// Counts a step that its environment answered.
    fn take_answer(&mut self, answer: Result<Outcome, EnvError>) -> Result<(bool, bool), EnvError> {
        match answer {
            Ok(outcome) => {
                self.n_steps += 1;
                self.is_over = outcome.truncated;
                Ok((outcome.truncated, outcome.success))
            }
            Err(error) => {
                self.is_over |= matches!(error, EnvError::StateNotFinite { .. });
                Err(error)
            }
        }
    }

    /// What its environment would say of an action that holds a NaN.
    pub(crate) fn check(&self, action: &[f32]) -> Result<(), EnvError> {
        let task = self.env.spec().id;
        match action.iter().position(|component| component.is_nan()) {
            None => Ok(()),
            Some(component) => {
                let (seed, step) = (self.seed, self.n_steps);
                Err(EnvError::ActionNotFinite { task, seed, step, component })
            }
        }
    }

    /// The reward of where it is.
    pub(crate) fn reward(&self, spec: &TaskSpec, kind: RewardKind) -> f64 {
        let seen = self.env.observation();
        kind.of_goals(spec, seen.achieved_goal, seen.desired_goal)
    }

    /// Takes its turn; `answer` is that of its environment, where it steps.
    fn take(
        &mut self,
        turn: Turn,
        answer: Option<Result<Outcome, EnvError>>,
        kind: RewardKind,
        row: &mut Row<'_>,
    ) -> Result<(), EnvError> {
        *row.was_reset = false;
        match (turn, answer) {
            (Turn::Reset(seed), _) => {
                (*row.reward, *row.truncated, *row.success) = (0.0, false, 0.0);
                self.reset(seed)?;
                *row.was_reset = true;
            }
            (_, None) => return Ok(()),
            (_, Some(answer)) => {
                let (truncated, success) = self.take_answer(answer)?;
                *row.reward = self.reward(self.env.spec(), kind);
                *row.truncated = truncated;
                *row.success = f64::from(u8::from(success));
            }
        }
        if let (Turn::StepThenReset(seed), true) = (turn, *row.truncated) {
            row.last_seen.write(&*self.env);
            self.reset(seed)?;
            *row.was_reset = true;
        }
        row.seen.write(&*self.env);
        Ok(())
    }
}

/// One lane's part of what is to do.
pub(crate) struct Work<'a> {
    pub(crate) lane: &'a mut Lane,
    pub(crate) turn: Turn,
    /// `[action_dim]`; of no use to a lane that does not step.
    pub(crate) action: &'a [f32],
    pub(crate) row: Row<'a>,
}

/// Lanes that a thread steps side by side at least, if there are as many for each.
const MIN_TOGETHER: usize = 8;

/// The answers of those environments that step, side by side.
fn answers(works: &mut [Work<'_>]) -> Vec<Option<Result<Outcome, EnvError>>> {
    let steps = |work: &Work<'_>| matches!(work.turn, Turn::Step | Turn::StepThenReset(_));
    let stepping: Vec<_> = works.iter().map(steps).collect();
    let turns = works.iter_mut().filter(|work| steps(work));
    let turns = turns.map(|work| (&mut *work.lane.env as &mut dyn Env, work.action));
    let mut answers = step_each(&mut turns.collect::<Vec<_>>()).into_iter();
    stepping.into_iter().map(|steps| steps.then(|| answers.next()).flatten()).collect()
}

/// Does it all over `n_threads` threads.
///
/// Returns the error of the first lane that has one, and that lane; all others have had their turn.
pub(crate) fn run(
    mut work: Vec<Work<'_>>,
    kind: RewardKind,
    n_threads: usize,
) -> Result<(), (usize, EnvError)> {
    let n_threads = n_threads.clamp(1, work.len().max(1));
    let share = work.len().div_ceil(n_threads);
    let n_together = share.div_ceil(PARTS_PER_THREAD).max(share.min(MIN_TOGETHER)).max(1);
    let parts = work.chunks_mut(n_together).enumerate();
    let (parts, failures) = (Mutex::new(parts), Mutex::new(BTreeMap::new()));
    let next = || parts.lock().expect("no thread panics").next();
    on_threads(n_threads, || {
        while let Some((part, works)) = next() {
            let answers = answers(works);
            for (position, (work, answer)) in works.iter_mut().zip(answers).enumerate() {
                let result = work.lane.take(work.turn, answer, kind, &mut work.row);
                if let Err(error) = result {
                    let lane = part * n_together + position;
                    failures.lock().expect("no thread panics").insert(lane, error);
                }
            }
        }
    });
    match failures.into_inner().expect("no thread panics").pop_first() {
        Some((lane, error)) => Err((lane, error)),
        None => Ok(()),
    }
}
