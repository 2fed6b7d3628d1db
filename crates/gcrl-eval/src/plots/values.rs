//! What critics estimate during training, beside what the policy really earns.
//!
//! Of each method, the estimate is drawn through and the return dashed, in one color.

use super::PlotError;
use super::canvas::{self, AxisTexts, DrawError, Plot, Sheet};
use super::curves::{CurvePoint, Line, Reference, draw_lines};

/// Lengths of a dash and of a gap of what is earned, in pixels.
const DASH: (i32, i32) = (10, 8);

/// A picture of estimated and earned returns.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueEstimates {
    /// Stands above.
    pub title: String,
    /// What runs to the right, such as `update`.
    pub x_label: String,
    /// What runs upwards, such as `discounted return`.
    pub y_label: String,
    /// Seven have colors of their own. One without points is not named, but keeps its color.
    pub methods: Vec<ValueCurves>,
    /// Horizontal lines to compare with.
    pub references: Vec<Reference>,
}

/// Of one method.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueCurves {
    /// The method's name in the legend.
    pub label: String,
    /// What its critic estimates, `x` ascending.
    pub estimated: Vec<CurvePoint>,
    /// What its policy earns, `x` ascending.
    pub earned: Vec<CurvePoint>,
}

impl ValueEstimates {
    /// Draws the picture.
    ///
    /// # Errors
    ///
    /// If no critic has a point, or a number is not finite.
    pub fn draw(&self) -> Result<Plot, PlotError> {
        if self.methods.iter().all(|method| method.estimated.is_empty()) {
            return Err(PlotError::Empty { title: self.title.clone() });
        }
        for method in &self.methods {
            let points = method.estimated.iter().chain(&method.earned);
            if !points.flat_map(CurvePoint::numbers).all(f64::is_finite) {
                let (label, title) = (method.label.clone(), self.title.clone());
                return Err(PlotError::NotFinite { label, title });
            }
        }
        Ok(Plot::draw(|sheet| self.draw_on(sheet)))
    }

    fn draw_on(&self, sheet: &Sheet<'_>) -> Result<(), DrawError> {
        let Self { title, x_label, y_label, methods, references } = self;
        let labels: Vec<[String; 2]> = methods
            .iter()
            .map(|method| ["critic", "earned"].map(|what| format!("{}: {what}", method.label)))
            .collect();
        let mut lines = Vec::new();
        for (method_idx, method) in methods.iter().enumerate() {
            let color = canvas::color(method_idx);
            let [critic, earned] = &labels[method_idx];
            if !method.estimated.is_empty() {
                lines.push(Line { label: critic, points: &method.estimated, color, dash: None });
            }
            if !method.earned.is_empty() {
                let points = &method.earned;
                lines.push(Line { label: earned, points, color, dash: Some(DASH) });
            }
        }
        draw_lines(sheet, &AxisTexts { title, x_label, y_label }, &lines, references)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(estimated: &[f64]) -> ValueEstimates {
        let points = |heights: &[f64]| {
            let point = |(x, y): (usize, &f64)| CurvePoint::over_seeds(x as f64, &[*y]);
            heights.iter().enumerate().map(point).collect()
        };
        ValueEstimates {
            title: "PointReach".to_owned(),
            x_label: "update".to_owned(),
            y_label: "discounted return".to_owned(),
            methods: vec![ValueCurves {
                label: "HER".to_owned(),
                estimated: points(estimated),
                earned: points(&[0.0, 10.0]),
            }],
            references: vec![Reference { label: "bound".to_owned(), y: 50.0 }],
        }
    }

    #[test]
    fn estimate_and_return_have_one_color_and_names_of_their_own() {
        let svg = picture(&[0.0, 40.0]).draw().unwrap().svg().to_owned();
        for text in ["HER: critic", "HER: earned", "bound"] {
            assert!(svg.contains(text), "{text}");
        }
        assert!(!svg.contains("#D55E00"), "a second color");
    }

    #[test]
    fn nothing_and_numbers_that_are_not_finite_are_refused() {
        assert!(matches!(picture(&[f64::NAN]).draw(), Err(PlotError::NotFinite { .. })));
        assert!(matches!(picture(&[]).draw(), Err(PlotError::Empty { .. })));
    }
}
