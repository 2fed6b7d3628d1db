//! A robot made of joints that moves in their coordinates: its description, its motion, its points.

use crate::recorded::RecordedState;
use gcrl_core::Scene;
use gcrl_core::scene::{Camera, Pose};
use gcrl_physics::{Integrator, Joints, LinkPoint, Robot, Tree, robot};

/// A robot and its state.
pub(crate) struct Jointed<J> {
    robot: &'static Robot,
    tree: Tree,
    joints: J,
}

impl<J: Joints> Jointed<J> {
    /// `robot` in the pose of zeros.
    pub(crate) fn new(robot: &'static Robot, integrator: Integrator, dt_secs: f64) -> Self {
        let tree = Tree::new(robot).expect("descriptions of this program are tested");
        let joints = J::new(robot, integrator, dt_secs);
        Self { robot, tree, joints: joints.expect("descriptions of this program are tested") }
    }

    /// The robot's description.
    pub(crate) fn robot(&self) -> &Robot {
        self.robot
    }

    /// Takes over coordinates and rates, as if nothing had been before.
    pub(crate) fn set_state(&mut self, qpos: &[f64], qvel: &[f64]) {
        self.joints.set_state(qpos, qvel);
    }

    /// Takes over the first numbers of a recorded state.
    pub(crate) fn restore(&mut self, state: &RecordedState<'_>) {
        let numbers = |recorded: &[f32]| -> Vec<f64> {
            recorded[..self.tree.n_joints()].iter().map(|number| f64::from(*number)).collect()
        };
        self.joints.set_state(&numbers(state.qpos), &numbers(state.qvel));
    }

    /// Takes the controls of all actuators.
    pub(crate) fn set_control(&mut self, control: &[f64]) {
        self.joints.set_control(control);
    }

    /// Moves each of `robots` on by `n_steps` physics steps.
    pub(crate) fn advance<'a>(robots: impl Iterator<Item = &'a mut Self>, n_steps: usize) {
        let mut joints: Vec<_> = robots.map(|robot| &mut robot.joints).collect();
        J::advance_together(&mut joints, n_steps);
    }

    /// Coordinates of the joints.
    pub(crate) fn qpos(&self) -> &[f64] {
        self.joints.qpos()
    }

    /// Their rates.
    pub(crate) fn qvel(&self) -> &[f64] {
        self.joints.qvel()
    }

    /// The named site, as a point that rides on its link.
    pub(crate) fn site(&self, name: &str) -> LinkPoint {
        let site = &self.robot.sites[self.robot.site(name)];
        self.tree.point(site.body, &site.in_body)
    }

    /// The origin of the named body, as a point that rides on its link.
    pub(crate) fn body(&self, name: &str) -> LinkPoint {
        self.tree.point(self.robot.body(name), &[0.0; 3].into())
    }

    /// Where points are in the world at coordinates `qpos`.
    pub(crate) fn points_at<const N: usize>(
        &self,
        points: &[LinkPoint; N],
        qpos: &[f64],
    ) -> [[f64; 3]; N] {
        let mut frames = self.tree.frames();
        self.tree.place(qpos, &mut frames);
        points.map(|point| point.in_world(&frames))
    }

    /// What there is to draw.
    pub(crate) fn scene(&self, camera: Camera, goal_radius: Option<f32>) -> Scene {
        self.robot.scene(camera, goal_radius)
    }

    /// Appends the poses of all bodies.
    pub(crate) fn poses(&self, poses: &mut Vec<Pose>) {
        poses.extend(self.robot.forward_kinematics(self.qpos()).iter().map(robot::pose));
    }
}
