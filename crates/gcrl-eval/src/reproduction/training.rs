//! Learning curves: the return of the policy during training, one picture a data set.

use super::document::{Drawing, Part, Section, drawn};
use super::grid::{DataRow, Grid, Runs};
use super::words;
use crate::outcome::{Method, MethodGroup};
use crate::plots::{Curve, LearningCurves, Reference};
use crate::{paper, verdict};

const ANCHOR: &str = "training";
const TITLE: &str = "Learning curves";

pub(super) fn section(grid: &Grid<'_>) -> Section {
    let pictures: Vec<_> = grid
        .measured_rows()
        .filter_map(|row| Some((row, curves(grid, row)?)))
        .map(|(row, picture)| Drawing {
            name: words::slug(&format!("curves-{}-{}", row.task, row.dataset)),
            title: format!("Learning curves on {}", row.name()),
            caption: String::new(),
            plot: picture.draw(),
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
    let curve = |method: &Method| {
        let returns = |runs: &Runs<'_>| runs.curve(|sample| Some(sample.mean_return));
        let points = grid.runs(row, &method.key).map(returns);
        Curve { label: method.name.clone(), points: points.unwrap_or_default() }
    };
    // Those without points too: a method has one color in all pictures.
    let curves: Vec<Curve> = grid.columns().into_iter().map(curve).collect();
    let of_wgcsl = |name: &Option<String>| name.as_deref() == Some(paper::METHODS[0]);
    let wgcsl = grid
        .methods
        .iter()
        .find(|method| method.group == MethodGroup::Paper && of_wgcsl(&method.paper_name));
    let paper = wgcsl.and_then(|method| verdict::paper_result(method, &row.task, &row.dataset));
    let has_points = curves.iter().any(|curve| !curve.points.is_empty());
    has_points.then(|| LearningCurves {
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
