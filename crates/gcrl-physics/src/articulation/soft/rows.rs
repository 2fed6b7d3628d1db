//! The constraints of a state as rows of [`super::newton`].
//!
//! | constraint | rows | `J` |
//! |---|---|---|
//! | weld | 6 equalities | of the target's place and turn (`½ vec(q̄ ω q*)`) less the body's |
//! | limit of a joint | 1 where it is passed | ±1 |
//! | contact | an edge of the friction pyramid each | `n ± μ t` for two tangents, `n ± μ_s spin` where the pair has that |
//!
//! Rows of contacts soften by `2 μ² (1 − d) / d · w (1 + μ²)`, as in `MuJoCo`, which keeps the pyramid as
//! stiff along the normal as a contact without friction.

use super::narrow::Touch;
use super::newton::{N, Row, Vector};
use super::softness::Softness;
use crate::articulation::dynamics::Dynamics;
use crate::articulation::spatial::Force;
use crate::articulation::tree::{Frame, Tree};
use nalgebra::{Quaternion, UnitQuaternion, Vector3};

/// What carries a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier {
    World,
    Link(usize),
    Object,
}

/// What a contact's rows need to know of its pair.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grip {
    pub(super) carriers: [Carrier; 2],
    pub(super) softness: Softness,
    pub(super) margin: f64,
    /// Sliding friction, and that against spinning about the normal.
    pub(super) friction: f64,
    pub(super) spin_friction: Option<f64>,
    /// Inverse mass of both together.
    pub(super) weight: f64,
    /// Where the robot touches itself: the slot of the first of its rows, which hardly change.
    pub(super) slot: Option<usize>,
}

impl Grip {
    /// Whether a part of the robot may touch the object.
    pub(super) fn is_between_robot_and_object(&self) -> bool {
        let is_link = |carrier: &Carrier| matches!(carrier, Carrier::Link(_));
        self.carriers.contains(&Carrier::Object) && self.carriers.iter().any(is_link)
    }
}

/// The state that rows are written for.
pub(super) struct State<'a> {
    pub(super) tree: &'a Tree,
    pub(super) dynamics: &'a Dynamics,
    pub(super) frames: &'a [Frame],
    /// Of the object; its coordinates come after the joints'.
    pub(super) object: &'a Frame,
    /// Velocities of all coordinates.
    pub(super) qvel: &'a Vector,
    pub(super) dt_secs: f64,
}

/// All rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub(super) weld: Vec<Row>,
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
        self.weld.clear();
        self.robot.clear();
        self.object.clear();
        self.both.clear();
    }

    /// Welds the body at `in_link` of `link` to `target`.
    pub(super) fn add_weld(
        &mut self,
        state: &State<'_>,
        (link, body): (usize, &Frame),
        (position, rotation): (&Vector3<f64>, &UnitQuaternion<f64>),
        (softness, weight): (&Softness, f64),
    ) {
        let conjugate = super::quaternion(&body.rotation).into_inner().conjugate();
        let apart = position - body.position;
        let turned = (conjugate * rotation.into_inner()).imag();
        let mut derivatives = [[0.0; N]; 6];
        let mut next = Some(link);
        while let Some(joint) = next {
            let direction = state.dynamics.direction(joint);
            let linear = direction.linear + direction.angular.cross(&body.position);
            let spin = conjugate * Quaternion::from_imag(direction.angular) * rotation.into_inner();
            for axis in 0..3 {
                derivatives[axis][joint] = -linear[axis];
                derivatives[3 + axis][joint] = -0.5 * spin.imag()[axis];
            }
            next = state.tree.links[joint].parent;
        }
        let violation = (apart.norm_squared() + turned.norm_squared()).sqrt();
        let spring = softness.at(violation, state.dt_secs);
        for (index, derivative) in derivatives.into_iter().enumerate() {
            let gap = if index < 3 { apart[index] } else { turned[index - 3] };
            let reference = spring.reference(gap, dot(&derivative, state.qvel));
            let weight = 1.0 / (spring.yielding * weight);
            self.weld.push(Row { derivative, reference, weight, slot: None });
        }
    }

    /// Keeps a joint within its range, of which it is `gap` beyond the end that lies along `-side`.
    pub(super) fn add_limit(
        &mut self,
        state: &State<'_>,
        (joint, gap, side): (usize, f64, f64),
        (softness, weight): (&Softness, f64),
    ) {
        let mut derivative = [0.0; N];
        derivative[joint] = side;
        let spring = softness.at(gap, state.dt_secs);
        let reference = spring.reference(gap, side * state.qvel[joint]);
        let weight = 1.0 / (spring.yielding * weight);
        let slot = Some(2 * joint + usize::from(side < 0.0));
        self.robot.push(Row { derivative, reference, weight, slot });
    }

    /// Keeps two shapes apart that touch.
    pub(super) fn add_contact(&mut self, state: &State<'_>, grip: &Grip, touch: &Touch) {
        let gap = touch.gap - grip.margin;
        let spring = grip.softness.at(gap, state.dt_secs);
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

impl State<'_> {
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
                        derivative[joint] += sign * self.dynamics.direction(joint).dot(&force);
                        next = self.tree.links[joint].parent;
                    }
                }
                Carrier::Object => {
                    let start = self.frames.len();
                    let moment = (point - self.object.position).cross(direction);
                    let moment = self.object.rotation.tr_mul(&moment);
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
                        let direction = self.dynamics.direction(joint);
                        derivative[joint] += sign * direction.angular.dot(axis);
                        next = self.tree.links[joint].parent;
                    }
                }
                Carrier::Object => {
                    let own = self.object.rotation.tr_mul(axis);
                    for index in 0..3 {
                        derivative[self.frames.len() + 3 + index] += sign * own[index];
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
