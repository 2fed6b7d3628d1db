//! Episodes through bevy: in a window in which they are watched, and as pictures without one.
//!
//! | module | holds |
//! |---|---|
//! | `director` | what the window asks of whoever opened it |
//! | `display`, `gpu` | whether there is a screen, and a graphics driver |
//! | `curtain` | when the window appears: when nothing waits for one of its `shaders` |
//! | `offscreen` | pictures without a window; `readback` takes them from the driver |
//! | `playback` | which episodes, at what time, how fast |
//! | `stage` | the episodes' bodies as bevy's entities |
//! | `components` | what systems of several modules share |
//! | `looks` | their shapes and materials |
//! | `markers` | goals, what is achieved, trails, and whether goals are reached; `through` is what is seen through bodies |
//! | `light` | sun, sky and ground |
//! | `grid` | where episodes stand; `extent` is the room that they take |
//! | `orbit` | where the camera is, and what it sees; `camera` is how the mouse moves it |
//! | `goal` | the goal, moved by the mouse |
//! | `keys` | what keys do |
//! | `keep` | pictures, films and episodes that are kept |
//! | `dropped` | files that are dropped on the window |
//! | `memory` | what the next window knows of this one |
//! | `panel` | choices, numbers, buttons and the timeline |
//! | `room` | the part of the window that the panel leaves to the scene |
//! | `attention` | who hears keys and mouse: the panel, or the scene |

#![allow(
    clippy::needless_pass_by_value,
    clippy::too_many_arguments,
    reason = "bevy decides what a system is given, and how"
)]

mod attention;
mod camera;
mod components;
mod curtain;
mod director;
mod display;
mod dropped;
mod extent;
mod goal;
mod gpu;
mod grid;
mod keep;
mod keys;
mod light;
mod looks;
mod markers;
mod memory;
mod offscreen;
mod orbit;
mod panel;
mod playback;
mod readback;
mod room;
mod shaders;
mod stage;
mod through;

pub use gpu::{Adapter, AdapterKind, adapter};
pub use offscreen::Offscreen;

use bevy::asset::AssetEventSystems;
use bevy::prelude::*;
use bevy::window::exit_on_all_closed;
use bevy_egui::{
    EguiGlobalSettings, EguiPlugin, EguiPostUpdateSet, EguiPreUpdateSet, EguiPrimaryContextPass,
};
use components::Held;
pub use director::{Director, Film, MOST, Memory, Show, Source, Start, Wish};
use memory::Remembered;
use playback::{Backstage, Playback};
use room::Room;

/// A cause for the window not to open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ViewError {
    /// There is no screen.
    #[error("no display: `DISPLAY` is not set")]
    NoDisplay,
    /// Nobody serves the screen that was named, or not us.
    #[error("display `{name}` cannot be used")]
    Display {
        /// As `DISPLAY` names it.
        name: String,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
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
}

/// Opens the window with `shows`, which fulfill `wish`, at their start, and returns when it is closed.
///
/// # Errors
///
/// If there is no display, or no graphics driver.
///
/// # Panics
///
/// If there is no show.
pub fn run(
    director: Box<dyn Director>,
    wish: Wish,
    shows: Vec<Show>,
    start: Start,
) -> Result<(), ViewError> {
    assert!(!shows.is_empty(), "nothing to show");
    // A server on which nobody is left may start anew, and would then miss us.
    let _present = display::connect()?;
    gpu::adapter()?;
    let remembered = Remembered::new(director.memory());
    let window = Window { title: "gcrl".to_owned(), visible: false, ..remembered.window() };
    let window = WindowPlugin { primary_window: Some(window), ..default() };
    let log = bevy::log::LogPlugin { level: bevy::log::Level::ERROR, ..default() };
    App::new()
        .add_plugins(DefaultPlugins.set(window).set(log))
        .add_plugins(EguiPlugin::default())
        .insert_resource(EguiGlobalSettings { auto_create_primary_context: false, ..default() })
        .insert_resource(Playback::new(wish, shows, start))
        .insert_resource(Backstage(director))
        .insert_resource(remembered)
        .init_resource::<Held>()
        .init_resource::<Room>()
        .add_plugins((stage::plugin, keep::plugin, curtain::plugin))
        .add_systems(Startup, (camera::spawn, room::spawn, panel::soften))
        // What is written anew is seen in the same frame.
        .configure_sets(PostUpdate, EguiPostUpdateSet::PostProcessOutput.before(AssetEventSystems))
        .add_systems(
            PreUpdate,
            (attention::spare, attention::withhold)
                .chain()
                .after(EguiPreUpdateSet::ProcessInput)
                .before(EguiPreUpdateSet::BeginPass),
        )
        .add_systems(
            Update,
            (
                dropped::open,
                keys::act,
                panel::select,
                goal::drag,
                playback::advance.run_if(not(curtain::is_down)),
                playback::grant,
            )
                .chain()
                .before(stage::Staging),
        )
        .add_systems(
            Update,
            (memory::recall, camera::turn, memory::follow, room::fit, panel::entitle)
                .chain()
                .after(stage::Staging),
        )
        .add_systems(Last, memory::keep.after(exit_on_all_closed))
        .add_systems(EguiPrimaryContextPass, panel::draw)
        .run();
    Ok(())
}
