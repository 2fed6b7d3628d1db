//! Tables of `mean ± std`, beside the paper's numbers where there are some.
//!
//! A column with a paper's number in any row is followed by two more: that number, and by how much the
//! mean exceeds it. Text and Markdown round to two decimals, as the paper does; CSV does not round.

use crate::csv_text;
use crate::stats::MeanStd;
use std::iter;

/// A table with labeled rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What the rows are, such as `data set`.
    pub label: String,
    /// What each column shows, such as a method.
    pub columns: Vec<String>,
    /// The rows, in order.
    pub rows: Vec<Row>,
}

/// A row of a `Table`.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What the row is about, such as `PointReach-expert`.
    pub label: String,
    /// One for each column; `None` where nothing was measured.
    pub cells: Vec<Option<Cell>>,
}

/// A measured number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// What was measured; the deviation of a single value, which has none, is not shown.
    pub measured: MeanStd,
    /// What the paper has.
    pub paper: Option<MeanStd>,
}

impl Table {
    /// Columns aligned by spaces, for a terminal; lines end in `\n`.
    ///
    /// # Panics
    ///
    /// If a row has another number of cells than there are columns; the same holds below.
    pub fn to_text(&self) -> String {
        let lines = self.lines();
        let widths = widths(&lines);
        lines.iter().map(|line| aligned(line, &widths, "  ").trim_end().to_owned() + "\n").collect()
    }

    /// A Markdown table; lines end in `\n`.
    pub fn to_markdown(&self) -> String {
        let mut lines = self.lines();
        for text in lines.iter_mut().flatten() {
            *text = text.replace('|', "\\|");
        }
        let widths = widths(&lines);
        let dashes = |width: &usize| "-".repeat(width + 1);
        let right: String = widths[1..].iter().map(|width| dashes(width) + ":|").collect();
        let rule = format!("|{}-|{right}", dashes(&widths[0]));
        let mut lines: Vec<_> =
            lines.iter().map(|line| format!("| {} |", aligned(line, &widths, " | "))).collect();
        lines.insert(1, rule);
        lines.join("\n") + "\n"
    }

    /// Every number in a column of its own, unrounded; lines end in `\n`.
    pub fn to_csv(&self) -> String {
        let parts = ["mean", "std", "paper_mean", "paper_std"];
        let names = self.columns.iter();
        let names = names.flat_map(|column| parts.map(|part| format!("{column}_{part}")));
        let head = iter::once(self.label.clone()).chain(names).collect();
        let rows = self.rows.iter().map(|row| {
            let numbers = self.cells(row).iter().flat_map(|cell| {
                let (measured, paper) =
                    (cell.map(|cell| cell.measured), cell.and_then(|cell| cell.paper));
                [measured, paper]
                    .into_iter()
                    .flat_map(|pair| [pair.map(|pair| pair.mean), pair.and_then(|pair| pair.std)])
            });
            iter::once(row.label.clone()).chain(numbers.map(csv_text::number)).collect()
        });
        csv_text::text(iter::once(head).chain(rows))
    }

    /// The head line and the rows as short texts, paper and difference in columns of their own.
    fn lines(&self) -> Vec<Vec<String>> {
        let has_paper = |column: usize| {
            self.rows
                .iter()
                .any(|row| self.cells(row)[column].is_some_and(|cell| cell.paper.is_some()))
        };
        let has_paper: Vec<bool> = (0..self.columns.len()).map(has_paper).collect();
        let mut lines = vec![vec![self.label.clone()]];
        for (column, has_paper) in self.columns.iter().zip(&has_paper) {
            lines[0].push(column.clone());
            if *has_paper {
                lines[0].extend(["paper".to_owned(), "difference".to_owned()]);
            }
        }
        for row in &self.rows {
            let mut line = vec![row.label.clone()];
            for (cell, has_paper) in self.cells(row).iter().zip(&has_paper) {
                line.push(cell.map_or_else(String::new, |cell| cell.measured.to_string()));
                if *has_paper {
                    let paper = cell.and_then(|cell| cell.paper);
                    line.push(paper.map_or_else(String::new, |it| it.to_string()));
                    let difference =
                        cell.zip(paper).map(|(cell, paper)| cell.measured.mean - paper.mean);
                    line.push(
                        difference.map_or_else(String::new, |number| format!("{number:+.2}")),
                    );
                }
            }
            lines.push(line);
        }
        lines
    }

    fn cells<'a>(&self, row: &'a Row) -> &'a [Option<Cell>] {
        assert_eq!(row.cells.len(), self.columns.len(), "a row has a cell for each column");
        &row.cells
    }
}

fn widths(lines: &[Vec<String>]) -> Vec<usize> {
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    (0..lines[0].len()).map(|column| width(column).expect("a table has a head line")).collect()
}

/// The label to the left, numbers to the right.
fn aligned(line: &[String], widths: &[usize], separator: &str) -> String {
    let label = format!("{:<1$}", line[0], widths[0]);
    let numbers = line.iter().zip(widths).skip(1).map(|(cell, width)| format!("{cell:>width$}"));
    iter::once(label).chain(numbers).collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(mean: f64, std: f64, paper: Option<(f64, f64)>) -> Cell {
        let paper = paper.map(|(mean, std)| MeanStd { mean, std: Some(std) });
        Cell { measured: MeanStd { mean, std: Some(std) }, paper }
    }

    fn table() -> Table {
        let single = Cell { measured: MeanStd { mean: 3.5, std: None }, paper: None };
        let row = |label: &str, cells| Row { label: label.to_owned(), cells };
        Table {
            label: "data set".to_owned(),
            columns: vec!["WGCSL".to_owned(), "ours|new".to_owned()],
            rows: vec![
                row(
                    "PointReach-expert",
                    vec![Some(cell(44.387, 0.182, Some((44.40, 0.14)))), None],
                ),
                row("PointReach-random", vec![Some(cell(5.0, 1.25, None)), Some(single)]),
            ],
        }
    }

    #[test]
    fn text_is_aligned() {
        let expected = "\
data set                  WGCSL         paper  difference  ours|new
PointReach-expert  44.39 ± 0.18  44.40 ± 0.14       -0.01
PointReach-random   5.00 ± 1.25                                3.50
";
        assert_eq!(table().to_text(), expected);
    }

    #[test]
    fn markdown_is_a_table_with_numbers_to_the_right() {
        let expected = "\
| data set          |        WGCSL |        paper | difference | ours\\|new |
|-------------------|-------------:|-------------:|-----------:|----------:|
| PointReach-expert | 44.39 ± 0.18 | 44.40 ± 0.14 |      -0.01 |           |
| PointReach-random |  5.00 ± 1.25 |              |            |      3.50 |
";
        assert_eq!(table().to_markdown(), expected);
    }

    #[test]
    fn csv_keeps_every_digit() {
        let expected = "\
data set,WGCSL_mean,WGCSL_std,WGCSL_paper_mean,WGCSL_paper_std,ours|new_mean,ours|new_std,ours|new_paper_mean,ours|new_paper_std
PointReach-expert,44.387,0.182,44.4,0.14,,,,
PointReach-random,5.0,1.25,,,3.5,,,
";
        assert_eq!(table().to_csv(), expected);
    }
}
