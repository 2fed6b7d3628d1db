//! How far a grid is, for an observer.

use crate::observer::Observer;
use crate::results::RunResult;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// How far a grid is.
#[derive(Clone, Debug, Default)]
pub struct Board {
    /// Cells of this program's shard.
    pub n_cells: usize,
    /// Of these, finished: now, before, or by another program.
    pub n_finished: usize,
    /// Of these, being trained by other programs when they were looked at last.
    pub n_elsewhere: usize,
    /// Of these, failed.
    pub n_failed: usize,
    /// The cells that are being trained, by their index in the grid.
    pub running: BTreeMap<usize, RunningCell>,
    /// Rows of batches that all open cells take: the measure of work.
    pub n_rows: u64,
    /// Of these, done.
    pub n_rows_done: u64,
    /// Of these, done by this program since it began.
    pub n_rows_now: u64,
    /// Updates made by this program since it began.
    pub n_updates: u64,
}

/// A cell that is being trained.
#[derive(Clone, Debug)]
pub struct RunningCell {
    /// Its name.
    pub name: String,
    /// Updates of all its seeds that are done.
    pub n_done: u64,
    /// All its updates.
    pub n_updates: u64,
}

/// Hears how far a grid is, from any thread.
///
/// No result depends on an observer. Every method has a default that does nothing.
pub trait GridObserver: Sync {
    /// Something has moved; called at every update, and thus quick.
    fn on_change(&self, _board: &Board) {}

    /// A cell is finished.
    fn on_finished(&self, _board: &Board, _name: &str, _results: &RunResult) {}

    /// A cell cannot be trained, for a reason of its own, such as that its training diverged.
    fn on_failed(&self, _board: &Board, _name: &str, _reason: &str) {}

    /// Whether to write checkpoints and end, as after a signal; asked at every update.
    fn wants_to_stop(&self) -> bool {
        false
    }
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl GridObserver for Unwatched {}

/// What a cell in training reports to.
pub(crate) struct CellObserver<'a> {
    pub(crate) board: &'a Mutex<Board>,
    pub(crate) observer: &'a dyn GridObserver,
    pub(crate) cell_idx: usize,
    pub(crate) rows_per_update: u64,
    /// Set when another cell failed in a way that concerns all.
    pub(crate) is_stopping: &'a AtomicBool,
}

impl CellObserver<'_> {
    fn advance(&self, n_done: u64, n_now: u64) {
        let mut board = self.board.lock().expect("no thread panics");
        board.n_rows_done += n_done * self.rows_per_update;
        board.n_updates += n_now;
        board.n_rows_now += n_now * self.rows_per_update;
        if let Some(cell) = board.running.get_mut(&self.cell_idx) {
            cell.n_done += n_done;
        }
        self.observer.on_change(&board);
    }
}

impl Observer for CellObserver<'_> {
    fn on_resume(&self, n_done: u64) {
        self.advance(n_done, 0);
    }

    fn on_progress(&self, n_done: u64) {
        self.advance(n_done, n_done);
    }

    fn wants_to_stop(&self) -> bool {
        self.observer.wants_to_stop() || self.is_stopping.load(Ordering::Relaxed)
    }
}
