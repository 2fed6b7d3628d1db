//! What runs took.
//!
//! Updates a second of one core are counted over its time outside evaluations.

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
    core_seconds: f64,
    evaluation_core_seconds: f64,
}

impl Total {
    fn of(runs: impl Iterator<Item = (u64, Cost)>) -> Self {
        runs.fold(Self::default(), |total, (n_updates, cost)| Self {
            n_runs: total.n_runs + 1,
            n_updates: total.n_updates + n_updates,
            core_seconds: total.core_seconds + cost.core_seconds,
            evaluation_core_seconds: total.evaluation_core_seconds + cost.evaluation_core_seconds,
        })
    }

    /// `None` where all time was spent in evaluations.
    fn updates_per_second(self) -> Option<f64> {
        let seconds = self.core_seconds - self.evaluation_core_seconds;
        (0.0 < seconds).then(|| self.n_updates as f64 / seconds)
    }

    fn share_in_evaluation(self) -> Option<f64> {
        (0.0 < self.core_seconds).then(|| self.evaluation_core_seconds / self.core_seconds)
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
        "Time of processors from the first update to the last score. All runs together \
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
    fn evaluations_do_not_slow_updates() {
        let cost = |core_seconds| Cost { core_seconds, evaluation_core_seconds: 2.0 };
        let total = Total::of([(100, cost(12.0)), (300, cost(32.0))].into_iter());
        // 400 updates in 10 + 30 seconds; 4 of 44 seconds.
        assert_eq!(total.updates_per_second(), Some(10.0));
        assert_eq!(total.core_seconds, 44.0);
        assert_eq!(total.share_in_evaluation(), Some(4.0 / 44.0));
        let idle = Total::of([(0, cost(2.0))].into_iter());
        assert_eq!(idle.updates_per_second(), None);
    }
}
