//! A report before it is written: sections of texts, tables and figures.

use crate::plots::{Plot, PlotError};
use crate::verdict::Verdict;

/// A whole report.
pub(super) struct Document {
    pub(super) title: String,
    pub(super) sections: Vec<Section>,
}

/// A part of it with a headline.
pub(super) struct Section {
    /// The name that links refer to.
    pub(super) anchor: &'static str,
    pub(super) title: &'static str,
    pub(super) parts: Vec<Part>,
}

/// A piece of a section.
pub(super) enum Part {
    Text(String),
    Table(Table),
    Figures(Vec<Figure>),
    Commands(Vec<CellCommands>),
}

/// A table with labeled rows in groups.
pub(super) struct Table {
    /// What the rows are.
    pub(super) label: String,
    pub(super) columns: Vec<String>,
    pub(super) groups: Vec<RowGroup>,
}

/// Rows that belong together.
pub(super) struct RowGroup {
    /// Stands above them; empty where the table has one group.
    pub(super) title: String,
    pub(super) rows: Vec<Row>,
}

/// One line of a table.
pub(super) struct Row {
    pub(super) label: String,
    /// One for each column.
    pub(super) cells: Vec<Cell>,
}

/// What a row shows in a column.
#[derive(Default)]
pub(super) struct Cell {
    pub(super) text: String,
    /// Smaller, below it.
    pub(super) notes: Vec<String>,
    /// Smaller, below the notes.
    pub(super) verdict: Option<(Verdict, String)>,
    /// The anchor that `text` links to.
    pub(super) link: Option<String>,
}

/// A picture with its caption.
pub(super) struct Figure {
    /// Of letters, digits, `.`, `_` and `-`.
    pub(super) name: String,
    /// What it shows, for readers who do not see it.
    pub(super) title: String,
    /// Stands below; may be empty.
    pub(super) caption: String,
    pub(super) plot: Plot,
}

/// A figure to be, or the cause for there to be none.
pub(super) struct Drawing {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) caption: String,
    pub(super) plot: Result<Plot, PlotError>,
}

/// How to make a cell and how to see it.
pub(super) struct CellCommands {
    /// The name that links refer to.
    pub(super) anchor: String,
    pub(super) title: String,
    /// What there is to know of its runs.
    pub(super) facts: Vec<String>,
    /// The address of a page that plays its policy.
    pub(super) replay: Option<String>,
    pub(super) commands: Vec<String>,
}

impl Cell {
    /// A cell that shows `text` alone.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

impl Table {
    /// A table whose rows are one group.
    pub(super) fn of_rows(label: &str, columns: Vec<String>, rows: Vec<Row>) -> Self {
        let groups = vec![RowGroup { title: String::new(), rows }];
        Self { label: label.to_owned(), columns, groups }
    }
}

impl Section {
    /// A section that says why it is empty.
    pub(super) fn left_out(anchor: &'static str, title: &'static str, why: &str) -> Self {
        Self { anchor, title, parts: vec![Part::Text(why.to_owned())] }
    }
}

/// Figures, and a text for each that could not be drawn.
pub(super) fn drawn(plots: impl IntoIterator<Item = Drawing>) -> Vec<Part> {
    let mut figures = Vec::new();
    let mut texts = Vec::new();
    for Drawing { name, title, caption, plot } in plots {
        match plot {
            Ok(plot) => figures.push(Figure { name, title, caption, plot }),
            Err(error) => texts.push(Part::Text(format!("Not drawn: {error}."))),
        }
    }
    let figures = (!figures.is_empty()).then_some(Part::Figures(figures));
    figures.into_iter().chain(texts).collect()
}
