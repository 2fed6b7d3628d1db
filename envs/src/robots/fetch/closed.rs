//! The gripper with its fingers shut for good: one body.
//!
//! The original has no servos on the fingers here, and shuts them anew after every control step, but
//! leaves them their velocities: what the agent sees of those is how the fingers lag behind.

use super::wrist::{GRIP_FROM_BODY, Wrist, pointing_down};
use super::{GripperView, N_JOINTS, SIDES, Stage, Start};
use gcrl_physics::World;
use gcrl_physics::drive::{Motion, Push, Slider};
use gcrl_physics::nalgebra::Vector3;
use gcrl_physics::world::Body;

/// How hard the gripper pushes, as a mass in kilograms.
const MASS: f64 = 50.0;

/// Bodies of the robot's description that move as one.
const PARTS: &[&str] = &["gripper_link", "r_gripper_finger_link", "l_gripper_finger_link"];

/// A shut gripper in a world.
pub struct ClosedGripper {
    wrist: Wrist,
    body: Body,
    slider: Slider,
    /// Position and velocity of the fingers in their joints; only seen, they push nothing.
    fingers: [(f64, f64); 2],
}

impl ClosedGripper {
    /// Adds the gripper to the stage's world, at a task's start.
    pub fn new(stage: &mut Stage, start: &Start) -> Self {
        let body = stage.world.add_driven(stage.fetch, PARTS, pointing_down(), MASS);
        let slider = super::finger(stage.fetch);
        let wrist = Wrist::new(start, stage.table);
        let gripper = Self { wrist, body, slider, fingers: [(0.0, 0.0); 2] };
        gripper.place(&mut stage.world);
        gripper
    }

    /// Goes back to a task's start; the world has its snapshot for that.
    pub fn at_start(&mut self, start: &Start) {
        let (position, velocity) = (Vector3::from(start.grip), Vector3::from(start.velocity));
        self.wrist.restore(Motion { position, velocity });
        self.fingers = [(0.0, 0.0); 2];
    }

    /// Takes over a recorded observation: its place, and velocities a control step.
    pub fn restore(
        &mut self,
        world: &mut World,
        position: &[f32],
        velocity: &[f32],
        finger_velocities: &[f32],
    ) {
        let (position, velocity) = (super::read(position), super::read(velocity));
        let velocity = velocity / super::CONTROL_STEP_SECS;
        let finger = |index: usize| f64::from(finger_velocities[index]) / super::CONTROL_STEP_SECS;
        self.fingers = [(0.0, finger(0)), (0.0, finger(1))];
        self.wrist.restore(Motion { position, velocity });
        self.place(world);
    }

    /// Sets the restitution of its shapes; that of a pair is their product.
    pub fn set_restitution(&self, world: &mut World, restitution: f64) {
        world.set_restitution(self.body, restitution);
    }

    fn place(&self, world: &mut World) {
        world.set_position(self.body, &(self.wrist.motion.position - GRIP_FROM_BODY));
        world.set_velocity(self.body, &self.wrist.motion.velocity);
    }

    /// Takes the command of a control step, `[4]`; the fingers' part of it does nothing.
    pub fn command(&mut self, action: &[f32]) {
        self.wrist.command(action);
        self.fingers = self.fingers.map(|(_, velocity)| (0.0, velocity));
    }

    /// Moves the world on by one step.
    pub fn advance(&mut self, world: &mut World) {
        let wish = self.wrist.wish(world.dt_secs());
        let push = Push::toward(world, self.body, &(wish.position - GRIP_FROM_BODY));
        world.step();
        let before = self.wrist.motion.velocity;
        self.wrist.motion = wish;
        self.wrist.motion += push.deviation(world);
        let acceleration = (self.wrist.motion.velocity - before).y / world.dt_secs();
        for (finger, side) in self.fingers.iter_mut().zip(SIDES) {
            let lag = self.slider.inertial_force(side * acceleration);
            *finger = self.slider.slide(finger.0, finger.1, |_| lag, world.dt_secs());
        }
    }

    /// What the agent sees of it.
    pub fn view(&self) -> GripperView {
        let Motion { position, velocity } = self.wrist.motion;
        GripperView {
            position,
            velocity,
            fingers: [0.0; 2],
            finger_velocities: self.fingers.map(|finger| finger.1),
        }
    }

    /// The robot's joints.
    pub fn joints(&self) -> [f64; N_JOINTS] {
        self.wrist.arm.joints(&self.wrist.motion.position, [0.0; 2])
    }
}
