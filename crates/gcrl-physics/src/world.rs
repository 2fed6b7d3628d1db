//! A world of rigid bodies that touch: rapier behind our words.
//!
//! Bodies come from a [`Robot`]'s description: shapes, friction, margins, masses, inertias and
//! dampings are the file's. Whoever builds a world says how each body moves:
//!
//! | | moves | touches |
//! |---|---|---|
//! | fixed | never | free, driven |
//! | free | by gravity and contacts | all |
//! | hinged | about a vertical axis, by contacts | free, driven |
//! | driven | with the velocity it is told, as far as contacts let it | fixed, free, hinged |
//!
//! A driven body is a dynamic one: a kinematic one would crush what it holds and fling it away. It
//! cannot turn, does not fall, and has a mass that says how hard it pushes.
//!
//! Settings that matter: Coulomb friction (the simplified model hardly turns what is pushed off its
//! center); no recycling of contacts (its distance is as large as our objects, which then fly off
//! ghosts of contacts); nothing sleeps. Friction of a pair is the larger one, as in `MuJoCo`.
//!
//! Numbers cross this border as `f64`; rapier computes in `f32`.

use crate::robot::{Geom, JointKind, Robot};
use gcrl_core::scene::Shape;
use nalgebra::{Isometry3, Quaternion, Translation3, UnitQuaternion, Vector3};
use rapier3d::parry::bounding_volume::BoundingVolume as _;
use rapier3d::prelude::{
    CCDSolver, CoefficientCombineRule, ColliderBuilder, ColliderSet, DefaultBroadPhase,
    FrictionModel, GenericJointBuilder, Group, ImpulseJointSet, IntegrationParameters,
    InteractionGroups, InteractionTestMode, IslandManager, JointAxesMask, JointAxis, LockedAxes,
    MassProperties, MultibodyJointSet, NarrowPhase, PhysicsPipeline, Pose, RigidBodyBuilder,
    RigidBodyHandle, RigidBodySet, Rotation, SoftBodySet, SpringCoefficients, Vector,
};

/// Downward, in m/s².
const GRAVITY: f32 = -9.81;

/// How stiff contacts between moving bodies are: a natural frequency in hertz and a damping ratio.
///
/// At rapier's 30 Hz, fingers sink 4 mm into the block they hold; at 60 Hz, they do not.
const CONTACT_SOFTNESS: (f32, f32) = (60.0, 10.0);

/// Half of the edges of the block whose top stands for a plane, in meters.
const PLANE_HALF_EXTENTS: [f32; 3] = [10.0, 10.0, 0.5];

const FIXED: Group = Group::GROUP_1;
const FREE: Group = Group::GROUP_2;
const HINGED: Group = Group::GROUP_3;
const DRIVEN: Group = Group::GROUP_4;

/// How finely a world is computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Duration of a step, in seconds.
    pub dt_secs: f64,
    /// Parts of a step in which the solver moves bodies.
    pub solver_iterations: usize,
}

/// How soft contacts are; see [`World::soften`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Softness {
    /// Natural frequency of the springs between touching bodies, in hertz.
    pub frequency_hz: f64,
    /// Damping ratio of those springs.
    pub damping_ratio: f64,
    /// From how far a contact is looked for, in meters.
    pub prediction_meters: f64,
}

/// A body of one world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body(RigidBodyHandle);

/// Everything about a world that a step changes.
#[derive(Clone)]
pub struct Snapshot {
    bodies: RigidBodySet,
    colliders: ColliderSet,
    islands: IslandManager,
    broad_phase: DefaultBroadPhase,
    narrow_phase: NarrowPhase,
    impulse_joints: ImpulseJointSet,
    multibody_joints: MultibodyJointSet,
    soft_bodies: SoftBodySet,
    ccd_solver: CCDSolver,
}

/// A door's joint.
struct Hinge {
    body: Body,
    /// The body's frame at angle 0.
    shut: Isometry3<f64>,
    /// The axis' place in the body's frame.
    anchor: Vector3<f64>,
    /// Least and largest angle, in radians.
    range: [f64; 2],
}

/// A world of rigid bodies.
pub struct World {
    parameters: IntegrationParameters,
    dt_secs: f64,
    /// Work space of a step; it remembers nothing.
    pipeline: PhysicsPipeline,
    state: Snapshot,
    hinges: Vec<Hinge>,
}

impl World {
    /// A world with nothing in it.
    pub fn new(settings: &Settings) -> Self {
        let (frequency, damping_ratio) = CONTACT_SOFTNESS;
        let parameters = IntegrationParameters {
            dt: settings.dt_secs as f32,
            num_solver_iterations: settings.solver_iterations,
            friction_model: FrictionModel::Coulomb,
            contact_recycling: false,
            contact_softness: SpringCoefficients::new(frequency, damping_ratio),
            ..IntegrationParameters::default()
        };
        let state = Snapshot {
            bodies: RigidBodySet::new(),
            colliders: ColliderSet::new(),
            islands: IslandManager::new(),
            broad_phase: DefaultBroadPhase::default(),
            narrow_phase: NarrowPhase::new(),
            impulse_joints: ImpulseJointSet::new(),
            multibody_joints: MultibodyJointSet::new(),
            soft_bodies: SoftBodySet::new(),
            ccd_solver: CCDSolver::new(),
        };
        let (dt_secs, pipeline) = (settings.dt_secs, PhysicsPipeline::new());
        Self { parameters, dt_secs, pipeline, state, hinges: Vec::new() }
    }

    /// Lets bodies sink into each other, as they do in an original with soft contacts.
    ///
    /// Contacts are springs, and nothing makes up for how they yield within a step.
    pub fn soften(&mut self, softness: &Softness) {
        let spring =
            SpringCoefficients::new(softness.frequency_hz as f32, softness.damping_ratio as f32);
        self.parameters.contact_softness = spring;
        self.parameters.static_contact_softness = spring;
        self.parameters.num_internal_stabilization_iterations = 0;
        self.parameters.normalized_prediction_distance = softness.prediction_meters as f32;
    }

    /// Adds a body that never moves, where the file puts it with all joints at 0.
    ///
    /// # Panics
    ///
    /// If the robot has no such body.
    pub fn add_fixed(&mut self, robot: &Robot, body: &str) -> Body {
        let at = rest_frame(robot, body);
        let builder = RigidBodyBuilder::fixed().pose(to_pose(&at));
        self.insert(builder, robot, &[body], FIXED, FREE | DRIVEN)
    }

    /// Adds a body that gravity and contacts move, where the file puts it.
    ///
    /// Its free joint's damping `c` slows it by `c / m` and its turning by `c / I`, `I` about z.
    ///
    /// # Panics
    ///
    /// If the robot has no such body, or one without mass or whose inertia has other principal axes
    /// than the body's.
    pub fn add_free(&mut self, robot: &Robot, body: &str) -> Body {
        let at = rest_frame(robot, body);
        let source = &robot.bodies[robot.body(body)];
        let inertial = source.inertial.as_ref().expect("a free body has a mass");
        let diagonal = inertial.inertia.diagonal();
        let is_diagonal = inertial.inertia == nalgebra::Matrix3::from_diagonal(&diagonal);
        assert!(is_diagonal, "the axes of `{body}` are those of its inertia");
        let damping =
            robot.joints[source.joints.clone()].first().map_or(0.0, |joint| joint.damping);
        let properties = MassProperties::new(
            to_vector(&inertial.center.coords),
            inertial.mass as f32,
            to_vector(&diagonal),
        );
        let builder = RigidBodyBuilder::dynamic()
            .pose(to_pose(&at))
            .additional_mass_properties(properties)
            .linear_damping((damping / inertial.mass) as f32)
            .angular_damping((damping / diagonal.z) as f32)
            .can_sleep(false);
        self.insert(builder, robot, &[body], FREE, FIXED | FREE | HINGED | DRIVEN)
    }

    /// Adds a body on a vertical hinge to the world, such as a door, with its range and damping.
    ///
    /// Its center of mass is put on the axis, and what does not turn about it is locked: a hinge
    /// without a joint, which cannot drift.
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

    /// Adds one body that goes with the velocity it is told, made of the shapes of several of the
    /// robot's bodies; its frame is the first one's, turned as `rotation` says for good.
    ///
    /// # Panics
    ///
    /// If the robot has no such body.
    pub fn add_driven(
        &mut self,
        robot: &Robot,
        bodies: &[&str],
        rotation: UnitQuaternion<f64>,
        mass: f64,
    ) -> Body {
        let at = Isometry3::from_parts(rest_frame(robot, bodies[0]).translation, rotation);
        let builder = RigidBodyBuilder::dynamic()
            .pose(to_pose(&at))
            .lock_rotations()
            .gravity_scale(0.0)
            .additional_mass(mass as f32)
            .can_sleep(false);
        self.insert(builder, robot, bodies, DRIVEN, FIXED | FREE | HINGED)
    }

    /// Adds a rigid body with every touching shape of `names`, placed as in the file.
    fn insert(
        &mut self,
        builder: RigidBodyBuilder,
        robot: &Robot,
        names: &[&str],
        group: Group,
        touches: Group,
    ) -> Body {
        let handle = self.state.bodies.insert(builder);
        let groups = InteractionGroups::new(group, touches, InteractionTestMode::And);
        let world_from_first = rest_frame(robot, names[0]);
        for name in names {
            let in_first = world_from_first.inverse() * rest_frame(robot, name);
            let body = &robot.bodies[robot.body(name)];
            for geom in robot.geoms[body.geoms.clone()].iter().filter(|geom| geom.touches) {
                let collider = collider(geom, &in_first).collision_groups(groups);
                self.state.colliders.insert_with_parent(collider, handle, &mut self.state.bodies);
            }
        }
        Body(handle)
    }

    /// Moves on by one step.
    pub fn step(&mut self) {
        let state = &mut self.state;
        self.pipeline.step(
            Vector::new(0.0, 0.0, GRAVITY),
            &self.parameters,
            &mut state.islands,
            &mut state.broad_phase,
            &mut state.narrow_phase,
            &mut state.bodies,
            &mut state.colliders,
            &mut state.impulse_joints,
            &mut state.multibody_joints,
            &mut state.soft_bodies,
            &mut state.ccd_solver,
            &(),
            &(),
        );
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

    /// Whether all shapes of two bodies are surely further apart than `margin`, in meters.
    ///
    /// A box around each shape of the first, in the axes of each shape of the second, stays clear of a
    /// box around that one.
    pub fn are_apart(&self, first: Body, second: Body, margin: f64) -> bool {
        let Snapshot { bodies, colliders, .. } = &self.state;
        let shapes = |body: Body| {
            let body = &bodies[body.0];
            body.colliders().iter().map(move |handle| {
                let collider = &colliders[*handle];
                let in_body = collider.position_wrt_parent().copied().unwrap_or(Pose::IDENTITY);
                (collider.shape(), *body.position() * in_body)
            })
        };
        shapes(second).all(|(shape, frame)| {
            let around = shape.compute_local_aabb().loosened(margin as f32);
            let into_second = frame.inverse();
            shapes(first).all(|(shape, frame)| {
                !around.intersects(&shape.compute_aabb(&(into_second * frame)))
            })
        })
    }

    /// Duration of a step, in seconds.
    pub fn dt_secs(&self) -> f64 {
        self.dt_secs
    }

    /// The frame of a body in the world.
    pub fn frame(&self, body: Body) -> Isometry3<f64> {
        from_pose(self.state.bodies[body.0].position())
    }

    /// Where a body's frame is in the world, in meters.
    pub fn position(&self, body: Body) -> Vector3<f64> {
        from_vector(self.state.bodies[body.0].translation())
    }

    /// How fast a body's center of mass moves, in meters per second.
    pub fn velocity(&self, body: Body) -> Vector3<f64> {
        from_vector(self.state.bodies[body.0].linvel())
    }

    /// How fast a body turns, in radians per second about the world's axes.
    pub fn spin(&self, body: Body) -> Vector3<f64> {
        from_vector(self.state.bodies[body.0].angvel())
    }

    /// Puts a body somewhere; it keeps its velocity.
    pub fn set_frame(&mut self, body: Body, frame: &Isometry3<f64>) {
        self.state.bodies[body.0].set_position(to_pose(frame), true);
    }

    /// Puts a body somewhere without turning it; it keeps its velocity.
    pub fn set_position(&mut self, body: Body, position: &Vector3<f64>) {
        self.state.bodies[body.0].set_translation(to_vector(position), true);
    }

    /// Sets the velocity of a body's center of mass, in meters per second.
    pub fn set_velocity(&mut self, body: Body, velocity: &Vector3<f64>) {
        self.state.bodies[body.0].set_linvel(to_vector(velocity), true);
    }

    /// Sets how fast a body turns, in radians per second about the world's axes.
    pub fn set_spin(&mut self, body: Body, spin: &Vector3<f64>) {
        self.state.bodies[body.0].set_angvel(to_vector(spin), true);
    }

    /// Sets the friction of all shapes of a body; that of a pair is the larger one.
    pub fn set_friction(&mut self, body: Body, friction: f64) {
        for collider in self.state.bodies[body.0].colliders() {
            if let Some(collider) = self.state.colliders.get_mut(*collider) {
                collider.set_friction(friction as f32);
            }
        }
    }

    /// Sets the restitution of all shapes of a body, 0 at first; that of a pair is their product.
    pub fn set_restitution(&mut self, body: Body, restitution: f64) {
        for collider in self.state.bodies[body.0].colliders() {
            if let Some(collider) = self.state.colliders.get_mut(*collider) {
                collider.set_restitution(restitution as f32);
            }
        }
    }

    /// Multiplies the inertia of a free body about its z; its damping per inertia stays.
    ///
    /// # Panics
    ///
    /// If the body has no mass yet.
    pub fn stiffen_turning(&mut self, body: Body, factor: f64) {
        let Snapshot { bodies, colliders, .. } = &mut self.state;
        let body = &mut bodies[body.0];
        body.recompute_mass_properties_from_colliders(colliders);
        let mut properties = body.mass_properties().local_mprops;
        assert!(properties.inv_mass > 0.0, "a free body has a mass");
        let inertia = properties.principal_inertia();
        properties.inv_principal_inertia.z = 1.0 / (inertia.z * factor as f32);
        body.set_additional_mass_properties(properties, true);
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

    /// Everything that a step changes, caches of contacts included.
    pub fn snapshot(&self) -> Snapshot {
        self.state.clone()
    }

    /// Goes back to `snapshot`, as if nothing had happened since.
    pub fn restore(&mut self, snapshot: &Snapshot) {
        self.state.clone_from(snapshot);
    }
}

/// A body's frame in the world with all joints at 0.
fn rest_frame(robot: &Robot, body: &str) -> Isometry3<f64> {
    let mut index = robot.body(body);
    let mut frame = robot.bodies[index].in_parent;
    while index != 0 {
        index = robot.bodies[index].parent;
        frame = robot.bodies[index].in_parent * frame;
    }
    frame
}

/// The shape of `geom` on a body in whose frame the geom's own body is at `in_first`.
fn collider(geom: &Geom, in_first: &Isometry3<f64>) -> ColliderBuilder {
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

fn to_vector(vector: &Vector3<f64>) -> Vector {
    Vector::new(vector.x as f32, vector.y as f32, vector.z as f32)
}

fn from_vector(vector: Vector) -> Vector3<f64> {
    Vector3::new(vector.x.into(), vector.y.into(), vector.z.into())
}

fn to_pose(frame: &Isometry3<f64>) -> Pose {
    let turn = frame.rotation.coords.map(|number| number as f32);
    let rotation = Rotation::from_xyzw(turn.x, turn.y, turn.z, turn.w);
    Pose::from_parts(to_vector(&frame.translation.vector), rotation)
}

fn from_pose(pose: &Pose) -> Isometry3<f64> {
    let [x, y, z, w] = pose.rotation.to_array().map(f64::from);
    let rotation = UnitQuaternion::from_quaternion(Quaternion::new(w, x, y, z));
    Isometry3::from_parts(Translation3::from(from_vector(pose.translation)), rotation)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCENE: &str = r#"<mujoco><compiler angle="radian"/><worldbody>
        <geom name="floor" type="plane" size="1 1 1"/>
        <body name="block" pos="0 0 0.5">
          <freejoint/>
          <inertial pos="0 0 0" mass="2" diaginertia="8.33e-4 8.33e-4 8.33e-4"/>
          <geom type="box" size="0.025 0.025 0.025" friction="0.5 0.005 0.0001"/>
        </body>
        <body name="puck" pos="0.5 0 0.02">
          <freejoint/>
          <inertial pos="0 0 0" mass="2" diaginertia="5.8e-4 5.8e-4 6.2e-4"/>
          <geom type="cylinder" size="0.025 0.02"/>
        </body>
        <body name="hand" pos="-0.2 0 0.1">
          <geom type="box" size="0.02 0.02 0.02" margin="0.001"/>
        </body>
        <body name="door" pos="0 5 1">
          <joint name="hinge" type="hinge" axis="0 0 1" pos="0.2 0 0" range="0 1" damping="0.1"/>
          <inertial pos="0 0 0" mass="4" diaginertia="0.1 0.1 0.09"/>
          <geom type="box" size="0.2 0.01 0.2"/>
        </body>
      </worldbody></mujoco>"#;

    fn robot() -> Robot {
        Robot::parse(SCENE).unwrap()
    }

    fn world() -> World {
        World::new(&Settings { dt_secs: 0.005, solver_iterations: 4 })
    }

    #[test]
    fn things_fall_and_rest_on_the_floor() {
        let (robot, mut world) = (robot(), world());
        world.add_fixed(&robot, "world");
        let (block, puck) = (world.add_free(&robot, "block"), world.add_free(&robot, "puck"));
        for _ in 0..200 {
            world.step();
        }
        assert!((world.position(block).z - 0.025).abs() < 1e-4, "{}", world.position(block));
        assert!((world.position(puck).z - 0.020).abs() < 1e-4, "{}", world.position(puck));
    }

    #[test]
    fn the_larger_friction_of_a_pair_stops_a_sliding_block() {
        let (robot, mut world) = (robot(), world());
        world.add_fixed(&robot, "world");
        let block = world.add_free(&robot, "block");
        world.set_position(block, &Vector3::new(0.0, 0.0, 0.025));
        world.set_velocity(block, &Vector3::new(1.0, 0.0, 0.0));
        for _ in 0..100 {
            world.step();
        }
        // v² / (2 μ g) with the floor's μ = 1 is 51 mm; the block's 0.5 would give 102 mm.
        let travel = world.position(block).x;
        assert!((travel - 0.051).abs() < 0.006, "{travel}");
    }

    #[test]
    fn a_driven_body_pushes_and_is_stopped_by_what_is_fixed() {
        let (robot, mut world) = (robot(), world());
        world.add_fixed(&robot, "world");
        let puck = world.add_free(&robot, "puck");
        let hand = world.add_driven(&robot, &["hand"], UnitQuaternion::identity(), 50.0);
        world.set_position(puck, &Vector3::new(0.0, 0.0, 0.02));
        world.set_position(hand, &Vector3::new(-0.2, 0.0, 0.025));
        for _ in 0..100 {
            world.set_velocity(hand, &Vector3::new(0.5, 0.0, 0.0));
            world.step();
        }
        assert!((world.position(hand).x - 0.05).abs() < 0.01);
        assert!(0.044 < world.position(puck).x - world.position(hand).x);
        for _ in 0..100 {
            world.set_velocity(hand, &Vector3::new(0.0, 0.0, -0.5));
            world.step();
        }
        assert!((world.position(hand).z - 0.021).abs() < 2e-3, "margin and half height");
    }

    #[test]
    fn a_hinge_coasts_and_stops_at_its_range() {
        let (robot, mut world) = (robot(), world());
        let door = world.add_hinged(&robot, "door");
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
    fn a_restored_world_repeats_itself_to_the_bit() {
        let (robot, mut world) = (robot(), world());
        world.add_fixed(&robot, "world");
        let block = world.add_free(&robot, "block");
        let hand = world.add_driven(&robot, &["hand"], UnitQuaternion::identity(), 50.0);
        world.set_position(hand, &Vector3::new(0.01, 0.0, 0.1));
        let start = world.snapshot();
        let run = |world: &mut World| {
            for step in 0..150 {
                let speed = if step < 75 { -0.2 } else { 0.3 };
                world.set_velocity(hand, &Vector3::new(speed, 0.1, 0.0));
                world.step();
            }
            (world.frame(block), world.velocity(block), world.spin(block), world.frame(hand))
        };
        let first = run(&mut world);
        world.restore(&start);
        assert_eq!(run(&mut world), first);
    }
}
