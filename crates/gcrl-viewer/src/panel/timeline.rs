//! All steps of the episodes from the left to the right: which of them reached the goal, and the present one.
//!
//! Up to six episodes have a row each. Of more, the share that is on the goal is the height of a column.

use super::style::{ACCENT, NOT_REACHED, PALE_INK, REACHED, UNPLAYED};
use crate::host::ViewedEpisode;
use crate::playback::Playback;
use bevy_egui::egui::{
    self, Align2, Color32, FontId, Painter, Rangef, Rect, Response, Sense, Stroke, Ui, pos2, vec2,
};
use std::ops::Range;

/// Episodes that have a row each, at most.
const MOST_ROWS: usize = 6;

/// Height of all rows and of the numbers below them, in logical pixels.
const ROWS_HEIGHT: f32 = 26.0;
const NUMBERS_HEIGHT: f32 = 15.0;

/// Between rows, and left and right of them, in logical pixels.
const GAP: f32 = 2.0;
const MARGIN: f32 = 6.0;

/// The least distance of ticks and of numbers at them, in logical pixels.
const TICK: f32 = 7.0;
const NUMBER: f32 = 40.0;

/// What is known of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Reached,
    NotReached,
    /// It has not been played yet.
    Unplayed,
}

impl Step {
    fn color(self) -> Color32 {
        match self {
            Self::Reached => REACHED,
            Self::NotReached => NOT_REACHED,
            Self::Unplayed => UNPLAYED,
        }
    }
}

/// Between time and places on the screen.
#[derive(Clone, Copy, Debug)]
struct Scale {
    x: Rangef,
    duration_secs: f32,
}

impl Scale {
    fn x(self, secs: f32) -> f32 {
        self.x.min + self.x.span() * (secs / self.duration_secs).clamp(0.0, 1.0)
    }

    fn secs(self, x: f32) -> f32 {
        self.duration_secs * ((x - self.x.min) / self.x.span().max(1.0)).clamp(0.0, 1.0)
    }
}

/// Draws the timeline; the mouse moves the time on it.
pub(crate) fn timeline(ui: &mut Ui, playback: &mut Playback) {
    let size = vec2(ui.available_width(), ROWS_HEIGHT + NUMBERS_HEIGHT);
    let (response, painter) = ui.allocate_painter(size, Sense::click_and_drag());
    let area = response.rect;
    let scale = Scale {
        x: area.x_range().shrink(MARGIN),
        duration_secs: playback.duration_secs().max(f32::MIN_POSITIVE),
    };
    let rows = Rangef::new(area.top(), area.top() + ROWS_HEIGHT);
    if playback.episodes.len() <= MOST_ROWS {
        draw_rows(&painter, scale, rows, playback);
    } else {
        draw_shares(&painter, scale, rows, &playback.episodes);
    }
    draw_ticks(&painter, scale, rows.max, &playback.episodes[0]);
    draw_now(&painter, scale.x(playback.secs), area);
    if let Some(at) = response.interact_pointer_pos() {
        playback.is_playing = false;
        playback.seek(scale.secs(at.x));
    }
    hover(&response, &painter, scale, &playback.episodes[playback.selected]);
}

/// Steps from one to before another that are alike, from the first one on.
fn runs(steps: &[Step]) -> Vec<(Range<usize>, Step)> {
    let mut runs: Vec<(Range<usize>, Step)> = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        match runs.last_mut() {
            Some((range, same)) if same == step => range.end = i + 1,
            _ => runs.push((i..i + 1, *step)),
        }
    }
    runs
}

/// What is known of each step of an episode, `[n_steps]`.
fn steps(episode: &ViewedEpisode) -> Vec<Step> {
    let recording = episode.recording();
    let step = |i: usize| {
        if recording.n_steps() <= i {
            Step::Unplayed
        } else if recording.is_reached(i + 1) {
            Step::Reached
        } else {
            Step::NotReached
        }
    };
    (0..episode.n_steps()).map(step).collect()
}

fn draw_rows(painter: &Painter, scale: Scale, y: Rangef, playback: &Playback) {
    let n_rows = playback.episodes.len();
    let height = ((y.span() + GAP) / n_rows as f32 - GAP).min(10.0);
    let whole = n_rows as f32 * (height + GAP) - GAP;
    for (row, episode) in playback.episodes.iter().enumerate() {
        let top = y.center() - 0.5 * whole + row as f32 * (height + GAP);
        let step_secs = episode.recording().about.step_secs;
        for (range, step) in runs(&steps(episode)) {
            let ends = [range.start, range.end].map(|i| scale.x(i as f32 * step_secs));
            let run = Rect::from_x_y_ranges(ends[0]..=ends[1], top..=top + height);
            painter.rect_filled(run, 0.0, step.color());
        }
        if 1 < n_rows && row == playback.selected {
            let mark =
                Rect::from_x_y_ranges(scale.x.min - 4.0..=scale.x.min - 1.0, top..=top + height);
            painter.rect_filled(mark, 0.0, ACCENT);
        }
    }
}

/// How many of `episodes` reached the goal by a step, and how many have played it.
fn counts(episodes: &[Vec<Step>], step: usize) -> (usize, usize) {
    let count = |wanted: &[Step]| {
        episodes
            .iter()
            .filter(|steps| steps.get(step).is_some_and(|it| wanted.contains(it)))
            .count()
    };
    (count(&[Step::Reached]), count(&[Step::Reached, Step::NotReached]))
}

fn draw_shares(painter: &Painter, scale: Scale, y: Rangef, episodes: &[ViewedEpisode]) {
    let step_secs = episodes[0].recording().about.step_secs;
    let steps: Vec<_> = episodes.iter().map(steps).collect();
    let n_steps = steps.iter().map(Vec::len).max().unwrap_or(0);
    for i in 0..n_steps {
        let (n_reached, n_played) = counts(&steps, i);
        let x = Rangef::new(scale.x(i as f32 * step_secs), scale.x((i + 1) as f32 * step_secs));
        let back = if n_played == 0 { UNPLAYED } else { NOT_REACHED };
        painter.rect_filled(Rect::from_x_y_ranges(x, y), 0.0, back);
        let top = y.max - y.span() * n_reached as f32 / episodes.len() as f32;
        painter.rect_filled(Rect::from_x_y_ranges(x, top..=y.max), 0.0, REACHED);
    }
}

/// Ticks at every so many steps, and numbers: 1, 2 or 5 times a power of ten.
fn every(pixels_per_step: f32, least: f32) -> usize {
    let rounds = (0..9).flat_map(|power| [1, 2, 5].map(|it| it * 10_usize.pow(power)));
    let mut rounds = rounds.skip_while(|it| *it as f32 * pixels_per_step < least);
    rounds.next().unwrap_or(usize::MAX)
}

fn draw_ticks(painter: &Painter, scale: Scale, y: f32, episode: &ViewedEpisode) {
    let step_secs = episode.recording().about.step_secs;
    let pixels_per_step = scale.x.span() * step_secs / scale.duration_secs;
    let (tick, number) = (every(pixels_per_step, TICK), every(pixels_per_step, NUMBER));
    for step in (0..=episode.n_steps()).step_by(tick) {
        let x = scale.x(step as f32 * step_secs);
        let is_numbered = step % number == 0;
        let length = if is_numbered { 4.0 } else { 2.0 };
        painter.vline(x, y + 1.0..=y + 1.0 + length, Stroke::new(1.0, PALE_INK));
        if is_numbered {
            let font = FontId::proportional(9.5);
            let place = pos2(x, y + 5.0);
            painter.text(place, Align2::CENTER_TOP, step.to_string(), font, PALE_INK);
        }
    }
}

fn draw_now(painter: &Painter, x: f32, area: Rect) {
    let line =
        Rect::from_x_y_ranges(x - 1.0..=x + 1.0, area.top()..=area.top() + ROWS_HEIGHT + 3.0);
    painter.rect_filled(line, 1.0, ACCENT);
    painter.circle_filled(pos2(x, area.top() + 1.0), 4.0, ACCENT);
}

/// Tells the step and the time under the mouse.
fn hover(response: &Response, painter: &Painter, scale: Scale, episode: &ViewedEpisode) {
    let Some(at) = response.hover_pos() else { return };
    let secs = scale.secs(at.x);
    let step = (secs / episode.recording().about.step_secs) as usize;
    let y = response.rect.top()..=response.rect.top() + ROWS_HEIGHT;
    painter.vline(scale.x(secs), y, Stroke::new(1.0, Color32::from_black_alpha(90)));
    let text =
        format!("step {} of {}   {secs:.2} s", step.min(episode.n_steps()), episode.n_steps());
    egui::Tooltip::for_widget(response).at_pointer().show(|ui| ui.label(text));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tests::still;

    #[test]
    fn time_and_place_are_each_others_inverse_and_stay_inside() {
        let scale = Scale { x: Rangef::new(10.0, 110.0), duration_secs: 5.0 };
        assert_eq!([scale.x(0.0), scale.x(2.5), scale.x(9.0)], [10.0, 60.0, 110.0]);
        assert_eq!([scale.secs(0.0), scale.secs(60.0), scale.secs(999.0)], [0.0, 2.5, 5.0]);
    }

    #[test]
    fn neighbors_that_are_alike_are_drawn_at_once() {
        use Step::{NotReached, Reached, Unplayed};
        let steps = [NotReached, NotReached, Reached, Unplayed, Unplayed];
        assert_eq!(runs(&steps), [(0..2, NotReached), (2..3, Reached), (3..5, Unplayed)]);
        assert_eq!(runs(&[]), []);
    }

    #[test]
    fn a_step_is_green_if_the_state_after_it_is_on_the_goal() {
        let mut recording = still(3);
        recording.reward = vec![0.0, 1.0, 0.0];
        let found = steps(&ViewedEpisode::Recorded(Box::new(recording)));
        assert_eq!(found, [Step::NotReached, Step::Reached, Step::NotReached]);
    }

    #[test]
    fn shares_are_of_all_episodes_played_or_not() {
        use Step::{NotReached, Reached, Unplayed};
        let episodes = [vec![Reached, Reached], vec![NotReached, Unplayed], vec![Reached]];
        assert_eq!([counts(&episodes, 0), counts(&episodes, 1)], [(2, 3), (1, 1)]);
    }

    #[test]
    fn ticks_are_as_near_as_they_can_be_read() {
        assert_eq!([every(20.0, 7.0), every(20.0, 40.0), every(3.0, 40.0)], [1, 2, 20]);
    }
}
