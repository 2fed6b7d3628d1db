//! From a behavior to a data set on disk.

use crate::failure::Hint;
use crate::progress::Progress;
use gcrl_core::Behavior;
use gcrl_core::rollout::{self, Plan};
use gcrl_data::{Manifest, Origin};
use gcrl_envs::TaskEntry;
use std::path::Path;

/// Collects the planned episodes of `behavior` and writes them to the folder `out`.
pub(crate) fn collect(
    task: &TaskEntry,
    behavior: &Behavior,
    plan: &Plan,
    out: &Path,
) -> anyhow::Result<Manifest> {
    gcrl_data::check_place(out).hint("name a new folder with `--out`")?;
    let origin = Origin { behavior: behavior.into(), seed: plan.seed };
    let n_episodes = plan.episodes.end - plan.episodes.start;
    let progress = Progress::new(task.spec.id, n_episodes, "episodes");
    let on_progress = |n_done: usize| progress.advance(n_done as u64);
    let episodes = rollout::rollout(&|| task.make(), behavior, plan, &on_progress)?;
    drop(progress);
    let written = gcrl_data::write(out, task.spec, episodes.view(), origin);
    written.hint("free some space, or name another folder with `--out`")
}
