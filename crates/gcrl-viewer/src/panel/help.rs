//! The overlay that names keys, and what colors mean.

use super::style::{INK, PALE_INK};
use crate::components::{Shown, Visible};
use crate::keys::HELP;
use bevy_egui::egui::{self, Align2, Color32, RichText, Ui};

/// What the colors of the scene mean.
const COLORS: [(Color32, &str); 3] = [
    (Color32::from_rgb(10, 140, 46), "the goal; a ball around it is where it counts as reached"),
    (Color32::from_rgb(242, 115, 13), "what is achieved, and its way"),
    (Color32::from_rgb(46, 160, 67), "steps that reached the goal, on the timeline"),
];

/// Draws the overlay in the middle of the window.
pub(crate) fn help(ctx: &egui::Context, shown: &mut Shown) {
    let window = ctx.viewport_rect();
    let mut is_open = shown.help == Visible::Yes;
    egui::Window::new("Help")
        .open(&mut is_open)
        .collapsible(false)
        .resizable(false)
        .default_height(window.height())
        .pivot(Align2::CENTER_CENTER)
        .fixed_pos(window.center())
        .show(ctx, |ui| {
            let tallest = (window.height() - 70.0).max(80.0);
            egui::ScrollArea::vertical().max_height(tallest).show(ui, |ui| {
                ui.horizontal_top(|ui| {
                    let (left, right) = HELP.split_at(HELP.len() / 2);
                    ui.vertical(|ui| groups(ui, left));
                    ui.add_space(18.0);
                    ui.vertical(|ui| groups(ui, right));
                });
                ui.separator();
                for (color, meaning) in &COLORS {
                    legend(ui, *color, meaning);
                }
            });
        });
    shown.help = if is_open { Visible::Yes } else { Visible::No };
}

fn groups(ui: &mut Ui, groups: &[(&str, &[(&str, &str)])]) {
    for (name, rows) in groups {
        ui.label(RichText::new(*name).strong().color(INK));
        egui::Grid::new(name).min_col_width(60.0).spacing([10.0, 3.0]).show(ui, |ui| {
            for (key, action) in *rows {
                ui.label(RichText::new(*key).color(PALE_INK));
                ui.label(*action);
                ui.end_row();
            }
        });
        ui.add_space(8.0);
    }
}

fn legend(ui: &mut Ui, color: Color32, meaning: &str) {
    ui.horizontal(|ui| {
        let (place, _) = ui.allocate_exact_size(egui::vec2(12.0, 14.0), egui::Sense::hover());
        ui.painter().circle_filled(place.center(), 4.5, color);
        ui.label(meaning);
    });
}
