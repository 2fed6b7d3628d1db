//! A window in which episodes are watched, through bevy.
//!
//! | module | holds |
//! |---|---|
//! | `director` | what the window asks of whoever opened it |
//! | `playback` | which episodes, at what time, how fast |
//! | `stage` | the episodes' bodies, goals and lights as bevy's entities |
//! | `orbit` | the camera, and how the mouse moves it |
//! | `keys` | what keys do |
//! | `panel` | numbers, buttons and the timeline |

#![allow(
    clippy::needless_pass_by_value,
    clippy::too_many_arguments,
    reason = "bevy decides what a system is given, and how"
)]

mod director;
mod keys;
mod orbit;
mod panel;
mod playback;
mod stage;

use bevy::prelude::*;
use bevy_egui::{EguiGlobalSettings, EguiPlugin, EguiPrimaryContextPass};
pub use director::{Director, Film, MOST, Memory, Show, Source, Wish};
use playback::{Backstage, Playback};

/// A cause for the window not to open.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// There is no screen.
    #[error("no display: neither `DISPLAY` nor `WAYLAND_DISPLAY` is set")]
    NoDisplay,
}

/// Opens the window with `shows`, which fulfill `wish`, and returns when it is closed.
///
/// # Errors
///
/// If there is no display.
///
/// # Panics
///
/// If there is no show.
pub fn run(director: Box<dyn Director>, wish: Wish, shows: Vec<Show>) -> Result<(), ViewError> {
    assert!(!shows.is_empty(), "nothing to show");
    let has = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !has("DISPLAY") && !has("WAYLAND_DISPLAY") {
        return Err(ViewError::NoDisplay);
    }
    let window = Window { title: "gcrl".to_owned(), resolution: (1280, 800).into(), ..default() };
    let window = WindowPlugin { primary_window: Some(window), ..default() };
    let log = bevy::log::LogPlugin { level: bevy::log::Level::ERROR, ..default() };
    App::new()
        .add_plugins(DefaultPlugins.set(window).set(log))
        .add_plugins(EguiPlugin::default())
        .insert_resource(EguiGlobalSettings { enable_absorb_bevy_input_system: true, ..default() })
        .insert_resource(ClearColor(Color::srgb_u8(0xe6, 0xea, 0xee)))
        .insert_resource(Playback::new(wish, shows))
        .insert_resource(Backstage(director))
        .insert_resource(stage::Columns(1))
        .init_resource::<orbit::Orbit>()
        .init_resource::<keys::Shown>()
        .add_systems(Startup, (orbit::spawn, stage::draw_through))
        .add_systems(
            Update,
            (
                keys::act,
                playback::advance,
                playback::grant,
                stage::build,
                stage::pose,
                stage::achieved,
                orbit::turn,
            )
                .chain(),
        )
        .add_systems(EguiPrimaryContextPass, panel::draw)
        .run();
    Ok(())
}
