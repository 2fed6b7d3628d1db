//! The live board of `gcrl reproduce`: a bar for all of the grid, what is running, a line for every cell
//! that is finished.
//!
//! On a terminal, the bar moves; elsewhere a line comes at most every half minute. All of it goes to
//! standard error.

use crate::signals;
use gcrl_eval::MeanStd;
use gcrl_run::RunResult;
use gcrl_run::reproduce::{Board, Cell, Grid, GridObserver};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Plain lines come at most this often.
const PLAIN_INTERVAL: Duration = Duration::from_secs(30);

/// The bar's words change at most this often.
const BAR_INTERVAL: Duration = Duration::from_millis(200);

/// Shows how far a grid is.
pub(crate) struct BoardView<'a> {
    cells: BTreeMap<String, &'a Cell>,
    state: Mutex<State>,
}

struct State {
    bar: ProgressBar,
    is_terminal: bool,
    since: Instant,
    last: Instant,
    /// Final returns of the seeds of each data set and method.
    returns: BTreeMap<(String, String), Vec<f64>>,
}

impl<'a> BoardView<'a> {
    pub(crate) fn new(grid: &'a Grid) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let target =
            if is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{wide_bar} {percent} %\n{wide_msg}");
        let bar = ProgressBar::with_draw_target(Some(1), target);
        let bar = bar.with_style(style.expect("the template is fixed"));
        let mut returns: BTreeMap<_, Vec<f64>> = BTreeMap::new();
        for cell in &grid.cells {
            returns.entry(key(cell)).or_default().extend(cell.state.returns());
        }
        let now = Instant::now();
        let state = State { bar, is_terminal, since: now, last: now, returns };
        let cells = grid.cells.iter().map(|cell| (cell.name(), cell)).collect();
        Self { cells, state: Mutex::new(state) }
    }

    fn with_state(&self, act: impl FnOnce(&mut State)) {
        act(&mut self.state.lock().expect("no thread panics"));
    }
}

impl Drop for BoardView<'_> {
    fn drop(&mut self) {
        self.with_state(|state| state.bar.finish_and_clear());
    }
}

impl GridObserver for BoardView<'_> {
    fn on_change(&self, board: &Board) {
        self.with_state(|state| {
            let interval = if state.is_terminal { BAR_INTERVAL } else { PLAIN_INTERVAL };
            if interval < state.last.elapsed() {
                state.last = Instant::now();
                state.show(board);
            }
        });
    }

    fn on_finished(&self, board: &Board, name: &str, results: &RunResult) {
        let Some(&cell) = self.cells.get(name) else { return };
        self.with_state(|state| {
            let returns = state.returns.entry(key(cell)).or_default();
            returns.extend(results.returns());
            let paper = cell.paper().map_or(String::new(), |it| format!(", paper {it}"));
            let (n_seeds, so_far) = (returns.len(), MeanStd::of(returns));
            let own = results.mean_return.map_or(String::new(), |it| it.to_string());
            let (n, n_cells) = (board.n_finished, board.n_cells);
            let seeds = format!("{n_seeds} so far {so_far}{paper}");
            state.print(&format!("{n}/{n_cells} {name}: {own} ({seeds})"));
            state.update(board);
        });
    }

    fn on_failed(&self, board: &Board, name: &str, reason: &str) {
        self.with_state(|state| {
            state.print(&format!("{name}: {reason}"));
            state.update(board);
        });
    }

    fn wants_to_stop(&self) -> bool {
        signals::is_asked_to_stop()
    }
}

impl State {
    fn print(&self, line: &str) {
        if self.is_terminal {
            self.bar.println(line);
        } else {
            let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
        }
    }

    /// Moves the bar, or prints a line where there is none.
    fn show(&mut self, board: &Board) {
        self.update(board);
        if !self.is_terminal {
            self.print(&self.line(board));
        }
    }

    /// Moves the bar.
    fn update(&mut self, board: &Board) {
        self.bar.set_length(board.n_rows.max(1));
        self.bar.set_position(board.n_rows_done);
        self.bar.set_message(self.line(board));
    }

    /// Where the grid is, in one line.
    fn line(&self, board: &Board) -> String {
        let seconds = self.since.elapsed().as_secs_f64();
        let rows_done = board.n_rows_now as f64;
        let rows_left = board.n_rows.saturating_sub(board.n_rows_done) as f64;
        let left = if rows_done > 0.0 && rows_left > 0.0 {
            let left = Duration::from_secs_f64((seconds * rows_left / rows_done).min(1e8));
            format!(", about {} left", HumanDuration(left))
        } else {
            String::new()
        };
        let elsewhere = match board.n_elsewhere {
            0 => String::new(),
            n => format!(", {n} elsewhere"),
        };
        let rate = board.n_updates as f64 / seconds.max(1e-9);
        let running = board
            .running
            .values()
            .map(|cell| format!("{} {} %", cell.name, 100 * cell.n_done / cell.n_updates.max(1)));
        let running: Vec<_> = running.collect();
        format!(
            "{}/{} cells{elsewhere}, {rate:.0} updates/s{left}; {}",
            board.n_finished,
            board.n_cells,
            running.join(", ")
        )
    }
}

fn key(cell: &Cell) -> (String, String) {
    (cell.dataset.clone(), cell.method.key.clone())
}
