//! Methods side by side: each with its mean and interval, and the paper's `mean ± std` beside it.

use super::PlotError;
use super::canvas::{self, AxisTexts, Chart, DrawError, GRAY, Plot, Sheet};
use crate::stats::{Interval, MeanStd};
use plotters::prelude::*;

/// How far ours and the paper's stand from the middle of a method, where methods are 1 apart.
const OFFSET: f64 = 0.12;
/// Of a point, in pixels: small beside the interval of a few seeds.
const RADIUS: i32 = 9;

/// A picture of methods side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Stands above.
    pub title: String,
    /// What runs upwards, such as `return`.
    pub y_label: String,
    /// From left to right.
    pub methods: Vec<ComparedMethod>,
}

/// One method.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedMethod {
    /// Its name, short enough for its share of the width.
    pub label: String,
    /// Mean over seeds.
    pub mean: f64,
    /// The mean's interval.
    pub interval: Interval,
    /// What the paper has.
    pub paper: Option<MeanStd>,
}

/// A point and the line through it, upright.
#[derive(Clone, Copy)]
struct Mark {
    x: f64,
    mean: f64,
    low: f64,
    high: f64,
}

impl ComparedMethod {
    fn ours(&self, method_idx: usize) -> Mark {
        let Interval { low, high } = self.interval;
        Mark { x: method_idx as f64 - OFFSET, mean: self.mean, low, high }
    }

    fn papers(&self, method_idx: usize) -> Option<Mark> {
        self.paper.map(|MeanStd { mean, std }| Mark {
            x: method_idx as f64 + OFFSET,
            mean,
            low: mean - std.unwrap_or(0.0),
            high: mean + std.unwrap_or(0.0),
        })
    }
}

impl Comparison {
    /// Draws the picture.
    ///
    /// # Errors
    ///
    /// If there is no method, or a number is not finite.
    pub fn draw(&self) -> Result<Plot, PlotError> {
        if self.methods.is_empty() {
            return Err(PlotError::Empty { title: self.title.clone() });
        }
        let is_finite = |method: &ComparedMethod| {
            let marks = [Some(method.ours(0)), method.papers(0)];
            marks.iter().flatten().all(|mark| (mark.mean + mark.low + mark.high).is_finite())
        };
        if let Some(method) = self.methods.iter().find(|method| !is_finite(method)) {
            let (label, title) = (method.label.clone(), self.title.clone());
            return Err(PlotError::NotFinite { label, title });
        }
        Ok(Plot::draw(|sheet| self.draw_on(sheet)))
    }

    fn draw_on(&self, sheet: &Sheet<'_>) -> Result<(), DrawError> {
        let methods = || self.methods.iter().enumerate();
        let ours: Vec<Mark> = methods().map(|(index, method)| method.ours(index)).collect();
        let papers: Vec<Mark> =
            methods().filter_map(|(index, method)| method.papers(index)).collect();
        let (left, right) = canvas::split(sheet);
        let texts = AxisTexts { title: &self.title, x_label: "", y_label: &self.y_label };
        let x_range = -0.5..self.methods.len() as f64 - 0.5;
        let heights = ours.iter().chain(&papers).flat_map(|mark| [mark.low, mark.high]);
        let y_range = canvas::padded_range(heights);
        let bottom = y_range.start;
        let mut chart = canvas::axes(&left, &texts, x_range, y_range)?;
        for (method_idx, method) in methods() {
            let (x, y) = chart.backend_coord(&(method_idx as f64, bottom));
            canvas::write_below(&left, &method.label, (x, y + 16))?;
        }
        draw_marks(&mut chart, &ours, canvas::color(0))?;
        draw_marks(&mut chart, &papers, GRAY)?;
        draw_legend(&right, "ours", 0, canvas::color(0))?;
        if !papers.is_empty() {
            draw_legend(&right, "paper", 1, GRAY)?;
        }
        Ok(())
    }
}

fn draw_marks(chart: &mut Chart<'_>, marks: &[Mark], color: RGBColor) -> Result<(), DrawError> {
    for &Mark { x, mean, low, high } in marks {
        chart.draw_series(LineSeries::new([(x, low), (x, high)], color.stroke_width(5)))?;
        chart.draw_series([Circle::new((x, mean), RADIUS, color.filled())])?;
    }
    Ok(())
}

fn draw_legend(
    part: &Sheet<'_>,
    text: &str,
    line_idx: usize,
    color: RGBColor,
) -> Result<(), DrawError> {
    let (x, y) = canvas::legend_line(part, line_idx, text)?;
    part.draw(&PathElement::new([(x, y - 22), (x, y + 22)], color.stroke_width(5)))?;
    part.draw(&Circle::new((x, y), RADIUS, color.filled()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn method(label: &str, mean: f64, paper: Option<MeanStd>) -> ComparedMethod {
        let interval = Interval { low: mean - 1.0, high: mean + 1.0 };
        ComparedMethod { label: label.to_owned(), mean, interval, paper }
    }

    fn comparison(methods: Vec<ComparedMethod>) -> Comparison {
        Comparison { title: "PointReach".to_owned(), y_label: "return".to_owned(), methods }
    }

    #[test]
    fn a_picture_has_a_point_for_each_number_and_names_every_method() {
        let paper = MeanStd { mean: 44.4, std: Some(0.14) };
        let methods = vec![method("WGCSL", 44.39, Some(paper)), method("new", 45.0, None)];
        let svg = comparison(methods).draw().unwrap().svg().to_owned();
        // Three numbers, and one sign each for ours and the paper's in the legend.
        assert_eq!(svg.matches("<circle").count(), 5);
        for text in ["PointReach", "return", "WGCSL", "new", "ours", "paper"] {
            assert!(svg.contains(text), "{text}");
        }
    }

    #[test]
    fn nothing_and_numbers_that_are_not_finite_are_refused() {
        assert!(matches!(comparison(vec![]).draw(), Err(PlotError::Empty { .. })));
        let broken = comparison(vec![method("WGCSL", f64::NAN, None)]).draw();
        assert!(matches!(broken, Err(PlotError::NotFinite { label, .. }) if label == "WGCSL"));
    }
}
