//! A shape where it is now.

use crate::light::Surface;
use crate::rays::{Entry, Ray, enter};
use crate::vector::{Vector, add, cross, dot, scale, sub};
use gcrl_core::scene::{Material, Pose, Shape};

/// How far above a surface the rays that leave it start, as a share of the scene's size: beyond the
/// rounding of the point, below what an eye sees.
const SKIN: f32 = 1e-5;

/// A shape in the world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Solid {
    shape: Shape,
    pub(crate) surface: Surface,
    center: Vector,
    /// The shape's axes in the world.
    axes: [Vector; 3],
}

/// What a ray meets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub(crate) solid: usize,
    pub(crate) entry: Entry,
}

impl Solid {
    pub(crate) fn new(shape: Shape, material: &Material, in_world: Pose) -> Self {
        let [w, axis @ ..] = in_world.rotation;
        // v + 2 w (a × v) + 2 a × (a × v), for the unit quaternion (w, a).
        let turn = |v: Vector| {
            let turned = cross(axis, v);
            add(v, scale(add(scale(turned, w), cross(axis, turned)), 2.0))
        };
        let axes = [turn([1.0, 0.0, 0.0]), turn([0.0, 1.0, 0.0]), turn([0.0, 0.0, 1.0])];
        Self { shape, surface: Surface::new(material), center: in_world.position, axes }
    }

    /// Where a ray of the world enters, with the normal in the world.
    pub(crate) fn enter(&self, ray: &Ray) -> Option<Entry> {
        let to_own = |v: Vector| self.axes.map(|axis| dot(axis, v));
        let own =
            Ray { origin: to_own(sub(ray.origin, self.center)), direction: to_own(ray.direction) };
        let Entry { t, normal } = enter(self.shape, &own)?;
        let [x, y, z] = self.axes;
        let normal = add(add(scale(x, normal[0]), scale(y, normal[1])), scale(z, normal[2]));
        Some(Entry { t, normal })
    }

    /// The least and largest corner of a box along the world's axes that holds the solid.
    pub(crate) fn bounds(&self) -> (Vector, Vector) {
        let half = match self.shape {
            Shape::Cuboid { half_extents } => half_extents,
            Shape::Sphere { radius } => [radius; 3],
            Shape::Capsule { radius, half_length } => [radius, radius, radius + half_length],
            Shape::Cylinder { radius, half_length } => [radius, radius, half_length],
            Shape::Plane { half_extents: [x, y] } => [x, y, 0.0],
        };
        let reach = std::array::from_fn(|world| {
            (0..3).map(|own| self.axes[own][world].abs() * half[own]).sum()
        });
        (sub(self.center, reach), add(self.center, reach))
    }
}

/// Where a ray that leaves a surface starts, in a scene of the given size.
pub(crate) fn above(point: Vector, normal: Vector, scene_size: f32) -> Vector {
    add(point, scale(normal, SKIN * scene_size))
}
