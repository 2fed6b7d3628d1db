//! The loops of reinforcement learning, for programs: resolve a run, train it with evaluations and
//! checkpoints, collect data sets, fill the paper's table.
//!
//! | step | call | result |
//! |---|---|---|
//! | names become tasks and algorithms | [`Catalog`] | entries |
//! | who acts is read | [`behavior::read`] | `gcrl_core::Behavior` |
//! | episodes are collected | [`collect`] | a data set in a folder |
//! | settings are resolved | [`Run::resolve`] | [`Run`] |
//! | policies are trained | [`train`] in a [`RunFolder`] | [`RunResult`], and policies as files |
//! | whole tables are filled | [`reproduce`] | results beside the paper's |
//!
//! Nothing here prints, exits or reads the terminal: progress goes to an [`Observer`], and errors are
//! typed, so that a program can add advice by matching on them.

pub mod behavior;
mod catalog;
mod clock;
mod collect;
mod curves;
mod dataset;
pub mod datasets;
pub mod engine;
mod episode_source;
mod evaluate;
pub mod experts;
mod folder;
mod folder_error;
mod foreign_task;
mod group;
mod layers;
mod observer;
mod pace;
mod provenance;
pub mod reproduce;
mod request;
mod resolve_error;
mod results;
mod resume;
mod run;
mod session;
mod source;
mod task_file;
mod train;
mod train_error;

pub use gcrl_core::rollout::Plan;
pub use gcrl_core::{Behavior, Exploration};

pub use catalog::{Catalog, NameKind, UnknownName};
pub use collect::{CollectError, Collection, collect};
pub use dataset::DatasetError;
pub use evaluate::{evaluate, evaluation_plan};
pub use folder::RunFolder;
pub use folder_error::FolderError;
pub use layers::Origin;
pub use observer::{Job, Observer, Silent, goes_on};
pub use pace::Pace;
pub use provenance::{Difference, Provenance};
pub use request::RunRequest;
pub use resolve_error::ResolveError;
pub use results::{RunResult, SeedResult};
pub use resume::ResumeRequest;
pub use run::{Run, defaults};
pub use task_file::{ForeignTask, TaskFileError};
pub use train::train;
pub use train_error::TrainError;
