//! Learning curves: the return of the policy during training, one picture a data set.

use super::document::{Part, Section, drawn};
use super::grid::{DataRow, Grid};
use super::words;
use crate::outcome::MethodGroup;
use crate::plots::{Curve, LearningCurves, Reference};
use crate::{paper, verdict};

const ANCHOR: &str = "training";
const TITLE: &str = "Learning curves";

pub(super) fn section(grid: &Grid<'_>) -> Section {
    let pictures: Vec<_> = grid
        .measured_rows()
        .filter_map(|row| Some((row, curves(grid, row)?)))
        .map(|(row, picture)| {
            let name = words::slug(&format!("curves-{}-{}", row.task, row.dataset));
            (name, row.name(), picture.draw())
        })
        .collect();
    if pictures.is_empty() {
        let why = "Left out: no run has been evaluated during training.";
        return Section::left_out(ANCHOR, TITLE, why);
    }
    let text = "Average return during training; lines are means over seeds, bands one standard \
                deviation. The dashed gray line is the paper's WGCSL after training.";
    let parts = [Part::Text(text.to_owned())].into_iter().chain(drawn(pictures));
    Section { anchor: ANCHOR, title: TITLE, parts: parts.collect() }
}

fn curves(grid: &Grid<'_>, row: &DataRow) -> Option<LearningCurves> {
    let shown = grid.columns().into_iter();
    let curves: Vec<Curve> = shown
        .filter_map(|method| {
            let points = grid.runs(row, &method.key)?.curve(|sample| Some(sample.mean_return));
            (!points.is_empty()).then(|| Curve { label: method.name.clone(), points })
        })
        .collect();
    let of_wgcsl = |name: &Option<String>| name.as_deref() == Some(paper::METHODS[0]);
    let wgcsl = grid
        .methods
        .iter()
        .find(|method| method.group == MethodGroup::Paper && of_wgcsl(&method.paper_name));
    let paper = wgcsl.and_then(|method| verdict::paper_result(method, &row.task, &row.dataset));
    (!curves.is_empty()).then(|| LearningCurves {
        title: row.name(),
        x_label: "update".to_owned(),
        y_label: "return".to_owned(),
        curves,
        references: paper
            .map(|paper| Reference { label: "WGCSL, paper".to_owned(), y: paper.mean })
            .into_iter()
            .collect(),
    })
}
