//! Robot and scenery: read from their descriptions once, for physics and for drawing.

use super::N_JOINTS;
use super::wrist::Rectangle;
use crate::robots;
use gcrl_core::Scene;
use gcrl_core::scene::{Camera, Pose, Shape, Visual};
use gcrl_physics::robot::pose;
use gcrl_physics::world::{Body, Settings};
use gcrl_physics::{Robot, World};
use std::sync::LazyLock;

/// The robot.
pub(super) static FETCH: LazyLock<Robot> =
    LazyLock::new(|| robots::described(include_str!("../../../../assets/robots/fetch.xml")));

/// Floor and table.
pub static REACH_SCENERY: LazyLock<Robot> =
    LazyLock::new(|| robots::described(include_str!("../../../../assets/robots/fetch_reach.xml")));
/// Floor, table and block.
pub static PUSH_SCENERY: LazyLock<Robot> =
    LazyLock::new(|| robots::described(include_str!("../../../../assets/robots/fetch_push.xml")));
/// Floor, table and puck.
pub static SLIDE_SCENERY: LazyLock<Robot> =
    LazyLock::new(|| robots::described(include_str!("../../../../assets/robots/fetch_slide.xml")));

/// How far over the table's edge a finger still presses on it, in meters.
const EDGE: f64 = 0.01;

/// Parts of a step in which the solver moves bodies; with fewer, held objects slip.
const SOLVER_ITERATIONS: usize = 4;

/// The robot, what stands around it, and the world they are in.
pub struct Stage {
    /// The bodies that move and touch.
    pub world: World,
    /// The table.
    pub table_body: Body,
    pub(super) fetch: &'static Robot,
    scenery: &'static Robot,
    pub(super) table: Rectangle,
}

impl Stage {
    /// Floor and table of `scenery`, in steps of `dt_secs`.
    ///
    /// # Panics
    ///
    /// If `scenery` is not one of this file's.
    pub fn new(scenery: &'static Robot, dt_secs: f64) -> Self {
        let settings = Settings { dt_secs, solver_iterations: SOLVER_ITERATIONS };
        let mut world = World::new(&settings);
        world.add_fixed(scenery, "world");
        let table_body = world.add_fixed(scenery, "table");
        let table = rectangle(scenery);
        Self { world, table_body, fetch: &FETCH, scenery, table }
    }

    /// Adds the scenery's block or puck to the world.
    ///
    /// # Panics
    ///
    /// If it has none.
    pub fn add_object(&mut self, name: &str) -> Body {
        self.world.add_free(self.scenery, name)
    }

    /// What there is to draw: the robot's bodies, then the scenery's.
    pub fn scene(&self, camera: Camera) -> Scene {
        let bodies = self.fetch.bodies.iter().chain(&self.scenery.bodies);
        let n_robot = self.fetch.bodies.len();
        let shifted = |visual: Visual| Visual { body: visual.body + n_robot, ..visual };
        let mut visuals = self.fetch.visuals();
        visuals.extend(self.scenery.visuals().into_iter().map(shifted));
        Scene {
            bodies: bodies.map(|body| body.name.clone()).collect(),
            visuals,
            camera,
            goal_radius: Some(0.05),
        }
    }

    /// Appends the poses of the scene's bodies: the robot's with its joints at `joints`, then the
    /// scenery's, of which the last one is where `object` is.
    pub fn poses(&self, joints: &[f64; N_JOINTS], object: Option<Body>, poses: &mut Vec<Pose>) {
        poses.extend(self.fetch.forward_kinematics(joints).iter().map(pose));
        let n_scenery = self.scenery.bodies.len();
        let fixed = if object.is_some() { n_scenery - 1 } else { n_scenery };
        poses.extend(self.scenery.bodies[..fixed].iter().map(|body| pose(&body.in_parent)));
        poses.extend(object.map(|body| pose(&self.world.frame(body))));
    }
}

/// What the table covers, with its edge.
fn rectangle(scenery: &Robot) -> Rectangle {
    let table = &scenery.bodies[scenery.body("table")];
    let mut geoms = scenery.geoms[table.geoms.clone()].iter();
    let touching = geoms.find(|geom| geom.touches).expect("the table can be touched");
    let Shape::Cuboid { half_extents } = touching.shape else {
        panic!("the table is a box");
    };
    let center = table.in_parent.translation.vector;
    [0, 1].map(|axis| {
        let half = f64::from(half_extents[axis]) + EDGE;
        [center[axis] - half, center[axis] + half]
    })
}
