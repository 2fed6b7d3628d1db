//! `gcrl parity`

use crate::failure::Hint;
use crate::{lookup, output};
use anyhow::{Context, anyhow};
use gcrl_core::spec::base_id;
use gcrl_envs::TaskEntry;
use gcrl_parity::report::Skipped;
use gcrl_parity::{Report, Trace, TraceError};
use std::path::{Path, PathBuf};

/// Hold our tasks against recordings of other simulators
///
/// A recording is a file `<Task>_<name>.npz`, as `numpy.savez_compressed` writes it, with E episodes of
/// A actions: `observation` [E, A+1, D], `achieved_goal` [E, A+1, G], `desired_goal` [E, G], `action`
/// [E, A, U], `reward` [E, A] (0 and 1, or -1 and 0), and, where the task's original has them, `qpos`,
/// `qvel` and `mocap_pos` [E, A+1, n]. Each episode is started from its recorded state and given its
/// recorded actions; errors are Euclidean norms of our fields minus theirs, in the fields' units.
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
        let only = self.task.as_deref().map(lookup::task).transpose()?;
        let mut report = Report::default();
        for file in recordings(&self.folder)? {
            let (id, name) = file.split_once('_').unwrap_or((&file, ""));
            let reason = match gcrl_envs::find(id) {
                None if only.is_none() => format!("no task `{id}`"),
                None => continue,
                Some(_) if only.is_some_and(|only| base_id(only.spec.id) != base_id(id)) => {
                    continue;
                }
                Some(task) => {
                    let task = only.unwrap_or(task);
                    let path = self.folder.join(format!("{file}.npz"));
                    match compare(task, name, &path)? {
                        Ok(compared) => {
                            report.extend(compared);
                            continue;
                        }
                        Err(reason) => reason,
                    }
                }
            };
            report.skipped.push(Skipped { file: format!("{file}.npz"), reason });
        }
        if report.traces.is_empty() {
            return Err(anyhow!("no recording of a task is in folder: {:?}", self.folder))
                .hint("recordings are named `<Task>_<name>.npz`; see `gcrl parity --help`");
        }
        let json = || serde_json::to_string_pretty(&report).map(|text| text + "\n");
        output::print(&if self.json { json()? } else { report.to_text() })
    }
}

/// The report on one recording; in the inner result, why the file is none.
fn compare(task: &TaskEntry, name: &str, path: &Path) -> anyhow::Result<Result<Report, String>> {
    let hint = "`gcrl parity --help` says what a recording holds";
    let trace = match Trace::read(path, task.spec) {
        Err(TraceError::NotATrace { .. }) => {
            return Ok(Err("none of a recording's arrays".to_owned()));
        }
        trace => trace.hint(hint)?,
    };
    let Some(mut env) = task.make_recorded() else {
        return Ok(Err(format!("`{}` cannot start from recorded states", task.spec.id)));
    };
    let compared = gcrl_parity::compare(&mut *env, name, &trace);
    Ok(Ok(compared.with_context(|| format!("cannot use trace: {path:?}")).hint(hint)?))
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
