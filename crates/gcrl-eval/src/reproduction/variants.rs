//! Methods with one setting changed, each beside itself without the change.

use super::document::{Cell, Part, Row, Section, Table};
use super::grid::{DataRow, Grid};
use super::words;
use crate::outcome::Method;
use crate::verdict;

const ANCHOR: &str = "variants";
const TITLE: &str = "Variants";

pub(super) fn section(grid: &Grid<'_>) -> Section {
    let variants = grid.methods.iter().filter(|method| grid.is_measured(method));
    let tables: Vec<Part> = variants
        .filter_map(|variant| Some((grid.method(variant.variant_of.as_deref()?)?, variant)))
        .map(|(method, variant)| Part::Table(table(grid, method, variant)))
        .collect();
    if tables.is_empty() {
        let why = "Left out: no method has been run with a setting changed.";
        return Section::left_out(ANCHOR, TITLE, why);
    }
    let text =
        "Average return of the final policy of methods with one setting changed, beside their own.";
    let parts = [Part::Text(text.to_owned())].into_iter().chain(tables).collect();
    Section { anchor: ANCHOR, title: TITLE, parts }
}

/// A row for each data set that the variant was trained on.
fn table(grid: &Grid<'_>, method: &Method, variant: &Method) -> Table {
    let score = |row: &DataRow, key: &str| match grid.runs(row, key) {
        Some(runs) => Cell::text(words::mean_std(runs.mean_std())),
        None => Cell::text("–"),
    };
    let rows = grid.measured_rows().filter(|row| grid.runs(row, &variant.key).is_some());
    let rows = rows.map(|row| {
        let paper = verdict::paper_result(method, &row.task, &row.dataset);
        let paper = paper.map_or_else(|| "–".to_owned(), words::mean_std);
        let cells = vec![score(row, &variant.key), score(row, &method.key), Cell::text(paper)];
        Row { label: row.name(), cells }
    });
    let columns =
        [variant.name.clone(), method.name.clone(), format!("{} of the paper", method.name)];
    Table::of_rows("Data set", columns.to_vec(), rows.collect())
}
