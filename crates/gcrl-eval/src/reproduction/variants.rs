//! Methods with one setting changed, each beside itself without the change.

use super::document::{Cell, Part, Row, Section, Table};
use super::grid::{DataRow, Grid, Runs};
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
    let score = |row: &DataRow, method: &Method| {
        let score = grid.runs(row, &method.key).map(Runs::mean_std);
        Cell::text(score.map_or_else(|| "–".to_owned(), words::mean_std))
    };
    let of_paper = |row: &DataRow| {
        let score = verdict::paper_result(method, &row.task, &row.dataset);
        Cell::text(score.map_or_else(|| "–".to_owned(), words::mean_std))
    };
    let mut columns = vec![variant.name.clone(), method.name.clone()];
    columns.extend(method.paper_name.as_ref().map(|name| format!("{name} of the paper")));
    let rows = grid.measured_rows().filter(|row| grid.runs(row, &variant.key).is_some());
    let rows = rows.map(|row| {
        let mut cells = vec![score(row, variant), score(row, method)];
        cells.extend(method.paper_name.as_ref().map(|_| of_paper(row)));
        Row { label: row.name(), cells }
    });
    Table::of_rows("Data set", columns, rows.collect())
}
