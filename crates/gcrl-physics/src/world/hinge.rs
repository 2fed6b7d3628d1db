//! Bodies on vertical hinges, such as doors.
//!
//! Nothing holds such a body but locks on all its motions except turning about the axis, where its
//! center of mass is put: a hinge without a joint, which cannot drift. A joint only limits the angle.

use super::shapes::{to_pose, to_vector};
use super::{Body, DRIVEN, FREE, HINGED, Snapshot, World, rest_frame};
use crate::robot::{JointKind, Robot};
use nalgebra::{Isometry3, Quaternion, UnitQuaternion, Vector3};
use rapier3d::prelude::{
    GenericJointBuilder, JointAxesMask, JointAxis, LockedAxes, MassProperties, Pose,
    RigidBodyBuilder, Rotation, Vector,
};

/// A door's joint.
pub(super) struct Hinge {
    body: Body,
    /// The body's frame at angle 0.
    shut: Isometry3<f64>,
    /// The axis' place in the body's frame.
    anchor: Vector3<f64>,
    /// Least and largest angle, in radians.
    range: [f64; 2],
}

impl World {
    /// Adds a body on a vertical hinge to the world, such as a door, with its range and damping.
    ///
    /// # Panics
    ///
    /// If the robot has no such body, or one without mass or without a vertical hinge.
    pub fn add_hinged(&mut self, robot: &Robot, body: &str) -> Body {
        let shut = rest_frame(robot, body);
        let source = &robot.bodies[robot.body(body)];
        let joint = robot.joints[source.joints.clone()].first().expect("a door has a joint");
        assert_eq!(joint.kind, JointKind::Hinge, "`{body}` hangs on a hinge");
        assert!(
            (shut * joint.axis.into_inner()).z > 0.999_999,
            "the hinge of `{body}` is vertical"
        );
        let inertial = source.inertial.as_ref().expect("a door has a mass");
        // Steiner's theorem, about the axis.
        let axis = joint.axis.into_inner();
        let arm = (inertial.center - joint.anchor).cross(&axis);
        let inertia = axis.dot(&(inertial.inertia * axis))
            + inertial.mass * arm.norm_squared()
            + joint.armature;
        let properties = MassProperties::new(
            to_vector(&joint.anchor.coords),
            inertial.mass as f32,
            Vector::splat(inertia as f32),
        );
        let locked = LockedAxes::TRANSLATION_LOCKED
            | LockedAxes::ROTATION_LOCKED_X
            | LockedAxes::ROTATION_LOCKED_Y;
        let builder = RigidBodyBuilder::dynamic()
            .pose(to_pose(&shut))
            .additional_mass_properties(properties)
            .locked_axes(locked)
            .gravity_scale(0.0)
            .angular_damping((joint.damping / inertia) as f32)
            .can_sleep(false);
        let handle = self.insert(builder, robot, &[body], HINGED, FREE | DRIVEN);
        if let Some(range) = joint.range {
            self.limit_turning(handle, &shut, range);
        }
        let range = joint.range.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
        let anchor = joint.anchor.coords;
        self.hinges.push(Hinge { body: handle, shut, anchor, range });
        handle
    }

    /// Keeps the angle about the world's z between a body and its frame `shut` in `range`.
    fn limit_turning(&mut self, body: Body, shut: &Isometry3<f64>, range: [f64; 2]) {
        let Snapshot { bodies, impulse_joints, .. } = &mut self.state;
        let frame = bodies.insert(RigidBodyBuilder::fixed().pose(to_pose(shut)));
        // Rapier's joints turn about x.
        let upright = Rotation::from_rotation_y(-std::f32::consts::FRAC_PI_2);
        let joint = GenericJointBuilder::new(JointAxesMask::empty())
            .local_frame1(Pose::from_parts(Vector::ZERO, upright))
            .local_frame2(Pose::from_parts(Vector::ZERO, upright))
            .limits(JointAxis::AngX, range.map(|end| end as f32));
        impulse_joints.insert(frame, body.0, joint, true);
    }

    /// Moves a hinged body on by one step in which it touches nothing, and nothing else.
    ///
    /// # Panics
    ///
    /// If the body is not a hinged one.
    pub fn swing(&mut self, body: Body) {
        let (angle, velocity) = self.hinge(body);
        let [least, largest] = self.hinge_of(body).range;
        let damping = f64::from(self.state.bodies[body.0].angular_damping());
        let slowed = velocity / (1.0 + damping * self.dt_secs);
        let free = angle + slowed * self.dt_secs;
        let later = free.clamp(least, largest);
        let velocity = if later == free { slowed } else { 0.0 };
        self.set_hinge(body, later, velocity);
    }

    /// The angle of a hinged body, in radians, and its velocity.
    ///
    /// # Panics
    ///
    /// If the body is not a hinged one.
    pub fn hinge(&self, body: Body) -> (f64, f64) {
        let hinge = self.hinge_of(body);
        let turned = self.frame(body).rotation * hinge.shut.rotation.inverse();
        (2.0 * libm::atan2(turned.k, turned.w), self.spin(body).z)
    }

    /// Puts a hinged body at an angle, in radians, with a velocity.
    ///
    /// # Panics
    ///
    /// If the body is not a hinged one.
    pub fn set_hinge(&mut self, body: Body, angle_rads: f64, velocity: f64) {
        let hinge = self.hinge_of(body);
        let (sin, cos) = libm::sincos(0.5 * angle_rads);
        let turn = UnitQuaternion::from_quaternion(Quaternion::new(cos, 0.0, 0.0, sin));
        let axis = hinge.shut * nalgebra::Point3::from(hinge.anchor);
        let frame = Isometry3::rotation_wrt_point(turn, axis) * hinge.shut;
        self.set_frame(body, &frame);
        self.set_spin(body, &Vector3::new(0.0, 0.0, velocity));
    }

    fn hinge_of(&self, body: Body) -> &Hinge {
        let hinge = self.hinges.iter().find(|hinge| hinge.body == body);
        hinge.expect("the body hangs on a hinge")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Settings;

    /// A door of 4 kg on a hinge 20 cm from its middle.
    const DOOR: &str = r#"<mujoco><compiler angle="radian"/><worldbody>
        <body name="door" pos="0 5 1">
          <joint name="hinge" type="hinge" axis="0 0 1" pos="0.2 0 0" range="0 1" damping="0.1"/>
          <inertial pos="0 0 0" mass="4" diaginertia="0.1 0.1 0.09"/>
          <geom type="box" size="0.2 0.01 0.2"/>
        </body>
      </worldbody></mujoco>"#;

    fn door() -> (World, Body) {
        let mut world = World::new(&Settings { dt_secs: 0.005, solver_iterations: 4 });
        let door = world.add_hinged(&Robot::parse(DOOR).unwrap(), "door");
        (world, door)
    }

    #[test]
    fn a_hinge_coasts_and_stops_at_its_range() {
        let (mut world, door) = door();
        world.set_hinge(door, 0.1, 0.5);
        for _ in 0..100 {
            world.step();
        }
        // I = 0.09 + 4 · 0.2²; ω(t) = ω₀ exp(−c t / I), φ = φ₀ + ω₀ (1 − exp(−c t / I)) I / c.
        let rate = 0.1 / 0.25;
        let (angle, velocity) = world.hinge(door);
        assert!((velocity - 0.5 * (-rate * 0.5_f64).exp()).abs() < 1e-3, "{velocity}");
        let expected = 0.1 + 0.5 * (1.0 - (-rate * 0.5_f64).exp()) / rate;
        assert!((angle - expected).abs() < 1e-3, "{angle}");
        for _ in 0..1000 {
            world.step();
        }
        let (angle, velocity) = world.hinge(door);
        assert!(0.9 < angle && angle < 1.0 && velocity.abs() < 1e-2, "{angle} {velocity}");
        let handle_side = world.frame(door) * nalgebra::Point3::new(0.2, 0.0, 0.0);
        assert!((handle_side.coords - Vector3::new(0.2, 5.0, 1.0)).norm() < 1e-5, "no drift");
    }

    #[test]
    fn a_hinge_that_hits_its_range_stops_there() {
        let (mut world, door) = door();
        for (start, velocity, end) in [(0.5, 2.0, 1.0), (0.5, -2.0, 0.0)] {
            world.set_hinge(door, start, velocity);
            for _ in 0..200 {
                world.step();
                let (angle, _) = world.hinge(door);
                assert!((-0.01..1.01).contains(&angle), "{angle}");
            }
            assert!((world.hinge(door).0 - end).abs() < 2e-3, "{:?}", world.hinge(door));
        }
    }

    #[test]
    fn swinging_alone_is_what_a_step_without_contacts_does() {
        let (mut stepped, door_of_stepped) = door();
        let (mut swung, door_of_swung) = door();
        stepped.set_hinge(door_of_stepped, 0.2, 1.0);
        swung.set_hinge(door_of_swung, 0.2, 1.0);
        for _ in 0..50 {
            stepped.step();
            swung.swing(door_of_swung);
        }
        let (by_step, by_swing) = (stepped.hinge(door_of_stepped), swung.hinge(door_of_swung));
        assert!((by_step.0 - by_swing.0).abs() < 1e-3, "{by_step:?} {by_swing:?}");
        assert!((by_step.1 - by_swing.1).abs() < 1e-3, "{by_step:?} {by_swing:?}");
    }
}
