//! Estimates with their intervals, one a row, such as the interquartile mean of each method.

use super::PlotError;
use super::canvas::{self, AxisTexts, DrawError, GRAY, Plot, Sheet};
use crate::stats::Interval;
use plotters::prelude::*;

/// Of a point, in pixels.
const RADIUS: i32 = 9;

/// A picture of intervals.
#[derive(Clone, Debug, PartialEq)]
pub struct Intervals {
    /// Stands above.
    pub title: String,
    /// What runs to the right, such as `interquartile mean`.
    pub x_label: String,
    /// From top to bottom.
    pub rows: Vec<IntervalRow>,
    /// A vertical line to compare with, such as a half for probabilities.
    pub reference: Option<f64>,
}

/// One estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalRow {
    /// What it is about, such as a method.
    pub label: String,
    /// The estimate.
    pub estimate: f64,
    /// Its interval.
    pub interval: Interval,
}

impl Intervals {
    /// Draws the picture.
    ///
    /// # Errors
    ///
    /// If there is no row, or a number is not finite.
    pub fn draw(&self) -> Result<Plot, PlotError> {
        if self.rows.is_empty() {
            return Err(PlotError::Empty { title: self.title.clone() });
        }
        let is_finite =
            |row: &&IntervalRow| (row.estimate + row.interval.low + row.interval.high).is_finite();
        if let Some(row) = self.rows.iter().find(|row| !is_finite(row)) {
            let (label, title) = (row.label.clone(), self.title.clone());
            return Err(PlotError::NotFinite { label, title });
        }
        Ok(Plot::draw(|sheet| self.draw_on(sheet)))
    }

    /// Names stand to the right of the axes, each at the height of its row.
    fn draw_on(&self, sheet: &Sheet<'_>) -> Result<(), DrawError> {
        let (left, right) = canvas::split(sheet);
        let texts = AxisTexts { title: &self.title, x_label: &self.x_label, y_label: "" };
        let ends = self.rows.iter().flat_map(|row| [row.interval.low, row.interval.high]);
        let x_range = canvas::fitted_range(ends.chain(self.reference));
        let y_range = -0.5..self.rows.len() as f64 - 0.5;
        let mut chart = canvas::axes(&left, &texts, x_range, y_range.clone())?;
        if let Some(x) = self.reference {
            let ends = [(x, y_range.start), (x, y_range.end)];
            chart.draw_series(DashedLineSeries::new(ends, 16, 10, GRAY.stroke_width(3)))?;
        }
        for (row_idx, row) in self.rows.iter().rev().enumerate() {
            let IntervalRow { label, estimate, interval: Interval { low, high } } = row;
            let y = row_idx as f64;
            let color = canvas::color(0);
            chart.draw_series(LineSeries::new([(*low, y), (*high, y)], color.stroke_width(6)))?;
            chart.draw_series([Circle::new((*estimate, y), RADIUS, color.filled())])?;
            let (_, y) = chart.backend_coord(&(*estimate, y));
            canvas::write_beside(&right, label, (16, y))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(estimates: &[(&str, f64)]) -> Intervals {
        let rows = estimates.iter().map(|&(label, estimate)| {
            let interval = Interval { low: estimate - 0.1, high: estimate + 0.1 };
            IntervalRow { label: label.to_owned(), estimate, interval }
        });
        let (title, x_label) = ("all data sets".to_owned(), "probability".to_owned());
        Intervals { title, x_label, rows: rows.collect(), reference: Some(0.5) }
    }

    #[test]
    fn every_row_has_a_point_and_its_name() {
        let svg = picture(&[("WGCSL", 0.9), ("HER", 0.4)]).draw().unwrap().svg().to_owned();
        assert_eq!(svg.matches("<circle").count(), 2);
        for text in ["WGCSL", "HER", "all data sets", "probability"] {
            assert!(svg.contains(text), "{text}");
        }
    }

    #[test]
    fn nothing_and_numbers_that_are_not_finite_are_refused() {
        assert!(matches!(picture(&[]).draw(), Err(PlotError::Empty { .. })));
        let broken = picture(&[("HER", f64::NAN)]).draw();
        assert!(matches!(broken, Err(PlotError::NotFinite { label, .. }) if label == "HER"));
    }
}
