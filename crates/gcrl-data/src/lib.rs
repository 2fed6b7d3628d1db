//! Episodes in, draws out: data sets on disk, relabeling, sampling.
//!
//! ```text
//! Episodes ──write──▶ folder ──open──▶ Dataset ──view──▶ EpisodeView ┐
//! Episodes ──push───▶ Replay ──────────────────view──▶ EpisodeView ┴──draw──▶ TransitionIndex
//! ```
//!
//! How episodes are made is none of this crate's business.

mod columns;
mod dataset;
mod diff;
mod manifest;
mod map;
mod relabel;
mod replay;
mod sample;
mod statistics;
mod store;
mod verify;

pub use dataset::{Dataset, OpenError, SpecMismatch};
pub use diff::{ColumnDifference, Difference, EntryDifference, diff};
pub use manifest::{
    BehaviorRecord, ColumnRecord, FieldRecord, Manifest, Origin, OutcomeRecord, RuleRecord,
    TaskRecord,
};
pub use map::MapError;
pub use relabel::{Relabel, steps_to_goal};
pub use replay::{Replay, RestoreError};
pub use sample::draw;
pub use store::{FORMAT_VERSION, StoreError, write};
pub use verify::Problem;
