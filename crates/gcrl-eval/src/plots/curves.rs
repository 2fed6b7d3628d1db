//! Learning curves: a mean line with a band over seeds for each series, and dashed references.

use super::PlotError;
use super::canvas::{self, AxisTexts, Chart, DrawError, GRAY, Plot, Sheet};
use crate::stats::{Interval, MeanStd};
use plotters::element::DashedPathElement;
use plotters::prelude::*;

/// Lengths of a dash and of a gap, in pixels, by which references are told apart.
const DASHES: [(i32, i32); 3] = [(24, 12), (8, 8), (40, 20)];

/// A picture of learning curves.
#[derive(Clone, Debug, PartialEq)]
pub struct LearningCurves {
    /// Stands above.
    pub title: String,
    /// What runs to the right, such as `update`.
    pub x_label: String,
    /// What runs upwards, such as `return`.
    pub y_label: String,
    /// Seven have colors of their own.
    pub curves: Vec<Curve>,
    /// Horizontal lines to compare with.
    pub references: Vec<Reference>,
}

/// One series.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Its name in the legend.
    pub label: String,
    /// Its points, `x` ascending.
    pub points: Vec<CurvePoint>,
}

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// How far training is.
    pub x: f64,
    /// Where the line passes.
    pub mean: f64,
    /// Where the band passes.
    pub band: Interval,
}

/// A horizontal line, such as the return of the data set or the paper's number.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Its name in the legend.
    pub label: String,
    /// Its height.
    pub y: f64,
}

impl CurvePoint {
    /// Mean and one standard deviation over `seeds`; of a single seed, no band.
    ///
    /// # Panics
    ///
    /// If there are no seeds.
    pub fn over_seeds(x: f64, seeds: &[f64]) -> Self {
        let MeanStd { mean, std } = MeanStd::of(seeds);
        let std = std.unwrap_or(0.0);
        Self { x, mean, band: Interval { low: mean - std, high: mean + std } }
    }

    fn numbers(&self) -> [f64; 4] {
        [self.x, self.mean, self.band.low, self.band.high]
    }
}

impl LearningCurves {
    /// Draws the picture.
    ///
    /// # Errors
    ///
    /// If there is no point, or a number is not finite.
    pub fn draw(&self) -> Result<Plot, PlotError> {
        self.check()?;
        Ok(Plot::draw(|sheet| self.draw_on(sheet)))
    }

    fn check(&self) -> Result<(), PlotError> {
        if self.points().next().is_none() {
            return Err(PlotError::Empty { title: self.title.clone() });
        }
        let is_finite =
            |curve: &Curve| curve.points.iter().flat_map(CurvePoint::numbers).all(f64::is_finite);
        let curve = self.curves.iter().find(|curve| !is_finite(curve)).map(|curve| &curve.label);
        let reference = self.references.iter().find(|reference| !reference.y.is_finite());
        match curve.or(reference.map(|reference| &reference.label)) {
            Some(label) => {
                Err(PlotError::NotFinite { label: label.clone(), title: self.title.clone() })
            }
            None => Ok(()),
        }
    }

    fn points(&self) -> impl Iterator<Item = &CurvePoint> {
        self.curves.iter().flat_map(|curve| &curve.points)
    }

    fn draw_on(&self, sheet: &Sheet<'_>) -> Result<(), DrawError> {
        let (left, right) = canvas::split(sheet);
        let (first, last) = canvas::bounds(self.points().map(|point| point.x));
        let x_range = if first < last { first..last } else { first - 0.5..first + 0.5 };
        let heights = self.points().flat_map(|point| [point.band.low, point.band.high]);
        let references = self.references.iter().map(|reference| reference.y);
        let y_range = canvas::padded_range(heights.chain(references));
        let texts =
            AxisTexts { title: &self.title, x_label: &self.x_label, y_label: &self.y_label };
        let mut chart = canvas::axes(&left, &texts, x_range.clone(), y_range)?;
        for (reference_idx, reference) in self.references.iter().enumerate() {
            let (dash, gap) = DASHES[reference_idx % DASHES.len()];
            let ends = [(x_range.start, reference.y), (x_range.end, reference.y)];
            chart.draw_series(DashedLineSeries::new(ends, dash, gap, GRAY.stroke_width(4)))?;
            let (x, y) =
                canvas::legend_line(&right, self.curves.len() + reference_idx, &reference.label)?;
            let ends = [(x - 28, y), (x + 28, y)];
            right.draw(&DashedPathElement::new(ends, dash, gap, GRAY.stroke_width(4)))?;
        }
        for (curve_idx, curve) in self.curves.iter().enumerate() {
            let color = canvas::color(curve_idx);
            draw_curve(&mut chart, curve, color)?;
            let (x, y) = canvas::legend_line(&right, curve_idx, &curve.label)?;
            right.draw(&PathElement::new([(x - 28, y), (x + 28, y)], color.stroke_width(6)))?;
        }
        Ok(())
    }
}

fn draw_curve(chart: &mut Chart<'_>, curve: &Curve, color: RGBColor) -> Result<(), DrawError> {
    let highs = curve.points.iter().map(|point| (point.x, point.band.high));
    let lows = curve.points.iter().rev().map(|point| (point.x, point.band.low));
    let outline: Vec<(f64, f64)> = highs.chain(lows).collect();
    chart.draw_series([Polygon::new(outline, color.mix(0.2))])?;
    let line = curve.points.iter().map(|point| (point.x, point.mean));
    chart.draw_series(LineSeries::new(line, color.stroke_width(5)))?;
    // A line through a single point would be invisible.
    if let [point] = curve.points[..] {
        chart.draw_series([Circle::new((point.x, point.mean), 8, color.filled())])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(label: &str, means: &[f64]) -> Curve {
        let point = |(index, mean): (usize, &f64)| {
            CurvePoint::over_seeds(100.0 * index as f64, &[mean - 1.0, mean + 1.0])
        };
        Curve { label: label.to_owned(), points: means.iter().enumerate().map(point).collect() }
    }

    fn picture(curves: Vec<Curve>) -> LearningCurves {
        LearningCurves {
            title: "PointReach, expert data".to_owned(),
            x_label: "update".to_owned(),
            y_label: "return".to_owned(),
            curves,
            references: vec![Reference { label: "paper <WGCSL>".to_owned(), y: 44.4 }],
        }
    }

    #[test]
    fn a_band_is_one_standard_deviation_over_seeds() {
        let point = CurvePoint::over_seeds(5.0, &[1.0, 3.0]);
        let half = 2.0_f64.sqrt();
        assert_eq!((point.x, point.mean), (5.0, 2.0));
        assert_eq!(point.band, Interval { low: 2.0 - half, high: 2.0 + half });
        let alone = CurvePoint::over_seeds(5.0, &[3.0]);
        assert_eq!(alone.band, Interval { low: 3.0, high: 3.0 });
    }

    #[test]
    fn a_picture_has_a_line_and_a_band_for_each_curve_and_names_everything() {
        let curves = vec![curve("WGCSL", &[1.0, 30.0, 44.0]), curve("GCSL", &[1.0, 20.0, 39.0])];
        let svg = picture(curves).draw().unwrap().svg().to_owned();
        for text in
            ["PointReach, expert data", "update", "return", "WGCSL", "GCSL", "paper &lt;WGCSL&gt;"]
        {
            assert!(svg.contains(text), "{text}");
        }
        assert_eq!(svg.matches("<polygon").count(), 2);
        for color in ["#0072B2", "#D55E00"] {
            // The band, the line, and its sign in the legend.
            assert_eq!(svg.matches(color).count(), 3, "{color}");
        }
    }

    #[test]
    fn nothing_and_numbers_that_are_not_finite_are_refused() {
        assert!(matches!(picture(vec![]).draw(), Err(PlotError::Empty { .. })));
        let broken = picture(vec![curve("WGCSL", &[1.0, f64::NAN])]).draw().unwrap_err();
        let message = "`WGCSL` holds a number that is not finite, in `PointReach, expert data`";
        assert_eq!(broken.to_string(), message);
    }

    #[test]
    fn one_point_is_drawn() {
        let svg = picture(vec![curve("WGCSL", &[40.0])]).draw().unwrap().svg().to_owned();
        assert_eq!(svg.matches("<circle").count(), 1);
    }
}
