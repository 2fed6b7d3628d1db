//! Who hears keys and mouse: the panels, or the scene.
//!
//! A key belongs to the text that is being written. A button of the mouse belongs to whatever is under it
//! when it is pressed, for as long as it is held; the wheel belongs to what is under it now.

use crate::viewport::SceneViewport;
use bevy::input::mouse::AccumulatedMouseScroll;
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use bevy_egui::{EguiContexts, EguiInput, egui};

/// Keys that only change what others mean.
const MODIFIERS: [KeyCode; 8] = [
    KeyCode::SuperLeft,
    KeyCode::SuperRight,
    KeyCode::ControlLeft,
    KeyCode::ControlRight,
    KeyCode::AltLeft,
    KeyCode::AltRight,
    KeyCode::ShiftLeft,
    KeyCode::ShiftRight,
];

/// Keeps from the panels what is meant for the scene: the tabulator moves no focus.
pub(crate) fn drop_tab(mut inputs: Query<&mut EguiInput>) {
    let is_tab =
        |event: &egui::Event| matches!(event, egui::Event::Key { key: egui::Key::Tab, .. });
    for mut input in &mut inputs {
        input.events.retain(|event| !is_tab(event));
    }
}

/// Keeps from the scene what is meant for the panels.
pub(crate) fn block_scene(
    mut contexts: EguiContexts,
    viewport: Res<SceneViewport>,
    windows: Query<&Window, With<PrimaryWindow>>,
    mut keys: ResMut<ButtonInput<KeyCode>>,
    mut buttons: ResMut<ButtonInput<MouseButton>>,
    mut scroll: ResMut<AccumulatedMouseScroll>,
) {
    let (Ok(ctx), Ok(window)) = (contexts.ctx_mut(), windows.single()) else { return };
    if ctx.egui_wants_keyboard_input() || ctx.any_popup_open() {
        let held = MODIFIERS.map(|key| keys.pressed(key).then_some(key));
        keys.reset_all();
        held.into_iter().flatten().for_each(|key| keys.press(key));
    }
    if window.cursor_position().is_some_and(|place| is_over_panels(ctx, &viewport, place)) {
        let pressed: Vec<_> = buttons.get_just_pressed().copied().collect();
        for button in pressed {
            buttons.reset(button);
        }
        scroll.delta = Vec2::ZERO;
    }
}

/// Whether panels, or something that lies over the scene, are at a place of the window.
pub(crate) fn is_over_panels(ctx: &egui::Context, viewport: &SceneViewport, place: Vec2) -> bool {
    let floating = ctx.layer_id_at(egui::pos2(place.x, place.y));
    !viewport.contains(place)
        || floating.is_some_and(|layer| layer.order != egui::Order::Background)
}
