//! `gcrl dataset export`, `gcrl dataset import`

use super::open;
use crate::commands::options::catalog;
use crate::hint::Hint;
use crate::output;
use crate::progress::Progress;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use gcrl_data::Manifest;
use gcrl_file::OutputFolder;
use gcrl_formats::dataset::{ExportError, Format, ImportError, Imported, Source, Target};
use gcrl_formats::dataset::{export, read, recognize};
use gcrl_run::{ForeignTask, Job, Observer, TaskFileError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What turns a pickle into an archive of arrays.
const UNPICKLE: &str = "`python -c 'import numpy, pickle; numpy.savez(\"buffer.npz\", \
    **pickle.load(open(\"buffer.pkl\", \"rb\")))'` converts it";

/// Write a data set in the format of another tool
///
/// The folder holds what the tool looks for: Minari finds it with `MINARI_DATASETS_PATH=DIR`, and several data
/// sets in it.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl dataset export PointReach/expert-v1 --format npz --out exported
  gcrl dataset export FetchPush/expert-v1 --format minari-hdf5 --out minari")]
pub(super) struct Export {
    /// The data set's name or folder
    dataset: PathBuf,
    /// The format
    #[arg(long, value_parser = parser(&Format::EXPORTS))]
    format: Format,
    /// The folder to write; that of Minari may hold other data sets of Minari
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Read a data set from the format of another tool
///
/// Its episodes must have the task's lengths and numbers; rewards are computed anew by the task's rule.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl dataset import exported --task PointReach --out mine
  gcrl dataset import ~/.minari/datasets/gcrl/FetchPush/expert-v1 --task FetchPush --out mine
  gcrl dataset import buffer.npz --format paper --task FetchPush --out mine
  gcrl dataset import arm.npz --spec arm.toml --out mine

A task of your own, as a file:
  id = \"MyArm-v1\"
  n_transitions = 100            # of every episode
  observation = 31               # how many numbers
  goal = 3
  action = 7                     # each in [-1, 1]
  reward = { within = 0.05 }     # how far away the goal counts as reached
  achieved_goal = [0, 1, 2]      # which numbers of an observation are the goal, for files without goals")]
pub(super) struct Import {
    /// The file or folder
    path: PathBuf,
    /// The task that its episodes are of
    #[arg(long, required_unless_present = "spec", conflicts_with = "spec")]
    task: Option<String>,
    /// A file that describes the task, where it is none of ours: policies are trained for it, and act elsewhere
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// The format [default: recognized by the names in it]
    #[arg(long, value_parser = parser(&Format::IMPORTS))]
    format: Option<Format>,
    /// The folder to write
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Takes the names of these formats.
fn parser(formats: &'static [Format]) -> impl TypedValueParser<Value = Format> {
    let names = PossibleValuesParser::new(formats.iter().map(|format| format.name()));
    names.map(|name| {
        let format = formats.iter().find(|format| format.name() == name);
        *format.expect("other names are refused")
    })
}

impl Export {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let start = Instant::now();
        let dataset = open(&self.dataset)?;
        let view = dataset.view();
        let progress = Progress::default();
        let job = Job {
            name: format!("{} to {}", dataset.manifest().task.id, self.format),
            total: view.n_episodes as u64,
            unit: "episodes",
        };
        progress.on_start(&job);
        let name = name(dataset.path());
        let source = Source::from(&dataset);
        let exported = export(source, self.format, &name, &self.out, &|n| progress.on_progress(n));
        progress.on_finish();
        exported.map_err(advise_export)?;
        let (n, format, out) = (view.n_episodes, self.format, self.out.display());
        let secs = start.elapsed().as_secs_f64();
        output::print(&format!("{n} episodes as {format} in {secs:.1} s: {out}\n"))
    }
}

impl Import {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let ForeignTask { spec, achieved_goal } = self.task()?;
        let target = Target { spec, achieved_goal: achieved_goal.as_deref() };
        let out = OutputFolder::claim(&self.out).hint("name a new folder with `--out`")?;
        let format = self.format.map_or_else(|| recognize(&self.path), Ok).map_err(advise)?;
        let imported = read(&self.path, format, target).map_err(advise)?;
        let manifest = gcrl_data::write(out, spec, imported.episodes.view(), imported.origin())?;
        output::print(&describe(&manifest, &imported, format, &self.out))
    }

    /// The task that the episodes are of.
    fn task(&self) -> anyhow::Result<ForeignTask> {
        match (&self.task, &self.spec) {
            (_, Some(file)) => ForeignTask::read(file).map_err(advise_task),
            (Some(task), None) => {
                Ok(ForeignTask { spec: catalog().task(task)?.spec, achieved_goal: None })
            }
            (None, None) => unreachable!("clap asks for one of them"),
        }
    }
}

/// What an imported data set holds, and what its owner should know.
fn describe(manifest: &Manifest, imported: &Imported, format: Format, out: &Path) -> String {
    let Manifest { n_episodes, task, outcome, .. } = manifest;
    let (task, mean, out) = (&task.id, outcome.return_mean, out.display());
    let mut text =
        format!("{n_episodes} episodes of {task} from {format}, return {mean:.2}: {out}\n");
    text.extend(imported.notes.iter().map(|note| format!("note: {note}\n")));
    let recorded = imported.manifest.as_ref().map(Manifest::blake3);
    if recorded.is_some_and(|recorded| recorded != manifest.blake3()) {
        text += "note: the numbers are not those that the file's notes tell of\n";
    }
    text
}

/// The last part of the data set's path: `expert-v1` of `FetchPush/expert-v1`.
fn name(path: &Path) -> String {
    let whole = path.canonicalize();
    let path = whole.as_deref().unwrap_or(path);
    path.file_name().map_or("dataset".into(), |name| name.to_string_lossy()).into_owned()
}

fn advise_export(error: ExportError) -> anyhow::Error {
    let hint = match &error {
        ExportError::Claim(_) => "name a new folder with `--out`",
        ExportError::Write(_) | ExportError::Library { .. } => {
            "free some space, or name another folder with `--out`"
        }
        ExportError::NotBuilt { .. } | ExportError::NotWritten { .. } => return error.into(),
    };
    advised(error, hint)
}

/// Says what to do about a file that describes no task of somebody else's.
fn advise_task(error: TaskFileError) -> anyhow::Error {
    let hint = match &error {
        TaskFileError::Ours { .. } => "name it with `--task` instead of `--spec`",
        _ => "`gcrl dataset import --help` shows such a file",
    };
    advised(error, hint)
}

/// Says what to do about a file that cannot be imported.
fn advise(error: ImportError) -> anyhow::Error {
    let hint = match &error {
        ImportError::Pickle { .. } => UNPICKLE,
        ImportError::Unknown { .. } | ImportError::UnknownArrays { .. } => {
            "`--format` says which format it has; `gcrl dataset import --help` lists them"
        }
        ImportError::Several { .. } => "name one of them",
        ImportError::Task { .. } => "name that task with `--task`",
        ImportError::Length { .. } | ImportError::Shape { .. } => {
            "`gcrl tasks TASK` lists the task's numbers; a data set has whole episodes of one length"
        }
        ImportError::Action { .. } => "divide actions by the largest one of the environment",
        ImportError::Missing { .. } | ImportError::Type { .. } => {
            "crates/gcrl/docs/formats.md has the arrays of every format"
        }
        ImportError::Read { source, .. } if source.kind() == ErrorKind::NotFound => {
            "name a file or folder that is there"
        }
        ImportError::Read { source, .. } if source.kind() == ErrorKind::PermissionDenied => {
            "it has to be readable to you"
        }
        ImportError::Read { .. } | ImportError::Damaged { .. } => {
            "the file is damaged, cut short or of another format: copy it or write it again"
        }
        ImportError::Rows { .. }
        | ImportError::NotFinite { .. }
        | ImportError::GoalChanges { .. }
        | ImportError::Unfinished { .. }
        | ImportError::Count { .. }
        | ImportError::Empty { .. } => "leave such episodes out, or record them again",
        ImportError::NotBuilt { .. } => "build `gcrl-formats` with its default features",
        ImportError::NotRead { .. } => "`gcrl dataset import --help` lists the formats it reads",
        ImportError::Version { .. } => "record its episodes again in this version of the task",
    };
    advised(error, hint)
}

fn advised(error: impl Into<anyhow::Error>, hint: &str) -> anyhow::Error {
    let failed: anyhow::Result<()> = Err(error.into());
    failed.hint(hint).expect_err("it has failed")
}
