//! Episodes through bevy: in a window in which they are watched, and as pictures without one.
//!
//! | module | holds |
//! |---|---|
//! | `gpu` | whether there is a graphics driver |
//! | `offscreen` | pictures without a window; `readback` takes them from the driver |
//! | `playback` | which episodes, at what time, how fast |
//! | `stage` | the episodes' bodies as bevy's entities |
//! | `looks` | their shapes and materials |
//! | `markers` | goals, what is achieved, trails, and whether goals are reached; `through` is what is seen through bodies |
//! | `light` | sun, sky and ground |
//! | `grid` | where episodes stand; `extent` is the room that they take |
//! | `orbit` | the camera, and how the mouse moves it |
//! | `keys` | what keys do |
//! | `panel` | numbers, buttons and the timeline |
//!
//! Both know recordings alone: whoever opens the window makes them, when a number is asked for.

#![allow(
    clippy::needless_pass_by_value,
    clippy::too_many_arguments,
    reason = "bevy decides what a system is given, and how"
)]

mod extent;
mod gpu;
mod grid;
mod keys;
mod light;
mod looks;
mod markers;
mod offscreen;
mod orbit;
mod panel;
mod playback;
mod readback;
mod stage;
mod through;

pub use gpu::{Adapter, AdapterKind, adapter};
pub use offscreen::Offscreen;

use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy_egui::{EguiGlobalSettings, EguiPlugin, EguiPrimaryContextPass};
use gcrl_recording::Recording;
use playback::Playback;
use std::path::PathBuf;

/// Makes the episodes that are watched.
pub trait Director: Send + Sync + 'static {
    /// The episodes that are shown side by side from number `number` on, at least one.
    ///
    /// # Errors
    ///
    /// What the user is told, if they cannot be made.
    fn episodes(&mut self, number: u64) -> Result<Vec<Recording>, String>;
}

/// How the window begins, and whether it ends by itself.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The number of the first episode.
    pub first: u64,
    /// Writes a picture of the window here and closes it, a little later: for tests.
    pub snapshot: Option<PathBuf>,
}

/// A cause for the window not to open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ViewError {
    /// There is no screen.
    #[error("no display: neither `DISPLAY` nor `WAYLAND_DISPLAY` is set")]
    NoDisplay,
    /// There is nothing that draws.
    #[error("no graphics driver: nothing here draws by Vulkan, Metal or Direct3D")]
    NoGpu,
    /// The driver does not draw so large a picture.
    #[error("the driver draws up to {longest} pixels a side, not {width} × {height}")]
    TooLarge {
        /// Asked for.
        width: u32,
        /// Asked for.
        height: u32,
        /// What it draws.
        longest: u32,
    },
    /// The driver fails.
    #[error("the graphics driver fails: {0}")]
    Driver(String),
    /// The first episodes cannot be made.
    #[error("{0}")]
    Episodes(String),
}

/// Opens the window, and returns when it is closed.
///
/// # Errors
///
/// If there is no display, or the first episodes cannot be made.
pub fn run(mut director: Box<dyn Director>, options: Options) -> Result<(), ViewError> {
    let has = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !has("DISPLAY") && !has("WAYLAND_DISPLAY") {
        return Err(ViewError::NoDisplay);
    }
    let recordings = director.episodes(options.first).map_err(ViewError::Episodes)?;
    let about = &recordings[0].about;
    let window = Window {
        title: format!("{} · {} · gcrl", about.task, about.player),
        resolution: (1280, 800).into(),
        ..default()
    };
    let window = WindowPlugin { primary_window: Some(window), ..default() };
    // Without this, a picture taken early is black: shaders are still being compiled.
    let render =
        RenderPlugin { synchronous_pipeline_compilation: options.snapshot.is_some(), ..default() };
    let log = bevy::log::LogPlugin { level: bevy::log::Level::ERROR, ..default() };
    App::new()
        .add_plugins(DefaultPlugins.set(window).set(log).set(render))
        .add_plugins(EguiPlugin::default())
        .insert_resource(EguiGlobalSettings { enable_absorb_bevy_input_system: true, ..default() })
        .insert_resource(Playback::new(director, recordings, options.first))
        .insert_resource(Snapshot(options.snapshot))
        .add_plugins(stage::plugin)
        .add_systems(Startup, orbit::spawn)
        .add_systems(Update, (keys::act, playback::advance).chain().before(stage::Staging))
        .add_systems(Update, (orbit::turn, snapshot).chain().after(stage::Staging))
        .add_systems(EguiPrimaryContextPass, panel::draw)
        .run();
    Ok(())
}

#[derive(Resource)]
struct Snapshot(Option<PathBuf>);

/// Frames, and seconds, until everything is loaded and drawn.
const SETTLED: (u32, f32) = (20, 2.0);

fn snapshot(
    snapshot: Res<Snapshot>,
    time: Res<Time<Real>>,
    mut n_frames: Local<u32>,
    mut is_asked_for: Local<bool>,
    mut commands: Commands,
    mut exit: MessageWriter<AppExit>,
) {
    let Some(path) = &snapshot.0 else { return };
    *n_frames += 1;
    if *is_asked_for {
        if path.exists() {
            exit.write(AppExit::Success);
        }
    } else if SETTLED.0 < *n_frames && SETTLED.1 < time.elapsed_secs() {
        *is_asked_for = true;
        keys::screenshot(&mut commands, path.clone());
    }
}
