//! The learning curve of a finished run.

use crate::results::RunResult;
use gcrl_eval::plots::{Curve, CurvePoint, LearningCurves};

/// The mean return over updates, with a band over seeds.
pub(crate) fn learning_curve(run: &RunResult) -> LearningCurves {
    let curves: Vec<_> = run.seeds.iter().map(|seed| &seed.curve).collect();
    let n_points = curves.iter().map(|curve| curve.len()).min().unwrap_or(0);
    let points = (0..n_points).map(|point| {
        let returns: Vec<_> = curves.iter().map(|curve| curve[point].1).collect();
        CurvePoint::over_seeds(curves[0][point].0 as f64, &returns)
    });
    LearningCurves {
        title: format!("{} on {}", run.paper_name, run.task),
        x_label: "updates".to_owned(),
        y_label: "return".to_owned(),
        curves: vec![Curve { label: run.paper_name.clone(), points: points.collect() }],
        references: Vec::new(),
    }
}
