//! A material that is seen through everything: what is achieved is often inside of a body.

use bevy::asset::Asset;
use bevy::mesh::MeshVertexBufferLayoutRef;
use bevy::pbr::{
    ExtendedMaterial, MaterialExtension, MaterialExtensionKey, MaterialExtensionPipeline,
};
use bevy::prelude::*;
use bevy::reflect::TypePath;
use bevy::render::render_resource::{
    AsBindGroup, CompareFunction, RenderPipelineDescriptor, SpecializedMeshPipelineError,
};

/// The material.
pub(crate) type OverlayMaterial = ExtendedMaterial<StandardMaterial, AlwaysVisible>;

/// Lets no surface in front of it hide it.
#[derive(Asset, AsBindGroup, TypePath, Clone, Debug, Default)]
pub(crate) struct AlwaysVisible {}

impl MaterialExtension for AlwaysVisible {
    fn enable_prepass() -> bool {
        false
    }

    fn enable_shadows() -> bool {
        false
    }

    fn specialize(
        _pipeline: &MaterialExtensionPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        _layout: &MeshVertexBufferLayoutRef,
        _key: MaterialExtensionKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        if let Some(depth) = &mut descriptor.depth_stencil {
            depth.depth_compare = Some(CompareFunction::Always);
        }
        Ok(())
    }
}

/// This color, without light or shadow; over whatever is nearer by less than `lift` meters.
///
/// What is transparent is drawn from back to front. Of what is equally far, such as a goal's dot and its
/// ball, any could come first, in each picture another: a lift decides.
pub(crate) fn overlay_material(color: Color, lift: f32) -> OverlayMaterial {
    let base = StandardMaterial {
        base_color: color.with_alpha(0.92),
        unlit: true,
        fog_enabled: false,
        alpha_mode: AlphaMode::Blend,
        depth_bias: lift,
        ..default()
    };
    ExtendedMaterial { base, extension: AlwaysVisible {} }
}
