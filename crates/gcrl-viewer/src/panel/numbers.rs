//! The selected episode in numbers: what it is, what is achieved and asked for, actions, observations.

use super::style::{ACCENT, INK, NOT_REACHED, PALE_INK, REACHED, UNPLAYED, section};
use super::text::{number, score, signed, with_unit};
use crate::playback::Playback;
use bevy_egui::egui::{self, Align2, Color32, FontId, RichText, Sense, Ui, pos2, vec2};
use gcrl_core::FieldRecord;
use gcrl_recording::Recording;

/// Height of an action's bar, and room for its name and its number, in logical pixels.
const BAR: f32 = 16.0;
const NAME_WIDTH: f32 = 26.0;
const NUMBER_WIDTH: f32 = 44.0;

/// Draws the numbers.
pub(crate) fn numbers(ui: &mut Ui, playback: &Playback) {
    let episode = &playback.episodes[playback.selected];
    let recording = episode.recording();
    let t = recording.at(playback.secs).t;
    summary(ui, recording, t, episode.n_steps());
    if !recording.about.goal.is_empty() {
        section(ui, "goal");
        goal(ui, recording, t);
    }
    if !recording.about.action.is_empty() {
        section(ui, "action");
        let dim = recording.about.action.iter().map(|it| it.len).sum::<usize>().max(1);
        let step = t.min(recording.n_steps().saturating_sub(1));
        let action = recording.action.chunks(dim).nth(step).unwrap_or_default();
        actions(ui, &recording.about.action, action);
    }
    section(ui, "observation");
    let seen = state(&recording.observation, recording, t);
    for (quantity, own) in parts(&recording.about.observation, seen) {
        name(ui, quantity);
        lines(ui, own, INK);
    }
    ui.add_space(8.0);
}

fn summary(ui: &mut Ui, recording: &Recording, t: usize, n_steps: usize) {
    let about = &recording.about;
    ui.add_space(6.0);
    ui.separator();
    ui.horizontal(|ui| {
        ui.label(RichText::new(&about.player).strong().size(15.0).color(INK));
        ui.weak(format!("seed {}, episode {}", about.seed, about.number));
    });
    ui.horizontal(|ui| {
        ui.weak("return");
        ui.label(RichText::new(score(recording.return_at(t))).monospace());
        right(ui, RichText::new(format!("step {t:>2} of {n_steps}")).monospace());
    });
}

/// A text at the right end of a row.
fn right(ui: &mut Ui, text: RichText) {
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    ui.with_layout(layout, |ui| ui.label(text));
}

fn goal(ui: &mut Ui, recording: &Recording, t: usize) {
    let achieved = state(&recording.achieved_goal, recording, t);
    let desired = state(&recording.desired_goal, recording, t);
    for ((quantity, is), (_, asked)) in
        parts(&recording.about.goal, achieved).zip(parts(&recording.about.goal, desired))
    {
        name(ui, quantity);
        lines(ui, is, Color32::from_rgb(200, 88, 0));
        lines(ui, asked, Color32::from_rgb(10, 120, 40));
    }
    let unit = match &recording.about.goal[..] {
        [only] if only.unit != "1" => format!(" {}", only.unit),
        _ => String::new(),
    };
    let distance = number(distance(achieved, desired));
    let radius = recording.about.scene.goal_radius;
    let radius =
        radius.map_or(String::new(), |radius| format!(" of {}{unit}", number(radius).trim()));
    let color = if recording.is_reached(t) { REACHED } else { INK };
    ui.horizontal(|ui| {
        ui.weak("distance");
        let text = format!("{}{unit}{radius}", distance.trim());
        ui.label(RichText::new(text).monospace().color(color));
        if recording.is_reached(t) {
            right(ui, RichText::new("reached").color(color));
        }
    });
}

/// Between two goals of one length, in units of the goal.
fn distance(achieved: &[f32], desired: &[f32]) -> f32 {
    achieved.iter().zip(desired).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
}

/// The numbers of state `t` in a column.
fn state<'a>(column: &'a [f32], recording: &Recording, t: usize) -> &'a [f32] {
    let dim = column.len() / (recording.n_steps() + 1);
    &column[t * dim..(t + 1) * dim]
}

/// Quantities with their numbers.
fn parts<'a>(
    quantities: &'a [FieldRecord],
    mut numbers: &'a [f32],
) -> impl Iterator<Item = (&'a FieldRecord, &'a [f32])> {
    quantities.iter().map(move |quantity| {
        let (own, rest) = numbers.split_at(quantity.len.min(numbers.len()));
        numbers = rest;
        (quantity, own)
    })
}

/// A quantity's name on the left, and its unit on the right.
fn name(ui: &mut Ui, quantity: &FieldRecord) {
    let (name, unit) = with_unit(&quantity.name, &quantity.unit);
    ui.horizontal(|ui| {
        ui.label(RichText::new(name).color(PALE_INK));
        right(ui, RichText::new(unit).small().color(PALE_INK));
    });
}

/// Numbers to a line: as many as fit, so that none is alone.
fn columns(len: usize) -> usize {
    if len.is_multiple_of(3) || !len.is_multiple_of(4) { 3 } else { 4 }
}

fn lines(ui: &mut Ui, numbers: &[f32], color: Color32) {
    for line in numbers.chunks(columns(numbers.len())) {
        let line: String = line.iter().map(|it| number(*it)).collect();
        ui.label(RichText::new(line).monospace().color(color));
    }
}

/// The names of a quantity's components: axes of a motion, otherwise numbers.
fn components(quantity: &FieldRecord) -> Vec<String> {
    let is_motion = ["displacement", "velocity"].iter().any(|it| quantity.name.ends_with(it));
    match quantity.len {
        1 => vec![String::new()],
        len if is_motion && len <= 3 => {
            ["x", "y", "z"][..len].iter().map(|it| (*it).into()).collect()
        }
        len => (1..=len).map(|number| number.to_string()).collect(),
    }
}

fn actions(ui: &mut Ui, quantities: &[FieldRecord], action: &[f32]) {
    for (quantity, own) in parts(quantities, action) {
        name(ui, quantity);
        ui.spacing_mut().item_spacing.y = 1.0;
        for (name, value) in components(quantity).iter().zip(own) {
            bar(ui, name, *value);
        }
        ui.spacing_mut().item_spacing.y = 4.0;
    }
}

/// An action from -1, on the left, to 1.
fn bar(ui: &mut Ui, name: &str, action: f32) {
    let (response, painter) = ui.allocate_painter(vec2(ui.available_width(), BAR), Sense::hover());
    let area = response.rect;
    let track = egui::Rect::from_x_y_ranges(
        area.left() + NAME_WIDTH..=area.right() - NUMBER_WIDTH,
        area.center().y - 4.0..=area.center().y + 4.0,
    );
    let (middle, half) = (track.center().x, 0.5 * track.width());
    let end = middle + half * action.clamp(-1.0, 1.0);
    let value = egui::Rect::from_x_y_ranges(middle.min(end)..=middle.max(end), track.y_range());
    painter.rect_filled(track, 2.0, UNPLAYED);
    painter.rect_filled(value, 0.0, ACCENT);
    painter.vline(middle, track.y_range().expand(1.5), egui::Stroke::new(1.0, NOT_REACHED));
    let place = pos2(area.left() + 4.0, area.center().y);
    painter.text(place, Align2::LEFT_CENTER, name, FontId::proportional(12.0), PALE_INK);
    let place = pos2(area.right(), area.center().y);
    painter.text(place, Align2::RIGHT_CENTER, signed(action), FontId::monospace(12.0), INK);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(name: &str, len: usize) -> FieldRecord {
        FieldRecord { name: name.to_owned(), len, unit: "m".to_owned() }
    }

    #[test]
    fn quantities_take_their_numbers_in_order() {
        let quantities = [quantity("a", 2), quantity("b", 1)];
        let found: Vec<_> =
            parts(&quantities, &[1.0, 2.0, 3.0]).map(|(_, own)| own.to_vec()).collect();
        assert_eq!(found, [vec![1.0, 2.0], vec![3.0]]);
    }

    #[test]
    fn motions_have_axes_and_joints_have_numbers() {
        assert_eq!(components(&quantity("hand_displacement", 3)), ["x", "y", "z"]);
        assert_eq!(components(&quantity("joint_torques", 2)), ["1", "2"]);
        assert_eq!(components(&quantity("fingers", 1)), [""]);
    }

    #[test]
    fn distances_are_euclidean() {
        assert_eq!(distance(&[1.0, 2.0], &[4.0, 6.0]), 5.0);
    }

    #[test]
    fn no_number_stands_alone_in_a_line() {
        assert_eq!([1, 3, 4, 15, 20, 24, 63].map(columns), [3, 3, 4, 3, 4, 3, 3]);
    }
}
