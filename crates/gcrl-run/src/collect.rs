//! From a behavior to a data set on disk.

use crate::observer::{Job, Observer, Running, goes_on};
use gcrl_core::rollout::{self, Plan};
use gcrl_core::{Behavior, EnvError};
use gcrl_data::{BehaviorRecord, Manifest, Origin, StoreError};
use gcrl_envs::TaskEntry;
use gcrl_file::{ClaimError, OutputFolder};
use std::path::Path;

/// What to collect.
#[derive(Clone)]
pub struct Collection<'a> {
    /// The task.
    pub task: &'static TaskEntry,
    /// Who acts.
    pub behavior: &'a Behavior,
    /// Which episodes.
    pub plan: &'a Plan,
}

/// A cause for a data set not to be collected.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// An environment failed.
    #[error(transparent)]
    Env {
        /// What happened.
        #[from]
        source: EnvError,
    },
    /// The folder cannot be written to, or holds something.
    #[error(transparent)]
    Claim {
        /// Why.
        #[from]
        source: ClaimError,
    },
    /// The data set cannot be written.
    #[error(transparent)]
    Store {
        /// What happened.
        #[from]
        source: StoreError,
    },
}

impl Collection<'_> {
    /// What a data set says about where its episodes come from.
    pub(crate) fn origin(&self) -> Origin {
        Origin { behavior: BehaviorRecord::from(self.behavior), seed: self.plan.seed }
    }
}

/// Collects episodes and writes them to the folder `out`, which must not hold anything yet.
///
/// # Errors
///
/// If the folder cannot be written or is not empty, which is found before the first episode, an
/// environment fails, or the observer asks to stop; then nothing is written.
pub fn collect(
    collection: &Collection<'_>,
    out: &Path,
    observer: &dyn Observer,
) -> Result<Manifest, CollectError> {
    let Collection { task, plan, .. } = collection;
    let out = OutputFolder::claim(out)?;
    let total = plan.episodes.end - plan.episodes.start;
    gcrl_data::check_size(&out, task.spec, total)?;
    let job = Job { name: task.spec.id.to_owned(), total, unit: "episodes" };
    let running = Running::start(observer, &job);
    let manifest = collect_into(collection, out, observer);
    drop(running);
    manifest
}

/// Collects episodes and writes them to the folder that was claimed for them.
pub(crate) fn collect_into(
    collection: &Collection<'_>,
    out: OutputFolder,
    observer: &dyn Observer,
) -> Result<Manifest, CollectError> {
    let Collection { task, behavior, plan } = collection;
    let on_progress = |n_done| {
        observer.on_progress(n_done as u64);
        goes_on(observer)
    };
    let episodes = rollout::rollout(&|| task.make(), behavior, plan, &on_progress)?;
    Ok(gcrl_data::write(out, task.spec, episodes.view(), collection.origin())?)
}
