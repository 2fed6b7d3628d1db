//! Pictures: learning curves, methods beside the paper, values that critics estimate, intervals.
//!
//! A picture is drawn once, as SVG; its PNG is that SVG rasterized with a font that the program
//! carries, so that both show the same on a machine without any font. Colors are those of Okabe, Ito,
//! "Color Universal Design", 2008, which color-blind readers can tell apart.

pub(crate) mod canvas;
mod comparison;
mod curves;
mod histogram;
mod intervals;
mod scatter;
mod values;

pub use canvas::Plot;
pub use comparison::{ComparedMethod, Comparison};
pub use curves::{Curve, CurvePoint, LearningCurves, Reference};
pub use histogram::Histogram;
pub use intervals::{IntervalRow, Intervals};
pub use scatter::{Cloud, Scatter};
pub use values::{ValueCurves, ValueEstimates};

/// A cause for a picture not to be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// There is not a single point.
    #[error("nothing to draw in `{title}`")]
    Empty {
        /// The title of the picture.
        title: String,
    },
    /// A number is NaN or infinite.
    #[error("`{label}` holds a number that is not finite, in `{title}`")]
    NotFinite {
        /// The curve or method.
        label: String,
        /// The title of the picture.
        title: String,
    },
    /// A title or label holds what no SVG may hold, such as a control character.
    #[error("cannot rasterize the picture")]
    Rasterize {
        /// What the reader of SVG said.
        source: resvg::usvg::Error,
    },
}
