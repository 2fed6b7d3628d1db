//! How much room an episode takes, along any direction.
//!
//! A shape reaches `|a|·h` beyond its middle along the unit vector `a` of its own frame, for a box with
//! half edges `h`; `r` for a ball; `|a_z| l + r` for a capsule of half length `l`; and
//! `|a_z| l + r √(1 − a_z²)` for a cylinder.

use crate::looks::{is_ground, transform_of};
use crate::orbit::Orbit;
use bevy::prelude::*;
use gcrl_core::scene::{Layer, Shape};
use gcrl_recording::Recording;

/// States of an episode that are looked at, at most: bodies move little between them.
const N_STATES: usize = 12;

/// An episode that is still played goes on near the point that its camera looks at: as far from it on all
/// sides as this share of the camera's distance, about half of what the camera sees.
const NEIGHBORHOOD: f32 = 0.2;

/// The least and the largest coordinates along three axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Extent {
    pub(crate) min: Vec3,
    pub(crate) max: Vec3,
}

impl Extent {
    const EMPTY: Self = Self { min: Vec3::INFINITY, max: Vec3::NEG_INFINITY };

    /// Of all that is seen of `recordings`, along the columns of `axes`, but for the ground.
    pub(crate) fn of(recordings: &[&Recording], axes: Mat3) -> Self {
        let mut extent = Self::EMPTY;
        for recording in recordings {
            let stride = recording.n_steps().div_ceil(N_STATES).max(1);
            for t in (0..=recording.n_steps()).step_by(stride) {
                extent.add_state(recording, t, axes);
            }
        }
        if !extent.min.cmple(extent.max).all() {
            extent = Self { min: Vec3::NEG_ONE, max: Vec3::ONE };
        }
        for recording in recordings {
            let camera = Orbit::of(&recording.about.scene.camera);
            // What goes up or down leaves neighbors their room.
            let target = (axes.transpose() * camera.target).with_z(extent.min.z);
            extent.add(target, NEIGHBORHOOD * camera.distance * Vec3::new(1.0, 1.0, 0.0));
        }
        extent
    }

    fn add_state(&mut self, recording: &Recording, t: usize, axes: Mat3) {
        let scene = &recording.about.scene;
        let poses = recording.poses(t);
        for visual in scene.visuals.iter().filter(|visual| visual.layer == Layer::Look) {
            if is_ground(visual, scene) {
                continue;
            }
            let in_world = transform_of(&poses[visual.body]) * transform_of(&visual.in_body);
            let into_shape = Mat3::from_quat(in_world.rotation.inverse());
            let reach = axes
                .to_cols_array_2d()
                .map(|axis| reach(visual.shape, into_shape * Vec3::from(axis)));
            self.add(axes.transpose() * in_world.translation, Vec3::from(reach));
        }
        for point in recording.goal_points(t).iter().chain(recording.achieved_points(t)) {
            self.add(axes.transpose() * Vec3::from(*point), Vec3::ZERO);
        }
    }

    fn add(&mut self, middle: Vec3, reach: Vec3) {
        self.min = self.min.min(middle - reach);
        self.max = self.max.max(middle + reach);
    }
}

/// How far a shape reaches from its middle along a unit vector of its frame.
fn reach(shape: Shape, along: Vec3) -> f32 {
    let along = along.abs();
    match shape {
        Shape::Cuboid { half_extents } => along.dot(Vec3::from(half_extents)),
        Shape::Plane { half_extents: [x, y] } => along.dot(Vec3::new(x, y, 0.0)),
        Shape::Sphere { radius } => radius,
        Shape::Capsule { radius, half_length } => along.z * half_length + radius,
        Shape::Cylinder { radius, half_length } => {
            along.z * half_length + radius * (1.0 - along.z * along.z).max(0.0).sqrt()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tests::still;
    use gcrl_core::scene::{Camera, Material, Pose, Visual};

    #[test]
    fn shapes_reach_as_far_as_one_measures() {
        let diagonal = Vec3::new(0.6, 0.0, 0.8);
        let cuboid = Shape::Cuboid { half_extents: [1.0, 2.0, 3.0] };
        let cylinder = Shape::Cylinder { radius: 1.0, half_length: 2.0 };
        let capsule = Shape::Capsule { radius: 1.0, half_length: 2.0 };
        for (shape, expected) in [
            (cuboid, 0.6 + 2.4),
            (Shape::Sphere { radius: 0.7 }, 0.7),
            (cylinder, 1.6 + 0.6),
            (capsule, 1.6 + 1.0),
            (Shape::Plane { half_extents: [1.0, 2.0] }, 0.6),
        ] {
            assert!((reach(shape, diagonal) - expected).abs() < 1e-6, "{shape:?}");
        }
    }

    #[test]
    fn a_turned_box_is_measured_where_it_stands() {
        let mut recording = still(1);
        recording.about.scene.camera = Camera { target: [10.0, 0.0, 1.0], eye: [10.0, -1.0, 1.0] };
        recording.about.scene.visuals.push(Visual {
            body: 0,
            // A quarter turn about z: the box's x is the world's y.
            in_body: Pose {
                position: [10.0, 0.0, 1.0],
                rotation: [0.5_f32.sqrt(), 0.0, 0.0, 0.5_f32.sqrt()],
            },
            shape: Shape::Cuboid { half_extents: [3.0, 2.0, 1.0] },
            material: Material::matte(1.0, 1.0, 1.0),
            layer: Layer::Look,
        });
        let found = Extent::of(&[&recording], Mat3::IDENTITY);
        assert!((found.min - Vec3::new(8.0, -3.0, 0.0)).length() < 1e-5, "{found:?}");
        assert!((found.max - Vec3::new(12.0, 3.0, 2.0)).length() < 1e-5, "{found:?}");
    }

    #[test]
    fn there_is_room_around_the_point_that_is_looked_at_and_the_ground_stays() {
        let mut recording = still(0);
        recording.about.scene.camera = Camera { target: [5.0, 0.0, -7.0], eye: [5.0, -10.0, -7.0] };
        let found = Extent::of(&[&recording], Mat3::IDENTITY);
        // A fifth of ten meters around the target, and the meter that an empty episode takes.
        assert!((found.min - Vec3::new(-1.0, -2.0, -1.0)).length() < 1e-5, "{found:?}");
        assert!((found.max - Vec3::new(7.0, 2.0, 1.0)).length() < 1e-5, "{found:?}");
    }
}
