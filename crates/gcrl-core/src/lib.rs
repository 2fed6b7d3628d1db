//! The vocabulary of the project: what a task is, what an environment and a policy promise, what an
//! episode holds, and how one seed becomes many.
//!
//! No IO, no clock, no physics, no tensors; no random number that a seed does not determine. Every
//! other crate is written against this one.

pub mod behavior;
pub mod env;
pub mod episode;
mod lock_step;
pub mod normalizer;
mod plan;
pub mod play;
pub mod policy;
pub mod pool;
pub mod rollout;
pub mod scene;
pub mod seed;
pub mod shape;
pub mod spec;
pub mod threads;

pub use behavior::{Behavior, Exploration, PolicyFile};
pub use env::{Depict, Env, EnvError, Outcome, StepSideBySide, Turn, step_each};
pub use episode::{EpisodeView, Episodes, GoalAt, TransitionIndex};
pub use normalizer::Normalizer;
pub use play::Play;
pub use policy::{GoalObservation, ObservationBatch, Policy};
pub use pool::{EnvPool, MakeEnv};
pub use scene::Scene;
pub use shape::EpisodeShape;
pub use spec::{Field, FieldRecord, SuccessRule, TaskSpec};
pub use threads::on_threads;
