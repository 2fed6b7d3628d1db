//! Everything around the scene: choices and numbers on the right, playing and the timeline below, words
//! over the scene.
//!
//! | module | holds |
//! |---|---|
//! | `choose` | the task, policies, episodes, files |
//! | `transport` | going through time and episodes |
//! | `timeline` | all steps, and the present one |
//! | `numbers` | the selected episode in numbers |
//! | `labels` | names over a grid of episodes |
//! | `toast` | what has just happened |
//! | `help` | keys |
//! | `icons` | drawn signs on buttons |
//! | `style` | colors and sizes |
//! | `edges` | how they are mixed with what is behind them |
//! | `text` | how numbers and names are written |

mod choose;
mod edges;
mod help;
mod icons;
mod labels;
mod numbers;
mod style;
mod text;
mod timeline;
mod toast;
mod transport;

use crate::components::{Shown, Visible};
use crate::grid::Grid;
use crate::keep::{Keep, Kept};
use crate::keys::start;
use crate::orbit::Orbit;
use crate::playback::{HostResource, Playback};
use crate::viewport::SceneViewport;
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use bevy_egui::{EguiContexts, egui};
use choose::Choices;
pub(crate) use edges::soften;
use gcrl_core::scene::DIRECTIONS;
pub(crate) use labels::select;
use std::iter::once;
use style::{Chosen, choice, row};
use toast::Toast;

/// Width of the panel on the right, in logical pixels.
const WIDTH: f32 = 284.0;

/// What the panel remembers from one frame to the next.
#[derive(Default)]
pub(crate) struct Desk {
    choices: Choices,
    toast: Toast,
    is_dressed: bool,
}

/// Draws everything that is not the scene.
pub(crate) fn draw(
    mut contexts: EguiContexts,
    mut playback: ResMut<Playback>,
    mut shown: ResMut<Shown>,
    mut orbit: ResMut<Orbit>,
    mut kept: ResMut<Kept>,
    mut viewport: ResMut<SceneViewport>,
    mut keep: MessageWriter<Keep>,
    host: Res<HostResource>,
    grid: Option<Res<Grid>>,
    cameras: Query<(&Camera, &GlobalTransform), With<Camera3d>>,
    time: Res<Time<Real>>,
    mut desk: Local<Desk>,
) -> Result {
    let ctx = contexts.ctx_mut()?;
    if !desk.is_dressed {
        style::dress(ctx);
        desk.is_dressed = true;
    }
    let whole =
        egui::UiBuilder::new().layer_id(egui::LayerId::background()).max_rect(ctx.viewport_rect());
    let mut ui = egui::Ui::new(ctx.clone(), "whole".into(), whole);
    egui::Panel::bottom("playing").resizable(false).show(&mut ui, |ui| {
        ui.add_space(2.0);
        transport::transport(ui, &mut playback);
        ui.add_space(2.0);
        timeline::timeline(ui, &mut playback);
    });
    if shown.panel == Visible::Yes {
        egui::Panel::right("panel").exact_size(WIDTH).resizable(false).show(&mut ui, |ui| {
            // The bar has room of its own beside the numbers.
            let margin = egui::Margin { right: 8, ..egui::Margin::ZERO };
            let scroll = egui::ScrollArea::vertical().auto_shrink(false).content_margin(margin);
            scroll.show(ui, |ui| {
                ui.add_space(4.0);
                choose::choose(ui, &mut playback, &mut desk.choices, &*host.0);
                view(ui, &playback, &mut shown, &mut orbit);
                keeping(ui, &kept, &mut keep);
                numbers::numbers(ui, &playback);
            });
        });
    }
    let free = ui.available_rect_before_wrap();
    viewport.0 = Some(Rect::new(free.left(), free.top(), free.right(), free.bottom()));
    if let (Some(grid), Ok(camera)) = (grid, cameras.single()) {
        labels::labels(ctx, &playback, &grid, camera, free);
    }
    toast::toast(ctx, &mut desk.toast, &mut playback, &mut kept, free, time.delta_secs());
    if shown.help == Visible::Yes {
        help::help(ctx, &mut shown);
    }
    leave_keys_to_the_scene(ctx);
    Ok(())
}

/// Buttons must not answer to the space bar: only who writes a text hears keys.
fn leave_keys_to_the_scene(ctx: &egui::Context) {
    if !ctx.text_edit_focused()
        && let Some(focused) = ctx.memory(egui::Memory::focused)
    {
        ctx.memory_mut(|memory| memory.surrender_focus(focused));
    }
}

/// From where one looks, and what is shown.
fn view(ui: &mut egui::Ui, playback: &Playback, shown: &mut Shown, orbit: &mut Orbit) {
    row(ui, "camera", |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.spacing_mut().button_padding.x = 0.0;
        let width = equal(ui, 1 + DIRECTIONS.len());
        let others = DIRECTIONS.iter().map(|direction| (direction.name, Some(direction)));
        for (number, (name, direction)) in (1..).zip(once(("first", None)).chain(others)) {
            let hint = format!("{name} ({number})");
            if choice(ui, name, width, Chosen::No).on_hover_text(hint).clicked() {
                *orbit = start(playback, direction);
            }
        }
    });
    row(ui, "show", |ui| {
        ui.spacing_mut().item_spacing.x = 3.0;
        let width = equal(ui, 3);
        let toggles = [
            ("trail", "the way of what is achieved (t)", &mut shown.trail),
            ("shapes", "what touches, instead of what is seen (d)", &mut shown.collision),
            ("help", "keys (h)", &mut shown.help),
        ];
        for (name, hint, visible) in toggles {
            let is_so = if *visible == Visible::Yes { Chosen::Yes } else { Chosen::No };
            if choice(ui, name, width, is_so).on_hover_text(hint).clicked() {
                visible.toggle();
            }
        }
    });
}

/// What can be kept.
fn keeping(ui: &mut egui::Ui, kept: &Kept, keep: &mut MessageWriter<Keep>) {
    row(ui, "keep", |ui| {
        ui.spacing_mut().item_spacing.x = 3.0;
        let width = equal(ui, 3);
        let is_making_video = if kept.is_making_video() { Chosen::Yes } else { Chosen::No };
        let choices = [
            ("picture", "of the window (s)", Keep::Picture, Chosen::No),
            ("video", "begin or end one (r)", Keep::Video, is_making_video),
            ("episodes", "as files that play again (e)", Keep::Episodes, Chosen::No),
        ];
        for (name, hint, what, is_so) in choices {
            if choice(ui, name, width, is_so).on_hover_text(hint).clicked() {
                keep.write(what);
            }
        }
    });
}

/// The width of `count` buttons that fill a row.
fn equal(ui: &egui::Ui, count: usize) -> f32 {
    let gaps = ui.spacing().item_spacing.x * (count - 1) as f32;
    ((ui.available_width() - gaps) / count as f32).floor()
}

/// Says in the window's title what is watched.
pub(crate) fn entitle(
    playback: Res<Playback>,
    mut windows: Query<&mut Window, With<PrimaryWindow>>,
) {
    let title = title(&playback);
    for mut window in &mut windows {
        if window.title != title {
            window.title.clone_from(&title);
        }
    }
}

fn title(playback: &Playback) -> String {
    let about = &playback.episodes[0].recording().about;
    let mut players: Vec<&str> =
        playback.recordings().map(|recording| &recording.about.player[..]).collect();
    players.sort_unstable();
    players.dedup();
    let episodes = match playback.episodes.len() {
        1 => format!("episode {}", about.number),
        several => format!("{several} episodes from {}", about.number),
    };
    format!("gcrl — {} · {} · {episodes}", about.task, players.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tests::{still, three};

    #[test]
    fn the_title_names_task_player_and_episode() {
        assert_eq!(title(&three()), "gcrl — Still · nobody · episode 0");
        let several = Playback::still(vec![still(1), still(1)]);
        assert_eq!(title(&several), "gcrl — Still · nobody · 2 episodes from 0");
    }
}
