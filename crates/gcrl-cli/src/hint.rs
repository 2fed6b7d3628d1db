//! Errors as the user meets them: `error: what happened`, then, where there is something to do,
//! `hint: what`. Commands attach hints where they know more than the error does; for the errors of the
//! libraries, the table below has them.

use gcrl_data::StoreError;
use gcrl_eval::shell_word;
use gcrl_run::behavior::BehaviorError;
use gcrl_run::datasets::BuildError;
use gcrl_run::engine::MakeEngineError;
use gcrl_run::reproduce::{
    GatherError, GridError, MergeError, ReportError, TablesError, WorkError,
};
use gcrl_run::{
    CollectError, DatasetError, FolderError, NameKind, Origin, ResolveError, TrainError,
    UnknownName,
};
use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Display};
use std::io::Write;
use std::path::Path;

const SETTINGS: &str = "`gcrl algorithms NAME` prints all settings of an algorithm";
const SETTING: &str =
    "`gcrl algorithms NAME` prints all settings of an algorithm; `--set` takes one of them";
const NEW_FOLDER: &str = "name a new folder with `--out`";
const OTHER_RESULT: &str = "one of them was made with other settings, by another version or on another \
     processor: move one away";
/// Of a data set whose numbers are not those that were written.
pub(crate) const CHANGED: &str = "its file was changed after it was written; collect it again, or `gcrl dataset \
     build NAME --force` if it is one of the benchmark";
const SPACE: &str = "free some space, or name another folder with `--out`";

/// An error with advice.
#[derive(Debug)]
struct Hinted {
    error: anyhow::Error,
    hint: String,
}

impl Display for Hinted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.error)
    }
}

impl Error for Hinted {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

/// Attaches advice to an error.
pub(crate) trait Hint<T> {
    /// Says what to do about a failure.
    fn hint(self, hint: impl Display) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> Hint<T> for Result<T, E> {
    fn hint(self, hint: impl Display) -> anyhow::Result<T> {
        self.map_err(|error| Hinted { error: error.into(), hint: hint.to_string() }.into())
    }
}

/// The error of this type among the causes of an error, with or without a hint.
pub(crate) fn find<E: Error + 'static>(error: &anyhow::Error) -> Option<&E> {
    error.chain().find_map(|cause| {
        let hinted = || cause.downcast_ref::<Hinted>().and_then(|hinted| find(&hinted.error));
        cause.downcast_ref().or_else(hinted)
    })
}

/// Prints an error and its hint, if it has one, to standard error, if that can be written to.
pub(crate) fn report(error: &anyhow::Error) {
    let mut text = format!("error: {error:#}\n");
    if let Some(hint) = error.chain().find_map(of) {
        text.extend(["\nhint: ", &*hint, "\n"]);
    }
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// What continues the run in a folder, for a shell.
pub(crate) fn resume_command(run: &Path) -> String {
    format!("gcrl train --resume {}", shell_word(&run.to_string_lossy()))
}

/// A hint.
type Advised = Cow<'static, str>;

/// What to do about an error, for every error of a library that leaves something to do.
trait Advice: Error + 'static {
    fn advice(&self) -> Option<Advised>;
}

/// What to do about one error of a chain, by its type.
fn of(error: &(dyn Error + 'static)) -> Option<Advised> {
    fn ask<E: Advice>(error: &(dyn Error + 'static)) -> Option<Advised> {
        error.downcast_ref::<E>().and_then(E::advice)
    }
    let asked: [fn(&(dyn Error + 'static)) -> Option<Advised>; 16] = [
        ask::<Hinted>,
        ask::<UnknownName>,
        ask::<BehaviorError>,
        ask::<DatasetError>,
        ask::<MakeEngineError>,
        ask::<FolderError>,
        ask::<ResolveError>,
        ask::<CollectError>,
        ask::<BuildError>,
        ask::<TrainError>,
        ask::<GridError>,
        ask::<WorkError>,
        ask::<GatherError>,
        ask::<MergeError>,
        ask::<TablesError>,
        ask::<ReportError>,
    ];
    asked.into_iter().find_map(|ask| ask(error))
}

impl Advice for Hinted {
    fn advice(&self) -> Option<Advised> {
        Some(self.hint.clone().into())
    }
}

impl Advice for UnknownName {
    fn advice(&self) -> Option<Advised> {
        Some(Cow::Borrowed(match self.kind {
            NameKind::Task => "`gcrl tasks` lists all tasks",
            NameKind::Algorithm => "`gcrl algorithms` lists all algorithms",
            NameKind::Dataset => "`gcrl dataset list` lists all datasets of the benchmark",
            NameKind::Method => "`gcrl reproduce --help` says what `--methods` takes",
        }))
    }
}

impl Advice for BehaviorError {
    fn advice(&self) -> Option<Advised> {
        Some(Cow::Borrowed(match self {
            Self::NoisyRandom => "leave `--noise-std` and `--random-action-probability` out",
            Self::NoExpert { .. } | Self::NoPolicy { .. } => {
                "`gcrl expert train` trains one, whose file can be named instead"
            }
            Self::Read { path, .. } if path.is_dir() => {
                "name a file in it: `gcrl train` writes policies into `RUN/policies`"
            }
            Self::Read { .. } | Self::Policy { .. } => {
                "`gcrl train` writes policies; `gcrl policy import` reads those of other programs; \
                 `random` and `expert` need no file"
            }
            Self::OtherTask { .. } => "`gcrl policy info` says what a policy was trained for",
        }))
    }
}

impl Advice for DatasetError {
    fn advice(&self) -> Option<Advised> {
        Some(Cow::Borrowed(match self {
            Self::NotBuilt { name, .. } => {
                return Some(format!("`gcrl dataset build {name}` builds it").into());
            }
            Self::Different { name, .. } => {
                let command = format!("gcrl dataset build {name} --force");
                return Some(
                    format!("`{command}` replaces it; `./` before a path opens it").into(),
                );
            }
            Self::Open { .. } => {
                "`gcrl collect` and `gcrl dataset build` make data sets; `gcrl dataset verify` \
                 examines one"
            }
            Self::Mismatch { .. } => "collect it again with this program",
            Self::Name { source } => return source.advice(),
            Self::Changed { .. } => CHANGED,
        }))
    }
}

impl Advice for BuildError {
    fn advice(&self) -> Option<Advised> {
        Some(Cow::Borrowed(match self {
            Self::Occupied { .. } => "`--force` replaces it; `--out` names another folder",
            Self::OtherResult { .. } => {
                "another processor or version of the program rounds differently; report it"
            }
            Self::Busy { .. } => "wait until it has ended",
            Self::Folder { .. } | Self::Claim { .. } => {
                "name a folder that you may write with `--out`"
            }
            Self::Store { .. } => SPACE,
            Self::Behavior { .. } | Self::Collect { .. } | Self::Shard { .. } => return None,
        }))
    }
}

impl Advice for MakeEngineError {
    fn advice(&self) -> Option<Advised> {
        Some(Cow::Borrowed(match self {
            Self::NativeOnGpu => "`--engine torch --device cuda` trains on a GPU",
            Self::NotBuilt => {
                "`cargo xtask torch` fetches libtorch; then build with `--features torch`"
            }
            Self::Engine { .. } => {
                "`gcrl doctor` says what works here; `--device cpu` runs everywhere"
            }
        }))
    }
}

impl Advice for FolderError {
    fn advice(&self) -> Option<Advised> {
        Some(Cow::Borrowed(match self {
            Self::RunExists { path } => {
                let command = resume_command(path);
                return Some(
                    format!("`{command}` continues it; `--out` names another folder").into(),
                );
            }
            Self::OtherRun { .. } => "name another folder with `--out`",
            Self::Claim { .. } => NEW_FOLDER,
            Self::Lock { .. } => "make it a folder that you may write, or name another",
            Self::NoRun { .. } => "name the folder that `gcrl train --out` was given",
            Self::NoData { .. } => "say where it is with `--dataset`",
            Self::Edited { .. } => {
                "delete this file: it is made again from the run's checkpoint, if that is there"
            }
            Self::Unreadable { .. } => {
                "delete this file to make it again, or start a new run with `--out`"
            }
            Self::Write { .. } => SPACE,
            Self::Remove { .. } => "make the folder one that you may write",
            Self::Busy { .. } | Self::Plot { .. } => return None,
        }))
    }
}

impl Advice for ResolveError {
    fn advice(&self) -> Option<Advised> {
        Some(Cow::Borrowed(match self {
            Self::Name { source } => return source.advice(),
            Self::Dataset { source } => return source.advice(),
            Self::Engine { source } => return source.advice(),
            Self::Folder { source } => return source.advice(),
            Self::ReadSettings { .. } => {
                "`--config` takes a file such as `gcrl algorithms NAME` prints"
            }
            Self::SettingsFile { .. } | Self::Config { .. } => SETTINGS,
            Self::Setting { .. } => SETTING,
            Self::NoSource => {
                "name a data set with `--dataset`, or collect with `--online --task TASK`"
            }
            Self::NoTask => "name it with `--task`; `gcrl tasks` lists all",
            Self::OtherTask { origin, .. } => {
                let one_way = match origin {
                    Origin::Request => "leave `--task` out".to_owned(),
                    Origin::Setting(setting) => format!("leave `--set {setting}` out"),
                    Origin::File(path) => format!("take `task` out of {path:?}"),
                    Origin::Preset => "choose another preset".to_owned(),
                };
                return Some(format!("{one_way}, or name a data set of that task").into());
            }
            Self::SavedSettings { .. } => {
                "undo what changed this file, or start a new run with `--out`"
            }
            Self::Begun { .. } => "start a new run with `--out`",
            Self::OtherData { .. } => {
                "name the data set that the run began with by `--dataset`, or start a new run"
            }
        }))
    }
}

impl Advice for CollectError {
    fn advice(&self) -> Option<Advised> {
        match self {
            Self::Env { .. } => None,
            Self::Claim { .. } => Some(NEW_FOLDER.into()),
            Self::Store { source: StoreError::Memory { .. } } => {
                Some("collect fewer with `--episodes`".into())
            }
            Self::Store { .. } => Some(SPACE.into()),
        }
    }
}

impl Advice for TrainError {
    fn advice(&self) -> Option<Advised> {
        Some(Cow::Borrowed(match self {
            Self::MakeEngine { source } => return source.advice(),
            Self::Folder { source } => return source.advice(),
            Self::Diverged { .. } => {
                "start a new run, with another `--out` and a lower `--set train.learning_rate=…`"
            }
            Self::Checkpoint { .. }
            | Self::Restore { .. }
            | Self::RestoreReplay { .. }
            | Self::OtherRun { .. } => "delete this file to train its seeds again from the start",
            Self::WriteCheckpoint { .. } | Self::Log { .. } => {
                "free some space; the same command with `--resume` continues"
            }
            Self::OtherGrouping { .. } => {
                "continue on the kind of device that it began on, or start a new run with `--out`"
            }
            Self::Replay { .. } => "lower `--set online.capacity=…`",
            Self::Stopped | Self::Engine { .. } | Self::Env { .. } => return None,
        }))
    }
}

impl Advice for GridError {
    fn advice(&self) -> Option<Advised> {
        Some(Cow::Borrowed(match self {
            Self::Name { source } => return source.advice(),
            Self::Dataset { source: DatasetError::NotBuilt { name, .. } } => {
                return Some(
                    format!("`--build` builds it, as `gcrl dataset build {name}` does").into(),
                );
            }
            Self::Dataset { source } => return source.advice(),
            Self::Build { source } => return source.advice(),
            Self::Folder { source } => return source.advice(),
            Self::Tables { source } => return source.advice(),
            Self::Cell { source, .. } => match &**source {
                ResolveError::Engine { source: MakeEngineError::NativeOnGpu } => {
                    "`--device cuda` trains on a GPU, with the engine that can"
                }
                source => return source.advice(),
            },
            Self::Out { .. } => NEW_FOLDER,
            Self::NoDataset { .. } => "`gcrl dataset list` lists all; `--data` says which to use",
            Self::Setting { source } => return source.advice(),
            Self::SettingOfCells { key: "task", .. } => "`--tasks` says which tasks are trained on",
            Self::SettingOfCells { key: "dataset", .. } => "`--data` says which data sets are used",
            Self::SettingOfCells { key: "algorithm", .. } => "`--methods` says which are trained",
            Self::SettingOfCells { key: "seeds", .. } => "`--seeds` says which seeds are trained",
            Self::SettingOfCells { .. } => "`gcrl train --online` learns while collecting",
            Self::SettingOfOtherAlgorithm { .. } => {
                "name a method of its algorithm among `--methods`"
            }
        }))
    }
}

impl Advice for WorkError {
    fn advice(&self) -> Option<Advised> {
        match self {
            Self::Stopped => None,
            Self::Folder { source } => source.advice(),
            Self::Train { source, .. } => source.advice(),
        }
    }
}

impl Advice for GatherError {
    fn advice(&self) -> Option<Advised> {
        Some(Cow::Borrowed(match self {
            Self::Name { source } => return source.advice(),
            Self::Folder { source } => return source.advice(),
            Self::Foreign { .. } => "`cells` holds folders of this program alone; move it away",
            Self::OtherVersion { .. } => "move it away; `gcrl reproduce` trains it again",
            Self::Mixed { .. } => "train all seeds of a method with the same `--set`",
            Self::List { .. } => return None,
        }))
    }
}

impl Advice for ReportError {
    fn advice(&self) -> Option<Advised> {
        match self {
            Self::Write { .. } => Some(SPACE.into()),
            Self::Plot { .. } => None,
        }
    }
}

impl Advice for TablesError {
    fn advice(&self) -> Option<Advised> {
        Some(Cow::Borrowed(match self {
            Self::Read { .. } => "name a folder with the `results.csv` of an earlier report",
            Self::Content { .. } => "`gcrl reproduce` writes such tables; take them unchanged",
            Self::Foreign { .. } | Self::Updates { .. } => {
                "take tables of this program's grid, trained with its own settings"
            }
            Self::Different { .. } => OTHER_RESULT,
        }))
    }
}

impl Advice for MergeError {
    fn advice(&self) -> Option<Advised> {
        Some(Cow::Borrowed(match self {
            Self::Gather { source } => return source.advice(),
            Self::Folder { source } => return source.advice(),
            Self::NoCells { .. } => "name folders that `gcrl reproduce --out` was given",
            Self::Different { .. } => OTHER_RESULT,
            Self::Unfinished { .. } => "`gcrl reproduce` finishes it; or move it away",
            Self::Claim { .. } => "move away what is there",
            Self::Write { .. } | Self::Copy { .. } => SPACE,
        }))
    }
}
