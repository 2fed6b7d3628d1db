//! The arm: where it reaches, what becomes of a command there, and its joints.
//!
//! With the gripper pointing down, the arm is a pan joint under two links in a vertical plane:
//!
//! ```text
//!            elbow                  r = |grip − pan axis| − 0.117, horizontally
//!       L1  ／    ＼  L2             h = grip's z + 0.3249 − 0.787
//!         ／        ＼              reach ρ = √(r² + h²)
//!  shoulder          wrist
//!                      │ 0.3249 down to the grip site
//! ```
//!
//! Up to `ρ` = 0.6 or so, the weld moves the arm as if it had no weight. Farther out, the stretching
//! arm yields less and less. [`RESPONSE`] is a fit of that to random episodes of the originals.

use super::N_JOINTS;
use gcrl_physics::drive::Motion;
use gcrl_physics::nalgebra::Vector3;

/// The pan axis in the frame of the world whose base has not moved, in meters.
const PAN_AT_BASE: [f64; 2] = [0.3195, 0.7441];

/// How far the base stands to the left, its joint `slide1`, in meters.
const BASE_Y: f64 = 0.48;

/// What the weight of everything leaves of the torso's lift above its lowest place, in meters.
const TORSO_LIFT: f64 = 0.00125;

/// Height of the shoulder's lift axis, in meters, and its distance from the pan axis.
const SHOULDER_HEIGHT: f64 = 0.3774 + 0.3486 + 0.06 + TORSO_LIFT;
const SHOULDER_OFFSET: f64 = 0.117;

/// From the shoulder's lift axis to the elbow, and on to the wrist's axis, in meters.
const UPPER_ARM: f64 = 0.219 + 0.133;
const FOREARM: f64 = 0.197 + 0.1245;

/// From the wrist's axis down to the grip site, in meters.
const WRIST_TO_GRIP: f64 = 0.1385 + 0.1664 + 0.02;

/// The largest reach; the links stretched out would make 0.6735 m, and the weld tilts the gripper.
const LARGEST_REACH: f64 = 0.685;

/// How far a full command puts the target beside the gripper, in meters.
const FULL_COMMAND: f64 = 0.05;

/// Way of the gripper in a control step per way of its target, from rest.
const WAY_PER_TARGET: f64 = 0.64;

/// How a command acts at a reach: `[ρ (m), radial gain, radial bias, vertical gain, vertical bias]`,
/// biases in meters a control step. Across the arm, a command acts as it is.
const RESPONSE: [[f64; 5]; 10] = [
    [0.250, 0.940, 0.0, 0.930, -0.000_35],
    [0.300, 0.953, 0.0, 0.947, -0.000_35],
    [0.400, 0.973, 0.0, 0.982, -0.000_18],
    [0.475, 0.979, -0.000_20, 0.994, -0.000_10],
    [0.525, 0.971, -0.000_26, 0.996, -0.000_10],
    [0.575, 0.955, -0.000_29, 0.996, -0.000_12],
    [0.615, 0.925, -0.000_39, 0.996, -0.000_17],
    [0.645, 0.851, -0.000_90, 0.993, -0.000_20],
    [0.670, 0.477, -0.001_40, 0.957, -0.000_33],
    [0.710, 0.200, -0.002_00, 0.900, -0.000_50],
];

/// An arm on a base that stands still.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arm {
    base_x: f64,
    pan_axis: [f64; 2],
}

/// Where a grip site is, seen from the shoulder.
struct Polar {
    /// Horizontal direction from the pan axis.
    outward: Vector3<f64>,
    /// Horizontal distance of the wrist from the shoulder's lift axis.
    radius: f64,
    /// Height of the wrist above it.
    height: f64,
}

impl Polar {
    fn reach(&self) -> f64 {
        (self.radius * self.radius + self.height * self.height).sqrt()
    }
}

impl Arm {
    /// The arm of a robot whose joint `slide0` stands at `base_x`.
    pub(super) fn new(base_x: f64) -> Self {
        let [x, y] = PAN_AT_BASE;
        Self { base_x, pan_axis: [x + base_x, y] }
    }

    fn polar(&self, grip: &Vector3<f64>) -> Polar {
        let [x, y] = self.pan_axis;
        let from_pan = Vector3::new(grip.x - x, grip.y - y, 0.0);
        let distance = from_pan.norm().max(1e-9);
        Polar {
            outward: from_pan / distance,
            radius: distance - SHOULDER_OFFSET,
            height: grip.z + WRIST_TO_GRIP - SHOULDER_HEIGHT,
        }
    }

    /// How far a command of the action, `[3]`, puts the target beside the grip site.
    pub(super) fn target_offset(&self, grip: &Vector3<f64>, action: &[f32]) -> Vector3<f64> {
        let command = super::read(action) * FULL_COMMAND;
        let polar = self.polar(grip);
        let [radial_gain, radial_bias, vertical_gain, vertical_bias] = response(polar.reach());
        let radial = command.dot(&polar.outward);
        let radial_change = radial * (radial_gain - 1.0) + radial_bias / WAY_PER_TARGET;
        let mut offset = command + polar.outward * radial_change;
        offset.z = command.z * vertical_gain + vertical_bias / WAY_PER_TARGET;
        offset
    }

    /// Keeps a motion within the reach.
    pub(super) fn confine(&self, motion: &mut Motion) {
        let polar = self.polar(&motion.position);
        let reach = polar.reach();
        if reach <= LARGEST_REACH {
            return;
        }
        let outward =
            polar.outward * (polar.radius / reach) + Vector3::new(0.0, 0.0, polar.height / reach);
        motion.position -= outward * (reach - LARGEST_REACH);
        motion.velocity -= outward * motion.velocity.dot(&outward).max(0.0);
    }

    /// All joints, in the order of the robot's description, with the gripper pointing down.
    ///
    /// The law of cosines for the two links; beyond their length, they stretch out.
    pub(super) fn joints(&self, grip: &Vector3<f64>, fingers: [f64; 2]) -> [f64; N_JOINTS] {
        let Polar { outward, radius, height } = self.polar(grip);
        let distance = (radius * radius + height * height).sqrt();
        let distance = distance.clamp(UPPER_ARM - FOREARM, UPPER_ARM + FOREARM);
        let corner = |opposite: f64, a: f64, b: f64| {
            libm::acos(((a * a + b * b - opposite * opposite) / (2.0 * a * b)).clamp(-1.0, 1.0))
        };
        let at_shoulder = corner(FOREARM, UPPER_ARM, distance);
        let at_elbow = corner(distance, UPPER_ARM, FOREARM);
        // Joints turn the arm downward.
        let lift = -(libm::atan2(height, radius) + at_shoulder);
        let elbow = std::f64::consts::PI - at_elbow;
        let wrist = std::f64::consts::FRAC_PI_2 - lift - elbow;
        let pan = libm::atan2(outward.y, outward.x);
        let [right, left] = fingers;
        let base = [self.base_x, BASE_Y, 0.0, TORSO_LIFT];
        let head = [0.0, 0.06];
        let arm = [pan, lift, 0.0, elbow, 0.0, wrist, 0.0];
        let mut joints = [0.0; N_JOINTS];
        let all = base.iter().chain(&head).chain(&arm).chain([&right, &left]);
        for (joint, coordinate) in joints.iter_mut().zip(all) {
            *joint = *coordinate;
        }
        joints
    }
}

/// [`RESPONSE`] at a reach, linear between its rows.
fn response(reach: f64) -> [f64; 4] {
    let above = RESPONSE.iter().position(|row| reach < row[0]).unwrap_or(RESPONSE.len() - 1).max(1);
    let (low, high) = (&RESPONSE[above - 1], &RESPONSE[above]);
    let share = ((reach - low[0]) / (high[0] - low[0])).clamp(0.0, 1.0);
    std::array::from_fn(|column| low[column + 1] + share * (high[column + 1] - low[column + 1]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::robots::fetch::stage;
    use gcrl_physics::nalgebra::Point3;

    #[test]
    fn the_joints_put_the_grip_site_where_it_is_and_the_gripper_upright() {
        let robot = &*stage::FETCH;
        let site = &robot.sites[robot.site("grip")];
        let arm = Arm::new(0.405);
        for grip in [[1.3482, 0.7489, 0.4136], [1.1, 1.2, 0.8], [1.0, 0.4, 0.5]] {
            let grip = Vector3::from(grip);
            let frame = robot.forward_kinematics(&arm.joints(&grip, [0.0; 2]))[site.body];
            let found = (frame * site.in_body).coords;
            assert!((found - grip).norm() < 1e-3, "{found} instead of {grip}");
            let tip = (frame * Point3::new(1.0, 0.0, 0.0)).coords - frame.translation.vector;
            assert!((tip + Vector3::z()).norm() < 1e-6, "{tip} is not down");
        }
    }

    #[test]
    fn the_joints_are_those_of_the_original_at_reset() {
        // MuJoCo 2.3.3 holds FetchPush's arm at these angles, its gripper 3 mm lower for its weight.
        let joints = Arm::new(0.405).joints(&Vector3::new(1.3482, 0.7489, 0.4136), [0.0; 2]);
        let original = [0.0091, -0.5802, -0.0023, 1.4310, 0.0026, 0.7191, 0.0059];
        for (joint, original) in joints[6..13].iter().zip(original) {
            assert!((joint - original).abs() < 0.02, "{joints:?}");
        }
    }

    #[test]
    fn nothing_moves_beyond_the_reach() {
        let arm = Arm::new(0.405);
        let mut motion = Motion {
            position: Vector3::new(1.7, 0.7441, 0.5),
            velocity: Vector3::new(1.0, 0.5, 0.0),
        };
        arm.confine(&mut motion);
        assert!((arm.polar(&motion.position).reach() - LARGEST_REACH).abs() < 1e-9);
        assert!(motion.velocity.x.abs() < 0.1 && motion.velocity.y == 0.5, "{}", motion.velocity);
    }

    #[test]
    fn the_response_is_the_table_and_linear_between() {
        assert_eq!(response(0.475), [0.979, -0.000_20, 0.994, -0.000_10]);
        assert_eq!(response(0.1), [0.940, 0.0, 0.930, -0.000_35]);
        assert_eq!(response(2.0), [0.200, -0.002_00, 0.900, -0.000_50]);
        assert!((response(0.35)[0] - 0.963).abs() < 1e-12);
    }
}
