//! Numbers on the right, buttons and the timeline below.

use crate::keys::{HELP, Shown, Visible};
use crate::playback::Playback;
use bevy::prelude::*;
use bevy_egui::{EguiContexts, egui};
use gcrl_recording::{Quantity, Recording};

const REACHED: egui::Color32 = egui::Color32::from_rgb(46, 160, 67);
const NOT_REACHED: egui::Color32 = egui::Color32::from_rgb(190, 195, 200);
const ACTION: egui::Color32 = egui::Color32::from_rgb(9, 105, 218);

/// Draws everything that is not the scene.
pub(crate) fn draw(
    mut contexts: EguiContexts,
    mut playback: ResMut<Playback>,
    mut shown: ResMut<Shown>,
) -> Result {
    let ctx = contexts.ctx_mut()?;
    ctx.set_visuals(egui::Visuals::light());
    let whole =
        egui::UiBuilder::new().layer_id(egui::LayerId::background()).max_rect(ctx.viewport_rect());
    let mut ui = egui::Ui::new(ctx.clone(), "whole".into(), whole);
    egui::Panel::bottom("playing").show(&mut ui, |ui| {
        controls(ui, &mut playback, &mut shown);
        timeline(ui, &mut playback);
        if let Some(complaint) = &playback.complaint {
            ui.colored_label(egui::Color32::DARK_RED, complaint);
        }
    });
    if shown.panel == Visible::Yes {
        egui::Panel::right("numbers").default_size(250.0).show(&mut ui, |ui| {
            egui::ScrollArea::vertical().show(ui, |ui| numbers(ui, &playback));
        });
    }
    if shown.help == Visible::Yes {
        help(ctx);
    }
    Ok(())
}

fn controls(ui: &mut egui::Ui, playback: &mut Playback, shown: &mut Shown) {
    ui.horizontal(|ui| {
        if ui.button(if playback.is_playing { "pause" } else { "play" }).clicked() {
            playback.toggle();
        }
        if ui.button("step back").clicked() {
            playback.step_by(-1.0);
        }
        if ui.button("step on").clicked() {
            playback.step_by(1.0);
        }
        let mut speed = playback.speed;
        let slider = egui::Slider::new(&mut speed, 0.1..=8.0).logarithmic(true).text("speed");
        if ui.add(slider).changed() {
            playback.speed = speed;
        }
        let mut wish = playback.wish.clone();
        let mut ask = ui.add(egui::DragValue::new(&mut wish.number).prefix("episode ")).changed();
        ask |= ui.add(egui::DragValue::new(&mut wish.seed).prefix("seed ")).changed();
        if ask {
            playback.ask(wish);
        }
        if ui.button("help").clicked() {
            shown.help.toggle();
        }
    });
}

/// A line that is green where the goal was reached, and the time on it.
fn timeline(ui: &mut egui::Ui, playback: &mut Playback) {
    let size = egui::vec2(ui.available_width(), 10.0 + 4.0 * playback.shows.len().min(6) as f32);
    let (response, painter) = ui.allocate_painter(size, egui::Sense::click_and_drag());
    let area = response.rect;
    let duration = playback.duration_secs().max(f32::MIN_POSITIVE);
    let x = |secs: f32| area.left() + area.width() * secs / duration;
    for (row, recording) in playback.recordings().take(6).enumerate() {
        let top = area.top() + 4.0 + 4.0 * row as f32;
        for t in 1..=recording.n_steps() {
            let ends = [t - 1, t].map(|t| x(t as f32 * recording.about.step_secs));
            let step = egui::Rect::from_x_y_ranges(ends[0]..=ends[1], top..=top + 3.0);
            let color = if recording.is_reached(t) { REACHED } else { NOT_REACHED };
            painter.rect_filled(step, 0.0, color);
        }
    }
    let now = egui::Rect::from_x_y_ranges(
        x(playback.secs) - 1.5..=x(playback.secs) + 1.5,
        area.y_range(),
    );
    painter.rect_filled(now, 1.0, ACTION);
    if let Some(at) = response.interact_pointer_pos() {
        playback.is_playing = false;
        playback.seek(duration * (at.x - area.left()) / area.width());
    }
}

fn numbers(ui: &mut egui::Ui, playback: &Playback) {
    for recording in playback.recordings() {
        let (about, t) = (&recording.about, recording.at(playback.secs).t);
        ui.heading(&about.task);
        ui.label(format!("{}, seed {}, episode {}", about.player, about.seed, about.number));
        let (color, state) = if recording.is_reached(t) {
            (REACHED, ", on the goal")
        } else {
            (ui.visuals().text_color(), "")
        };
        let text = format!("return {}{state}, step {t}", recording.return_at(t));
        ui.colored_label(color, text);
    }
    let recording = playback.shows[playback.selected].recording();
    let t = recording.at(playback.secs).t;
    ui.separator();
    fields(
        ui,
        &about_dims(&recording.about.observation),
        state(&recording.observation, recording, t),
    );
    ui.separator();
    ui.strong("action");
    let dim = recording.action.len() / recording.n_steps().max(1);
    let step = t.min(recording.n_steps().saturating_sub(1));
    for action in recording.action.chunks(dim.max(1)).nth(step).unwrap_or_default() {
        bar(ui, *action);
    }
}

fn about_dims(quantities: &[Quantity]) -> Vec<(String, usize)> {
    let name = |quantity: &Quantity| match &quantity.unit[..] {
        "1" => quantity.name.clone(),
        unit => format!("{} ({unit})", quantity.name),
    };
    quantities.iter().map(|quantity| (name(quantity), quantity.len)).collect()
}

/// The numbers of state `t` in a column.
fn state<'a>(column: &'a [f32], recording: &Recording, t: usize) -> &'a [f32] {
    let dim = column.len() / (recording.n_steps() + 1);
    &column[t * dim..(t + 1) * dim]
}

fn fields(ui: &mut egui::Ui, names: &[(String, usize)], mut numbers: &[f32]) {
    for (name, len) in names {
        let (own, rest) = numbers.split_at(*len);
        numbers = rest;
        ui.strong(name);
        for row in own.chunks(4) {
            let row: Vec<_> = row.iter().map(|number| format!("{number:8.3}")).collect();
            ui.monospace(row.join(""));
        }
    }
}

/// An action from -1, on the left, to 1.
fn bar(ui: &mut egui::Ui, action: f32) {
    let (response, painter) =
        ui.allocate_painter(egui::vec2(ui.available_width(), 10.0), egui::Sense::hover());
    let area = response.rect;
    painter.rect_filled(area, 2.0, NOT_REACHED);
    let end = area.center().x + 0.5 * area.width() * action.clamp(-1.0, 1.0);
    let (left, right) = (end.min(area.center().x), end.max(area.center().x));
    painter.rect_filled(egui::Rect::from_x_y_ranges(left..=right, area.y_range()), 2.0, ACTION);
}

fn help(ctx: &egui::Context) {
    egui::Window::new("Keys").collapsible(false).show(ctx, |ui| {
        egui::Grid::new("keys").striped(true).show(ui, |ui| {
            for (key, action) in HELP {
                ui.strong(*key);
                ui.label(*action);
                ui.end_row();
            }
        });
        ui.label("Green: the goal, and how near counts as reached. Orange: what is achieved.");
    });
}
