//! Training the cells of a grid, some at a time, until none is left.

use crate::folder::RunFolder;
use crate::folder_error::FolderError;
use crate::pace::Pace;
use crate::reproduce::board::{Board, CellObserver, GridObserver, RunningCell};
use crate::reproduce::grid::{Cell, CellState, Grid};
use crate::results::RunResult;
use crate::train::train;
use crate::train_error::TrainError;
use gcrl_core::on_threads;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// What working through a grid came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Cells that are finished.
    pub n_finished: usize,
    /// Cells that other programs are training.
    pub n_elsewhere: usize,
    /// Cells that failed, each for a reason of its own.
    pub failed: Vec<(String, String)>,
}

/// A cause for a grid not to be worked through.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The observer asked to stop; checkpoints were written.
    #[error("stopped before the last cell")]
    Stopped,
    /// The folder of a run cannot be used.
    #[error(transparent)]
    Folder {
        /// Why.
        #[from]
        source: FolderError,
    },
    /// Training failed in a way that concerns all cells.
    #[error("cannot go on with {name}")]
    Train {
        /// The cell.
        name: String,
        /// Why.
        source: Box<TrainError>,
    },
}

/// What the threads share.
struct Shared<'a> {
    cells: &'a [Cell],
    queue: Mutex<VecDeque<usize>>,
    board: Mutex<Board>,
    observer: &'a dyn GridObserver,
    pace: Pace,
    failed: Mutex<Vec<(String, String)>>,
    /// The first error that concerns all.
    error: Mutex<Option<WorkError>>,
    is_stopping: AtomicBool,
}

/// What became of one cell.
enum Fate {
    Finished(Box<RunResult>),
    /// Another program has it.
    Elsewhere,
    /// Its own failure.
    Failed(String),
}

impl Grid {
    /// Trains every cell that is not finished and that no other program is training, `pace.n_threads` at
    /// a time; the observer hears of all.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or written, an engine or environment fails, or the observer asks to stop.
    /// What was trained is kept; the same call goes on. Training that diverges fails its own cell alone.
    pub fn work(&self, pace: Pace, observer: &dyn GridObserver) -> Result<Finished, WorkError> {
        let is_open = |cell_idx: &usize| self.cells[*cell_idx].state == CellState::Open;
        let open: VecDeque<usize> = (0..self.cells.len()).filter(is_open).collect();
        let n_rows = |cell: &Cell| cell.n_updates() * cell.rows_per_update();
        let board = Board {
            n_cells: self.cells.len(),
            n_finished: self.cells.len() - open.len(),
            n_rows: open.iter().map(|&cell_idx| n_rows(&self.cells[cell_idx])).sum(),
            ..Board::default()
        };
        let n_workers = pace.n_threads.clamp(1, open.len().max(1));
        let shared = Shared {
            cells: &self.cells,
            queue: Mutex::new(open),
            board: Mutex::new(board),
            observer,
            // Cells that are fewer than threads share the rest in evaluations.
            pace: Pace { n_threads: (pace.n_threads / n_workers).max(1), ..pace },
            failed: Mutex::new(Vec::new()),
            error: Mutex::new(None),
            is_stopping: AtomicBool::new(false),
        };
        on_threads(n_workers, || shared.work());
        if let Some(error) = shared.error.into_inner().expect("no thread panics") {
            return Err(error);
        }
        let board = shared.board.into_inner().expect("no thread panics");
        let failed = shared.failed.into_inner().expect("no thread panics");
        let (n_finished, n_elsewhere) = (board.n_finished, board.n_elsewhere);
        Ok(Finished { n_finished, n_elsewhere, failed })
    }
}

impl Shared<'_> {
    /// Takes one cell after another.
    fn work(&self) {
        while !self.is_stopping.load(Ordering::Relaxed) {
            let cell_idx = self.queue.lock().expect("no thread panics").pop_front();
            let Some(cell_idx) = cell_idx else { return };
            match self.train(cell_idx) {
                Ok(fate) => self.settle(cell_idx, fate),
                Err(error) => {
                    // The first failure is the cause; the others stop because of it.
                    self.error.lock().expect("no thread panics").get_or_insert(error);
                    self.is_stopping.store(true, Ordering::Relaxed);
                }
            }
        }
    }

    fn train(&self, cell_idx: usize) -> Result<Fate, WorkError> {
        let cell = &self.cells[cell_idx];
        let folder = match RunFolder::open_or_create(&cell.path, &cell.run) {
            Err(FolderError::Busy { .. }) => return Ok(Fate::Elsewhere),
            folder => folder?,
        };
        let (name, n_updates) = (cell.name(), cell.n_updates());
        let running = RunningCell { name: name.clone(), n_done: 0, n_updates };
        self.board.lock().expect("no thread panics").running.insert(cell_idx, running);
        let observer = CellObserver {
            board: &self.board,
            observer: self.observer,
            cell_idx,
            rows_per_update: cell.rows_per_update(),
            is_stopping: &self.is_stopping,
        };
        match train(&cell.run, &folder, self.pace, &observer) {
            Ok(results) => Ok(Fate::Finished(Box::new(results))),
            Err(TrainError::Stopped) => Err(WorkError::Stopped),
            Err(error @ TrainError::Diverged { .. }) => Ok(Fate::Failed(error.to_string())),
            Err(source) => Err(WorkError::Train { name, source: Box::new(source) }),
        }
    }

    /// Puts on the board what became of a cell.
    fn settle(&self, cell_idx: usize, fate: Fate) {
        let cell = &self.cells[cell_idx];
        let mut board = self.board.lock().expect("no thread panics");
        let n_done = board.running.remove(&cell_idx).map_or(0, |cell| cell.n_done);
        // What another program did, or an earlier session's results said, is not to be done.
        board.n_rows_done += (cell.n_updates() - n_done) * cell.rows_per_update();
        match fate {
            Fate::Finished(results) => {
                board.n_finished += 1;
                self.observer.on_finished(&board, &cell.name(), &results);
            }
            Fate::Elsewhere => {
                board.n_elsewhere += 1;
                self.observer.on_change(&board);
            }
            Fate::Failed(reason) => {
                board.n_failed += 1;
                self.observer.on_failed(&board, &cell.name(), &reason);
                self.failed.lock().expect("no thread panics").push((cell.name(), reason));
            }
        }
    }
}
