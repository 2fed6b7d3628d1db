//! The window appears once everything in it is drawn, and time goes by only from then on: nobody sees a
//! scene that lacks its bodies, nor misses how the first episode begins.

use crate::shaders;
use bevy::prelude::*;
use bevy::render::render_resource::PipelineCache;
use bevy::render::{Render, RenderApp, RenderSystems};
use bevy::window::PrimaryWindow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Pictures in a row without anything missing, until the window appears: the first ones are complete
/// because nothing is on them yet.
const COMPLETE: u32 = 4;

/// A window in which something is missing is better than none: it appears after this time in any case.
const LONGEST: Duration = Duration::from_secs(20);

/// Pictures in a row without anything missing. Pictures are drawn in a world of their own.
#[derive(Resource, Clone, Default)]
struct Drawn(Arc<AtomicU32>);

/// Adds the systems that let the window appear.
pub(crate) fn plugin(app: &mut App) {
    let drawn = Drawn::default();
    app.insert_resource(drawn.clone()).add_systems(Update, show_window.run_if(is_pending));
    if let Some(app) = app.get_sub_app_mut(RenderApp) {
        app.insert_resource(drawn).add_systems(Render, count.in_set(RenderSystems::Cleanup));
    }
}

/// Counts pictures.
fn count(drawn: Res<Drawn>, cache: Res<PipelineCache>) {
    let n_complete = if shaders::are_ready(&cache) {
        drawn.0.load(Ordering::Relaxed).saturating_add(1)
    } else {
        0
    };
    drawn.0.store(n_complete, Ordering::Relaxed);
}

/// Lets the window appear when it is time.
fn show_window(
    drawn: Res<Drawn>,
    time: Res<Time<Real>>,
    mut windows: Query<&mut Window, With<PrimaryWindow>>,
) {
    if COMPLETE <= drawn.0.load(Ordering::Relaxed) || LONGEST < time.elapsed() {
        for mut window in &mut windows {
            window.visible = true;
        }
    }
}

/// Whether the window has not appeared yet.
pub(crate) fn is_pending(windows: Query<&Window, With<PrimaryWindow>>) -> bool {
    windows.iter().all(|window| !window.visible)
}
