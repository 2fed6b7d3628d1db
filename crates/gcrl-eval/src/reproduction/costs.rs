//! What runs took.
//!
//! `core-seconds = seconds · threads`; updates a second are counted over the time outside evaluations.

use super::document::{Cell, Part, Row, RowGroup, Section, Table};
use super::grid::{Block, Grid, Runs};
use super::words;
use crate::outcome::{Cost, Method};

const ANCHOR: &str = "costs";
const TITLE: &str = "Cost";

/// Sums over runs.
#[derive(Clone, Copy, Default)]
struct Total {
    n_runs: usize,
    n_updates: u64,
    seconds: f64,
    evaluation_seconds: f64,
    core_seconds: f64,
}

impl Total {
    fn of(runs: impl Iterator<Item = (u64, Cost)>) -> Self {
        runs.fold(Self::default(), |total, (n_updates, cost)| Self {
            n_runs: total.n_runs + 1,
            n_updates: total.n_updates + n_updates,
            seconds: total.seconds + cost.seconds,
            evaluation_seconds: total.evaluation_seconds + cost.evaluation_seconds,
            core_seconds: total.core_seconds + cost.seconds * cost.n_threads as f64,
        })
    }

    /// `None` where all time was spent in evaluations.
    fn updates_per_second(self) -> Option<f64> {
        let seconds = self.seconds - self.evaluation_seconds;
        (0.0 < seconds).then(|| self.n_updates as f64 / seconds)
    }

    fn share_in_evaluation(self) -> Option<f64> {
        (0.0 < self.seconds).then(|| self.evaluation_seconds / self.seconds)
    }
}

pub(super) fn section(grid: &Grid<'_>) -> Section {
    let methods: Vec<&Method> =
        grid.methods.iter().filter(|method| 0 < of_method(grid, method).n_runs).collect();
    if methods.is_empty() {
        let why = "Left out: it is not known what runs took.";
        return Section::left_out(ANCHOR, TITLE, why);
    }
    let core_seconds: f64 = methods.iter().map(|method| of_method(grid, method).core_seconds).sum();
    let text = format!(
        "Time from the first update to the last score, times the threads of the run. All runs together \
         took {} core-seconds, or {:.1} core-hours.",
        words::grouped(core_seconds),
        core_seconds / 3600.0
    );
    let parts = vec![
        Part::Text(text),
        Part::Table(by_method(grid, &methods)),
        Part::Text("Core-seconds of each cell, all of its seeds together:".to_owned()),
        Part::Table(by_cell(grid, &methods)),
    ];
    Section { anchor: ANCHOR, title: TITLE, parts }
}

fn of_method(grid: &Grid<'_>, method: &Method) -> Total {
    let runs = grid.rows.iter().filter_map(|row| grid.runs(row, &method.key));
    Total::of(runs.flat_map(Runs::costs))
}

fn by_method(grid: &Grid<'_>, methods: &[&Method]) -> Table {
    let columns = ["Runs", "Core-seconds a run", "Updates a second", "Share in evaluation"];
    let optional = |text: Option<String>| Cell::text(text.unwrap_or_else(|| "–".to_owned()));
    let rows = methods.iter().map(|method| {
        let total = of_method(grid, method);
        let share = total.share_in_evaluation().map(|share| format!("{:.1} %", 100.0 * share));
        let cells = vec![
            Cell::text(total.n_runs.to_string()),
            Cell::text(words::grouped(total.core_seconds / total.n_runs as f64)),
            optional(total.updates_per_second().map(words::grouped)),
            optional(share),
        ];
        Row { label: method.name.clone(), cells }
    });
    Table::of_rows("Method", columns.map(str::to_owned).to_vec(), rows.collect())
}

fn by_cell(grid: &Grid<'_>, methods: &[&Method]) -> Table {
    let groups = [Block::Expert, Block::Random, Block::Other].into_iter().filter_map(|block| {
        let rows: Vec<Row> = grid
            .measured_rows()
            .filter(|row| row.block == block)
            .map(|row| {
                let cells = methods.iter().map(|method| {
                    let runs = grid.runs(row, &method.key).into_iter();
                    let total = Total::of(runs.flat_map(Runs::costs));
                    let is_known = 0 < total.n_runs;
                    let seconds = is_known.then(|| words::grouped(total.core_seconds));
                    Cell::text(seconds.unwrap_or_else(|| "–".to_owned()))
                });
                Row { label: grid.label(row), cells: cells.collect() }
            })
            .collect();
        (!rows.is_empty()).then(|| RowGroup { title: block.title().to_owned(), rows })
    });
    let columns = methods.iter().map(|method| method.name.clone()).collect();
    Table { label: "Task".to_owned(), columns, groups: groups.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evaluations_do_not_slow_updates_and_threads_count() {
        let cost = |seconds, n_threads| Cost { seconds, evaluation_seconds: 2.0, n_threads };
        let total = Total::of([(100, cost(12.0, 1)), (300, cost(32.0, 2))].into_iter());
        // 400 updates in 10 + 30 seconds; 12 + 64 core-seconds; 4 of 44 seconds.
        assert_eq!(total.updates_per_second(), Some(10.0));
        assert_eq!(total.core_seconds, 76.0);
        assert_eq!(total.share_in_evaluation(), Some(4.0 / 44.0));
        let idle = Total::of([(0, cost(2.0, 1))].into_iter());
        assert_eq!(idle.updates_per_second(), None);
    }
}
