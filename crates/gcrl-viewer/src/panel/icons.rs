//! Buttons with drawn signs: fonts have them in different sizes, or not at all.

use super::style::ROW;
use bevy_egui::egui::{self, Pos2, Rect, Response, Sense, Shape, Ui, pos2, vec2};

/// Width of a button, in logical pixels.
const WIDTH: f32 = 30.0;

/// Half the height of a sign, in logical pixels.
const HALF: f32 = 5.0;

/// What a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    First,
    Back,
    Play,
    Pause,
    On,
    Last,
    Previous,
    Next,
}

impl Icon {
    /// Parts from the left to the right: how wide, and what.
    fn parts(self) -> &'static [Part] {
        use Part::{Bar, Gap, Left, Right};
        match self {
            Self::First => &[Bar, Gap, Left],
            Self::Back => &[Left, Gap, Bar],
            Self::Play => &[Right],
            Self::Pause => &[Bar, Gap, Gap, Bar],
            Self::On => &[Bar, Gap, Right],
            Self::Last => &[Right, Gap, Bar],
            Self::Previous => &[Left, Left],
            Self::Next => &[Right, Right],
        }
    }
}

/// A part of a sign.
#[derive(Clone, Copy, Debug)]
enum Part {
    Bar,
    Gap,
    /// Triangles that point somewhere.
    Left,
    Right,
}

impl Part {
    fn width(self) -> f32 {
        match self {
            Self::Bar => 2.5,
            Self::Gap => 1.5,
            Self::Left | Self::Right => 7.5,
        }
    }

    /// Its corners, clockwise from the upper left one.
    fn corners(self, left: f32, middle: f32) -> Vec<Pos2> {
        let right = left + self.width();
        let (top, bottom) = (middle - HALF, middle + HALF);
        match self {
            Self::Bar => {
                vec![pos2(left, top), pos2(right, top), pos2(right, bottom), pos2(left, bottom)]
            }
            Self::Gap => Vec::new(),
            Self::Left => vec![pos2(left, middle), pos2(right, top), pos2(right, bottom)],
            Self::Right => vec![pos2(left, top), pos2(right, middle), pos2(left, bottom)],
        }
    }
}

/// A button with a sign, and what it does when the mouse is on it.
pub(crate) fn button(ui: &mut Ui, icon: Icon, hint: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(WIDTH, ROW), Sense::click());
    let look = ui.style().interact(&response);
    ui.painter().rect(
        rect,
        look.corner_radius,
        look.weak_bg_fill,
        look.bg_stroke,
        egui::StrokeKind::Inside,
    );
    draw(ui, icon, rect, look.fg_stroke.color);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, hint));
    response.on_hover_text(hint)
}

fn draw(ui: &Ui, icon: Icon, rect: Rect, color: egui::Color32) {
    let width: f32 = icon.parts().iter().map(|part| part.width()).sum();
    let mut left = rect.center().x - 0.5 * width;
    for part in icon.parts() {
        let corners = part.corners(left, rect.center().y);
        if !corners.is_empty() {
            ui.painter().add(Shape::convex_polygon(corners, color, egui::Stroke::NONE));
        }
        left += part.width();
    }
}
