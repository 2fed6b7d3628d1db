//! Scenes' shapes, materials and poses, as bevy has them.

use bevy::prelude::*;
use gcrl_core::scene::{Material, Pose, Scene, Shape, Visual};
use std::f32::consts::FRAC_PI_2;

/// A plane wider than this share of the camera's distance is the ground, which all episodes share.
const GROUND: f32 = 0.6;

/// Meshes and materials, each kept once: bevy draws equal ones together.
pub(crate) struct Looks<'a> {
    pub(crate) meshes: &'a mut Assets<Mesh>,
    pub(crate) materials: &'a mut Assets<StandardMaterial>,
    made_meshes: Vec<(Shape, Handle<Mesh>)>,
    made_materials: Vec<(Material, Handle<StandardMaterial>)>,
}

impl<'a> Looks<'a> {
    pub(crate) fn new(
        meshes: &'a mut Assets<Mesh>,
        materials: &'a mut Assets<StandardMaterial>,
    ) -> Self {
        Self { meshes, materials, made_meshes: Vec::new(), made_materials: Vec::new() }
    }

    pub(crate) fn mesh(&mut self, shape: Shape) -> Mesh3d {
        if let Some((_, made)) = self.made_meshes.iter().find(|(known, _)| *known == shape) {
            return Mesh3d(made.clone());
        }
        let handle = self.meshes.add(mesh(shape));
        self.made_meshes.push((shape, handle.clone()));
        Mesh3d(handle)
    }

    pub(crate) fn material(&mut self, look: &Material) -> MeshMaterial3d<StandardMaterial> {
        if let Some((_, made)) = self.made_materials.iter().find(|(known, _)| known == look) {
            return MeshMaterial3d(made.clone());
        }
        let handle = self.materials.add(material(look));
        self.made_materials.push((*look, handle.clone()));
        MeshMaterial3d(handle)
    }
}

/// Whether this is the ground that a scene brings, under everything that is in the picture.
pub(crate) fn is_ground(visual: &Visual, scene: &Scene) -> bool {
    let Shape::Plane { half_extents: [x, y] } = visual.shape else { return false };
    let camera = &scene.camera;
    let distance = Vec3::from(camera.eye).distance(Vec3::from(camera.target));
    GROUND * distance < x.min(y)
}

fn mesh(shape: Shape) -> Mesh {
    match shape {
        Shape::Cuboid { half_extents: [x, y, z] } => Cuboid::new(2.0 * x, 2.0 * y, 2.0 * z).into(),
        Shape::Sphere { radius } => Sphere::new(radius).mesh().uv(40, 24),
        Shape::Capsule { radius, half_length } => Capsule3d::new(radius, 2.0 * half_length).into(),
        Shape::Cylinder { radius, half_length } => {
            Cylinder::new(radius, 2.0 * half_length).mesh().resolution(48).build()
        }
        Shape::Plane { half_extents: [x, y] } => {
            Plane3d::new(Vec3::Z, Vec2::new(x, y)).mesh().build()
        }
    }
}

fn material(material: &Material) -> StandardMaterial {
    let [red, green, blue, opacity] = material.color;
    StandardMaterial {
        base_color: Color::srgba(red, green, blue, opacity),
        perceptual_roughness: material.roughness.max(0.089),
        metallic: material.metallic,
        alpha_mode: if opacity < 1.0 { AlphaMode::Blend } else { AlphaMode::Opaque },
        ..default()
    }
}

/// A shape's pose in its body; bevy has the axes of round shapes along y, scenes along z.
pub(crate) fn in_body(visual: &Visual) -> Transform {
    let transform = transform_of(&visual.in_body);
    match visual.shape {
        Shape::Capsule { .. } | Shape::Cylinder { .. } => {
            transform * Transform::from_rotation(Quat::from_rotation_x(FRAC_PI_2))
        }
        _ => transform,
    }
}

pub(crate) fn transform_of(pose: &Pose) -> Transform {
    let [w, x, y, z] = pose.rotation;
    Transform::from_translation(Vec3::from(pose.position))
        .with_rotation(Quat::from_xyzw(x, y, z, w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poses_are_transforms() {
        let quarter = Pose { position: [1.0, 2.0, 3.0], rotation: [0.5, 0.5, 0.5, 0.5] };
        let point = [0.3, -0.7, 0.2];
        let found = transform_of(&quarter).transform_point(Vec3::from(point));
        assert!((found - Vec3::from(quarter.transform(point))).length() < 1e-6);
    }
}
