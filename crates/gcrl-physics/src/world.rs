//! A world of rigid bodies that touch: rapier behind our words.
//!
//! Bodies come from a [`Robot`]'s description: shapes, friction, margins, masses, inertias and
//! dampings are the file's. Whoever builds a world says how each body moves:
//!
//! | | moves | touches |
//! |---|---|---|
//! | fixed | never | free, driven |
//! | free | by gravity and contacts | all |
//! | driven | with the velocity it is told, as far as contacts let it | fixed, free |
//!
//! A driven body is a dynamic one: a kinematic one would crush what it holds and fling it away. It
//! cannot turn, does not fall, and has a mass that says how hard it pushes.
//!
//! Settings that matter: Coulomb friction (the simplified model hardly turns what is pushed off its
//! center); no recycling of contacts (its distance is as large as our objects, which then fly off
//! ghosts of contacts); nothing sleeps. Friction of a pair is the larger one, as in `MuJoCo`.
//!
//! Numbers cross this border as `f64`; rapier computes in `f32`.

mod shapes;

use crate::robot::Robot;
use nalgebra::{Isometry3, UnitQuaternion, Vector3};
use rapier3d::prelude::{
    CCDSolver, ColliderSet, DefaultBroadPhase, FrictionModel, Group, ImpulseJointSet,
    IntegrationParameters, InteractionGroups, InteractionTestMode, IslandManager, MassProperties,
    MultibodyJointSet, NarrowPhase, PhysicsPipeline, RigidBodyBuilder, RigidBodyHandle,
    RigidBodySet, SoftBodySet, SpringCoefficients, Vector,
};
use shapes::{collider, from_pose, from_vector, to_pose, to_vector};

/// Downward, in m/s².
const GRAVITY: f32 = -9.81;

/// How stiff contacts between moving bodies are: a natural frequency in hertz and a damping ratio.
///
/// At rapier's 30 Hz, fingers sink 4 mm into the block they hold; at 60 Hz, they do not.
const CONTACT_SOFTNESS: (f32, f32) = (60.0, 10.0);

const FIXED: Group = Group::GROUP_1;
const FREE: Group = Group::GROUP_2;
const DRIVEN: Group = Group::GROUP_4;

/// How finely a world is computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Duration of a step, in seconds.
    pub dt_secs: f64,
    /// Parts of a step in which the solver moves bodies.
    pub solver_iterations: usize,
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

/// A world of rigid bodies.
pub struct World {
    parameters: IntegrationParameters,
    dt_secs: f64,
    /// Work space of a step; it remembers nothing.
    pipeline: PhysicsPipeline,
    state: Snapshot,
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
        Self { parameters, dt_secs, pipeline, state }
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
        self.insert(builder, robot, &[body], FREE, FIXED | FREE | DRIVEN)
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
        self.insert(builder, robot, bodies, DRIVEN, FIXED | FREE)
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
