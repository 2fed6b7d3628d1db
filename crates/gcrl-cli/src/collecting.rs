//! From a behavior to a data set on disk.

use crate::commands::options::{self, Actor, Joints};
use crate::failure::Hint;
use crate::progress::Progress;
use gcrl_core::rollout::{self, Plan};
use gcrl_data::{BehaviorRecord, Manifest, Origin};
use gcrl_envs::TaskEntry;
use gcrl_file::OutputFolder;
use std::path::Path;

/// Collects the planned episodes of `actor` and writes them to the folder `out`.
pub(crate) fn collect(
    task: &TaskEntry,
    joints: Joints,
    actor: &Actor,
    plan: &Plan,
    out: &Path,
) -> anyhow::Result<Manifest> {
    let out = OutputFolder::claim(out).hint("name a new folder with `--out`")?;
    let n_episodes = plan.episodes.end - plan.episodes.start;
    gcrl_data::check_size(&out, task.spec, n_episodes).hint("collect fewer with `--episodes`")?;
    let articulation = joints.of(task)?;
    let origin =
        Origin { behavior: record(actor, task)?, seed: plan.seed, articulation: joints.to_text() };
    let progress = Progress::new(task.spec.id, n_episodes, "episodes");
    let on_progress = |n_done: usize| progress.advance(n_done as u64);
    let make_env = || (task.make_with)(articulation);
    let episodes = rollout::rollout(&make_env, actor.behavior(), plan, &on_progress)?;
    drop(progress);
    let written = gcrl_data::write(out, task.spec, episodes.view(), origin);
    written.hint("free some space, or name another folder with `--out`")
}

/// What the manifest says of who acted.
fn record(actor: &Actor, task: &TaskEntry) -> anyhow::Result<BehaviorRecord> {
    let Actor::Policy { policy, path, exploration } = actor else {
        return Ok(BehaviorRecord::Uniform);
    };
    let file = options::policy_file(path, task)?;
    Ok(BehaviorRecord::Policy {
        task: policy.parts().task.clone(),
        blake3: blake3::hash(&file).to_hex().to_string(),
        noise_std: exploration.noise_std,
        random_action_probability: exploration.random_action_probability,
    })
}
