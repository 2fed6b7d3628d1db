//! What keeps a data set from being written in another format, or read from one.

use super::format::Format;
use gcrl_data::EntryDifference;
use gcrl_file::{ClaimError, WriteError};
use std::error::Error;
use std::io;
use std::path::PathBuf;

/// A cause for a data set not to be written in another format.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The program was built without this format.
    #[error("format `{format}` is not part of this program")]
    NotBuilt {
        /// The format.
        format: Format,
    },
    /// The format is only read.
    #[error("format `{format}` is read, not written")]
    NotWritten {
        /// The format.
        format: Format,
    },
    /// The place cannot be written to, or holds something.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The system refuses.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The library of the format refuses.
    #[error("cannot write format `{format}`: {path:?}")]
    Library {
        /// The format.
        format: Format,
        /// The file.
        path: PathBuf,
        /// What it said.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// A cause for a data set of another format not to be used; episodes and steps count from 0.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be read, is damaged or cut short.
    #[error("cannot read: {path:?}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system or the format's reader said.
        source: io::Error,
    },
    /// The library of the format refuses it.
    #[error("not a whole file of format `{format}`: {path:?}")]
    Damaged {
        /// The format.
        format: Format,
        /// The file.
        path: PathBuf,
        /// What the library said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// It has the name of no format that is read.
    #[error("data set has none of the formats that are read ({}): {path:?}", names())]
    Unknown {
        /// The file or folder.
        path: PathBuf,
    },
    /// It is an archive of other arrays.
    #[error("archive has arrays {found}, which are of no format that is read: {path:?}")]
    UnknownArrays {
        /// Names of its arrays, at most 8.
        found: String,
        /// The file.
        path: PathBuf,
    },
    /// It is a pickle, which only Python reads.
    #[error("a pickle is a program for Python; convert it to npz first: {path:?}")]
    Pickle {
        /// The file.
        path: PathBuf,
    },
    /// The folder holds several data sets.
    #[error("folder holds several data sets, {first:?} and {second:?}: {path:?}")]
    Several {
        /// One of them.
        first: PathBuf,
        /// Another.
        second: PathBuf,
        /// The folder.
        path: PathBuf,
    },
    /// The program was built without this format.
    #[error("format `{format}` is not part of this program")]
    NotBuilt {
        /// The format.
        format: Format,
    },
    /// The format is only written.
    #[error("format `{format}` is written, not read: {path:?}")]
    NotRead {
        /// The format.
        format: Format,
        /// The folder.
        path: PathBuf,
    },
    /// An array is missing.
    #[error("array `{array}` is missing{}: {path:?}", in_episode(*.episode))]
    Missing {
        /// The array.
        array: String,
        /// The episode, where each has arrays of its own.
        episode: Option<usize>,
        /// The file.
        path: PathBuf,
    },
    /// An array holds something else than floats.
    #[error("array `{array}` holds {found}, not float32 or float64 in C order: {path:?}")]
    Type {
        /// The array.
        array: String,
        /// What it holds.
        found: String,
        /// The file.
        path: PathBuf,
    },
    /// An array has a shape that the task's episodes do not have.
    #[error("array `{array}` has shape {found:?}, not {expected}{}: {path:?}", in_episode(*.episode))]
    Shape {
        /// The array.
        array: String,
        /// The episode, where each has arrays of its own.
        episode: Option<usize>,
        /// Its shape.
        found: Vec<usize>,
        /// What it should be.
        expected: String,
        /// The file.
        path: PathBuf,
    },
    /// An episode is shorter or longer than the task's.
    #[error(
        "episode {episode} has {found} transitions, where the task's have {expected}: {path:?}"
    )]
    Length {
        /// The episode.
        episode: usize,
        /// Its transitions.
        found: usize,
        /// Those of the task.
        expected: usize,
        /// The file.
        path: PathBuf,
    },
    /// Two arrays of an episode do not go together.
    #[error("array `{array}` has {found} rows in episode {episode}, not {expected}: {path:?}")]
    Rows {
        /// The array.
        array: String,
        /// The episode.
        episode: usize,
        /// Its rows.
        found: usize,
        /// What the other arrays ask for.
        expected: usize,
        /// The file.
        path: PathBuf,
    },
    /// A number is NaN or infinite.
    #[error("array `{array}` holds {found} in episode {episode}, step {step}: {path:?}")]
    NotFinite {
        /// The array.
        array: String,
        /// The number.
        found: f32,
        /// The episode.
        episode: usize,
        /// The row of the array in the episode.
        step: usize,
        /// The file.
        path: PathBuf,
    },
    /// A component of an action is outside [-1, 1].
    #[error(
        "component {component} of the action of step {step} in episode {episode} is {found}, outside \
         [-1, 1]: {path:?}"
    )]
    Action {
        /// Which number of the action.
        component: usize,
        /// The step.
        step: usize,
        /// The episode.
        episode: usize,
        /// The number.
        found: f32,
        /// The file.
        path: PathBuf,
    },
    /// The desired goal changes within an episode.
    #[error("the desired goal changes in episode {episode}, at step {step}: {path:?}")]
    GoalChanges {
        /// The episode.
        episode: usize,
        /// The first step of another goal.
        step: usize,
        /// The file.
        path: PathBuf,
    },
    /// The last episode does not end.
    #[error("the last episode has no end: array `terminals` ends in 0: {path:?}")]
    Unfinished {
        /// The file.
        path: PathBuf,
    },
    /// Episodes are missing, or there are more than there should be.
    #[error("data set has {found} episodes, where its metadata say {expected}: {path:?}")]
    Count {
        /// Episodes in it.
        found: usize,
        /// What it says of itself.
        expected: u64,
        /// The metadata.
        path: PathBuf,
    },
    /// There are no episodes.
    #[error("data set has no episodes: {path:?}")]
    Empty {
        /// The file or folder.
        path: PathBuf,
    },
    /// It says of itself that it is of another task.
    #[error("dataset was collected for task `{found}`, not `{expected}`: {path:?}")]
    Task {
        /// The data set's task.
        found: String,
        /// The task at hand.
        expected: String,
        /// The file or folder.
        path: PathBuf,
    },
    /// It says of itself that it is of another version of the task.
    #[error("dataset was collected for another version of task `{task}`; {}: {path:?}", list(.differences))]
    Version {
        /// The task.
        task: String,
        /// What differs; left is the data set's, right the task's.
        differences: Vec<EntryDifference>,
        /// The file or folder.
        path: PathBuf,
    },
}

fn names() -> String {
    Format::IMPORTS.map(Format::name).join(", ")
}

fn in_episode(episode: Option<usize>) -> String {
    episode.map_or(String::new(), |episode| format!(" in episode {episode}"))
}

fn list(differences: &[EntryDifference]) -> String {
    differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
