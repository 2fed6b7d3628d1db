//! Joint coordinates that bring a body of a robot to a wanted frame: damped least squares.
//!
//! `q ← q + Jᵀ (J Jᵀ + λ² I)⁻¹ e`, where `e` is the error of the frame, three meters and three
//! radians, and `J` how it answers to the joints. Near a singular pose, where `J Jᵀ` cannot be
//! inverted, `λ` trades speed for calm. It starts at the same coordinates every time, so that a wanted
//! frame has one answer, whatever was asked before.
//!
//! Source: Nakamura and Hanafusa, "Inverse Kinematic Solutions With Singularity Robustness for Robot
//! Manipulator Control", 1986.

use crate::robot::{JointKind, Robot};
use nalgebra::{Isometry3, Matrix6, Vector3, Vector6};

/// `λ`, in meters and radians.
const DAMPING: f64 = 0.05;

/// How often the coordinates are improved.
const N_ITERATIONS: usize = 30;

/// The coordinates near `start` that bring `body` to `wanted`, as well as it can be reached.
///
/// Every joint between the body and the world moves but free ones; limits are not kept. `start` and
/// the answer have one coordinate per hinge or slide, in the order of the robot's joints.
///
/// # Panics
///
/// If `start` has another length.
pub fn solve(robot: &Robot, body: usize, wanted: &Isometry3<f64>, start: &[f64]) -> Vec<f64> {
    let chain = chain(robot, body);
    let mut qpos = start.to_vec();
    for _ in 0..N_ITERATIONS {
        let frames = robot.forward_kinematics(&qpos);
        let columns: Vec<Vector6<f64>> =
            chain.iter().map(|(_, joint)| column(robot, &frames, *joint, body)).collect();
        let mut square = Matrix6::from_diagonal_element(DAMPING * DAMPING);
        for column in &columns {
            square += column * column.transpose();
        }
        let factors = square.cholesky().expect("the damping makes it positive definite");
        let weights = factors.solve(&error(&frames[body], wanted));
        for ((coordinate, _), column) in chain.iter().zip(&columns) {
            qpos[*coordinate] += column.dot(&weights);
        }
    }
    qpos
}

/// The joints between `body` and the world: indices of their coordinates and of themselves.
fn chain(robot: &Robot, body: usize) -> Vec<(usize, usize)> {
    let mut ancestors = vec![body];
    while let Some(last) = ancestors.last().filter(|last| **last != 0) {
        ancestors.push(robot.bodies[*last].parent);
    }
    let moving =
        (0..robot.joints.len()).filter(|joint| robot.joints[*joint].kind != JointKind::Free);
    moving.enumerate().filter(|(_, joint)| ancestors.contains(&robot.joints[*joint].body)).collect()
}

/// Velocity of `body`'s origin and its turning, in the world, when `joint` moves at speed 1.
fn column(robot: &Robot, frames: &[Isometry3<f64>], joint: usize, body: usize) -> Vector6<f64> {
    let joint = &robot.joints[joint];
    let frame = &frames[joint.body];
    let axis = frame * joint.axis.into_inner();
    let (velocity, turning) = match joint.kind {
        JointKind::Slide => (axis, Vector3::zeros()),
        _ => (axis.cross(&(frames[body].translation.vector - (frame * joint.anchor).coords)), axis),
    };
    Vector6::new(velocity.x, velocity.y, velocity.z, turning.x, turning.y, turning.z)
}

/// What is missing from `found` to `wanted`: a way in meters, and an axis times an angle.
fn error(found: &Isometry3<f64>, wanted: &Isometry3<f64>) -> Vector6<f64> {
    let way = wanted.translation.vector - found.translation.vector;
    let turn = (wanted.rotation * found.rotation.inverse()).scaled_axis();
    Vector6::new(way.x, way.y, way.z, turn.x, turn.y, turn.z)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two links of 1 m on hinges about z, and a slide along z at the end.
    const ARM: &str = r#"<mujoco><worldbody>
        <body name="upper"><joint name="shoulder" axis="0 0 1"/><inertial mass="1" pos="0 0 0" diaginertia="1 1 1"/>
          <body name="lower" pos="1 0 0"><joint name="elbow" axis="0 0 1"/><inertial mass="1" pos="0 0 0" diaginertia="1 1 1"/>
            <body name="tip" pos="1 0 0"><joint name="lift" type="slide" axis="0 0 1"/><inertial mass="1" pos="0 0 0" diaginertia="1 1 1"/></body>
        </body></body></worldbody></mujoco>"#;

    #[test]
    fn a_reachable_frame_is_reached() {
        let robot = Robot::parse(ARM).unwrap();
        let tip = robot.body("tip");
        let wanted = robot.forward_kinematics(&[0.4, 0.9, 0.3])[tip];
        let qpos = solve(&robot, tip, &wanted, &[0.1, 1.2, 0.0]);
        for (found, expected) in qpos.iter().zip([0.4, 0.9, 0.3]) {
            assert!((found - expected).abs() < 1e-6, "{qpos:?}");
        }
    }

    #[test]
    fn what_is_out_of_reach_leaves_finite_coordinates() {
        let robot = Robot::parse(ARM).unwrap();
        let wanted = Isometry3::translation(0.0, 5.0, 0.0);
        let qpos = solve(&robot, robot.body("tip"), &wanted, &[0.0, 0.0, 0.0]);
        assert!(qpos.iter().all(|coordinate| coordinate.is_finite()), "{qpos:?}");
    }
}
