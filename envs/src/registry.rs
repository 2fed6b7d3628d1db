//! Every task there is, one line each.
//!
//! A variant is a task whose robot moves another way. Its id names its task before an `@`; the spaces
//! of the two are equal, so a policy of one acts in the other. A data set belongs to one of them alone.

use crate::GoalEnv;
use crate::not_simulated::NotSimulated;
use crate::recorded::{Restore, RestoreRecorded};
use crate::task::Task;
use crate::tasks;
use gcrl_core::{Depict, TaskSpec};
use gcrl_physics::Multibody;

/// A registered task.
#[derive(Clone, Copy)]
pub struct TaskEntry {
    /// Fields, horizon and success rules.
    pub spec: &'static TaskSpec,
    make: Option<fn() -> Box<dyn Depict>>,
    make_recorded: Option<fn() -> Box<dyn RestoreRecorded>>,
}

impl TaskEntry {
    /// Builds an environment; that of a task that is not simulated refuses to reset.
    pub fn make(&self) -> Box<dyn Depict> {
        self.make.map_or_else(
            || -> Box<dyn Depict> { Box::new(NotSimulated::new(self.spec)) },
            |make| make(),
        )
    }

    /// Whether its environments can be played.
    pub const fn is_simulated(&self) -> bool {
        self.make.is_some()
    }

    /// Builds an environment that starts from recorded states, if the task's can.
    pub fn make_recorded(&self) -> Option<Box<dyn RestoreRecorded>> {
        self.make_recorded.map(|make| make())
    }
}

/// Every task, in the order of the paper's tables.
#[rustfmt::skip] // one line a task
pub const TASKS: &[TaskEntry] = &[
    restorable::<tasks::point_reach::PointReach>(),
    restorable::<tasks::point_rooms::PointRooms>(),
    restorable::<tasks::reacher::Reacher>(),
    restorable::<tasks::sawyer_reach::SawyerReach>(),
    restorable::<tasks::sawyer_door::SawyerDoor>(),
    restorable::<tasks::fetch_reach::FetchReach>(),
    restorable::<tasks::fetch_push::FetchPush>(),
    restorable::<tasks::fetch_slide::FetchSlide>(),
    restorable::<tasks::fetch_pick_and_place::FetchPickAndPlace>(),
    restorable::<tasks::hand_reach::HandReach>(),
];

/// Tasks of jointed robots once more, moved by the multibodies of rapier: slower and less exact, for
/// comparison. They are found by their ids, and stand in no list of tasks.
pub const VARIANTS: &[TaskEntry] = &[
    restorable::<tasks::reacher::Reacher<Multibody>>(),
    restorable::<tasks::hand_reach::HandReach<Multibody>>(),
];

/// The task or variant of this id, if there is one.
pub fn find(id: &str) -> Option<&'static TaskEntry> {
    TASKS.iter().chain(VARIANTS).find(|task| task.spec.id == id)
}

/// A task as the program and its libraries take it; one of your own crate needs no more.
pub const fn entry<T: Task>() -> TaskEntry {
    TaskEntry {
        spec: const { &T::SPEC },
        make: Some(|| Box::new(GoalEnv::new(T::new()))),
        make_recorded: None,
    }
}

/// A task that is known from its episodes alone: policies are trained for it, and act elsewhere.
pub const fn not_simulated(spec: &'static TaskSpec) -> TaskEntry {
    TaskEntry { spec, make: None, make_recorded: None }
}

/// A task whose episodes can start from recorded states.
const fn restorable<T: Restore>() -> TaskEntry {
    TaskEntry { make_recorded: Some(|| Box::new(GoalEnv::new(T::new()))), ..entry::<T>() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::{Env, EnvError, Outcome, seed, step_each};
    use rand::RngExt;

    /// What an environment answered and what it shows, to the bit.
    fn bits(env: &dyn Env, answer: &Result<Outcome, EnvError>) -> (String, Vec<u32>) {
        let seen = env.observation();
        let numbers = seen.observation.iter().chain(seen.achieved_goal).chain(seen.desired_goal);
        (format!("{answer:?}"), numbers.map(|number| number.to_bits()).collect())
    }

    /// Plays environments twice, one by one and side by side, with random actions. Each is reset at
    /// turns of its own, so that some wait for a reset, and some actions are not numbers.
    fn play_twice(task: &TaskEntry, n_envs: usize, n_turns: usize) {
        let make = || (0..n_envs).map(|_| task.make()).collect::<Vec<_>>();
        let (mut alone, mut together) = (make(), make());
        let mut rng = seed::stream(n_envs as u64, task.spec.id, 0);
        for turn in 0..n_turns {
            for (index, (one, other)) in alone.iter_mut().zip(&mut together).enumerate() {
                if turn == index % 3 || rng.random_range(0..30) == 0 {
                    let seed = rng.random();
                    one.reset(seed).unwrap();
                    other.reset(seed).unwrap();
                }
            }
            let mut draw = || match rng.random_range(0..500) {
                0 => f32::NAN,
                _ => 3.0 * rng.random::<f32>() - 1.5,
            };
            let actions: Vec<Vec<f32>> = alone
                .iter()
                .map(|_| (0..task.spec.action_dim()).map(|_| draw()).collect())
                .collect();
            let expected = alone.iter_mut().zip(&actions).map(|(env, action)| {
                let answer = env.step(action);
                bits(&**env, &answer)
            });
            let expected: Vec<_> = expected.collect();
            let envs = together.iter_mut().map(|env| &mut **env as &mut dyn Env);
            let answers =
                step_each(&mut envs.zip(actions.iter().map(|a| &a[..])).collect::<Vec<_>>());
            for (index, (env, answer)) in together.iter().zip(&answers).enumerate() {
                assert!(bits(&**env, answer) == expected[index], "{} {index}", task.spec.id);
            }
        }
    }

    #[test]
    fn what_touches_plays_side_by_side_as_one_by_one_to_the_bit() {
        for name in ["HandReach", "FetchPush", "FetchSlide", "SawyerDoor"] {
            for (n_envs, n_turns) in [(1, 60), (3, 60), (4, 60), (9, 120), (64, 60)] {
                play_twice(find(name).unwrap(), n_envs, n_turns);
            }
        }
    }

    #[test]
    fn every_task_plays_side_by_side_as_one_by_one_to_the_bit() {
        for task in TASKS {
            play_twice(task, 13, 20);
        }
    }

    #[test]
    fn environments_of_several_tasks_step_one_by_one() {
        let mut envs = [find("Reacher").unwrap().make(), find("HandReach").unwrap().make()];
        for env in &mut envs {
            env.reset(0).unwrap();
        }
        let actions = [vec![0.5; 2], vec![0.5; 20]];
        let envs = envs.iter_mut().map(|env| &mut **env as &mut dyn Env);
        let mut turns: Vec<_> = envs.zip(actions.iter().map(|action| &action[..])).collect();
        assert!(step_each(&mut turns).iter().all(Result::is_ok));
    }
}
