//! The parts of WGCSL, one at a time: GCSL with the weight of discounted relabeling (DRW), of
//! goal-conditioned exponential advantage (GEAW), of the best advantages (BAW), and with all three, which is
//! WGCSL.

use super::document::{Cell, Drawing, Part, Row, Section, Table, drawn};
use super::grid::{DataRow, Grid, Runs};
use super::words;
use crate::plots::{ComparedMethod, Comparison};
use crate::{stats, verdict};

const ANCHOR: &str = "ablation";
const TITLE: &str = "Ablation";
/// Of bootstraps.
const N_RESAMPLES: usize = 2_000;

/// Methods by key, with their names here.
const VARIANTS: [(&str, &str); 5] = [
    ("gcsl", "GCSL"),
    ("gcsl-drw", "+ DRW"),
    ("gcsl-geaw", "+ GEAW"),
    ("gcsl-baw", "+ BAW"),
    ("wgcsl", "all (WGCSL)"),
];

pub(super) fn section(grid: &Grid<'_>) -> Section {
    let has_part =
        |row: &&DataRow| VARIANTS[1..4].iter().any(|(key, _)| grid.runs(row, key).is_some());
    let rows: Vec<&DataRow> = grid.measured_rows().filter(has_part).collect();
    if rows.is_empty() {
        let why = "Left out: GCSL has not been run with one part of WGCSL.";
        return Section::left_out(ANCHOR, TITLE, why);
    }
    let text = "Average return of the final policy of GCSL with one weight of WGCSL at a time: discounted \
                relabeling (DRW), goal-conditioned exponential advantage (GEAW), best advantage (BAW), \
                and with all three. Pictures show the mean with its 95 % bootstrap interval over seeds.";
    let columns = VARIANTS.iter().map(|(_, name)| (*name).to_owned()).collect();
    let lines = rows.iter().map(|row| Row {
        label: row.name(),
        cells: VARIANTS
            .iter()
            .map(|(key, _)| match grid.runs(row, key) {
                Some(runs) => Cell::text(words::mean_std(runs.mean_std())),
                None => Cell::text("–"),
            })
            .collect(),
    });
    let table = Table::of_rows("Data set", columns, lines.collect());
    let pictures = rows.iter().map(|row| Drawing {
        name: words::slug(&format!("ablation-{}-{}", row.task, row.dataset)),
        title: format!("Ablation on {}", row.name()),
        caption: String::new(),
        plot: picture(grid, row).draw(),
    });
    let parts = [Part::Text(text.to_owned()), Part::Table(table)];
    let parts = parts.into_iter().chain(drawn(pictures)).collect();
    Section { anchor: ANCHOR, title: TITLE, parts }
}

fn picture(grid: &Grid<'_>, row: &DataRow) -> Comparison {
    let methods = VARIANTS.iter().filter_map(|(key, name)| {
        let paper = verdict::paper_result(grid.method(key)?, &row.task, &row.dataset);
        Some(compared(grid.runs(row, key)?, name, paper))
    });
    Comparison { title: row.name(), y_label: "return".to_owned(), methods: methods.collect() }
}

fn compared(runs: &Runs<'_>, name: &str, paper: Option<stats::MeanStd>) -> ComparedMethod {
    let returns = runs.returns();
    ComparedMethod {
        label: name.to_owned(),
        mean: stats::mean(&returns),
        interval: stats::bootstrap_interval(&[returns], stats::mean, N_RESAMPLES, 0),
        paper,
    }
}
