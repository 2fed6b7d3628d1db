//! Episodes written to be watched, beside those that are scored or learned from.

use crate::hint::Hint;
use gcrl_core::Behavior;
use gcrl_core::rollout::Plan;
use gcrl_envs::TaskEntry;
use gcrl_file::{OutputFolder, WriteError};
use gcrl_recording::Recording;

/// Nobody watches more, and a data set of 10,000 would take gigabytes.
const MAX_RECORDED: u64 = 100;

/// Plays the first of the planned episodes once more, and writes them to the folder claimed for them.
pub(crate) fn record(
    task: &TaskEntry,
    behavior: &Behavior,
    plan: &Plan,
    folder: OutputFolder,
) -> anyhow::Result<()> {
    let mut env = task.make();
    let numbers = plan.episodes.clone().take(MAX_RECORDED as usize);
    let recordings = numbers
        .map(|number| Recording::of(&mut *env, behavior, plan.seed, number))
        .collect::<Result<Vec<_>, _>>()?;
    let written = folder.write(|folder| -> Result<(), WriteError> {
        recordings.iter().try_for_each(|recording| {
            recording.save(&folder.join(gcrl_recording::file_name(recording.about.number)))
        })
    });
    written.hint("free some space, or name another folder with `--record`")
}
