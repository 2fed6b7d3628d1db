//! What has just happened, over the scene: complaints, what was kept, and that a video is being written.

use super::style::{ALARM, INK};
use crate::keep::Kept;
use crate::playback::Playback;
use bevy_egui::egui::{self, Align2, Color32, RichText};

/// How long it is seen, and how long it fades at the end, in seconds of real time.
const SEEN_SECS: f32 = 8.0;
const FADE_SECS: f32 = 1.5;

/// What is being said.
#[derive(Default)]
pub(crate) struct Toast {
    said: Option<(Tone, String)>,
    age_secs: f32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    Complaint,
    News,
}

impl Toast {
    /// Takes what is new, and forgets what has been seen.
    fn hear(&mut self, playback: &mut Playback, kept: &mut Kept, passed_secs: f32) {
        let news = kept.news.take().map(|news| (Tone::News, news));
        let complaint = playback.complaint.take().map(|said| (Tone::Complaint, said));
        if let Some(said) = complaint.or(news) {
            self.said = Some(said);
            self.age_secs = 0.0;
        } else {
            self.age_secs += passed_secs;
        }
        if SEEN_SECS < self.age_secs {
            self.said = None;
        }
    }

    /// From 1 to 0 while it fades.
    fn opacity(&self) -> f32 {
        ((SEEN_SECS - self.age_secs) / FADE_SECS).clamp(0.0, 1.0)
    }
}

/// Draws it at the top of the scene; a click takes it away.
pub(crate) fn toast(
    ctx: &egui::Context,
    toast: &mut Toast,
    playback: &mut Playback,
    kept: &mut Kept,
    viewport: egui::Rect,
    passed_secs: f32,
) {
    toast.hear(playback, kept, passed_secs);
    if kept.is_making_video() {
        let place = viewport.right_top() + egui::vec2(-14.0, 12.0);
        area("writing", Align2::RIGHT_TOP, place, viewport).interactable(false).show(ctx, |ui| {
            frame(1.0).show(ui, |ui| ui.horizontal(writing));
        });
    }
    let Some((tone, said)) = &toast.said else { return };
    let (mark, color) = if *tone == Tone::Complaint { ("!", ALARM) } else { ("✔", INK) };
    let opacity = toast.opacity();
    let place = viewport.center_top() + egui::vec2(0.0, 12.0);
    let area = area("toast", Align2::CENTER_TOP, place, viewport).sense(egui::Sense::click());
    let shown = area.show(ctx, |ui| {
        ui.set_max_width((viewport.width() - 60.0).clamp(120.0, 620.0));
        ui.set_opacity(opacity);
        let text = RichText::new(format!("{mark}  {said}")).color(color);
        frame(opacity).show(ui, |ui| ui.add(egui::Label::new(text).wrap()));
    });
    if shown.response.clicked() {
        toast.said = None;
    }
}

/// A red dot, drawn, as fonts have none.
fn writing(ui: &mut egui::Ui) {
    let (place, _) = ui.allocate_exact_size(egui::vec2(10.0, 14.0), egui::Sense::hover());
    ui.painter().circle_filled(place.center(), 4.5, ALARM);
    ui.label(RichText::new("writing a video").color(ALARM));
}

fn area(name: &'static str, pivot: Align2, place: egui::Pos2, viewport: egui::Rect) -> egui::Area {
    egui::Area::new(name.into())
        .order(egui::Order::Foreground)
        .pivot(pivot)
        .fixed_pos(place)
        .constrain_to(viewport)
}

fn frame(opacity: f32) -> egui::Frame {
    egui::Frame::new()
        .fill(Color32::from_rgb(252, 253, 254))
        .stroke(egui::Stroke::new(1.0, Color32::from_rgb(208, 215, 222)))
        .corner_radius(6)
        .inner_margin(egui::Margin::symmetric(12, 7))
        .multiply_with_opacity(opacity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tests::three;

    #[test]
    fn what_is_said_is_seen_for_some_seconds_and_then_gone() {
        let (mut toast, mut playback, mut kept) = (Toast::default(), three(), Kept::default());
        kept.news = Some("picture: a.png".to_owned());
        toast.hear(&mut playback, &mut kept, 0.1);
        assert_eq!((toast.opacity(), kept.news.clone()), (1.0, None));
        toast.hear(&mut playback, &mut kept, SEEN_SECS - 0.5 * FADE_SECS);
        assert!((toast.opacity() - 0.5).abs() < 1e-4);
        toast.hear(&mut playback, &mut kept, FADE_SECS);
        assert_eq!(toast.said, None);
    }

    #[test]
    fn a_complaint_goes_before_news() {
        let (mut toast, mut playback, mut kept) = (Toast::default(), three(), Kept::default());
        kept.news = Some("picture: a.png".to_owned());
        playback.complaint = Some("no room".to_owned());
        toast.hear(&mut playback, &mut kept, 0.1);
        assert_eq!(toast.said, Some((Tone::Complaint, "no room".to_owned())));
    }
}
