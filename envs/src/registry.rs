//! Every task there is, one line each.

use crate::GoalEnv;
use crate::task::Task;
use crate::tasks::fetch_pick_and_place::FetchPickAndPlace;
use crate::tasks::fetch_push::FetchPush;
use crate::tasks::fetch_reach::FetchReach;
use crate::tasks::fetch_slide::FetchSlide;
use crate::tasks::hand_reach::HandReach;
use crate::tasks::point_reach::PointReach;
use crate::tasks::point_rooms::PointRooms;
use crate::tasks::reacher::Reacher;
use crate::tasks::sawyer_door::SawyerDoor;
use crate::tasks::sawyer_reach::SawyerReach;
use gcrl_core::{Env, TaskSpec};
use gcrl_physics::Articulation;

/// A registered task.
#[derive(Clone, Copy)]
pub struct TaskEntry {
    /// Fields, horizon and success rules.
    pub spec: &'static TaskSpec,
    /// Builds an environment whose joints, if it has some, move in the given way.
    pub make_with: fn(Articulation) -> Box<dyn Env>,
    /// Whether there are such joints.
    pub is_articulated: bool,
}

impl TaskEntry {
    /// Builds an environment.
    pub fn make(&self) -> Box<dyn Env> {
        (self.make_with)(Articulation::default())
    }
}

/// Every task, in the order of the paper's tables.
#[rustfmt::skip] // one line a task
pub const TASKS: &[TaskEntry] = &[
    entry::<PointReach>(),
    entry::<PointRooms>(),
    entry::<Reacher>(),
    entry::<SawyerReach>(),
    entry::<SawyerDoor>(),
    entry::<FetchReach>(),
    entry::<FetchPush>(),
    entry::<FetchSlide>(),
    entry::<FetchPickAndPlace>(),
    entry::<HandReach>(),
];

/// The task of this id, if there is one.
pub fn find(id: &str) -> Option<&'static TaskEntry> {
    TASKS.iter().find(|task| task.spec.id == id)
}

const fn entry<T: Task>() -> TaskEntry {
    TaskEntry {
        spec: const { &T::SPEC },
        make_with: |articulation| Box::new(GoalEnv::<T>::new(articulation)),
        is_articulated: T::IS_ARTICULATED,
    }
}
