//! Joints moved by rapier's multibodies: a second opinion, and a slow one.
//!
//! rapier has no dead bands, so tendons push by forces of our own, a spring and a damper each with the
//! stiffness that [`super::rows`] gives a row. Limits and contacts have rapier's one softness a world,
//! set to resemble `MuJoCo`'s; contacts still stop at the surface, where `MuJoCo`'s sink in. Integration
//! is rapier's own, whatever [`super::Integrator`] says, in `f32`.
//!
//! Taking over a state builds a new world: no contact or impulse of an earlier episode remains.

use super::drives::Drives;
use super::ltdl::Chains;
use super::rows::{Softness, regularization};
use super::tree::Tree;
use super::weights::Weights;
use super::{Articulation, Integrator, Joints, JointsError};
use crate::robot::{Drive, Geom, JointKind, Robot};
use gcrl_core::scene::Shape;
use nalgebra::{Matrix3, Rotation3, UnitQuaternion, Vector3};
use rapier3d::prelude::{
    CoefficientCombineRule, ColliderBuilder, GenericJoint, Group, InteractionGroups,
    InteractionTestMode, JointAxesMask, JointAxis, MassProperties, Matrix, MotorModel,
    MultibodyIndex, PhysicsWorld, Pose, RigidBodyBuilder, RigidBodyHandle, Rotation,
    SpringCoefficients, Vector,
};

/// Natural frequency in hertz and damping ratio of limits: those of `MuJoCo`'s default.
const LIMIT_SOFTNESS: (f32, f32) = (30.0, 4.0);

/// Natural frequency in hertz and damping ratio of contacts: the nearest to `MuJoCo`'s at fingers.
const CONTACT_SOFTNESS: (f32, f32) = (16.0, 3.0);

/// Distance at which contacts begin to be looked for, in meters.
const PREDICTION: f32 = 1e-5;

/// Longest part of a step in which the solver moves bodies, in seconds.
const SOLVER_DT_SECS: f64 = 0.0025;

/// Falls in m/s².
const GRAVITY: f32 = -9.81;

/// A robot moved by rapier's multibodies, which step in a way of their own.
pub struct Multibody {
    robot: Robot,
    tree: Tree,
    drives: Drives,
    tendons: Vec<Tendon>,
    dt_secs: f64,
    simulation: Simulation,
    control: Vec<f64>,
    qpos: Vec<f64>,
    qvel: Vec<f64>,
    /// Forces at joints that rapier knows nothing of.
    forces: Vec<f64>,
}

/// A tendon and its inverse inertia.
struct Tendon {
    terms: Vec<(usize, f64)>,
    range: [f64; 2],
    weight: f64,
}

/// rapier's world, and how to find links in it.
struct Simulation {
    world: PhysicsWorld,
    multibody: MultibodyIndex,
    links: Vec<LinkIds>,
}

/// What rapier calls a link.
#[derive(Clone, Copy)]
struct LinkIds {
    body: RigidBodyHandle,
    link: usize,
    coordinate: usize,
}

fn vector(numbers: &Vector3<f64>) -> Vector {
    Vector::new(numbers.x as f32, numbers.y as f32, numbers.z as f32)
}

fn rotation(matrix: &Matrix3<f64>) -> Rotation {
    let quaternion =
        UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(*matrix));
    let [i, j, k, w] = quaternion.coords.map(|number| number as f32).into();
    Rotation::from_xyzw(i, j, k, w).normalize()
}

/// The axis that a joint of this kind leaves free, and its place among a link's coordinates.
fn free_axis(kind: JointKind) -> (JointAxis, usize) {
    match kind {
        JointKind::Hinge => (JointAxis::AngX, 3),
        JointKind::Slide | JointKind::Free => (JointAxis::LinX, 0),
    }
}

impl Multibody {
    /// Writes the forces of motors, springs and tendons.
    fn push(&mut self) {
        self.forces.fill(0.0);
        self.drives.add_motors_and_springs(&self.control, &self.qpos, &mut self.forces);
        let dt_secs = self.dt_secs / solver_iterations(self.dt_secs) as f64;
        for tendon in &self.tendons {
            let along = |x: &[f64]| tendon.terms.iter().map(|(j, factor)| factor * x[*j]).sum();
            let (length, rate): (f64, f64) = (along(&self.qpos), along(&self.qvel));
            let (gap, rate, sign) = if length < tendon.range[0] {
                (length - tendon.range[0], rate, 1.0)
            } else if tendon.range[1] < length {
                (tendon.range[1] - length, -rate, -1.0)
            } else {
                continue;
            };
            let force = sign * semi_implicit(gap, rate, tendon.weight, dt_secs);
            for (joint, factor) in &tendon.terms {
                self.forces[*joint] += factor * force;
            }
        }
    }

    /// Reads coordinates and rates.
    fn observe(&mut self) {
        let Simulation { world, multibody, links } = &self.simulation;
        let multibody = world.multibody_joints.get_multibody(*multibody).expect("it was built");
        let rates = multibody.generalized_velocity();
        for (index, ids) in links.iter().enumerate() {
            let (_, place) = free_axis(self.tree.links[index].kind);
            let link = multibody.link(ids.link).expect("it was built");
            self.qpos[index] = f64::from(link.joint.coords()[place]);
            self.qvel[index] = f64::from(rates[ids.coordinate]);
        }
    }
}

/// The force of a row's spring and damper at the end of a step of `dt_secs`.
///
/// `f = −(K r + (C + h K) ṙ) / (1 + w h (C + h K))`, `K = k d / R`, `C = b / R`.
fn semi_implicit(gap: f64, rate: f64, weight: f64, dt_secs: f64) -> f64 {
    let softness = Softness::new(dt_secs);
    let softening = regularization(gap, weight);
    let pull = softness.reference(gap, 0.0) / softening;
    let damping = -softness.reference(0.0, 1.0) / softening;
    let damping = damping - dt_secs * pull / gap;
    ((pull - damping * rate) / (1.0 + weight * dt_secs * damping)).max(0.0)
}

/// Parts of a step in which the solver moves bodies.
fn solver_iterations(dt_secs: f64) -> usize {
    (dt_secs / SOLVER_DT_SECS).ceil().max(1.0) as usize
}

impl Simulation {
    fn new(robot: &Robot, tree: &Tree, dt_secs: f64) -> Result<Self, JointsError> {
        let mut world = empty_world(dt_secs);
        let root = world.insert_body(RigidBodyBuilder::fixed());
        let mut bodies: Vec<RigidBodyHandle> = Vec::new();
        for (index, link) in tree.links.iter().enumerate() {
            let [xx, xy, xz, yx, yy, yz, zx, zy, zz] = link
                .inertia
                .map(|number| number as f32)
                .as_slice()
                .try_into()
                .expect("three by three");
            let inertia = Matrix::from_cols_array(&[xx, xy, xz, yx, yy, yz, zx, zy, zz]);
            let (center, mass) = (vector(&link.center), link.mass as f32);
            let properties = MassProperties::with_inertia_matrix(center, mass, inertia);
            let body = RigidBodyBuilder::dynamic().can_sleep(false);
            let body = world.insert_body(body.additional_mass_properties(properties));
            let parent = link.parent.map_or(root, |parent| bodies[parent]);
            let joint = joint(robot, tree, index);
            world.insert_multibody_joint(parent, body, joint).expect("links form a tree");
            bodies.push(body);
        }
        for (geom, collider) in colliders(robot, tree)? {
            let (link, _) = tree.carrier(robot.geoms[geom].body);
            world.insert_collider(collider, Some(link.map_or(root, |link| bodies[link])));
        }
        Ok(Self::started(world, robot, &bodies))
    }

    /// Finds the links, and gives their joints what rapier's builders have no word for.
    fn started(mut world: PhysicsWorld, robot: &Robot, bodies: &[RigidBodyHandle]) -> Self {
        let first = world.multibody_joints.rigid_body_link(bodies[0]).expect("it was inserted");
        let multibody = first.multibody;
        let PhysicsWorld { multibody_joints, bodies: all_bodies, .. } = &mut world;
        let joints = multibody_joints.get_multibody_mut(multibody).expect("it was inserted");
        // The root counts as free until this call finds it fixed.
        joints.forward_kinematics(all_bodies, true);
        let mut links = Vec::new();
        for body in bodies {
            let link = joints.links().find(|link| link.rigid_body_handle() == *body);
            let link = link.expect("it was inserted");
            links.push(LinkIds {
                body: *body,
                link: link.link_id(),
                coordinate: link.assembly_id(),
            });
        }
        for (joint, ids) in robot.joints.iter().zip(&links) {
            joints.damping_mut()[ids.coordinate] = joint.damping as f32;
            joints.armature_mut()[ids.coordinate] = joint.armature as f32;
            joints.frictions_mut()[ids.coordinate] = joint.friction as f32;
        }
        Self { world, multibody, links }
    }

    fn set_state(&mut self, qpos: &[f64], qvel: &[f64]) {
        let PhysicsWorld { multibody_joints, bodies, .. } = &mut self.world;
        let multibody = multibody_joints.get_multibody_mut(self.multibody).expect("it was built");
        let mut displacements = vec![0.0; self.links.len()];
        for (ids, (q, v)) in self.links.iter().zip(qpos.iter().zip(qvel)) {
            displacements[ids.coordinate] = *q as f32;
            multibody.generalized_velocity_mut()[ids.coordinate] = *v as f32;
        }
        multibody.apply_displacements(&displacements);
        multibody.forward_kinematics(bodies, false);
        multibody.update_rigid_bodies(bodies, true);
    }

    fn set_control(&mut self, robot: &Robot, control: &[f64]) {
        let multibody = self.world.multibody_joints.get_multibody_mut(self.multibody);
        let multibody = multibody.expect("it was built");
        for (actuator, control) in robot.actuators.iter().zip(control) {
            let Drive::Servo { stiffness } = actuator.drive else { continue };
            let (axis, _) = free_axis(robot.joints[actuator.joint].kind);
            let [least, largest] = actuator.control_range;
            let (target, stiffness) = (control.clamp(least, largest) as f32, stiffness as f32);
            let link = multibody.link_mut(self.links[actuator.joint].link).expect("it was built");
            link.joint.data.set_motor_position(axis, target, stiffness, 0.0);
        }
    }

    /// Applies a force at each joint, between its link and the link's parent.
    fn apply(&mut self, robot: &Robot, tree: &Tree, forces: &[f64]) {
        let bodies = &mut self.world.bodies;
        for ids in &self.links {
            bodies[ids.body].reset_torques(false);
            bodies[ids.body].reset_forces(false);
        }
        for (index, force) in forces.iter().enumerate().filter(|(_, force)| **force != 0.0) {
            let link = &tree.links[index];
            let body = self.links[index].body;
            let axis = vector(&robot.joints[index].axis.into_inner());
            let push = *bodies[body].rotation() * axis * (*force as f32);
            let at = bodies[body].translation();
            let parent = link.parent.map(|parent| self.links[parent].body);
            for (body, push) in [(Some(body), push), (parent, -push)] {
                let Some(body) = body else { continue };
                match link.kind {
                    JointKind::Hinge => bodies[body].add_torque(push, false),
                    JointKind::Slide | JointKind::Free => {
                        bodies[body].add_force_at_point(push, at, false);
                    }
                }
            }
        }
    }
}

fn empty_world(dt_secs: f64) -> PhysicsWorld {
    let mut world = PhysicsWorld::new();
    world.gravity = Vector::new(0.0, 0.0, GRAVITY);
    let parameters = &mut world.integration_parameters;
    parameters.dt = dt_secs as f32;
    parameters.num_solver_iterations = solver_iterations(dt_secs);
    let softness = SpringCoefficients::new(CONTACT_SOFTNESS.0, CONTACT_SOFTNESS.1);
    parameters.contact_softness = softness;
    parameters.static_contact_softness = softness;
    parameters.normalized_allowed_linear_error = 0.0;
    parameters.normalized_prediction_distance = PREDICTION;
    // Recycled contacts push things apart that do not touch: its distance is 5 cm.
    parameters.contact_recycling = false;
    parameters.contact_clustering = false;
    world
}

/// The joint between a link and its parent.
fn joint(robot: &Robot, tree: &Tree, index: usize) -> GenericJoint {
    let (source, link) = (&robot.joints[index], &tree.links[index]);
    let (axis, _) = free_axis(link.kind);
    let locked = match link.kind {
        JointKind::Hinge => JointAxesMask::LOCKED_REVOLUTE_AXES,
        JointKind::Slide | JointKind::Free => JointAxesMask::LOCKED_PRISMATIC_AXES,
    };
    // rapier's joints move along x.
    let from_x = Rotation::from_rotation_arc(Vector::X, vector(&source.axis));
    let (position, turn) = link.in_parent();
    let mut joint = GenericJoint::new(locked);
    joint.set_local_frame1(Pose::from_parts(vector(position), rotation(turn) * from_x));
    joint.set_local_frame2(Pose::from_parts(Vector::ZERO, from_x));
    joint.set_contacts_enabled(false);
    if let Some([least, largest]) = source.range {
        let range = [least + source.margin, largest - source.margin];
        joint.set_limits(axis, range.map(|number| number as f32));
        joint.softness = SpringCoefficients::new(LIMIT_SOFTNESS.0, LIMIT_SOFTNESS.1);
    }
    let actuator = robot.actuators.iter().find(|actuator| actuator.joint == index);
    if let Some((actuator, Drive::Servo { .. })) = actuator.map(|found| (found, found.drive)) {
        joint.set_motor_model(axis, MotorModel::ForceBased);
        joint.set_motor_max_force(axis, actuator.force_range[1] as f32);
    }
    joint
}

/// Colliders of all geoms that are in a pair; each touches its partners only, without friction.
fn colliders(robot: &Robot, tree: &Tree) -> Result<Vec<(usize, ColliderBuilder)>, JointsError> {
    let mut geoms: Vec<usize> =
        robot.contact_pairs.iter().flat_map(|(first, second)| [*first, *second]).collect();
    geoms.sort_unstable();
    geoms.dedup();
    let bit =
        |geom: usize| geoms.iter().position(|other| *other == geom).map_or(0, |place| 1 << place);
    let mut colliders = Vec::new();
    for geom in geoms.iter().copied() {
        let mut partners = 0;
        for (first, second) in &robot.contact_pairs {
            partners |= if *first == geom { bit(*second) } else { 0 };
            partners |= if *second == geom { bit(*first) } else { 0 };
        }
        let (own, partners) =
            (Group::from_bits_truncate(bit(geom)), Group::from_bits_truncate(partners));
        let groups = InteractionGroups::new(own, partners, InteractionTestMode::And);
        let collider = collider(&robot.geoms[geom], tree)?;
        colliders.push((geom, collider.collision_groups(groups)));
    }
    Ok(colliders)
}

fn collider(geom: &Geom, tree: &Tree) -> Result<ColliderBuilder, JointsError> {
    let collider = match geom.shape {
        Shape::Sphere { radius } => ColliderBuilder::ball(radius),
        Shape::Capsule { radius, half_length } => ColliderBuilder::capsule_z(half_length, radius),
        Shape::Cuboid { half_extents: [x, y, z] } => ColliderBuilder::cuboid(x, y, z),
        Shape::Cylinder { .. } | Shape::Plane { .. } => {
            let name = geom.name.clone();
            return Err(JointsError::Pair { first: name.clone(), second: name });
        }
    };
    let (_, carrier) = tree.carrier(geom.body);
    let frame = carrier * geom.in_body;
    let turn = rotation(frame.rotation.to_rotation_matrix().matrix());
    Ok(collider
        .position(Pose::from_parts(vector(&frame.translation.vector), turn))
        .density(0.0)
        .friction(0.0)
        .friction_combine_rule(CoefficientCombineRule::Min)
        .restitution(0.0))
}

impl Joints for Multibody {
    const ARTICULATION: Articulation = Articulation::Rapier;

    fn new(robot: &Robot, _: Integrator, dt_secs: f64) -> Result<Self, JointsError> {
        let tree = Tree::new(robot)?;
        let parents: Vec<Option<usize>> = tree.links.iter().map(|link| link.parent).collect();
        let chains = Chains::new(&parents);
        let weights = Weights::new(robot, &tree, &chains);
        let tendons = robot.tendons.iter().map(|tendon| Tendon {
            terms: tendon.terms.clone(),
            range: tendon.range,
            weight: weights.of_terms(&tendon.terms),
        });
        let tendons = tendons.collect();
        let zeros = vec![0.0; tree.n_joints()];
        Ok(Self {
            simulation: Simulation::new(robot, &tree, dt_secs)?,
            control: vec![0.0; robot.actuators.len()],
            drives: Drives::new(robot),
            qpos: zeros.clone(),
            qvel: zeros.clone(),
            forces: zeros,
            robot: robot.clone(),
            tree,
            tendons,
            dt_secs,
        })
    }

    fn set_state(&mut self, qpos: &[f64], qvel: &[f64]) {
        let built = Simulation::new(&self.robot, &self.tree, self.dt_secs);
        self.simulation = built.expect("it was built before");
        self.simulation.set_state(qpos, qvel);
        self.simulation.set_control(&self.robot, &self.control);
        self.qpos.copy_from_slice(qpos);
        self.qvel.copy_from_slice(qvel);
    }

    fn set_control(&mut self, control: &[f64]) {
        self.control.copy_from_slice(control);
        self.simulation.set_control(&self.robot, control);
    }

    fn advance(&mut self) {
        self.push();
        self.simulation.apply(&self.robot, &self.tree, &self.forces);
        self.simulation.world.step();
        self.observe();
    }

    fn qpos(&self) -> &[f64] {
        &self.qpos
    }

    fn qvel(&self) -> &[f64] {
        &self.qvel
    }
}
