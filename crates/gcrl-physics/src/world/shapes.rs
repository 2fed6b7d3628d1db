//! Shapes and frames, as rapier has them.

use super::World;
use crate::robot::Geom;
use crate::world::{Body, Snapshot};
use gcrl_core::scene::Shape;
use nalgebra::{Isometry3, Quaternion, Translation3, UnitQuaternion, Vector3};
use rapier3d::parry::bounding_volume::BoundingVolume as _;
use rapier3d::prelude::{CoefficientCombineRule, ColliderBuilder, Pose, Rotation, Vector};

/// Half of the edges of the block whose top stands for a plane, in meters.
const PLANE_HALF_EXTENTS: [f32; 3] = [10.0, 10.0, 0.5];

impl World {
    /// Whether all shapes of two bodies are surely further apart than `margin`, in meters.
    ///
    /// Boxes around the shapes of the first stay clear of boxes around those of the second, all in the
    /// axes of the second.
    pub fn are_apart(&self, first: Body, second: Body, margin: f64) -> bool {
        let Snapshot { bodies, colliders, .. } = &self.state;
        let boxes = |body: Body, frame: Pose| {
            bodies[body.0].colliders().iter().map(move |handle| {
                let collider = &colliders[*handle];
                let in_body = collider.position_wrt_parent().copied().unwrap_or(Pose::IDENTITY);
                collider.shape().compute_aabb(&(frame * in_body))
            })
        };
        let second_from_first = bodies[second.0].position().inverse() * *bodies[first.0].position();
        boxes(first, second_from_first).all(|around| {
            let around = around.loosened(margin as f32);
            boxes(second, Pose::IDENTITY).all(|other| !around.intersects(&other))
        })
    }
}

/// The shape of `geom` on a body in whose frame the geom's own body is at `in_first`.
pub(super) fn collider(geom: &Geom, in_first: &Isometry3<f64>) -> ColliderBuilder {
    let mut frame = in_first * geom.in_body;
    // Rapier's cylinders stand along y, MJCF's along z; a quarter turn about x.
    let half = std::f64::consts::FRAC_1_SQRT_2;
    let upright = UnitQuaternion::from_quaternion(Quaternion::new(half, half, 0.0, 0.0));
    let builder = match geom.shape {
        Shape::Cuboid { half_extents: [x, y, z] } => ColliderBuilder::cuboid(x, y, z),
        Shape::Sphere { radius } => ColliderBuilder::ball(radius),
        Shape::Capsule { radius, half_length } => ColliderBuilder::capsule_z(half_length, radius),
        Shape::Cylinder { radius, half_length } => {
            frame *= upright;
            ColliderBuilder::cylinder(half_length, radius)
        }
        Shape::Plane { .. } => {
            let [x, y, z] = PLANE_HALF_EXTENTS;
            frame *= Translation3::new(0.0, 0.0, -f64::from(z));
            ColliderBuilder::cuboid(x, y, z)
        }
    };
    builder
        .position(to_pose(&frame))
        .density(0.0)
        .friction(geom.friction as f32)
        .friction_combine_rule(CoefficientCombineRule::Max)
        .restitution(0.0)
        .restitution_combine_rule(CoefficientCombineRule::Multiply)
        .contact_skin(geom.margin as f32)
}

pub(super) fn to_vector(vector: &Vector3<f64>) -> Vector {
    Vector::new(vector.x as f32, vector.y as f32, vector.z as f32)
}

pub(super) fn from_vector(vector: Vector) -> Vector3<f64> {
    Vector3::new(vector.x.into(), vector.y.into(), vector.z.into())
}

pub(super) fn to_pose(frame: &Isometry3<f64>) -> Pose {
    let turn = frame.rotation.coords.map(|number| number as f32);
    let rotation = Rotation::from_xyzw(turn.x, turn.y, turn.z, turn.w);
    Pose::from_parts(to_vector(&frame.translation.vector), rotation)
}

pub(super) fn from_pose(pose: &Pose) -> Isometry3<f64> {
    let [x, y, z, w] = pose.rotation.to_array().map(f64::from);
    let rotation = UnitQuaternion::from_quaternion(Quaternion::new(w, x, y, z));
    Isometry3::from_parts(Translation3::from(from_vector(pose.translation)), rotation)
}

#[cfg(test)]
mod tests {
    use crate::world::Settings;
    use crate::{Robot, World};
    use nalgebra::Vector3;

    #[test]
    fn bodies_are_apart_where_a_gap_larger_than_the_margin_is_left() {
        let scene = r#"<mujoco><worldbody>
            <body name="wall"><geom type="box" size="0.1 0.1 0.1"/></body>
            <body name="ball" pos="0.2 0 0"><freejoint/>
              <inertial pos="0 0 0" mass="1" diaginertia="0.001 0.001 0.001"/>
              <geom type="sphere" size="0.05"/></body>
          </worldbody></mujoco>"#;
        let robot = Robot::parse(scene).unwrap();
        let mut world = World::new(&Settings { dt_secs: 0.01, solver_iterations: 1 });
        let (wall, ball) = (world.add_fixed(&robot, "wall"), world.add_free(&robot, "ball"));
        assert!(world.are_apart(ball, wall, 0.049));
        assert!(!world.are_apart(ball, wall, 0.051));
        world.set_position(ball, &Vector3::new(0.05, 0.16, 0.0));
        assert!(world.are_apart(ball, wall, 0.009));
        assert!(!world.are_apart(ball, wall, 0.011));
    }
}
