//! Episodes through bevy: in a window in which they are watched, and as pictures without one.
//!
//! | module | holds |
//! |---|---|
//! | `host` | what the window asks of whoever opened it |
//! | `display`, `gpu` | whether there is a screen, and a graphics driver |
//! | `first_frame` | when the window appears: when nothing waits for one of its `shaders` |
//! | `offscreen` | pictures without a window; `readback` takes them from the driver |
//! | `playback` | which episodes, at what time, how fast |
//! | `stage` | the episodes' bodies as bevy's entities |
//! | `components` | what systems of several modules share |
//! | `looks` | their shapes and materials |
//! | `markers` | goals, what is achieved, trails, and whether goals are reached; `overlay_material` is what is seen through bodies |
//! | `light` | sun, sky and ground |
//! | `grid` | where episodes stand; `extent` is the room that they take |
//! | `orbit` | where the camera is, and what it sees; `camera` is how the mouse moves it |
//! | `goal` | the goal, moved by the mouse |
//! | `keys` | what keys do |
//! | `keep` | pictures, videos and episodes that are kept |
//! | `dropped` | files that are dropped on the window |
//! | `memory` | what the next window knows of this one |
//! | `panel` | choices, numbers, buttons and the timeline |
//! | `viewport` | the part of the window that the panel leaves to the scene |
//! | `input_routing` | who hears keys and mouse: the panel, or the scene |

#![allow(
    clippy::needless_pass_by_value,
    clippy::too_many_arguments,
    reason = "bevy decides what a system is given, and how"
)]

mod camera;
mod components;
mod display;
mod dropped;
mod extent;
mod first_frame;
mod goal;
mod gpu;
mod grid;
mod host;
mod input_routing;
mod keep;
mod keys;
mod light;
mod looks;
mod markers;
mod memory;
mod offscreen;
mod orbit;
mod overlay_material;
mod panel;
mod playback;
mod readback;
mod shaders;
mod stage;
mod viewport;

pub use gpu::{Adapter, AdapterKind, adapter};
pub use offscreen::Offscreen;

use bevy::asset::AssetEventSystems;
use bevy::prelude::*;
use bevy::window::exit_on_all_closed;
use bevy_egui::{
    EguiGlobalSettings, EguiPlugin, EguiPostUpdateSet, EguiPreUpdateSet, EguiPrimaryContextPass,
};
use components::Held;
pub use host::{EpisodeQuery, MOST, Memory, Source, Start, VideoWriter, ViewedEpisode, ViewerHost};
use memory::Remembered;
use playback::{HostResource, Playback};
use viewport::SceneViewport;

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

/// Opens the window with `episodes`, which `query` asked for, at their start, and returns when it is closed.
///
/// # Errors
///
/// If there is no display, or no graphics driver.
///
/// # Panics
///
/// If there is no episode.
pub fn run(
    host: Box<dyn ViewerHost>,
    query: EpisodeQuery,
    episodes: Vec<ViewedEpisode>,
    start: Start,
) -> Result<(), ViewError> {
    assert!(!episodes.is_empty(), "nothing to show");
    // A server on which nobody is left may start anew, and would then miss us.
    let _present = display::connect()?;
    gpu::adapter()?;
    let remembered = Remembered::new(host.memory());
    let window = Window { title: "gcrl".to_owned(), visible: false, ..remembered.window() };
    let window = WindowPlugin { primary_window: Some(window), ..default() };
    let log = bevy::log::LogPlugin { level: bevy::log::Level::ERROR, ..default() };
    App::new()
        .add_plugins(DefaultPlugins.set(window).set(log))
        .add_plugins(EguiPlugin::default())
        .insert_resource(EguiGlobalSettings { auto_create_primary_context: false, ..default() })
        .insert_resource(Playback::new(query, episodes, start))
        .insert_resource(HostResource(host))
        .insert_resource(remembered)
        .init_resource::<Held>()
        .init_resource::<SceneViewport>()
        .add_plugins((stage::plugin, keep::plugin, first_frame::plugin))
        .add_systems(Startup, (camera::spawn, viewport::spawn, panel::soften))
        // What is written anew is seen in the same frame.
        .configure_sets(PostUpdate, EguiPostUpdateSet::PostProcessOutput.before(AssetEventSystems))
        .add_systems(
            PreUpdate,
            (input_routing::drop_tab, input_routing::block_scene)
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
                playback::advance.run_if(not(first_frame::is_pending)),
                playback::load_wanted,
            )
                .chain()
                .before(stage::Staging),
        )
        .add_systems(
            Update,
            (memory::recall, camera::turn, memory::follow, viewport::fit, panel::entitle)
                .chain()
                .after(stage::Staging),
        )
        .add_systems(Last, memory::keep.after(exit_on_all_closed))
        .add_systems(EguiPrimaryContextPass, panel::draw)
        .run();
    Ok(())
}
