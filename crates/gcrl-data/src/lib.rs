//! Episodes in, batches of transition indices out: data sets on disk, relabeling, sampling.
//!
//! ```text
//! Episodes ──write──▶ folder ──open──▶ Dataset ──view──▶ EpisodeView ┐
//! Episodes ──push───▶ Replay ──────────────────view──▶ EpisodeView ┴──sample_batch──▶ TransitionIndex
//! ```
//!
//! How episodes are made is none of this crate's business.

mod columns;
mod dataset;
mod diff;
mod manifest;
mod map;
mod mixture;
mod recipe;
mod record_diff;
mod relabel;
mod replay;
mod sample;
mod statistics;
mod store;
mod verify;

pub use dataset::{Dataset, OpenError, SpecMismatch};
pub use diff::{ColumnDifference, Difference, diff};
pub use manifest::{
    BehaviorRecord, ColumnRecord, Manifest, Origin, OutcomeRecord, RuleRecord, TaskRecord,
};
pub use map::MapError;
pub use mixture::{FutureLaw, GoalMixture};
pub use recipe::Recipe;
pub use record_diff::{EntryDifference, differences};
pub use relabel::{Relabel, steps_to_goal};
pub use replay::{Replay, ReplayError};
pub use sample::sample_batch;
pub use statistics::describe_outcome;
pub use store::{FORMAT_VERSION, StoreError, check_size, write};
pub use verify::Problem;
