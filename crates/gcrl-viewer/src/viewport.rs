//! The part of the window that panels leave to the scene: the camera draws there, and only there.
//!
//! Panels have a camera of their own, which draws over the first one and covers the whole window.

use crate::orbit;
use bevy::camera::{CameraOutputMode, Viewport, visibility::RenderLayers};
use bevy::prelude::*;
use bevy::render::render_resource::BlendState;
use bevy::window::PrimaryWindow;
use bevy_egui::PrimaryEguiContext;

/// A scene is drawn in no fewer pixels than this along each side.
const SMALLEST: u32 = 16;

/// Where the scene is seen, in logical pixels of the window; everywhere, before panels are drawn.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub(crate) struct SceneViewport(pub(crate) Option<Rect>);

impl SceneViewport {
    /// Whether a place of the window is in it.
    pub(crate) fn contains(&self, place: Vec2) -> bool {
        self.0.is_none_or(|rect| rect.contains(place))
    }

    /// The same in physical pixels of a window of this size and scale, cut to what the window has.
    fn physical(&self, scale: f32, window: UVec2) -> Option<Viewport> {
        let rect = self.0?;
        let place = |corner: Vec2| (scale * corner).round().max(Vec2::ZERO).as_uvec2();
        let from = place(rect.min).min(window.saturating_sub(UVec2::splat(SMALLEST)));
        let to = place(rect.max).max(from + SMALLEST).min(window);
        let is_sound = from.cmplt(to).all();
        is_sound.then(|| Viewport {
            physical_position: from,
            physical_size: to - from,
            ..default()
        })
    }
}

/// Makes the camera of the panels.
pub(crate) fn spawn(mut commands: Commands) {
    let camera = Camera {
        order: 1,
        clear_color: ClearColorConfig::Custom(Color::NONE),
        output_mode: CameraOutputMode::Write {
            blend_state: Some(BlendState::PREMULTIPLIED_ALPHA_BLENDING),
            clear_color: ClearColorConfig::None,
        },
        ..default()
    };
    commands.spawn((Camera2d, camera, Msaa::Off, RenderLayers::none(), PrimaryEguiContext));
}

/// Lets the camera draw where panels leave room.
pub(crate) fn fit(
    viewport: Res<SceneViewport>,
    windows: Query<&Window, With<PrimaryWindow>>,
    mut cameras: Query<(&mut Camera, &mut Projection), With<Camera3d>>,
) {
    let Ok(window) = windows.single() else { return };
    let Some(viewport) = viewport.physical(window.scale_factor(), window.physical_size()) else {
        return;
    };
    let size = viewport.physical_size.as_vec2();
    let view = orbit::view(size.x / size.y);
    for (mut camera, mut projection) in &mut cameras {
        camera.viewport = Some(viewport.clone());
        let Projection::Perspective(present) = &*projection else { continue };
        if present.fov != view {
            *projection =
                Projection::Perspective(PerspectiveProjection { fov: view, ..present.clone() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewport(rect: Rect, scale: f32, window: UVec2) -> (UVec2, UVec2) {
        let viewport = SceneViewport(Some(rect)).physical(scale, window).unwrap();
        (viewport.physical_position, viewport.physical_size)
    }

    #[test]
    fn the_scene_is_drawn_in_physical_pixels_of_its_viewport() {
        let rect = Rect::new(0.0, 10.0, 500.0, 300.0);
        let (from, size) = viewport(rect, 2.0, UVec2::new(1600, 800));
        assert_eq!((from, size), (UVec2::new(0, 20), UVec2::new(1000, 580)));
    }

    #[test]
    fn a_window_that_has_become_smaller_is_not_left() {
        let rect = Rect::new(0.0, 0.0, 500.0, 300.0);
        let (from, size) = viewport(rect, 1.0, UVec2::new(320, 200));
        assert_eq!((from, size), (UVec2::ZERO, UVec2::new(320, 200)));
        // Panels that take everything leave a few pixels.
        let (from, size) = viewport(Rect::new(320.0, 0.0, 320.0, 200.0), 1.0, UVec2::new(320, 200));
        assert_eq!((from.x + size.x, size.x), (320, SMALLEST));
    }
}
