//! The Shadow Dexterous Hand: 24 joints, 20 servos, five fingertips, forearm fixed.

use super::jointed::Jointed;
use crate::robots;
use gcrl_physics::{Integrator, Joints, LinkPoint, Robot};
use std::sync::LazyLock;

/// The robot.
static HAND: LazyLock<Robot> =
    LazyLock::new(|| robots::described(include_str!("../../../assets/robots/shadow_hand.xml")));

/// Duration of a physics step, in seconds.
pub(crate) const DT_SECS: f64 = 0.002;

/// Joints of the hand.
pub(crate) const N_JOINTS: usize = 24;

/// Servos of the hand.
pub(crate) const N_SERVOS: usize = 20;

/// Fingertips: index, middle, ring, little, thumb.
pub(crate) const TIPS: [&str; 5] = ["fftip", "mftip", "rftip", "lftip", "thtip"];

/// Where the fingertips are in the world.
pub(crate) type Tips = [[f64; 3]; 5];

/// The hand, at zeros, and its fingertips.
pub(crate) fn build<J: Joints>() -> (Jointed<J>, [LinkPoint; 5]) {
    let hand = Jointed::new(&HAND, Integrator::Euler, DT_SECS);
    let tips = TIPS.map(|tip| hand.site(tip));
    (hand, tips)
}

/// Controls for an action, `[20]`: -1 and 1 are the ends of each servo's range.
pub(crate) fn control<J: Joints>(hand: &Jointed<J>, action: &[f32]) -> [f64; N_SERVOS] {
    let actuators = &hand.robot().actuators;
    std::array::from_fn(|index| {
        let [least, largest] = actuators[index].control_range;
        0.5 * (least + largest) + 0.5 * (largest - least) * f64::from(action[index])
    })
}

/// The fingertips as the original reports them: where they were a physics step ago.
pub(crate) fn stale_tips<J: Joints>(hand: &Jointed<J>, tips: &[LinkPoint; 5]) -> Tips {
    let mut earlier = [0.0; N_JOINTS];
    for ((earlier, q), v) in earlier.iter_mut().zip(hand.qpos()).zip(hand.qvel()) {
        *earlier = q - DT_SECS * v;
    }
    hand.points_at(tips, &earlier)
}

/// Writes fingertips as the agent sees them, `[15]`.
pub(crate) fn write(tips: &Tips, output: &mut [f32]) {
    for (output, number) in output.iter_mut().zip(tips.as_flattened()) {
        *output = *number as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_physics::JointSpace;

    #[test]
    fn the_hand_starts_where_the_original_does() {
        // Reset of HandReach-v3, MuJoCo 2.3.3.
        let expected: Tips = [
            [0.99174, 0.79755, 0.15223],
            [1.02088, 0.80174, 0.15185],
            [1.04222, 0.80748, 0.15524],
            [1.06620, 0.82310, 0.16429],
            [0.95050, 0.84029, 0.16172],
        ];
        let (hand, tips) = build::<JointSpace>();
        let start = hand.robot().keyframe("reset");
        let found = hand.points_at(&tips, start);
        for (found, expected) in found.as_flattened().iter().zip(expected.as_flattened()) {
            assert!((found - expected).abs() < 6e-6, "{found} instead of {expected}");
        }
        let [palm] = hand.points_at(&[hand.body("palm")], start);
        for (found, expected) in palm.iter().zip([1.005_589, 0.960_463, 0.139_999]) {
            assert!((found - expected).abs() < 1e-6, "{found} instead of {expected}");
        }
    }

    #[test]
    fn holding_the_start_sags_as_in_mujoco() {
        // Measured with MuJoCo 2.3.3: 2 s of commanding the angles of the reset move WRJ0 by -0.0777,
        // LFJ4 by -0.039 and THJ3 by -0.023 rad.
        let (mut hand, _) = build::<JointSpace>();
        let start = hand.robot().keyframe("reset").to_vec();
        let control: Vec<f64> =
            hand.robot().actuators.iter().map(|actuator| start[actuator.joint]).collect();
        hand.set_state(&start, &[0.0; N_JOINTS]);
        hand.set_control(&control);
        Jointed::advance([&mut hand].into_iter(), 1_000);
        for (joint, expected) in [("WRJ0", -0.0777), ("LFJ4", -0.039), ("THJ3", -0.023)] {
            let joint = hand.robot().joint(joint);
            let found = hand.qpos()[joint] - start[joint];
            assert!((found - expected).abs() < 0.001, "{found} instead of {expected}");
        }
    }
}
