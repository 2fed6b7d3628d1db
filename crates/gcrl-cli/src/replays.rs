//! Pages that play the policies of a table: one for each data set, with an episode of every method.

use crate::commands::options::catalog;
use gcrl_core::Exploration;
use gcrl_recording::Recording;
use gcrl_run::behavior;
use gcrl_run::reproduce::Gathered;
use std::collections::BTreeMap;
use std::path::Path;

/// The root seed of the episodes: every method plays the same one.
const SEED: u64 = 0;

/// Writes the pages into `out`, and says of each policy which page plays it. A policy that cannot be read or
/// played is left out.
pub(crate) fn write(out: &Path, gathered: &mut Gathered) -> anyhow::Result<()> {
    let mut pages: BTreeMap<String, Vec<Recording>> = BTreeMap::new();
    for policy in &mut gathered.policies {
        let name = gathered.methods.iter().find(|method| method.key == policy.method);
        let name = name.map_or(&policy.method, |method| &method.name);
        let Some(recording) = play(&policy.task, &policy.path, name) else { continue };
        let page = format!("replays/{}-{}.html", policy.task, policy.dataset);
        let recordings = pages.entry(page.clone()).or_default();
        recordings.push(recording);
        policy.replay = Some(format!("{page}#{}", recordings.len()));
    }
    for (page, recordings) in pages {
        gcrl_file::write(&out.join(page), |file| gcrl_page::write(&recordings, file))?;
    }
    Ok(())
}

fn play(task: &str, policy: &Path, name: &str) -> Option<Recording> {
    let task = catalog().task(task).ok()?;
    let behavior = behavior::read(policy.to_str()?, Exploration::NONE, task).ok()?;
    let behavior = gcrl_core::Behavior { name: name.into(), ..behavior };
    Recording::of(&mut *task.make(), &behavior, SEED, 0).ok()
}
