//! The paper's whole table: a grid of data sets, methods and seeds, trained by any number of programs in
//! one folder, and what came of it.
//!
//! ```text
//! OUT/cells/<Task>/<data set>/<method>/seed-K/   the run of one seed (a GPU trains all seeds in one run)
//! OUT/results.csv, curves.csv, costs.csv         what finished runs led to
//! OUT/report.md, report.html, plots/             the same, to be read
//! OUT/replays/<Task>-<data set>.html             a policy of each method, at work (written by the program)
//! ```
//!
//! A run's folder says all about it: there is no list of the grid that could be out of date. A folder holds
//! whatever was trained into it, today's grid and earlier ones, as long as the settings are the same.

mod board;
mod gather;
mod grid;
mod grid_error;
mod merge;
mod method;
mod report;
mod shard;
mod submit;
mod tables;
mod work;

pub use board::{Board, GridObserver, RunningCell, Unwatched};
pub use gather::{GatherError, Gathered, gather};
pub use grid::{Cell, CellState, Grid, GridRequest, Machine};
pub use grid_error::GridError;
pub use merge::{MergeError, Merged, merge};
pub use method::MethodPreset;
pub use report::{ReportError, write_report};
pub use shard::{Shard, ShardError};
pub use submit::{Cluster, Job, STOPPED_EXIT_CODE};
pub use tables::{Tables, TablesError};
pub use work::{Finished, WorkError};
