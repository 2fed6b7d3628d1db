//! Soft edges without dark fringes.
//!
//! egui gives colors that are multiplied by their opacity as screens see them; the screen's memory mixes
//! amounts of light. `bevy_egui`'s shader turns the former into the latter after the multiplication, where it
//! must be before it: light edges on light ground come out dark.

use bevy::prelude::*;
use bevy::shader::{Shader, Source};
use bevy_egui::render::EGUI_SHADER_HANDLE;

/// The shader's last line, and what it should be.
const DARK: &str = "return vec4<f32>(linear_from_gamma_rgb(color_gamma.rgb), color_gamma.a);";
const RIGHT: &str = "let plain = min(color_gamma.rgb / max(color_gamma.a, 0.0001), vec3<f32>(1.0));
    return vec4<f32>(linear_from_gamma_rgb(plain) * color_gamma.a, color_gamma.a);";

/// Corrects the shader, where it still is the one that needs it.
pub(crate) fn soften(mut shaders: ResMut<Assets<Shader>>) {
    if let Some(mut shader) = shaders.get_mut(&EGUI_SHADER_HANDLE)
        && let Source::Wgsl(code) = &shader.source
        && code.contains(DARK)
    {
        shader.source = Source::Wgsl(code.replace(DARK, RIGHT).into());
    }
}
