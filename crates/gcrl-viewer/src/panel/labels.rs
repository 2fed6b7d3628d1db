//! Over a grid: who acts in each episode, and what it has earned. A click on an episode selects it.

use super::style::{ACCENT, INK, REACHED};
use super::text::{score, tail};
use crate::grid::Grid;
use crate::input_routing::is_over_panels;
use crate::playback::Playback;
use crate::viewport::SceneViewport;
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use bevy_egui::EguiContexts;
use bevy_egui::egui::{self, Align2, Color32, FontId, LayerId, Order, Painter, pos2};

/// A click moves the mouse less than this, in logical pixels.
const STILL: f32 = 4.0;

/// Longest names of players, in characters.
const NAME_LENGTH: usize = 18;

/// Draws labels at the near corners of all episodes, where there are several.
pub(crate) fn labels(
    ctx: &egui::Context,
    playback: &Playback,
    grid: &Grid,
    (camera, eye): (&Camera, &GlobalTransform),
    viewport: egui::Rect,
) {
    if playback.episodes.len() < 2 {
        return;
    }
    let painter = ctx.layer_painter(LayerId::new(Order::Background, "labels".into()));
    let painter = painter.with_clip_rect(viewport);
    let on_screen = |place| camera.world_to_viewport(eye, place).ok();
    for (index, recording) in playback.recordings().enumerate() {
        let [left, right] = grid.near_corners(index).map(on_screen);
        let (Some(left), Some(right)) = (left, right) else { continue };
        let now = recording.at(playback.secs).t;
        let label = Label {
            player: tail(&recording.about.player, NAME_LENGTH),
            score: score(recording.return_at(now)),
            color: if recording.is_reached(now) { REACHED } else { INK },
            is_selected: index == playback.selected,
        };
        label.draw(&painter, pos2(left.x, left.y), left.distance(right));
    }
}

/// What is written at an episode.
struct Label {
    player: String,
    score: String,
    color: Color32,
    is_selected: bool,
}

impl Label {
    /// Draws it above `corner`, in at most `width` pixels; without the player where that has no room.
    fn draw(&self, painter: &Painter, corner: egui::Pos2, width: f32) {
        let font = FontId::proportional(if self.is_selected { 13.5 } else { 12.0 });
        let color = if self.is_selected { Color32::WHITE } else { self.color };
        let lay_out = |text: &str| painter.layout_no_wrap(text.to_owned(), font.clone(), color);
        let whole = lay_out(&format!("{}  {}", self.player, self.score));
        let galley = if whole.size().x + 14.0 < width { whole } else { lay_out(&self.score) };
        let anchor = Align2::LEFT_BOTTOM.anchor_size(corner + egui::vec2(5.0, -3.0), galley.size());
        let back = anchor.expand2(egui::vec2(5.0, 2.0));
        let fill = match (self.is_selected, self.color == REACHED) {
            (true, true) => REACHED,
            (true, false) => ACCENT,
            (false, _) => Color32::from_white_alpha(205),
        };
        painter.rect_filled(back, 4.0, fill);
        painter.galley(anchor.min, galley, color);
    }
}

/// Selects the episode that is clicked.
pub(crate) fn select(
    mut contexts: EguiContexts,
    mut playback: ResMut<Playback>,
    viewport: Res<SceneViewport>,
    grid: Option<Res<Grid>>,
    buttons: Res<ButtonInput<MouseButton>>,
    windows: Query<&Window, With<PrimaryWindow>>,
    cameras: Query<(&Camera, &GlobalTransform), With<Camera3d>>,
    mut pressed: Local<Option<Vec2>>,
) {
    let (Some(grid), Ok(window), Ok((camera, eye))) = (grid, windows.single(), cameras.single())
    else {
        return;
    };
    let Some(cursor) = window.cursor_position() else { return };
    if buttons.just_pressed(MouseButton::Left) {
        let Ok(ctx) = contexts.ctx_mut() else { return };
        *pressed = (!is_over_panels(ctx, &viewport, cursor)).then_some(cursor);
    }
    if !buttons.just_released(MouseButton::Left) {
        return;
    }
    let Some(start) = pressed.take() else { return };
    let Ok(ray) = camera.viewport_to_world(eye, cursor) else { return };
    if start.distance(cursor) < STILL
        && let Some(index) = grid.under(ray)
    {
        playback.selected = index;
    }
}
