//! Forces at the joints themselves: motors and servos, springs and dampers.
//!
//! `τ = Σ clamp(gain · control − stiffness · q) − damping q̇ − spring (q − reference)`

use super::real::Real;
use crate::robot::{Drive, Robot};

/// A motor (without stiffness) or a servo: its force is `clamp(gain · control − stiffness · q)`.
#[derive(Clone, Copy, Debug)]
struct Actuator {
    control: usize,
    joint: usize,
    gain: f64,
    stiffness: f64,
    control_range: [f64; 2],
    force_range: [f64; 2],
}

impl Actuator {
    #[inline(always)]
    fn force<T: Real>(&self, control: &[T], qpos: &[T]) -> T {
        let [least, largest] = self.control_range;
        let [weakest, strongest] = self.force_range;
        let pull = T::repeat(self.gain) * control[self.control].clamp(least, largest);
        (pull - T::repeat(self.stiffness) * qpos[self.joint]).clamp(weakest, strongest)
    }
}

/// A spring at a joint.
#[derive(Clone, Copy, Debug)]
struct Spring {
    joint: usize,
    stiffness: f64,
    reference: f64,
}

/// All of a robot.
#[derive(Clone, Debug)]
pub(super) struct Drives {
    actuators: Vec<Actuator>,
    springs: Vec<Spring>,
    /// Force per velocity, a joint each.
    pub(super) damping: Vec<f64>,
}

impl Drives {
    pub(super) fn new(robot: &Robot) -> Self {
        let actuators = robot.actuators.iter().enumerate().map(|(control, actuator)| {
            let (gain, stiffness) = match actuator.drive {
                Drive::Motor { gear } => (gear, 0.0),
                Drive::Servo { stiffness } => (stiffness, stiffness),
            };
            let (control_range, force_range) = (actuator.control_range, actuator.force_range);
            let joint = actuator.joint;
            Actuator { control, joint, gain, stiffness, control_range, force_range }
        });
        let springs = robot.joints.iter().enumerate().filter(|(_, joint)| joint.stiffness != 0.0);
        Self {
            actuators: actuators.collect(),
            springs: springs
                .map(|(index, joint)| Spring {
                    joint: index,
                    stiffness: joint.stiffness,
                    reference: joint.spring_reference,
                })
                .collect(),
            damping: robot.joints.iter().map(|joint| joint.damping).collect(),
        }
    }

    /// How many controls there are.
    pub(super) fn n_controls(&self) -> usize {
        self.actuators.len()
    }

    /// Adds the forces to `forces`, a joint each.
    #[inline(always)]
    pub(super) fn add_forces<T: Real>(
        &self,
        control: &[T],
        (qpos, qvel): (&[T], &[T]),
        forces: &mut [T],
    ) {
        for ((force, damping), speed) in forces.iter_mut().zip(&self.damping).zip(qvel) {
            *force -= T::repeat(*damping) * *speed;
        }
        for actuator in &self.actuators {
            forces[actuator.joint] += actuator.force(control, qpos);
        }
        self.add_springs(qpos, forces);
    }

    /// Adds the forces of motors and springs alone.
    pub(super) fn add_motors_and_springs(&self, control: &[f64], qpos: &[f64], forces: &mut [f64]) {
        for actuator in self.actuators.iter().filter(|actuator| actuator.stiffness == 0.0) {
            forces[actuator.joint] += actuator.force(control, qpos);
        }
        self.add_springs(qpos, forces);
    }

    #[inline(always)]
    fn add_springs<T: Real>(&self, qpos: &[T], forces: &mut [T]) {
        for spring in &self.springs {
            let stretch = qpos[spring.joint] - T::repeat(spring.reference);
            forces[spring.joint] -= T::repeat(spring.stiffness) * stretch;
        }
    }
}
