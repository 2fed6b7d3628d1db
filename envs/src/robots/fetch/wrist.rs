//! The drive of the grip site, the point between the fingertips.
//!
//! `x* = x + 5 cm · action`, `ẍ = (x* − x) / τ² − 2 ẋ / τ`: the target is set anew at every control
//! step, beside where the grip site then is; a command says how fast to go, not where.

use super::Start;
use super::arm::Arm;
use gcrl_physics::drive::{Motion, SUB_STEP_SECS, Tracker};
use gcrl_physics::nalgebra::{Quaternion, UnitQuaternion, Vector3};

/// Time constant of the weld between the gripper and its target, in seconds.
const WELD_SECS: f64 = 0.02;

/// Below this height of the grip site, in meters, fingers that go down press on the table.
const PRESSING_HEIGHT: f64 = 0.4215;

/// How far below the gripper the target is at most while the fingers press on the table, in meters.
///
/// The original's contact is soft, ours is not: this makes friction slow a gripper that presses with
/// all force to the 18 mm a control step that were measured.
const PRESSING_DEPTH: f64 = 0.0227;

/// A horizontal rectangle: least and largest x, then y.
pub(super) type Rectangle = [[f64; 2]; 2];

/// From the frame of the gripper's body to the grip site, in the world, the gripper pointing down.
pub(super) const GRIP_FROM_BODY: Vector3<f64> = Vector3::new(0.0, 0.0, -0.02);

/// The grip site and its drive.
#[derive(Clone, Copy)]
pub(super) struct Wrist {
    pub(super) arm: Arm,
    pub(super) motion: Motion,
    tracker: Tracker,
    target: Vector3<f64>,
    table: Rectangle,
}

impl Wrist {
    /// At a task's start, over a table.
    pub(super) fn new(start: &Start, table: Rectangle) -> Self {
        let position = Vector3::from(start.grip);
        Self {
            arm: Arm::new(start.base_x),
            motion: Motion { position, velocity: Vector3::from(start.velocity) },
            tracker: Tracker::new(WELD_SECS, SUB_STEP_SECS),
            target: position,
            table,
        }
    }

    /// Takes over a motion; the target is where it is.
    pub(super) fn restore(&mut self, motion: Motion) {
        self.motion = motion;
        self.target = motion.position;
    }

    /// Sets the target of a control step; `action` is `[3]` at least.
    pub(super) fn command(&mut self, action: &[f32]) {
        let grip = &self.motion.position;
        let mut offset = self.arm.target_offset(grip, &action[..3]);
        let [[left, right], [near, far]] = self.table;
        let is_over_table = left < grip.x && grip.x < right && near < grip.y && grip.y < far;
        if is_over_table && grip.z < PRESSING_HEIGHT {
            offset.z = offset.z.max(-PRESSING_DEPTH);
        }
        self.target = grip + offset;
    }

    /// Where the grip site wants to be `dt_secs` later, and how fast.
    pub(super) fn wish(&self, dt_secs: f64) -> Motion {
        self.tracker.track(self.motion, &self.target, dt_secs, |motion| self.arm.confine(motion))
    }
}

/// How a gripper that points down is turned: its x to the world's −z, its z to the world's x.
pub(super) fn pointing_down() -> UnitQuaternion<f64> {
    let half = std::f64::consts::FRAC_1_SQRT_2;
    UnitQuaternion::from_quaternion(Quaternion::new(half, 0.0, half, 0.0))
}
