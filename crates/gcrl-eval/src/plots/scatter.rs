//! Points in a plane, such as the goals of a data set and what was achieved.

use super::PlotError;
use super::canvas::{self, AxisTexts, DrawError, Plot, Sheet};
use plotters::prelude::*;

/// Of a point, in pixels.
const RADIUS: i32 = 3;

/// A picture of points.
#[derive(Clone, Debug, PartialEq)]
pub struct Scatter {
    /// Stands above.
    pub title: String,
    /// What runs to the right, with its unit.
    pub x_label: String,
    /// What runs upwards, with its unit.
    pub y_label: String,
    /// From the one drawn first to the one drawn above it.
    pub clouds: Vec<Cloud>,
}

/// Points of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Cloud {
    /// What they are.
    pub label: String,
    /// Where they are, `(x, y)`.
    pub points: Vec<(f64, f64)>,
}

impl Scatter {
    /// Draws the picture.
    ///
    /// # Errors
    ///
    /// If there is not a single point, or a number is not finite.
    pub fn draw(&self) -> Result<Plot, PlotError> {
        let is_finite = |cloud: &&Cloud| cloud.points.iter().all(|(x, y)| (x + y).is_finite());
        if let Some(cloud) = self.clouds.iter().find(|cloud| !is_finite(cloud)) {
            let (label, title) = (cloud.label.clone(), self.title.clone());
            return Err(PlotError::NotFinite { label, title });
        }
        if self.clouds.iter().all(|cloud| cloud.points.is_empty()) {
            return Err(PlotError::Empty { title: self.title.clone() });
        }
        Ok(Plot::draw(|sheet| self.draw_on(sheet)))
    }

    fn draw_on(&self, sheet: &Sheet<'_>) -> Result<(), DrawError> {
        let (left, right) = canvas::split(sheet);
        let Self { title, x_label, y_label, clouds } = self;
        let texts = AxisTexts { title, x_label, y_label };
        let all = || clouds.iter().flat_map(|cloud| &cloud.points);
        let x_range = canvas::fitted_range(all().map(|point| point.0));
        let y_range = canvas::fitted_range(all().map(|point| point.1));
        let mut chart = canvas::axes(&left, &texts, x_range, y_range)?;
        for (cloud_idx, cloud) in clouds.iter().enumerate() {
            let style = canvas::color(cloud_idx).mix(0.5).filled();
            chart
                .draw_series(cloud.points.iter().map(|point| Circle::new(*point, RADIUS, style)))?;
            let place = canvas::legend_line(&right, cloud_idx, &cloud.label)?;
            right.draw(&Circle::new(place, 3 * RADIUS, canvas::color(cloud_idx).filled()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scatter(points: &[(f64, f64)]) -> Scatter {
        let cloud = Cloud { label: "goals".to_owned(), points: points.to_vec() };
        let text = |text: &str| text.to_owned();
        Scatter {
            title: text("Reach"),
            x_label: text("x"),
            y_label: text("y"),
            clouds: vec![cloud],
        }
    }

    #[test]
    fn every_point_is_drawn_and_one_in_the_legend() {
        let plot = scatter(&[(0.0, 1.0), (2.0, 3.0)]).draw().unwrap();
        assert_eq!(plot.svg().matches("<circle").count(), 3);
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        assert!(matches!(scatter(&[]).draw(), Err(PlotError::Empty { .. })));
        assert!(matches!(scatter(&[(f64::NAN, 0.0)]).draw(), Err(PlotError::NotFinite { .. })));
    }
}
