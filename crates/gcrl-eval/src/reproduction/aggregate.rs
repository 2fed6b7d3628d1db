//! All data sets together, after Agarwal et al., "Deep Reinforcement Learning at the Edge of the
//! Statistical Precipice", 2021: interquartile mean, probability of improvement, performance profiles.
//!
//! Methods are compared on the same data sets: those that all of them were run on. While a table fills,
//! methods with few data sets are left out, for a large `methods · shared data sets`. This is a greedy
//! choice: another set of methods may share more.

use super::document::{Cell, Drawing, Part, Row, Section, Table, drawn};
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

/// Methods and the data sets that all of them were run on, at least one.
struct Comparison<'a> {
    compared: Vec<&'a Method>,
    left_out: Vec<&'a Method>,
    shared: Vec<&'a DataRow>,
}

/// A method with its scores in [0, 1], of the runs of each data set.
struct Scores<'a> {
    method: &'a Method,
    scores: Vec<Vec<f64>>,
}

pub(super) fn section(grid: &Grid<'_>) -> Section {
    let Some(Comparison { compared, left_out, shared }) = Comparison::of(grid) else {
        let why = "Left out: no comparison was found; several methods must have been run on the same data set.";
        return Section::left_out(ANCHOR, TITLE, why);
    };
    let scores: Vec<Scores<'_>> =
        compared.iter().map(|method| Scores::of(grid, &shared, method)).collect();
    let mut parts = vec![Part::Text(words_on(&shared, &left_out))];
    parts.push(Part::Table(table(&scores)));
    let profiles = profiles(grid, &scores);
    let caption = "Share of runs whose normalized return exceeds the value on the horizontal axis, with \
                   its 95 % bootstrap interval.";
    let mut plots = vec![Drawing {
        name: "profiles".to_owned(),
        title: "Performance profiles".to_owned(),
        caption: caption.to_owned(),
        plot: profiles.draw(),
    }];
    if let Some(improvement) = improvement_picture(&scores) {
        let caption = "Probability that a run of WGCSL returns more than a run of the other method, \
                       averaged over data sets, with its 95 % bootstrap interval; at one half the two \
                       are alike.";
        plots.push(Drawing {
            name: "improvement".to_owned(),
            title: "Probability of improvement".to_owned(),
            caption: caption.to_owned(),
            plot: improvement.draw(),
        });
    }
    parts.extend(drawn(plots));
    Section { anchor: ANCHOR, title: TITLE, parts }
}

impl<'a> Comparison<'a> {
    /// Leaves methods out one by one, those with the fewest data sets first, the last of these before the
    /// others, and returns the best of these comparisons; `None` if none of them has a data set.
    fn of(grid: &'a Grid<'a>) -> Option<Self> {
        let rows: Vec<&DataRow> = grid.measured_rows().collect();
        let has = |row: &DataRow, method: &Method| grid.runs(row, &method.key).is_some();
        let n_rows = |method: &&Method| rows.iter().filter(|row| has(row, method)).count();
        let columns = grid.columns().into_iter();
        let mut compared: Vec<&Method> =
            columns.filter(|method| grid.is_measured(method)).collect();
        let mut left_out = Vec::new();
        let mut best: Option<Self> = None;
        while 2 <= compared.len() {
            let is_shared = |row: &&DataRow| compared.iter().all(|method| has(row, method));
            let shared: Vec<&DataRow> = rows.iter().copied().filter(is_shared).collect();
            let next = Self { compared: compared.clone(), left_out: left_out.clone(), shared };
            if best.as_ref().map_or(0, Self::size) < next.size() {
                best = Some(next);
            }
            let fewest = compared.iter().map(n_rows).min();
            let last_idx = compared.iter().rposition(|method| Some(n_rows(method)) == fewest);
            left_out.push(compared.remove(last_idx.expect("one of them has the fewest")));
        }
        best
    }

    fn size(&self) -> usize {
        self.compared.len() * self.shared.len()
    }
}

fn words_on(shared: &[&DataRow], left_out: &[&Method]) -> String {
    let n_shared = words::count(shared.len(), "data set");
    let text = format!(
        "Returns normalized by {LARGEST_RETURN:.0}, over the {n_shared} that all compared methods have \
         been run on; intervals are 95 % stratified bootstrap intervals."
    );
    if left_out.is_empty() {
        return text;
    }
    let names: Vec<&str> = left_out.iter().map(|method| &*method.name).collect();
    format!("{text} Not compared, because run on fewer data sets: {}.", names.join("; "))
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

fn profiles(grid: &Grid<'_>, all: &[Scores<'_>]) -> LearningCurves {
    let points = |Scores { scores, .. }: &Scores<'_>| -> Vec<CurvePoint> {
        let point = |step: usize| {
            let x = step as f64 / N_PROFILE_STEPS as f64;
            let band = stats::profile_interval(scores, x, N_PROFILE_RESAMPLES, SEED);
            CurvePoint { x, mean: stats::performance_profile(scores, x), band }
        };
        (0..=N_PROFILE_STEPS).map(point).collect()
    };
    // Those that are not compared too, without points: a method has one color in all pictures.
    let curves = grid.columns().into_iter().map(|method| {
        let scores = all.iter().find(|scores| scores.method == method);
        let points = scores.map(points).unwrap_or_default();
        Curve { label: method.name.clone(), points }
    });
    LearningCurves {
        title: "Performance profiles".to_owned(),
        x_label: "normalized return".to_owned(),
        y_label: "share of runs above".to_owned(),
        curves: curves.collect(),
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
