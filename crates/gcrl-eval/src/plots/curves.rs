//! Learning curves: a mean line with a band over seeds for each series, and dashed references.

use super::PlotError;
use super::canvas::{self, AxisTexts, Chart, DrawError, GRAY, N_COLORS, Plot, Sheet};
use crate::stats::{Interval, MeanStd};
use plotters::element::DashedPathElement;
use plotters::prelude::*;

/// Lengths of a dash and of a gap, in pixels, by which references are told apart.
const DASHES: [(i32, i32); 3] = [(24, 12), (8, 8), (40, 20)];

/// Of curves whose color a curve before them has.
const CURVE_DASH: (i32, i32) = (16, 8);

/// A picture of learning curves.
#[derive(Clone, Debug, PartialEq)]
pub struct LearningCurves {
    /// Stands above.
    pub title: String,
    /// What runs to the right, such as `update`.
    pub x_label: String,
    /// What runs upwards, such as `return`.
    pub y_label: String,
    /// Seven have colors of their own; those behind them are dashed. One without points is not named, but
    /// keeps its color from the others, so that several pictures can agree on colors.
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

/// A curve as it is drawn.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) label: &'a str,
    pub(super) points: &'a [CurvePoint],
    pub(super) color: RGBColor,
    /// Lengths of a dash and of a gap, in pixels; `None` draws through.
    pub(super) dash: Option<(i32, i32)>,
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

    pub(super) fn numbers(&self) -> [f64; 4] {
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
        let texts =
            AxisTexts { title: &self.title, x_label: &self.x_label, y_label: &self.y_label };
        let with_points = |(_, curve): &(usize, &Curve)| !curve.points.is_empty();
        let curves = self.curves.iter().enumerate().filter(with_points);
        let lines = curves.map(|(curve_idx, curve)| Line {
            label: &curve.label,
            points: &curve.points,
            color: canvas::color(curve_idx),
            dash: (N_COLORS <= curve_idx).then_some(CURVE_DASH),
        });
        draw_lines(sheet, &texts, &lines.collect::<Vec<_>>(), &self.references)
    }
}

/// Axes that hold all lines and references, each named in the legend.
pub(super) fn draw_lines(
    sheet: &Sheet<'_>,
    texts: &AxisTexts<'_>,
    lines: &[Line<'_>],
    references: &[Reference],
) -> Result<(), DrawError> {
    let (left, right) = canvas::split(sheet);
    let points = || lines.iter().flat_map(|line| line.points);
    let (first, last) = canvas::bounds(points().map(|point| point.x));
    let x_range = if first < last { first..last } else { first - 0.5..first + 0.5 };
    let heights = points().flat_map(|point| [point.band.low, point.band.high]);
    let y_range = canvas::padded_range(heights.chain(references.iter().map(|line| line.y)));
    let mut chart = canvas::axes(&left, texts, x_range.clone(), y_range)?;
    for (reference_idx, reference) in references.iter().enumerate() {
        let (dash, gap) = DASHES[reference_idx % DASHES.len()];
        let ends = [(x_range.start, reference.y), (x_range.end, reference.y)];
        chart.draw_series(DashedLineSeries::new(ends, dash, gap, GRAY.stroke_width(4)))?;
        let place = canvas::legend_line(&right, lines.len() + reference_idx, &reference.label)?;
        draw_sign(&right, place, Some((dash, gap)), GRAY.stroke_width(4))?;
    }
    for (line_idx, line) in lines.iter().enumerate() {
        draw_line(&mut chart, line)?;
        let place = canvas::legend_line(&right, line_idx, line.label)?;
        draw_sign(&right, place, line.dash, line.color.stroke_width(6))?;
    }
    Ok(())
}

/// A piece of line in the legend.
fn draw_sign(
    part: &Sheet<'_>,
    (x, y): (i32, i32),
    dash: Option<(i32, i32)>,
    style: ShapeStyle,
) -> Result<(), DrawError> {
    let ends = [(x - 28, y), (x + 28, y)];
    match dash {
        Some((dash, gap)) => part.draw(&DashedPathElement::new(ends, dash, gap, style)),
        None => part.draw(&PathElement::new(ends, style)),
    }
}

fn draw_line(chart: &mut Chart<'_>, line: &Line<'_>) -> Result<(), DrawError> {
    let Line { points, color, dash, .. } = *line;
    let has_band = points.iter().any(|point| point.band.low < point.band.high);
    if has_band {
        let highs = points.iter().map(|point| (point.x, point.band.high));
        let lows = points.iter().rev().map(|point| (point.x, point.band.low));
        let outline: Vec<(f64, f64)> = highs.chain(lows).collect();
        chart.draw_series([Polygon::new(outline, color.mix(0.2))])?;
    }
    let means = points.iter().map(|point| (point.x, point.mean));
    match dash {
        Some((dash, gap)) => {
            let style = color.stroke_width(5);
            chart.draw_series(DashedLineSeries::new(means, dash, gap, style))?;
        }
        None => {
            chart.draw_series(LineSeries::new(means, color.stroke_width(5)))?;
        }
    }
    // A line through a single point would be invisible.
    if let [point] = points {
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
    fn a_curve_without_points_keeps_its_color() {
        let svg = picture(vec![curve("WGCSL", &[]), curve("GCSL", &[1.0, 2.0])]).draw().unwrap();
        assert!(!svg.svg().contains("#0072B2") && svg.svg().contains("#D55E00"));
        assert!(!svg.svg().contains(">\nWGCSL"), "the curve is named");
    }

    #[test]
    fn one_point_is_drawn() {
        let svg = picture(vec![curve("WGCSL", &[40.0])]).draw().unwrap().svg().to_owned();
        assert_eq!(svg.matches("<circle").count(), 1);
    }
}
