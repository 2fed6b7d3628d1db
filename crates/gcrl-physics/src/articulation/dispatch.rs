//! A step in joint space, compiled for several generations of CPUs; the newest that is present runs.
//!
//! All versions are the same Rust, [`JointSpace::step`], and give the same bits: none contracts a product
//! and a sum into one rounding.

#![allow(
    unsafe_code,
    reason = "calling a function compiled for instructions that were just detected"
)]

use super::joint_space::JointSpace;

/// Moves on by one physics step.
pub(super) fn step(joints: &mut JointSpace) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the CPU has the instructions that the function was compiled for.
            return unsafe { step_avx512(joints) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has the instructions that the function was compiled for.
            return unsafe { step_avx2(joints) };
        }
    }
    joints.step();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn step_avx512(joints: &mut JointSpace) {
    joints.step();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn step_avx2(joints: &mut JointSpace) {
    joints.step();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Robot;
    use crate::articulation::{Integrator, Joints};

    /// Two hinges with friction, a damper and a limit that is reached.
    const ARM: &str = r#"<mujoco><compiler angle="radian"/><worldbody><body name="upper">
        <joint name="shoulder" axis="0 1 0" damping="0.1" frictionloss="0.2" armature="0.01"/>
        <inertial pos="0.25 0 0.01" mass="3" diaginertia="0.01 0.03 0.02"/>
        <body name="lower" pos="0.5 0 0"><joint name="elbow" axis="0 0.6 0.8" range="-0.2 0.3"/>
            <inertial pos="0.2 0 0" mass="2" diaginertia="0.01 0.01 0.01"/>
        </body></body></worldbody></mujoco>"#;

    fn states(step: impl Fn(&mut JointSpace)) -> Vec<[u64; 4]> {
        let robot = Robot::parse(ARM).unwrap();
        let mut joints = JointSpace::new(&robot, Integrator::Euler, 0.002).unwrap();
        joints.set_state(&[0.3, 0.1], &[1.0, -2.0]);
        let mut state = |_| {
            step(&mut joints);
            let (q, v) = (joints.qpos(), joints.qvel());
            [q[0], q[1], v[0], v[1]].map(f64::to_bits)
        };
        (0..300).map(&mut state).collect()
    }

    #[test]
    fn every_version_that_runs_here_gives_the_bits_of_the_plain_one() {
        let plain = states(JointSpace::step);
        assert!(states(step) == plain);
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has the instructions that the function was compiled for.
            assert!(states(|joints| unsafe { step_avx2(joints) }) == plain);
        }
    }
}
