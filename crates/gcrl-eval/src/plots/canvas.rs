//! The sheet that pictures are drawn on: size, colors, fonts, axes, legend, and SVG to PNG.

use super::PlotError;
use plotters::chart::ChartContext;
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg;
use std::ops::Range;
use std::sync::Arc;

/// Width of the column to the right of the axes that holds the legend, in pixels.
const LEGEND_WIDTH: u32 = 300;
const TITLE_FONT: (&str, i32) = ("sans-serif", 44);
const LABEL_FONT: (&str, i32) = ("sans-serif", 36);
const TICK_FONT: (&str, i32) = ("sans-serif", 32);
const TEXT: RGBColor = RGBColor(40, 40, 40);
const GRID: RGBColor = RGBColor(225, 225, 225);

/// For what is not ours: references and the paper.
pub(super) const GRAY: RGBColor = RGBColor(110, 110, 110);
/// Curves that have colors of their own.
pub(super) const N_COLORS: usize = 7;
/// Okabe and Ito's colors, but for yellow, which is too light for a line on white.
const PALETTE: [RGBColor; N_COLORS] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
];

pub(super) type Sheet<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub(super) type Chart<'a> =
    ChartContext<'a, SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
pub(super) type DrawError = DrawingAreaErrorKind<std::io::Error>;

/// A finished picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    svg: String,
}

impl Plot {
    /// Width and height of every picture, in pixels.
    pub const SIZE: (u32, u32) = (1440, 880);

    /// Draws on an empty sheet.
    pub(super) fn draw(fill: impl FnOnce(&Sheet<'_>) -> Result<(), DrawError>) -> Self {
        let mut svg = String::new();
        let sheet = SVGBackend::with_string(&mut svg, Self::SIZE).into_drawing_area();
        let drawn = sheet.fill(&WHITE).and_then(|()| fill(&sheet)).and_then(|()| sheet.present());
        drawn.expect("drawing into a string cannot fail");
        drop(sheet);
        Self { svg }
    }

    /// The picture as SVG; its text is in whatever sans-serif font the viewer has.
    pub fn svg(&self) -> &str {
        &self.svg
    }

    /// The picture as PNG, 1440 by 880 pixels, its text in Ubuntu Light.
    ///
    /// # Errors
    ///
    /// If a title or label holds a control character.
    pub fn png(&self) -> Result<Vec<u8>, PlotError> {
        let mut fonts = usvg::fontdb::Database::new();
        fonts.load_font_data(epaint_default_fonts::UBUNTU_LIGHT.to_vec());
        let family = fonts.faces().next().map(|face| face.families[0].0.clone());
        fonts.set_sans_serif_family(family.expect("the embedded font has a face"));
        let options = usvg::Options { fontdb: Arc::new(fonts), ..usvg::Options::default() };
        let tree = usvg::Tree::from_str(&self.svg, &options)
            .map_err(|source| PlotError::Rasterize { source })?;
        let mut pixels = Pixmap::new(Self::SIZE.0, Self::SIZE.1).expect("the sheet has an area");
        resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
        Ok(pixels.encode_png().expect("encoding into memory cannot fail"))
    }
}

/// The color of the `index`-th curve; seven curves have colors of their own.
pub(super) fn color(index: usize) -> RGBColor {
    PALETTE[index % PALETTE.len()]
}

/// Cuts the sheet into the part for the axes and the part for the legend.
pub(super) fn split<'a>(sheet: &Sheet<'a>) -> (Sheet<'a>, Sheet<'a>) {
    sheet.split_horizontally(Plot::SIZE.0 - LEGEND_WIDTH)
}

/// What is written around the axes.
pub(super) struct AxisTexts<'a> {
    pub(super) title: &'a str,
    /// Empty where `x` shows names, which the caller writes.
    pub(super) x_label: &'a str,
    /// Empty where `y` shows names, which the caller writes.
    pub(super) y_label: &'a str,
}

/// Draws title, axes and grid.
pub(super) fn axes<'a>(
    part: &Sheet<'a>,
    texts: &AxisTexts<'_>,
    x_range: Range<f64>,
    y_range: Range<f64>,
) -> Result<Chart<'a>, DrawError> {
    let mut chart = ChartBuilder::on(part)
        .caption(texts.title, TITLE_FONT.into_font().color(&TEXT))
        .margin(24)
        .x_label_area_size(96)
        .y_label_area_size(120)
        .build_cartesian_2d(x_range, y_range)?;
    let n_x_ticks = if texts.x_label.is_empty() { 0 } else { 7 };
    let n_y_ticks = if texts.y_label.is_empty() { 0 } else { 8 };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID.stroke_width(2))
        .axis_style(TEXT.stroke_width(2))
        .x_labels(n_x_ticks)
        .y_labels(n_y_ticks)
        .x_label_formatter(&|value| tick(*value))
        .y_label_formatter(&|value| tick(*value))
        .label_style(TICK_FONT.into_font().color(&TEXT))
        .axis_desc_style(LABEL_FONT.into_font().color(&TEXT))
        .x_desc(texts.x_label)
        .y_desc(texts.y_label)
        .draw()?;
    Ok(chart)
}

/// Writes `text` with the middle of its top at `place`, in pixels of `part`.
pub(super) fn write_below(
    part: &Sheet<'_>,
    text: &str,
    place: (i32, i32),
) -> Result<(), DrawError> {
    use plotters::style::text_anchor::{HPos, Pos, VPos};
    let style = LABEL_FONT.into_font().color(&TEXT).pos(Pos::new(HPos::Center, VPos::Top));
    part.draw(&Text::new(text.to_owned(), place, style))
}

/// Writes `text` with the middle of its left end at `place`, in pixels of `part`.
pub(super) fn write_beside(
    part: &Sheet<'_>,
    text: &str,
    place: (i32, i32),
) -> Result<(), DrawError> {
    use plotters::style::text_anchor::{HPos, Pos, VPos};
    let style = TICK_FONT.into_font().color(&TEXT).pos(Pos::new(HPos::Left, VPos::Center));
    part.draw(&Text::new(text.to_owned(), place, style))
}

/// Writes a line of the legend; returns the place of the middle of its sign, in pixels of `part`.
pub(super) fn legend_line(
    part: &Sheet<'_>,
    line_idx: usize,
    text: &str,
) -> Result<(i32, i32), DrawError> {
    let y = 120 + 52 * line_idx as i32;
    write_beside(part, text, (74, y))?;
    Ok((30, y))
}

/// A range of heights that holds 0 and `values`, with 5 % of room except at 0.
pub(super) fn padded_range(values: impl Iterator<Item = f64>) -> Range<f64> {
    let (low, high) = bounds(values.chain([0.0]));
    if low == high {
        return 0.0..1.0;
    }
    let room = 0.05 * (high - low);
    let bottom = if low < 0.0 { low - room } else { 0.0 };
    let top = if 0.0 < high { high + room } else { 0.0 };
    bottom..top
}

/// A range that holds `values` with 5 % of room on both sides, wherever 0 lies.
pub(super) fn fitted_range(values: impl Iterator<Item = f64>) -> Range<f64> {
    let (low, high) = bounds(values);
    let room = if low < high { 0.05 * (high - low) } else { 0.5 };
    low - room..high + room
}

/// The least and the largest of `values`.
pub(super) fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

/// The text of a tick: thousands in groups, no more decimals than needed.
fn tick(value: f64) -> String {
    if value != 0.0 && (value.abs() < 1e-3 || 1e9 <= value.abs()) {
        return format!("{value:e}");
    }
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let (whole, decimals) = text.split_at(text.find('.').unwrap_or(text.len()));
    let (sign, digits) = whole.split_at(whole.len() - whole.trim_start_matches('-').len());
    format!("{sign}{}{decimals}", grouped(digits))
}

/// Digits in groups of three.
pub(crate) fn grouped(digits: &str) -> String {
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).expect("digits are ASCII"))
        .collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_short() {
        let ticks = [0.0, 40_000.0, 0.1 + 0.2, -1234.5, 1e-5, 45.0].map(tick);
        assert_eq!(ticks, ["0", "40,000", "0.3", "-1,234.5", "1e-5", "45"]);
    }

    #[test]
    fn ranges_hold_zero_and_their_values() {
        assert_eq!(padded_range([10.0, 20.0].into_iter()), 0.0..21.0);
        assert_eq!(padded_range([-10.0, 10.0].into_iter()), -11.0..11.0);
        assert_eq!(padded_range([-10.0, -5.0].into_iter()), -10.5..0.0);
        assert_eq!(padded_range([0.0].into_iter()), 0.0..1.0);
    }

    #[test]
    fn fitted_ranges_do_not_reach_for_zero() {
        assert_eq!(fitted_range([10.0, 30.0].into_iter()), 9.0..31.0);
        assert_eq!(fitted_range([7.0].into_iter()), 6.5..7.5);
    }

    #[test]
    fn a_png_has_text_without_any_system_font() {
        let png_with =
            |text: &str| Plot::draw(|sheet| write_below(sheet, text, (700, 400))).png().unwrap();
        assert_eq!(png_with("")[..8], *b"\x89PNG\r\n\x1a\n");
        assert_ne!(png_with("44.39 ± 0.18"), png_with(""));
    }

    #[test]
    fn a_control_character_is_refused() {
        let picture = Plot::draw(|sheet| write_below(sheet, "\u{1}", (700, 400)));
        assert!(matches!(picture.png(), Err(PlotError::Rasterize { .. })));
    }
}
