//! The paper's table: data sets down, methods across, and whether each cell agrees with the paper's.

use super::commands;
use super::document::{Cell, Part, Row, RowGroup, Section, Table};
use super::grid::{Block, DataRow, Grid, Runs};
use super::words::{self, signed};
use crate::outcome::{Method, MethodGroup};
use crate::paper;
use crate::stats::{MeanStd, spearman};
use crate::verdict::{self, Judgment, Verdict, WGCSL_NO_DRW};

const WGCSL: &str = "wgcsl";
/// Cells of WGCSL in the paper's table, and how many must not be below for it to count as reproduced.
const N_CELLS: usize = 20;
const N_CELLS_TO_PASS: usize = 18;
/// Methods below which an order says little.
const N_RANKED: usize = 3;

pub(super) fn section(grid: &Grid<'_>) -> Section {
    let mut parts = vec![Part::Text(
        "Average return of the final policy: steps on the goal of the 49 that count, mean ± standard \
         deviation over training seeds. Below each cell are the paper's number and the verdict: below \
         or above if the measured mean lies more than 3 of the paper's standard deviations from the \
         paper's mean, otherwise within; then the difference in returns and in the paper's standard \
         deviations. The last column is Spearman's rank correlation of the methods' measured order \
         with the paper's."
            .to_owned(),
    )];
    parts.extend(passes(grid).into_iter().map(Part::Text));
    if 0 < grid.n_unknown {
        let outcomes = words::count(grid.n_unknown, "outcome");
        parts.push(Part::Text(format!("Not shown: {outcomes} of methods that have no column.")));
    }
    parts.push(Part::Table(table(grid)));
    Section { anchor: "results", title: "Results beside the paper", parts }
}

fn table(grid: &Grid<'_>) -> Table {
    let methods = grid.columns();
    let names = methods.iter().map(|method| method.name.clone());
    let columns = names.chain(["Order".to_owned()]).collect();
    let groups = [Block::Expert, Block::Random, Block::Other].into_iter().filter_map(|block| {
        let rows: Vec<Row> = grid
            .rows
            .iter()
            .filter(|row| row.block == block)
            .map(|row| {
                let cells = methods.iter().map(|method| cell(grid, row, method));
                let cells = cells.chain([order(grid, row)]).collect();
                Row { label: grid.label(row), cells }
            })
            .collect();
        (!rows.is_empty()).then(|| RowGroup { title: block.title().to_owned(), rows })
    });
    Table { label: "Task".to_owned(), columns, groups: groups.collect() }
}

fn cell(grid: &Grid<'_>, row: &DataRow, method: &Method) -> Cell {
    let paper = verdict::paper_result(method, &row.task, &row.dataset);
    let notes = paper.iter().map(|paper| format!("paper {}", words::mean_std(*paper))).collect();
    let Some(runs) = grid.runs(row, &method.key) else {
        return Cell { notes, ..Cell::text("–") };
    };
    let seeds = words::count(runs.seeds().len(), "seed");
    Cell {
        text: format!("{} ({seeds})", words::mean_std(runs.mean_std())),
        notes,
        verdict: paper.map(|paper| judged(runs, paper)),
        link: Some(commands::anchor(row, method)),
    }
}

fn judged(runs: &Runs<'_>, paper: MeanStd) -> (Verdict, String) {
    let judgment = Judgment::of(runs.mean_std().mean, paper);
    let in_stds = judgment.difference_in_stds.map(|stds| format!(" ({} std)", signed(stds, 1)));
    let (word, difference) = (judgment.verdict.word(), signed(judgment.difference, 2));
    (judgment.verdict, format!("{word} {difference}{}", in_stds.unwrap_or_default()))
}

/// How far the order of the paper's methods in a row is that of the paper.
fn order(grid: &Grid<'_>, row: &DataRow) -> Cell {
    let of_paper = grid.methods.iter().filter(|method| method.group == MethodGroup::Paper);
    let pairs = of_paper.filter_map(|method| {
        let paper = verdict::paper_result(method, &row.task, &row.dataset)?;
        Some((grid.runs(row, &method.key)?.mean_std().mean, paper.mean))
    });
    let (measured, paper): (Vec<f64>, Vec<f64>) = pairs.unzip();
    match spearman(&measured, &paper) {
        Some(rho) if N_RANKED <= measured.len() => Cell {
            notes: vec![words::count(measured.len(), "method")],
            ..Cell::text(words::decimal(rho))
        },
        _ => Cell::text("–"),
    }
}

/// How many cells of WGCSL are not below the paper's.
fn passes(grid: &Grid<'_>) -> Vec<String> {
    let wgcsl = grid.method(WGCSL);
    let without_drw = grid.method(WGCSL_NO_DRW).filter(|method| grid.is_measured(method));
    let verdict = |row: &DataRow, method: &Method| {
        // A task's variant is compared with the paper, but is no cell of its table.
        paper::TASKS.iter().find(|task| **task == row.task)?;
        let paper = verdict::paper_result(method, &row.task, &row.dataset)?;
        let runs = grid.runs(row, &method.key)?;
        Some(Judgment::of(runs.mean_std().mean, paper).verdict)
    };
    let summary = |verdicts: Vec<Verdict>, which: &str| {
        let n_passed = verdicts.iter().filter(|verdict| Verdict::Below < **verdict).count();
        let n_measured = verdicts.len();
        format!(
            "{which}: {n_passed} of {n_measured} measured cells are not below the paper's; the paper \
             has {N_CELLS}, and at least {N_CELLS_TO_PASS} must not be below for the table to count as \
             reproduced."
        )
    };
    let mut lines = Vec::new();
    if let Some(wgcsl) = wgcsl {
        let verdicts = grid.rows.iter().filter_map(|row| verdict(row, wgcsl)).collect();
        lines.push(summary(verdicts, "WGCSL"));
    }
    if let Some(without_drw) = without_drw {
        let verdicts = grid.rows.iter().filter_map(|row| {
            verdict(row, without_drw).or_else(|| wgcsl.and_then(|wgcsl| verdict(row, wgcsl)))
        });
        let which = "WGCSL, without DRW on the random data of FetchPush, FetchSlide, \
                     FetchPickAndPlace and HandReach where that was run, as the paper's authors \
                     recommend";
        lines.push(summary(verdicts.collect(), which));
    }
    lines
}
