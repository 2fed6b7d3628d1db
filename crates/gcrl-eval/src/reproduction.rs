//! The report of the paper's whole table: every method on every data set, beside the paper's numbers.
//!
//! | part | shows | file |
//! |---|---|---|
//! | results | `mean ± std` of each cell, the paper's, and whether they agree | `results` |
//! | aggregate scores | all data sets together: interquartile mean, probability of improvement, profiles | `aggregate` |
//! | learning curves | returns during training | `training` |
//! | ablation | the parts of WGCSL, one at a time | `ablation` |
//! | variants | methods with a setting changed, beside themselves | `variants` |
//! | value estimates | what critics believe beside what policies earn | `values` |
//! | cost | core-seconds, updates a second | `costs` |
//! | commands | how to make and to watch each cell | `commands` |
//!
//! A table fills over days: what there is no outcome for is left out, with a line that says so. Each part
//! is a `document` first, which `markdown` and `html` write.

use crate::outcome::{Method, Outcome};
use crate::plots::Plot;
use document::{Document, Part};
use grid::Grid;
use std::path::PathBuf;

mod document;
mod grid;
mod words;

mod ablation;
mod aggregate;
mod commands;
mod costs;
mod results;
mod training;
mod values;
mod variants;

mod html;
mod markdown;

/// What a reproduction of the paper's table led to, so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Reproduction {
    /// The methods, in the order of columns; outcomes of others are counted, but not shown.
    pub methods: Vec<Method>,
    /// What there is, in any order.
    pub outcomes: Vec<Outcome>,
    /// The folder that the cells are trained into, as commands in the report name it.
    pub folder: String,
    /// The policies of cells that are at hand.
    pub policies: Vec<CellPolicy>,
    /// What a reader must know of these outcomes, a paragraph each; it stands above the results.
    pub notes: Vec<String>,
}

/// Where a policy of a cell is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellPolicy {
    /// The task's id.
    pub task: String,
    /// The data set's name within its task, such as `random-v1`.
    pub dataset: String,
    /// The method's key.
    pub method: String,
    /// The policy's file.
    pub path: PathBuf,
    /// A page that plays the policy, as the report links to it.
    pub replay: Option<String>,
}

impl Reproduction {
    /// The report in Markdown; it refers to pictures as `plots/NAME.svg`, see [`Self::plots`].
    pub fn to_markdown(&self) -> String {
        markdown::text(&self.document())
    }

    /// The report as one page that needs nothing else: styles and pictures are part of it. It follows the
    /// reader's preference for a light or a dark page.
    pub fn to_html(&self) -> String {
        html::page(&self.document())
    }

    /// The pictures with their names, of letters, digits, `.`, `_` and `-`.
    pub fn plots(&self) -> Vec<(String, Plot)> {
        let parts = self.document().sections.into_iter().flat_map(|section| section.parts);
        let figures = parts.filter_map(|part| match part {
            Part::Figures(figures) => Some(figures),
            _ => None,
        });
        figures.flatten().map(|figure| (figure.name, figure.plot)).collect()
    }

    fn document(&self) -> Document {
        let grid = Grid::of(&self.methods, &self.outcomes);
        let mut results = results::section(&grid);
        results.parts.splice(..0, self.notes.iter().cloned().map(Part::Text));
        Document {
            title: "Reproduction of WGCSL (Yang et al., 2022)".to_owned(),
            sections: vec![
                results,
                aggregate::section(&grid),
                training::section(&grid),
                ablation::section(&grid),
                variants::section(&grid),
                values::section(&grid),
                costs::section(&grid),
                commands::section(&grid, &self.folder, &self.policies),
            ],
        }
    }
}

#[cfg(test)]
mod tests;
