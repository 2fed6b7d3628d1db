//! Many environments and one behavior, in lock step, over all threads.
//!
//! Episode `i` of root seed `S` resets with `child(S, "reset", i)` and draws its noise from
//! `stream(S, "behavior", i)`. Nothing else is random, and a policy answers row by row, so the
//! episodes are bit-equal for any number of threads and any size of batch.

use crate::behavior::Behavior;
use crate::env::{self, Env, EnvError};
use crate::episode::Episodes;
use crate::plan::{OnProgress, Plan};
use crate::policy::ObservationBatch;
use crate::seed;
use crate::shape::EpisodeShape;
use crate::threads::on_threads;
use std::ops::ControlFlow;
use std::sync::Mutex;

/// Makes the planned episodes in `envs`, at least 1, of one task.
pub(crate) fn fill(
    envs: &mut [Box<dyn Env>],
    behavior: &Behavior,
    plan: &Plan,
    on_progress: OnProgress<'_>,
) -> Result<Episodes, EnvError> {
    let shape = envs[0].spec().episode_shape();
    let n_threads = plan.n_threads.clamp(1, envs.len());
    let n_together = (envs.len().min(plan.n_envs()) / n_threads).max(1);
    let mut episodes = Episodes::zeros(shape, plan.n_episodes());
    let jobs = Mutex::new(Slot::split(&mut episodes, plan.episodes.start, n_together));
    let failure = Mutex::new(None);
    let work = |envs| {
        let mut lanes = Lanes::new(envs, shape);
        while let Some(mut slot) = next(&jobs) {
            let n_done = slot.n_episodes;
            let played = lanes.run(&mut slot, behavior, plan.seed);
            let played = played.and_then(|()| match on_progress(n_done) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(EnvError::Stopped),
            });
            if let Err(error) = played {
                failure.lock().expect("no thread panics").get_or_insert(error);
                return;
            }
        }
    };
    let groups = Mutex::new(envs.chunks_exact_mut(n_together).take(n_threads));
    let next_group = || groups.lock().expect("no thread panics").next();
    on_threads(n_threads, || next_group().map_or((), work));
    drop(jobs);
    match failure.into_inner().expect("no thread panics") {
        Some(error) => Err(error),
        None => Ok(episodes),
    }
}

fn next<'a>(jobs: &Mutex<Vec<Slot<'a>>>) -> Option<Slot<'a>> {
    jobs.lock().expect("no thread panics").pop()
}

/// A run of consecutive episodes, to be filled by one thread.
struct Slot<'a> {
    first: u64,
    n_episodes: usize,
    observation: &'a mut [f32],
    achieved_goal: &'a mut [f32],
    action: &'a mut [f32],
    desired_goal: &'a mut [f32],
}

impl<'a> Slot<'a> {
    /// Cuts `episodes` into runs of at most `n_together`, the first run last (they are popped).
    fn split(episodes: &'a mut Episodes, first: u64, n_together: usize) -> Vec<Self> {
        let EpisodeShape { observation_dim, goal_dim, action_dim, n_transitions } = episodes.shape;
        let n_states = n_together * (n_transitions + 1);
        let states = episodes
            .observation
            .chunks_mut(n_states * observation_dim)
            .zip(episodes.achieved_goal.chunks_mut(n_states * goal_dim));
        let rest = episodes
            .action
            .chunks_mut(n_together * n_transitions * action_dim)
            .zip(episodes.desired_goal.chunks_mut(n_together * goal_dim));
        let mut slots: Vec<_> = states
            .zip(rest)
            .enumerate()
            .map(|(slot_idx, ((observation, achieved_goal), (action, desired_goal)))| Slot {
                first: first + (slot_idx * n_together) as u64,
                n_episodes: desired_goal.len() / goal_dim,
                observation,
                achieved_goal,
                action,
                desired_goal,
            })
            .collect();
        slots.reverse();
        slots
    }
}

/// Environments of one thread, and what they see.
struct Lanes<'a> {
    shape: EpisodeShape,
    envs: &'a mut [Box<dyn Env>],
    observation: Vec<f32>,
    desired_goal: Vec<f32>,
    action: Vec<f32>,
}

impl<'a> Lanes<'a> {
    fn new(envs: &'a mut [Box<dyn Env>], shape: EpisodeShape) -> Self {
        let n_lanes = envs.len();
        Self {
            shape,
            envs,
            observation: vec![0.0; n_lanes * shape.observation_dim],
            desired_goal: vec![0.0; n_lanes * shape.goal_dim],
            action: vec![0.0; n_lanes * shape.action_dim],
        }
    }

    fn run(&mut self, slot: &mut Slot<'_>, behavior: &Behavior, seed: u64) -> Result<(), EnvError> {
        let EpisodeShape { observation_dim, goal_dim, action_dim, n_transitions } = self.shape;
        let (n_rows, n_states) = (slot.n_episodes, self.shape.n_states());
        let numbers = slot.first..slot.first + n_rows as u64;
        let mut streams: Vec<_> =
            numbers.clone().map(|number| seed::stream(seed, "behavior", number)).collect();
        for (env, number) in self.envs.iter_mut().zip(numbers) {
            env.reset(seed::child(seed, "reset", number))?;
        }
        for t in 0..n_states {
            for (lane, env) in self.envs[..n_rows].iter().enumerate() {
                let seen = env.observation();
                let state_idx = lane * n_states + t;
                put(slot.observation, state_idx, observation_dim, seen.observation);
                put(slot.achieved_goal, state_idx, goal_dim, seen.achieved_goal);
                put(&mut self.observation, lane, observation_dim, seen.observation);
                put(&mut self.desired_goal, lane, goal_dim, seen.desired_goal);
            }
            if t == n_transitions {
                break;
            }
            let batch = ObservationBatch {
                n_rows,
                observation: &self.observation[..n_rows * observation_dim],
                desired_goal: &self.desired_goal[..n_rows * goal_dim],
            };
            let actions = &mut self.action[..n_rows * action_dim];
            behavior.act(&batch, actions, &mut streams);
            let actions = actions.chunks_exact(action_dim);
            let envs = self.envs[..n_rows].iter_mut().map(|env| &mut **env);
            let mut turns: Vec<_> = envs.zip(actions.clone()).collect();
            env::step_each(&mut turns).into_iter().collect::<Result<Vec<_>, _>>()?;
            for (lane, action) in actions.enumerate() {
                put(slot.action, lane * n_transitions + t, action_dim, action);
            }
        }
        slot.desired_goal.copy_from_slice(&self.desired_goal[..n_rows * goal_dim]);
        Ok(())
    }
}

fn put(column: &mut [f32], row_idx: usize, dim: usize, row: &[f32]) {
    column[row_idx * dim..(row_idx + 1) * dim].copy_from_slice(row);
}
