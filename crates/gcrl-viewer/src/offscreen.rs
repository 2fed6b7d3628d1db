//! The stage of the window as pictures, without a window or a clock.
//!
//! Bevy is driven by hand: a time goes in, one update is made, and the picture of just that update comes
//! out, for drawing is not pipelined and shaders are compiled where they are first needed. Equal episodes
//! at equal times give equal bytes on one machine and driver.

use crate::ViewError;
use crate::gpu::{self, Adapter};
use crate::orbit::Orbit;
use crate::playback::Playback;
use crate::readback::Readback;
use crate::shaders;
use crate::stage::{self, Plan, Staging};
use crate::{camera, grid::Grid, light};
use bevy::app::{TaskPoolPlugin, TerminalCtrlCHandlerPlugin};
use bevy::camera::RenderTarget;
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::render_resource::PipelineCache;
use bevy::render::renderer::RenderDevice;
use bevy::render::{RenderApp, RenderPlugin};
use bevy::time::TimeUpdateStrategy;
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;
use gcrl_core::scene;
use gcrl_recording::Recording;
use std::time::Duration;

/// Updates until everything is loaded, at most, and the pause between them.
const SETTLING: u32 = 2_000;
const PAUSE: Duration = Duration::from_millis(5);

/// The first pictures can be equal because nothing is on them yet.
const FIRST: u32 = 4;

/// Draws episodes without a window.
pub struct Offscreen {
    app: App,
    adapter: Adapter,
    readback: Readback,
    size: UVec2,
}

impl std::fmt::Debug for Offscreen {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { adapter, size, .. } = self;
        formatter
            .debug_struct("Offscreen")
            .field("adapter", adapter)
            .field("size", size)
            .finish_non_exhaustive()
    }
}

impl Offscreen {
    /// Starts to draw pictures of this width and height: `episodes`, `columns` in a row, as `camera` sees
    /// a single one; of several, the camera gives the direction alone, and all are seen.
    ///
    /// # Errors
    ///
    /// If there is no graphics driver, or it draws no pictures of that size.
    ///
    /// # Panics
    ///
    /// If there are no episodes, or a side of the picture is 0.
    pub fn open(
        [width, height]: [u32; 2],
        episodes: Vec<Recording>,
        columns: usize,
        camera: &scene::Camera,
    ) -> Result<Self, ViewError> {
        assert!(0 < width && 0 < height, "a picture has pixels");
        let adapter = gpu::adapter()?;
        let size = UVec2::new(width, height);
        let mut app = app();
        app.insert_resource(plan(size, columns, camera)).insert_resource(Playback::still(episodes));
        app.finish();
        app.cleanup();
        let longest = app.world().resource::<RenderDevice>().limits().max_texture_dimension_2d;
        if longest < size.max_element() {
            return Err(ViewError::TooLarge { width, height, longest });
        }
        let readback = Readback::new(app.world_mut(), size);
        let room = light::room(&mut app.world_mut().resource_mut::<Assets<Image>>());
        let target = RenderTarget::Image(readback.image.clone().into());
        app.world_mut().spawn((camera::lens(), target, room));
        let mut offscreen = Self { app, adapter, readback, size };
        offscreen.settle()?;
        Ok(offscreen)
    }

    /// Puts other episodes on the stage.
    ///
    /// # Errors
    ///
    /// If the driver fails.
    pub fn show(
        &mut self,
        episodes: Vec<Recording>,
        columns: usize,
        camera: &scene::Camera,
    ) -> Result<(), ViewError> {
        let world = self.app.world_mut();
        let mut playback = Playback::still(episodes);
        playback.generation += world.resource::<Playback>().generation;
        world.insert_resource(playback);
        world.insert_resource(plan(self.size, columns, camera));
        self.settle()
    }

    /// The episodes after `secs` seconds: red, green and blue of every pixel, row by row from the top.
    ///
    /// # Panics
    ///
    /// If the driver that drew the first picture has gone.
    pub fn draw(&mut self, secs: f32) -> Vec<u8> {
        self.app.world_mut().resource_mut::<Playback>().seek(secs);
        self.app.update();
        self.readback.read(&self.app).expect("the driver drew the first picture")
    }

    /// The episodes on the stage.
    pub fn episodes(&self) -> impl ExactSizeIterator<Item = &Recording> {
        self.app.world().resource::<Playback>().recordings()
    }

    /// What draws.
    pub fn adapter(&self) -> &Adapter {
        &self.adapter
    }

    /// For each episode, the pixel on which what is said about it stands: column and row of its lower left
    /// corner, from the upper left of the picture. A single one has the whole picture.
    pub fn labels(&self) -> Vec<[u32; 2]> {
        let world = self.app.world();
        let (orbit, grid) = (world.resource::<Orbit>(), world.resource::<Grid>());
        let n_episodes = self.episodes().len();
        if n_episodes == 1 {
            return vec![[0, 0]];
        }
        let corner = |episode| orbit.on_picture(grid.near_corner(episode), self.size);
        let inside = |corner: Vec2| corner.as_ivec2().max(IVec2::ZERO).as_uvec2().to_array();
        (0..n_episodes).map(|episode| inside(corner(episode))).collect()
    }

    /// Updates until all shaders are there and the picture stays as it is.
    fn settle(&mut self) -> Result<(), ViewError> {
        let mut before = None;
        for update in 0..SETTLING {
            self.app.update();
            if is_waiting(&self.app)? || update < FIRST {
                std::thread::sleep(PAUSE);
                continue;
            }
            let now = self.readback.read(&self.app);
            if now.is_some() && now == before {
                return Ok(());
            }
            before = now;
        }
        Err(ViewError::Driver("its pictures do not come to rest".to_owned()))
    }
}

fn plan(size: UVec2, columns: usize, camera: &scene::Camera) -> Plan {
    let aspect = size.x as f32 / size.y as f32;
    Plan { columns: Some(columns), from: Some(Orbit::of(camera)), aspect }
}

/// Bevy without a window, a log, a clock, and what would listen to the keyboard.
fn app() -> App {
    let no_window =
        WindowPlugin { primary_window: None, exit_condition: ExitCondition::DontExit, ..default() };
    let render = RenderPlugin { synchronous_pipeline_compilation: true, ..default() };
    let plugins = DefaultPlugins
        .set(no_window)
        .set(render)
        .set(TaskPoolPlugin::default())
        .disable::<WinitPlugin>()
        .disable::<LogPlugin>()
        .disable::<TerminalCtrlCHandlerPlugin>()
        .disable::<PipelinedRenderingPlugin>();
    let mut app = App::new();
    app.add_plugins(plugins)
        .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::ZERO))
        .add_plugins(stage::plugin)
        .add_systems(Update, look.after(Staging));
    app
}

/// Puts the camera where it looks from.
fn look(orbit: Res<Orbit>, mut cameras: Query<&mut Transform, With<Camera3d>>) {
    for mut camera in &mut cameras {
        *camera = orbit.transform();
    }
}

/// Whether shaders are still being loaded.
fn is_waiting(app: &App) -> Result<bool, ViewError> {
    let no_driver = || ViewError::Driver("it was not started".to_owned());
    let world = app.get_sub_app(RenderApp).ok_or_else(no_driver)?.world();
    Ok(!shaders::are_ready(world.resource::<PipelineCache>()))
}
