//! Episodes written to be watched, beside those that are scored or learned from.

use crate::failure::Hint;
use gcrl_core::Behavior;
use gcrl_core::rollout::Plan;
use gcrl_envs::TaskEntry;
use gcrl_file::WriteError;
use gcrl_recording::Recording;
use std::path::Path;

/// Nobody watches more, and a data set of 10,000 would take gigabytes.
const MAX_RECORDED: u64 = 100;

/// Checks that recordings can be written to `folder`.
pub(crate) fn check_place(folder: &Path) -> anyhow::Result<()> {
    gcrl_data::check_place(folder).hint("name a new folder with `--record`")
}

/// Plays the first of the planned episodes once more, and writes them to `folder`.
pub(crate) fn record(
    task: &TaskEntry,
    behavior: &Behavior,
    plan: &Plan,
    folder: &Path,
) -> anyhow::Result<()> {
    let mut env = task.make();
    let numbers = plan.episodes.clone().take(MAX_RECORDED as usize);
    let recordings = numbers
        .map(|number| Recording::of(&mut *env, behavior, plan.seed, number))
        .collect::<Result<Vec<_>, _>>()?;
    let written = gcrl_file::write_folder(folder, |folder| -> Result<(), WriteError> {
        recordings.iter().try_for_each(|recording| {
            recording.save(&folder.join(gcrl_recording::file_name(recording.about.number)))
        })
    });
    written.hint("free some space, or name another folder with `--record`")
}
