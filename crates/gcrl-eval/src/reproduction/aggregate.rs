//! All data sets together, after Agarwal et al., "Deep Reinforcement Learning at the Edge of the
//! Statistical Precipice", 2021: interquartile mean, probability of improvement, performance profiles.
//!
//! Methods are compared on the same data sets: those that all of them were run on. A method that was run
//! on less than half of the measured data sets is left out, so that a column which just began does not
//! shrink the comparison to nothing.

use super::document::{Cell, Part, Row, Section, Table, drawn};
use super::grid::{DataRow, Grid};
use super::words;
use crate::outcome::Method;
use crate::plots::{Curve, CurvePoint, IntervalRow, Intervals, LearningCurves};
use crate::stats::{self, Interval};

const ANCHOR: &str = "aggregate";
const TITLE: &str = "Aggregate scores";
/// The largest return, in steps on the goal: scores are shares of it.
const LARGEST_RETURN: f64 = 49.0;
/// The method that others are compared with.
const WGCSL: &str = "wgcsl";
const N_RESAMPLES: usize = 2_000;
const N_PROFILE_RESAMPLES: usize = 500;
/// Of bootstraps.
const SEED: u64 = 0;
/// Scores that profiles are drawn at, less one.
const N_PROFILE_STEPS: usize = 50;

/// A method with its scores in [0, 1], of the runs of each data set.
struct Scores<'a> {
    method: &'a Method,
    scores: Vec<Vec<f64>>,
}

pub(super) fn section(grid: &Grid<'_>) -> Section {
    let columns = grid.columns().into_iter().filter(|method| grid.is_measured(method));
    let rows: Vec<&DataRow> = grid.measured_rows().collect();
    let n_rows =
        |method: &Method| rows.iter().filter(|row| grid.runs(row, &method.key).is_some()).count();
    let (compared, left_out): (Vec<&Method>, Vec<&Method>) =
        columns.partition(|method| rows.len() <= 2 * n_rows(method));
    let has_all =
        |row: &&DataRow| compared.iter().all(|method| grid.runs(row, &method.key).is_some());
    let shared: Vec<&DataRow> = rows.into_iter().filter(has_all).collect();
    if compared.len() < 2 || shared.is_empty() {
        let why = "Left out: there is no data set that several methods have been run on.";
        return Section::left_out(ANCHOR, TITLE, why);
    }
    let scores: Vec<Scores<'_>> =
        compared.iter().map(|method| Scores::of(grid, &shared, method)).collect();
    let mut parts = vec![Part::Text(words_on(&shared, &left_out))];
    parts.push(Part::Table(table(&scores)));
    let profiles = profiles(&scores);
    let caption = "Share of runs whose normalized return exceeds the value on the horizontal axis, with \
                   its 95 % bootstrap interval.";
    let mut plots = vec![("profiles".to_owned(), caption.to_owned(), profiles.draw())];
    if let Some(improvement) = improvement_picture(&scores) {
        let caption = "Probability that a run of WGCSL returns more than a run of the other method, \
                       averaged over data sets, with its 95 % bootstrap interval; at one half the two \
                       are alike.";
        plots.push(("improvement".to_owned(), caption.to_owned(), improvement.draw()));
    }
    parts.extend(drawn(plots));
    Section { anchor: ANCHOR, title: TITLE, parts }
}

fn words_on(shared: &[&DataRow], left_out: &[&Method]) -> String {
    let n_shared = words::count(shared.len(), "data set");
    let mut text = format!(
        "Returns normalized by {LARGEST_RETURN:.0}, over the {n_shared} that all compared methods have \
         been run on; intervals are 95 % stratified bootstrap intervals."
    );
    if !left_out.is_empty() {
        let names: Vec<&str> = left_out.iter().map(|method| &*method.name).collect();
        text += &format!(
            " Not compared, because run on less than half of the measured data sets: {}.",
            names.join("; ")
        );
    }
    text
}

impl<'a> Scores<'a> {
    fn of(grid: &Grid<'a>, rows: &[&DataRow], method: &'a Method) -> Self {
        let scores = rows.iter().filter_map(|row| {
            let returns = grid.runs(row, &method.key)?.returns();
            Some(returns.iter().map(|steps| steps / LARGEST_RETURN).collect())
        });
        Self { method, scores: scores.collect() }
    }

    fn interquartile_mean(&self) -> (f64, Interval) {
        let statistic = stats::interquartile_mean;
        let interval = stats::bootstrap_interval(&self.scores, statistic, N_RESAMPLES, SEED);
        (statistic(&self.scores.concat()), interval)
    }
}

/// `P(WGCSL > other)` with its interval; `None` of WGCSL itself or without it.
fn improvement(all: &[Scores<'_>], other: &Scores<'_>) -> Option<(f64, Interval)> {
    let wgcsl = all.iter().find(|scores| scores.method.key == WGCSL)?;
    (other.method.key != WGCSL).then(|| {
        let (x, y) = (&wgcsl.scores, &other.scores);
        let interval = stats::improvement_interval(x, y, N_RESAMPLES, SEED);
        (stats::probability_of_improvement(x, y), interval)
    })
}

fn table(all: &[Scores<'_>]) -> Table {
    let with_interval = |(estimate, interval): (f64, Interval)| Cell {
        notes: vec![words::interval(interval)],
        ..Cell::text(format!("{estimate:.3}"))
    };
    let columns = ["Runs", "Interquartile mean", "P(WGCSL > method)"].map(str::to_owned).to_vec();
    let rows = all.iter().map(|scores| Row {
        label: scores.method.name.clone(),
        cells: vec![
            Cell::text(scores.scores.concat().len().to_string()),
            with_interval(scores.interquartile_mean()),
            improvement(all, scores).map_or_else(|| Cell::text("–"), with_interval),
        ],
    });
    Table::of_rows("Method", columns, rows.collect())
}

fn profiles(all: &[Scores<'_>]) -> LearningCurves {
    let curve = |Scores { method, scores }: &Scores<'_>| {
        let point = |step: usize| {
            let x = step as f64 / N_PROFILE_STEPS as f64;
            let band = stats::profile_interval(scores, x, N_PROFILE_RESAMPLES, SEED);
            CurvePoint { x, mean: stats::performance_profile(scores, x), band }
        };
        Curve { label: method.name.clone(), points: (0..=N_PROFILE_STEPS).map(point).collect() }
    };
    LearningCurves {
        title: "Performance profiles".to_owned(),
        x_label: "normalized return".to_owned(),
        y_label: "share of runs above".to_owned(),
        curves: all.iter().map(curve).collect(),
        references: Vec::new(),
    }
}

fn improvement_picture(all: &[Scores<'_>]) -> Option<Intervals> {
    let rows: Vec<IntervalRow> = all
        .iter()
        .filter_map(|scores| {
            let (estimate, interval) = improvement(all, scores)?;
            Some(IntervalRow { label: scores.method.name.clone(), estimate, interval })
        })
        .collect();
    (!rows.is_empty()).then(|| Intervals {
        title: "WGCSL against each method".to_owned(),
        x_label: "P(WGCSL > method)".to_owned(),
        rows,
        reference: Some(0.5),
    })
}
