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
