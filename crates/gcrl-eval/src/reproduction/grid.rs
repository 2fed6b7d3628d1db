//! Outcomes as the cells of a grid: data sets down, methods across.

use crate::outcome::{Cost, CurveSample, Method, MethodGroup, Outcome};
use crate::paper::{self, DatasetKind};
use crate::plots::CurvePoint;
use crate::stats::MeanStd;
use gcrl_core::spec;
use std::collections::{BTreeMap, BTreeSet};

/// All there is of a reproduction, by data set and method.
pub(super) struct Grid<'a> {
    pub(super) methods: &'a [Method],
    /// The data sets: expert, random, others; each by the paper's order of tasks.
    pub(super) rows: Vec<DataRow>,
    /// Outcomes of methods that are not among `methods`.
    pub(super) n_unknown: usize,
    cells: BTreeMap<(DataRow, &'a str), Runs<'a>>,
}

/// A data set; those that nothing was measured on are named by their kind alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DataRow {
    /// Expert before random before others.
    pub(super) block: Block,
    /// Its position in [`paper::TASKS`]; their number for other tasks.
    task_idx: usize,
    pub(super) task: String,
    pub(super) dataset: String,
}

/// Data sets that stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Block {
    Expert,
    Random,
    Other,
}

/// The seeds of a cell, ascending; at least one.
#[derive(Clone)]
pub(super) struct Runs<'a>(Vec<&'a Outcome>);

impl DataRow {
    fn of(task: &str, dataset: &str) -> Self {
        let block = match DatasetKind::of(dataset) {
            Some(DatasetKind::Expert) => Block::Expert,
            Some(DatasetKind::Random) => Block::Random,
            None => Block::Other,
        };
        let position = paper::TASKS.iter().position(|known| *known == spec::base_id(task));
        let task_idx = position.unwrap_or(paper::TASKS.len());
        Self { block, task_idx, task: task.to_owned(), dataset: dataset.to_owned() }
    }

    /// Task and data set, such as `PointReach/expert-v1`.
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.task, self.dataset)
    }

    pub(super) fn kind(&self) -> Option<DatasetKind> {
        DatasetKind::of(&self.dataset)
    }
}

impl Block {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Expert => "Expert data",
            Self::Random => "Random data",
            Self::Other => "Other data",
        }
    }
}

impl<'a> Grid<'a> {
    pub(super) fn of(methods: &'a [Method], outcomes: &'a [Outcome]) -> Self {
        let mut cells: BTreeMap<(DataRow, &str), Runs<'_>> = BTreeMap::new();
        let mut n_unknown = 0;
        for outcome in outcomes {
            if !methods.iter().any(|method| method.key == outcome.method) {
                n_unknown += 1;
                continue;
            }
            let row = DataRow::of(&outcome.task, &outcome.dataset);
            let runs = cells.entry((row, &outcome.method)).or_insert_with(|| Runs(Vec::new()));
            runs.0.push(outcome);
        }
        for runs in cells.values_mut() {
            runs.0.sort_by_key(|outcome| outcome.seed);
        }
        let mut rows: BTreeSet<DataRow> = cells.keys().map(|(row, _)| row.clone()).collect();
        for (kind, task) in [DatasetKind::Expert, DatasetKind::Random]
            .into_iter()
            .flat_map(|kind| paper::TASKS.map(|task| (kind, task)))
        {
            if !rows.iter().any(|row| row.task == task && row.kind() == Some(kind)) {
                rows.insert(DataRow::of(task, &kind.to_string()));
            }
        }
        Self { methods, rows: rows.into_iter().collect(), n_unknown, cells }
    }

    pub(super) fn runs(&self, row: &DataRow, method: &str) -> Option<&Runs<'a>> {
        let method = self.method(method)?;
        self.cells.get(&(row.clone(), &*method.key))
    }

    pub(super) fn method(&self, key: &str) -> Option<&'a Method> {
        self.methods.iter().find(|method| method.key == key)
    }

    /// Whether anything of the method was measured.
    pub(super) fn is_measured(&self, method: &Method) -> bool {
        self.cells.keys().any(|(_, key)| *key == method.key)
    }

    /// Columns of the main table: the paper's methods, and others that were measured, but for variants and
    /// for ablations that the paper's table has no number for.
    pub(super) fn columns(&self) -> Vec<&'a Method> {
        let is_shown = |method: &&Method| match method.group {
            MethodGroup::Paper => true,
            MethodGroup::Beyond => self.is_measured(method),
            MethodGroup::Ablation => method.paper_name.is_some() && self.is_measured(method),
            MethodGroup::Variants => false,
        };
        self.methods.iter().filter(is_shown).collect()
    }

    /// Rows with a measured cell.
    pub(super) fn measured_rows(&self) -> impl Iterator<Item = &DataRow> {
        self.rows
            .iter()
            .filter(|row| self.methods.iter().any(|method| self.runs(row, &method.key).is_some()))
    }

    /// The task; with the data set's name where the grid has another of the same kind.
    pub(super) fn label(&self, row: &DataRow) -> String {
        let alike = |other: &&DataRow| other.task == row.task && other.block == row.block;
        let is_alone = self.rows.iter().filter(alike).count() == 1;
        if is_alone && row.kind().is_some() { row.task.clone() } else { row.name() }
    }
}

impl<'a> Runs<'a> {
    pub(super) fn outcomes(&self) -> &[&'a Outcome] {
        &self.0
    }

    pub(super) fn seeds(&self) -> Vec<u64> {
        self.0.iter().map(|outcome| outcome.seed).collect()
    }

    /// Final returns, by seed.
    pub(super) fn returns(&self) -> Vec<f64> {
        self.0.iter().map(|outcome| outcome.score.mean_return).collect()
    }

    pub(super) fn mean_std(&self) -> MeanStd {
        MeanStd::of(&self.returns())
    }

    /// A number of each evaluation during training, over the seeds that have it, by updates.
    pub(super) fn curve(&self, number: impl Fn(&CurveSample) -> Option<f64>) -> Vec<CurvePoint> {
        let mut seeds_at: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
        for sample in self.0.iter().flat_map(|outcome| &outcome.curve) {
            if let Some(number) = number(sample) {
                seeds_at.entry(sample.n_updates).or_default().push(number);
            }
        }
        seeds_at
            .into_iter()
            .map(|(n_updates, seeds)| CurvePoint::over_seeds(n_updates as f64, &seeds))
            .collect()
    }

    /// Updates and cost of the seeds whose cost is known.
    pub(super) fn costs(&self) -> impl Iterator<Item = (u64, Cost)> {
        self.0.iter().filter_map(|outcome| Some((outcome.n_updates, outcome.cost?)))
    }
}
