//! Playing: buttons that go through time and episodes, the speed, and what happens at the end.

use super::icons::{Icon, button};
use super::style::{PALE_INK, ROW};
use crate::playback::{AtEnd, Playback};
use bevy_egui::egui::{self, ComboBox, RichText, Slider, Ui};

/// Width that the time at the right needs, in logical pixels.
const TIME_WIDTH: f32 = 150.0;

/// Draws the row of buttons.
pub(crate) fn transport(ui: &mut Ui, playback: &mut Playback) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 3.0;
        times(ui, playback);
        ui.add_space(8.0);
        episodes(ui, playback);
        ui.add_space(8.0);
        speed(ui, playback);
        ui.add_space(8.0);
        at_end(ui, playback);
        if TIME_WIDTH < ui.available_width() {
            let right = egui::Layout::right_to_left(egui::Align::Center);
            ui.with_layout(right, |ui| {
                ui.label(RichText::new(time(playback)).monospace().color(PALE_INK));
            });
        }
    });
}

fn times(ui: &mut Ui, playback: &mut Playback) {
    if button(ui, Icon::First, "the first state (home)").clicked() {
        playback.seek(0.0);
    }
    if button(ui, Icon::Back, "one step back (left)").clicked() {
        playback.step_by(-1.0);
    }
    let (icon, hint) = if playback.is_playing {
        (Icon::Pause, "pause (space)")
    } else {
        (Icon::Play, "play (space)")
    };
    if button(ui, icon, hint).clicked() {
        playback.toggle();
    }
    if button(ui, Icon::On, "one step on (right)").clicked() {
        playback.step_by(1.0);
    }
    if button(ui, Icon::Last, "the last state (end)").clicked() {
        playback.seek(f32::INFINITY);
    }
}

fn episodes(ui: &mut Ui, playback: &mut Playback) {
    if button(ui, Icon::Previous, "the previous episode (p)").clicked() {
        playback.ask(playback.query.previous());
    }
    let name = format!("episode {}", playback.query.number);
    ui.add_sized([76.0, ROW], egui::Label::new(name));
    if button(ui, Icon::Next, "the next episode (n)").clicked() {
        playback.ask(playback.query.next());
    }
}

fn speed(ui: &mut Ui, playback: &mut Playback) {
    ui.spacing_mut().slider_width = 90.0;
    let slider = Slider::new(&mut playback.speed, 0.1..=8.0).logarithmic(true).show_value(false);
    ui.add(slider).on_hover_text("speed (−, +)");
    let name = egui::Button::new(format!("{:.2}×", playback.speed));
    if ui.add_sized([50.0, ROW], name).on_hover_text("back to 1×").clicked() {
        playback.speed = 1.0;
    }
}

fn at_end(ui: &mut Ui, playback: &mut Playback) {
    ui.label(RichText::new("then").color(PALE_INK));
    let list = ComboBox::from_id_salt("at end").width(76.0).selected_text(playback.at_end.name());
    let shown = list.show_ui(ui, |ui| {
        for choice in AtEnd::ALL {
            ui.selectable_value(&mut playback.at_end, choice, choice.name());
        }
    });
    shown.response.on_hover_text("when the episode is over (l)");
}

/// The step and the time of the selected episode.
fn time(playback: &Playback) -> String {
    let episode = &playback.episodes[playback.selected];
    let t = episode.recording().at(playback.secs).t;
    format!("{t:>3}/{} {:>6.2} s", episode.n_steps(), playback.secs)
}
