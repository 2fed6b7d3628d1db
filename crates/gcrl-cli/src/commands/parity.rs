//! `gcrl parity`

use super::options::catalog;
use crate::hint::Hint;
use crate::output;
use anyhow::{Context, anyhow};
use gcrl_core::spec::base_id;
use gcrl_envs::TaskEntry;
use gcrl_parity::report::Skipped;
use gcrl_parity::{Report, Trace};
use std::path::{Path, PathBuf};

/// Hold our tasks against recordings of other simulators
///
/// A recording is a file `<Task>_<name>.npz`, as `numpy.savez_compressed` writes it, with E episodes of
/// A actions: `observation` [E, A+1, D], `achieved_goal` [E, A+1, G], `desired_goal` [E, G], `action`
/// [E, A, U], `reward` [E, A] (0 and 1, or -1 and 0), and what the task needs to start from: `qpos` and
/// `qvel` [E, A+1, n] with an object, a door or joints, `mocap_pos` [E, A+1, 3] with Sawyer. Other arrays
/// are ignored. Each episode is started from its recorded state and given its recorded actions; errors
/// are Euclidean norms of our fields minus theirs, in the fields' units. A file that cannot be compared
/// is skipped, and the report says why.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl parity traces
  gcrl parity traces --task PointReach --json")]
pub(crate) struct Args {
    /// The folder of recordings
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Recordings of this task only; a variant, such as `Reacher@rapier`, is held against its task's
    #[arg(long)]
    task: Option<String>,
    /// Print one JSON list: a row a field and horizon, then a row a recording
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let catalog = catalog();
        let only = self.task.as_deref().map(|task| catalog.task(task)).transpose()?;
        let mut report = Report::default();
        for file in recordings(&self.folder)? {
            let (id, name) = file.split_once('_').unwrap_or((&file, ""));
            let compared = match catalog.task(id) {
                Err(error) if only.is_none() => Err(error.into()),
                Err(_) => continue,
                Ok(_) if only.is_some_and(|only| base_id(only.spec.id) != base_id(id)) => {
                    continue;
                }
                Ok(task) => {
                    let path = self.folder.join(format!("{file}.npz"));
                    compare(only.unwrap_or(task), name, &path)
                }
            };
            match compared {
                Ok(compared) => report.extend(compared),
                Err(error) => {
                    let (file, reason) = (format!("{file}.npz"), format!("{error:#}"));
                    report.skipped.push(Skipped { file, reason });
                }
            }
        }
        if report.traces.is_empty() {
            let hint = "`gcrl parity --help` says how recordings are named and what they hold";
            let reason = report.skipped.first().map(|Skipped { file, reason }| {
                let n_others = report.skipped.len() - 1;
                let others =
                    if n_others == 0 { String::new() } else { format!(", and {n_others} more") };
                format!("; {file}: {reason}{others}")
            });
            let (folder, reason) = (&self.folder, reason.unwrap_or_default());
            let none = "no recording that can be compared is in folder";
            return Err(anyhow!("{none}: {folder:?}{reason}")).hint(hint);
        }
        let json = || serde_json::to_string_pretty(&report).map(|text| text + "\n");
        output::print(&if self.json { json()? } else { report.to_text() })
    }
}

/// The report on one recording.
fn compare(task: &TaskEntry, name: &str, path: &Path) -> anyhow::Result<Report> {
    let mut env = task
        .make_recorded()
        .ok_or_else(|| anyhow!("`{}` does not start from recorded states", task.spec.id))?;
    let trace = Trace::read(path, task.spec, env.recorded_dims())?;
    Ok(gcrl_parity::compare(&mut *env, name, &trace)?)
}

/// Names of the npz files in a folder, without their ending, in order.
fn recordings(folder: &Path) -> anyhow::Result<Vec<String>> {
    let failed = || format!("cannot read folder: {folder:?}");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(failed)? {
        let name = entry.with_context(failed)?.file_name();
        let name = name.to_string_lossy();
        names.extend(name.strip_suffix(".npz").map(str::to_owned));
    }
    names.sort();
    Ok(names)
}
