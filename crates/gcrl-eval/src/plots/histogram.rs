//! How often which whole number occurs, such as the returns of a data set's episodes.

use super::PlotError;
use super::canvas::{self, AxisTexts, DrawError, Plot, Sheet};
use plotters::prelude::*;

/// A picture of bars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// Stands above.
    pub title: String,
    /// What is counted, such as `return`.
    pub x_label: String,
    /// How often 0, 1, 2 … occur; the picture reaches from the first to the last that does.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// Draws the picture.
    ///
    /// # Errors
    ///
    /// If nothing occurs.
    pub fn draw(&self) -> Result<Plot, PlotError> {
        if self.counts.iter().all(|count| *count == 0) {
            return Err(PlotError::Empty { title: self.title.clone() });
        }
        Ok(Plot::draw(|sheet| self.draw_on(sheet)))
    }

    fn draw_on(&self, sheet: &Sheet<'_>) -> Result<(), DrawError> {
        let (title, x_label) = (&*self.title, &*self.x_label);
        let texts = AxisTexts { title, x_label, y_label: "episodes" };
        let largest = self.counts.iter().copied().max().unwrap_or(0) as f64;
        let occurs = |count: &u64| 0 < *count;
        let first = self.counts.iter().position(occurs).unwrap_or(0);
        let last = self.counts.iter().rposition(occurs).unwrap_or(0);
        let x_range = first as f64 - 0.5..last as f64 + 0.5;
        let mut chart = canvas::axes(sheet, &texts, x_range, 0.0..1.05 * largest)?;
        let bars =
            self.counts.iter().enumerate().take(last + 1).skip(first).map(|(number, &count)| {
                let x = number as f64;
                Rectangle::new([(x - 0.4, 0.0), (x + 0.4, count as f64)], canvas::color(0).filled())
            });
        chart.draw_series(bars)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(counts: &[u64]) -> Histogram {
        let (title, x_label) = ("PointReach".to_owned(), "return".to_owned());
        Histogram { title, x_label, counts: counts.to_vec() }
    }

    #[test]
    fn every_number_has_a_bar() {
        let plot = histogram(&[3, 0, 1]).draw().unwrap();
        let n_bars = |svg: &str| svg.matches("<rect").count();
        let one_more = histogram(&[3, 0, 1, 1]).draw().unwrap();
        assert_eq!(n_bars(plot.svg()) + 1, n_bars(one_more.svg()));
    }

    #[test]
    fn numbers_before_the_first_and_behind_the_last_take_no_room() {
        let drawn = |counts: &[u64]| histogram(counts).draw().unwrap();
        assert_eq!(drawn(&[2, 1, 0, 0]), drawn(&[2, 1]));
        assert!(!drawn(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2]).svg().contains(">5<"));
    }

    #[test]
    fn nothing_is_no_picture() {
        assert!(matches!(histogram(&[0, 0]).draw(), Err(PlotError::Empty { .. })));
    }
}
