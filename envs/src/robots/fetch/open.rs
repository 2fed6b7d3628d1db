//! The gripper with fingers that open and close: a palm and two fingers, each a driven body.
//!
//! A finger follows a position servo on a heavy joint; what an object keeps it from going is taken
//! off its position. What keeps both from going the same way is taken off the gripper's.

use super::wrist::{GRIP_FROM_BODY, Wrist, pointing_down};
use super::{GripperView, N_JOINTS, SIDES, Stage, Start};
use gcrl_physics::World;
use gcrl_physics::drive::{Motion, Push, SUB_STEP_SECS, Servo, Slider};
use gcrl_physics::nalgebra::Vector3;
use gcrl_physics::world::Body;

/// How hard the palm pushes, as a mass in kilograms.
const PALM_MASS: f64 = 50.0;

/// How hard a finger pushes, as a mass in kilograms. The original's 104 needs steps of 5 ms; with
/// longer ones, such fingers bounce off what they close on.
const FINGER_MASS: f64 = 40.0;

/// Both servos are alike.
const SERVO: &str = "r_gripper_finger";

/// Distance of a shut finger's frame from the middle, in meters.
const FINGER_OFFSET: f64 = 0.0159;

/// A finger's joint.
#[derive(Clone, Copy)]
struct Finger {
    body: Body,
    /// From shut, in meters.
    position: f64,
    velocity: f64,
    control: f64,
}

/// A gripper in a world.
pub struct OpenGripper {
    wrist: Wrist,
    palm: Body,
    fingers: [Finger; 2],
    slider: Slider,
    servo: Servo,
}

impl OpenGripper {
    /// Adds the gripper to the stage's world, at a task's start, shut.
    pub fn new(stage: &mut Stage, start: &Start) -> Self {
        let (slider, servo) = (super::finger(stage.fetch), Servo::new(stage.fetch, SERVO));
        let mut add =
            |name, mass| stage.world.add_driven(stage.fetch, &[name], pointing_down(), mass);
        let fingers = ["r_gripper_finger_link", "l_gripper_finger_link"].map(|name| Finger {
            body: add(name, FINGER_MASS),
            position: 0.0,
            velocity: 0.0,
            control: 0.0,
        });
        let palm = add("gripper_link", PALM_MASS);
        let gripper = Self { wrist: Wrist::new(start, stage.table), palm, fingers, slider, servo };
        gripper.place(&mut stage.world);
        gripper
    }

    /// Goes back to a task's start, shut; the world has its snapshot for that.
    pub fn at_start(&mut self, start: &Start) {
        let (position, velocity) = (Vector3::from(start.grip), Vector3::from(start.velocity));
        self.wrist.restore(Motion { position, velocity });
        for finger in &mut self.fingers {
            *finger = Finger { position: 0.0, velocity: 0.0, control: 0.0, ..*finger };
        }
    }

    /// Takes over a recorded observation: positions, and velocities a control step.
    pub fn restore(&mut self, world: &mut World, observation: &[f32]) {
        let per_second = 1.0 / super::CONTROL_STEP_SECS;
        let velocity = super::read(&observation[20..23]) * per_second;
        // What is seen is one step of the original's older than the rest.
        let position = super::read(&observation[0..3]) + velocity * SUB_STEP_SECS;
        self.wrist.restore(Motion { position, velocity });
        for (index, finger) in self.fingers.iter_mut().enumerate() {
            finger.position = f64::from(observation[9 + index]);
            finger.velocity = f64::from(observation[23 + index]) * per_second;
            finger.control = self.servo.limited(finger.position);
        }
        self.place(world);
    }

    fn place(&self, world: &mut World) {
        let Motion { position, velocity } = self.wrist.motion;
        world.set_position(self.palm, &(position - GRIP_FROM_BODY));
        world.set_velocity(self.palm, &velocity);
        for (index, finger) in self.fingers.iter().enumerate() {
            world.set_position(finger.body, &finger_at(index, &position, finger.position));
            let aside = Vector3::new(0.0, SIDES[index] * finger.velocity, 0.0);
            world.set_velocity(finger.body, &(velocity + aside));
        }
    }

    /// Takes the command of a control step, `[4]`.
    pub fn command(&mut self, action: &[f32]) {
        self.wrist.command(action);
        for finger in &mut self.fingers {
            finger.control = self.servo.limited(finger.position + f64::from(action[3]));
        }
    }

    /// Moves the world on by one step.
    pub fn advance(&mut self, world: &mut World) {
        let dt_secs = world.dt_secs();
        let wish = self.wrist.wish(dt_secs);
        for finger in &mut self.fingers {
            let Finger { position, velocity, control, .. } = *finger;
            let pull = |coordinate: f64| self.servo.force(control, coordinate);
            (finger.position, finger.velocity) =
                self.slider.slide(position, velocity, pull, dt_secs);
        }
        let pushes = [0, 1].map(|index| {
            let Finger { body, position, .. } = self.fingers[index];
            Push::toward(world, body, &finger_at(index, &wish.position, position))
        });
        let palm = Push::toward(world, self.palm, &(wish.position - GRIP_FROM_BODY));
        world.step();
        let deviations = pushes.map(|push| push.deviation(world));
        self.wrist.motion = wish;
        let yielded = self.yield_to(&palm.deviation(world), &deviations);
        self.wrist.motion += yielded;
    }

    /// Lets the fingers yield to what they met, and returns how the gripper as a whole does.
    fn yield_to(&mut self, palm: &Motion, fingers: &[Motion; 2]) -> Motion {
        let [right, left] = fingers;
        let whole = |of: fn(&Motion) -> Vector3<f64>| {
            let (palm, right, left) = (of(palm), of(right), of(left));
            let largest = |axis: usize| {
                let sides = [palm[axis], right[axis], left[axis]];
                sides.into_iter().fold(0.0_f64, |a, b| if a.abs() < b.abs() { b } else { a })
            };
            Vector3::new(largest(0), common(right.y, left.y), largest(2))
        };
        let yielded = Motion { position: whole(|m| m.position), velocity: whole(|m| m.velocity) };
        for (index, finger) in self.fingers.iter_mut().enumerate() {
            finger.position += SIDES[index] * (fingers[index].position.y - yielded.position.y);
            finger.velocity += SIDES[index] * (fingers[index].velocity.y - yielded.velocity.y);
        }
        yielded
    }

    /// What the agent sees of it: positions are one step of the original's older than the rest.
    pub fn view(&self) -> GripperView {
        let Motion { position, velocity } = self.wrist.motion;
        GripperView {
            position: position - velocity * SUB_STEP_SECS,
            velocity,
            fingers: self.fingers.map(|finger| finger.position),
            finger_velocities: self.fingers.map(|finger| finger.velocity),
        }
    }

    /// The robot's joints.
    pub fn joints(&self) -> [f64; N_JOINTS] {
        let fingers = self.fingers.map(|finger| finger.position);
        self.wrist.arm.joints(&self.wrist.motion.position, fingers)
    }
}

/// What two numbers share: the smaller one if they have one sign, or nothing.
fn common(a: f64, b: f64) -> f64 {
    if a * b <= 0.0 {
        0.0
    } else if a.abs() < b.abs() {
        a
    } else {
        b
    }
}

/// Where a finger's body is when the grip site is at `grip`.
fn finger_at(index: usize, grip: &Vector3<f64>, position: f64) -> Vector3<f64> {
    let aside = SIDES[index] * (FINGER_OFFSET + position);
    grip - GRIP_FROM_BODY + Vector3::new(0.0, aside, 0.0)
}
