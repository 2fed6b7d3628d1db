//! Learning curves of finished runs.

use crate::results::RunResult;
use gcrl_eval::paper::{self, DatasetKind};
use gcrl_eval::plots::{Curve, CurvePoint, LearningCurves, Reference};

/// Learning curves of several runs, with the data set's own return where the paper has one.
pub(crate) fn learning_curves(
    title: &str,
    runs: &[&RunResult],
    data: Option<(&str, DatasetKind)>,
) -> LearningCurves {
    let data_return = data.and_then(|(task, kind)| paper::dataset_return(task, kind));
    let reference = data_return.map(|y| Reference { label: "data (paper)".to_owned(), y });
    LearningCurves {
        title: title.to_owned(),
        x_label: "updates".to_owned(),
        y_label: "return".to_owned(),
        curves: runs.iter().map(|run| curve(run)).collect(),
        references: reference.into_iter().collect(),
    }
}

/// The mean return over updates, with a band over seeds.
fn curve(run: &RunResult) -> Curve {
    let curves: Vec<_> = run.seeds.iter().map(|seed| &seed.curve).collect();
    let n_points = curves.iter().map(|curve| curve.len()).min().unwrap_or(0);
    let points = (0..n_points).map(|point| {
        let returns: Vec<_> = curves.iter().map(|curve| curve[point].1).collect();
        CurvePoint::over_seeds(curves[0][point].0 as f64, &returns)
    });
    Curve { label: run.paper_name.clone(), points: points.collect() }
}
