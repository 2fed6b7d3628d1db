//! Robot and scenery: read from their descriptions once, for physics and for drawing.

use super::N_JOINTS;
use crate::robots;
use gcrl_core::Scene;
use gcrl_core::scene::{Camera, Pose, Visual};
use gcrl_physics::Robot;
use gcrl_physics::nalgebra::Isometry3;
use gcrl_physics::robot::pose;
use std::sync::LazyLock;

/// The robot.
pub(super) static FETCH: LazyLock<Robot> =
    LazyLock::new(|| robots::described(include_str!("../../../../assets/robots/fetch.xml")));

/// Floor and table.
pub(crate) static REACH_SCENERY: LazyLock<Robot> =
    LazyLock::new(|| robots::described(include_str!("../../../../assets/robots/fetch_reach.xml")));
/// Floor, table and block.
pub(crate) static PUSH_SCENERY: LazyLock<Robot> =
    LazyLock::new(|| robots::described(include_str!("../../../../assets/robots/fetch_push.xml")));
/// Floor, table and puck.
pub(crate) static SLIDE_SCENERY: LazyLock<Robot> =
    LazyLock::new(|| robots::described(include_str!("../../../../assets/robots/fetch_slide.xml")));

/// The robot and what stands around it.
pub(crate) struct Stage {
    fetch: &'static Robot,
    /// What stands around it.
    pub(crate) scenery: &'static Robot,
}

impl Stage {
    /// The robot in `scenery`, one of this file's.
    pub(crate) fn new(scenery: &'static Robot) -> Self {
        Self { fetch: &FETCH, scenery }
    }

    /// What there is to draw: the robot's bodies, then the scenery's.
    pub(crate) fn scene(&self, camera: Camera) -> Scene {
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
    pub(crate) fn poses(
        &self,
        joints: &[f64; N_JOINTS],
        object: Option<Isometry3<f64>>,
        poses: &mut Vec<Pose>,
    ) {
        poses.extend(self.fetch.forward_kinematics(joints).iter().map(pose));
        let n_scenery = self.scenery.bodies.len();
        let fixed = if object.is_some() { n_scenery - 1 } else { n_scenery };
        poses.extend(self.scenery.bodies[..fixed].iter().map(|body| pose(&body.in_parent)));
        poses.extend(object.iter().map(pose));
    }
}
