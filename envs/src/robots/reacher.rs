//! The planar arm of Reacher: two motors, two links, a fingertip.

use super::jointed::Jointed;
use crate::robots;
use gcrl_physics::{Integrator, Joints, LinkPoint, Robot};
use std::sync::LazyLock;

/// The robot.
static ARM: LazyLock<Robot> =
    LazyLock::new(|| robots::described(include_str!("../../../assets/robots/reacher.xml")));

/// Duration of a physics step, in seconds.
pub(crate) const DT_SECS: f64 = 0.01;

/// The arm, at zeros, and its fingertip.
pub(crate) fn build<J: Joints>() -> (Jointed<J>, LinkPoint) {
    let arm = Jointed::new(&ARM, Integrator::RungeKutta, DT_SECS);
    let tip = arm.site("tip");
    (arm, tip)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_physics::JointSpace;

    fn peak(speed: f64) -> f64 {
        let (mut arm, _) = build::<JointSpace>();
        arm.set_state(&[0.0, 2.9], &[0.0, speed]);
        let mut peak: f64 = 0.0;
        for _ in 0..20 {
            Jointed::advance([&mut arm].into_iter(), 1);
            peak = peak.max(arm.qpos()[1]);
        }
        peak
    }

    #[test]
    fn the_elbow_gives_way_at_its_limit_as_in_mujoco() {
        // Measured on the original model with MuJoCo 2.3.7; the limit is at 3 rad.
        for (speed, expected) in [(2.0, 3.015), (5.0, 3.041), (10.0, 3.085), (20.0, 3.19)] {
            let found = peak(speed);
            assert!((found - expected).abs() < 0.01, "{found} at {speed} rad/s");
        }
    }

    #[test]
    fn full_torque_holds_the_elbow_just_beyond_its_limit() {
        let (mut arm, _) = build::<JointSpace>();
        arm.set_state(&[0.0, 3.0], &[0.0, 0.0]);
        arm.set_control(&[0.0, 1.0]);
        Jointed::advance([&mut arm].into_iter(), 500);
        assert!((arm.qpos()[1] - 3.004).abs() < 0.001, "{:?}", arm.qpos());
    }
}
