//! Contacts as rows of [`super::newton`]: one for each edge of the friction pyramid, with `J = n ± μ t`
//! for two tangents, and `n ± μ_s spin` where the pair has that.
//!
//! Rows of contacts soften by `2 μ² (1 − d) / d · w (1 + μ²)`, as in `MuJoCo`, which keeps the pyramid as
//! stiff along the normal as a contact without friction.

use super::grip::{Carrier, Grip};
use super::model::Model;
use super::narrow::Touch;
use super::newton::{N, Row, Vector};
use crate::articulation::dynamics::Dynamics;
use crate::articulation::real::Real;
use crate::articulation::spatial::{Force, Motion};
use crate::articulation::tree::Frame;
use crate::articulation::vectors::turned_back;
use nalgebra::Vector3;
use std::ops::Range;

/// The state that rows are written for, of the world in one lane.
pub(super) struct State<'a, T: Real> {
    pub(super) model: &'a Model,
    pub(super) dynamics: &'a Dynamics<T>,
    pub(super) lane: usize,
    /// Of the object; its coordinates come after the joints'.
    pub(super) object: &'a Frame,
    /// Velocities of all coordinates.
    pub(super) qvel: &'a Vector,
}

/// All rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    /// Of the robot alone, then of the object alone, then of both.
    pub(super) robot: Vec<Row>,
    pub(super) object: Vec<Row>,
    pub(super) both: Vec<Row>,
}

fn dot(a: &Vector, b: &Vector) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl Rows {
    pub(super) fn clear(&mut self) {
        self.robot.clear();
        self.object.clear();
        self.both.clear();
    }

    /// Those of both, of the robot alone and of the object alone, as far as they are about coordinates
    /// `of`, of which the robot has the first `n_joints`.
    pub(super) fn about(&self, of: &Range<usize>, n_joints: usize) -> [&[Row]; 3] {
        let robot = if of.start == 0 { [&self.both[..], &self.robot] } else { [&[][..]; 2] };
        [robot[0], robot[1], if n_joints < of.end { &self.object } else { &[] }]
    }

    /// Keeps two shapes apart that touch.
    pub(super) fn add_contact<T: Real>(
        &mut self,
        state: &State<'_, T>,
        grip: &Grip,
        touch: &Touch,
    ) {
        let gap = touch.gap - grip.margin;
        let spring = grip.softness.at(gap, state.model.dt_secs);
        let steepness = grip.friction * grip.friction;
        let softening = 2.0 * steepness * spring.yielding * grip.weight * (1.0 + steepness);
        let weight = 1.0 / softening.max(1e-15);
        let [first, second] = tangents(&touch.normal);
        let normal = state.along(grip, &touch.point, &touch.normal);
        let mut sides = [
            (grip.friction, state.along(grip, &touch.point, &first)),
            (grip.friction, state.along(grip, &touch.point, &second)),
            (0.0, [0.0; N]),
        ];
        if let Some(friction) = grip.spin_friction {
            sides[2] = (friction, state.about(grip, &touch.normal));
        }
        let rows = if grip.is_between_robot_and_object() {
            &mut self.both
        } else if grip.carriers.contains(&Carrier::Object) {
            &mut self.object
        } else {
            &mut self.robot
        };
        let n_sides = if grip.spin_friction.is_some() { 3 } else { 2 };
        let mut slot = grip.slot;
        for (friction, side) in &sides[..n_sides] {
            for sign in [1.0, -1.0] {
                let derivative: Vector =
                    std::array::from_fn(|index| normal[index] + sign * friction * side[index]);
                let reference = spring.reference(gap, dot(&derivative, state.qvel));
                rows.push(Row { derivative, reference, weight, slot });
                slot = slot.map(|slot| slot + 1);
            }
        }
    }
}

impl<T: Real> State<'_, T> {
    fn direction(&self, joint: usize) -> Motion {
        self.dynamics.direction(joint).lane(self.lane)
    }

    /// How the distance of the second carrier from the first grows along `direction` at `point`.
    fn along(&self, grip: &Grip, point: &Vector3<f64>, direction: &Vector3<f64>) -> Vector {
        let mut derivative = [0.0; N];
        let force = Force::at(point, *direction);
        for (carrier, sign) in grip.carriers.iter().zip([-1.0, 1.0]) {
            match carrier {
                Carrier::World => {}
                Carrier::Link(link) => {
                    let mut next = Some(*link);
                    while let Some(joint) = next {
                        derivative[joint] += sign * self.direction(joint).dot(&force);
                        next = self.model.tree.links[joint].parent;
                    }
                }
                Carrier::Object => {
                    let start = self.model.tree.n_joints();
                    let moment = (point - self.object.position).cross(direction);
                    let moment = turned_back(&self.object.rotation, &moment);
                    for axis in 0..3 {
                        derivative[start + axis] += sign * direction[axis];
                        derivative[start + 3 + axis] += sign * moment[axis];
                    }
                }
            }
        }
        derivative
    }

    /// How the second carrier turns against the first about `axis`.
    fn about(&self, grip: &Grip, axis: &Vector3<f64>) -> Vector {
        let mut derivative = [0.0; N];
        for (carrier, sign) in grip.carriers.iter().zip([-1.0, 1.0]) {
            match carrier {
                Carrier::World => {}
                Carrier::Link(link) => {
                    let mut next = Some(*link);
                    while let Some(joint) = next {
                        let direction = self.direction(joint);
                        derivative[joint] += sign * direction.angular.dot(axis);
                        next = self.model.tree.links[joint].parent;
                    }
                }
                Carrier::Object => {
                    let own = turned_back(&self.object.rotation, axis);
                    let start = self.model.tree.n_joints();
                    for index in 0..3 {
                        derivative[start + 3 + index] += sign * own[index];
                    }
                }
            }
        }
        derivative
    }
}

/// Two directions across `normal`: the one nearest to y (or z), and the one across both.
fn tangents(normal: &Vector3<f64>) -> [Vector3<f64>; 2] {
    let near = if -0.5 < normal.y && normal.y < 0.5 { Vector3::y() } else { Vector3::z() };
    let first = (near - normal * normal.dot(&near)).normalize();
    [first, normal.cross(&first)]
}
