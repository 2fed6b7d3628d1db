//! A robot as links: one a joint, every link after the one it hangs on; and where they are.
//!
//! Bodies that no joint moves belong to the link that carries them. A body with several joints
//! becomes several links, of which only the last has mass.

use super::real::{Real, gather};
use super::spatial::{Inertia, Motion};
use super::vectors::{
    column, from_columns, lane_of, lane_of_matrix, product, repeat, repeat_matrix, scaled, sum,
    transposed, turned,
};
use crate::robot::{Inertial, JointKind, Robot};
use nalgebra::{Isometry3, Matrix3, Point3, Rotation3, Vector3};

/// What a [`Tree`] cannot be made of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// A joint is neither a hinge nor a slide.
    #[error("joint `{joint}` is free; only hinges and slides have a coordinate")]
    Free {
        /// Its name.
        joint: String,
    },
}

/// The links of a robot.
#[derive(Clone, Debug)]
pub struct Tree {
    pub(super) links: Vec<Link>,
    /// For each body of the robot, the link that carries it (none: it is fixed) and its frame there.
    carriers: Vec<(Option<usize>, Isometry3<f64>)>,
}

/// What one joint moves; its frame has its origin on the joint's axis.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// The link it hangs on; none for the world.
    pub(super) parent: Option<usize>,
    pub(super) kind: JointKind,
    /// Its frame's origin at coordinate 0, in its parent's frame.
    origin: Vector3<f64>,
    /// Direction of the joint, in its own frame: moving the joint leaves it alone.
    axis: Vector3<f64>,
    /// Rotation at coordinate `q` is `rest + sin q · sine + (1 − cos q) · versine` (Rodrigues).
    rest: Matrix3<f64>,
    sine: Matrix3<f64>,
    versine: Matrix3<f64>,
    pub(super) mass: f64,
    /// Center of mass, in its own frame.
    pub(super) center: Vector3<f64>,
    /// Rotational inertia about the center of mass, in its own axes.
    pub(super) inertia: Matrix3<f64>,
    /// Whether that inertia is a ball's, the same in all axes.
    is_round: bool,
}

/// Where a link is: the rotation and origin of its frame in the world.
#[derive(Clone, Copy, Debug)]
pub struct Frame<T = f64> {
    pub(super) rotation: Matrix3<T>,
    pub(super) position: Vector3<T>,
}

/// A point that rides on a link.
#[derive(Clone, Copy, Debug)]
pub struct LinkPoint {
    pub(super) link: Option<usize>,
    in_link: Vector3<f64>,
}

impl<T: Real> Frame<T> {
    /// The world's own.
    #[inline(always)]
    pub(super) fn identity() -> Self {
        Self { rotation: repeat_matrix(&Matrix3::identity()), position: repeat(&Vector3::zeros()) }
    }

    /// Where a point of this frame is in the world.
    #[inline(always)]
    pub(super) fn transform(&self, point: &Vector3<f64>) -> Vector3<T> {
        sum(&self.position, &turned(&self.rotation, &repeat(point)))
    }

    /// Takes over that of one robot.
    #[inline(always)]
    pub(super) fn set_lane(&mut self, lane: usize, own: &Frame) {
        gather(own.rotation.as_slice(), lane, self.rotation.as_mut_slice());
        gather(own.position.as_slice(), lane, self.position.as_mut_slice());
    }

    /// That of one robot.
    #[inline(always)]
    pub(super) fn lane(&self, lane: usize) -> Frame {
        let rotation = lane_of_matrix(&self.rotation, lane);
        Frame { rotation, position: lane_of(&self.position, lane) }
    }
}

impl LinkPoint {
    /// Where the point is in the world, for the frames of all links.
    pub fn in_world(&self, frames: &[Frame]) -> [f64; 3] {
        match self.link {
            Some(link) => frames[link].transform(&self.in_link).into(),
            None => self.in_link.into(),
        }
    }
}

impl Tree {
    /// The links of `robot`; link `j` is what its joint `j` moves.
    ///
    /// # Errors
    ///
    /// If a joint is free.
    pub fn new(robot: &Robot) -> Result<Self, TreeError> {
        let mut tree = Self { links: Vec::new(), carriers: Vec::new() };
        for (index, body) in robot.bodies.iter().enumerate() {
            let (mut carrier, mut frame) = if index == 0 {
                (None, body.in_parent)
            } else {
                let (carrier, parent) = tree.carriers[body.parent];
                (carrier, parent * body.in_parent)
            };
            for joint in &robot.joints[body.joints.clone()] {
                if joint.kind == JointKind::Free {
                    return Err(TreeError::Free { joint: joint.name.clone() });
                }
                let to_anchor =
                    Isometry3::translation(joint.anchor.x, joint.anchor.y, joint.anchor.z);
                tree.links.push(Link::new(carrier, &(frame * to_anchor), joint.kind, &joint.axis));
                carrier = Some(tree.links.len() - 1);
                frame = to_anchor.inverse();
            }
            tree.carriers.push((carrier, frame));
            if let (Some(link), Some(inertial)) = (carrier, &body.inertial) {
                tree.links[link].add(inertial, &frame);
            }
        }
        Ok(tree)
    }

    /// How many joints there are.
    pub fn n_joints(&self) -> usize {
        self.links.len()
    }

    /// A frame a link, to be filled by [`Tree::place`].
    pub fn frames(&self) -> Vec<Frame> {
        vec![Frame::identity(); self.links.len()]
    }

    /// Writes the frames of all links at joint coordinates `qpos`.
    ///
    /// # Panics
    ///
    /// If either has another length than the links.
    pub fn place(&self, qpos: &[f64], frames: &mut [Frame]) {
        assert!(qpos.len() == self.links.len() && frames.len() == self.links.len());
        self.place_all(qpos, frames);
    }

    /// [`Tree::place`] of one robot or of several side by side.
    #[inline(always)]
    pub(super) fn place_all<T: Real>(&self, qpos: &[T], frames: &mut [Frame<T>]) {
        let world = Frame::identity();
        for (index, link) in self.links.iter().enumerate() {
            let parent = link.parent.map_or(&world, |parent| &frames[parent]);
            let mut position = parent.transform(&link.origin);
            let rotation = if link.kind == JointKind::Hinge {
                product(&parent.rotation, &link.turn(qpos[index]))
            } else {
                let rotation = product(&parent.rotation, &repeat_matrix(&link.rest));
                let way = scaled(&repeat(&link.axis), qpos[index]);
                position = sum(&position, &turned(&rotation, &way));
                rotation
            };
            frames[index] = Frame { rotation, position };
        }
    }

    /// The point at `in_body` on a body of the robot.
    ///
    /// # Panics
    ///
    /// If there is no such body.
    pub fn point(&self, body: usize, in_body: &Point3<f64>) -> LinkPoint {
        let (link, frame) = &self.carriers[body];
        LinkPoint { link: *link, in_link: (frame * in_body).coords }
    }

    /// The link that carries a body (none: it is fixed), and the body's frame there.
    pub(super) fn carrier(&self, body: usize) -> (Option<usize>, &Isometry3<f64>) {
        let (link, frame) = &self.carriers[body];
        (*link, frame)
    }
}

impl Link {
    /// At coordinate 0 its frame is `at` in its parent's.
    fn new(
        parent: Option<usize>,
        at: &Isometry3<f64>,
        kind: JointKind,
        axis: &Vector3<f64>,
    ) -> Self {
        let rest = *at.rotation.to_rotation_matrix().matrix();
        let cross = axis.cross_matrix();
        Self {
            parent,
            kind,
            origin: at.translation.vector,
            axis: *axis,
            rest,
            sine: rest * cross,
            versine: rest * cross * cross,
            mass: 0.0,
            center: Vector3::zeros(),
            inertia: Matrix3::zeros(),
            is_round: true,
        }
    }

    /// Its frame's origin and rotation at coordinate 0, in its parent's frame.
    pub(super) fn in_parent(&self) -> (&Vector3<f64>, &Matrix3<f64>) {
        (&self.origin, &self.rest)
    }

    /// Rotation of a hinge at a coordinate: `rest + sin q · sine + (1 − cos q) · versine`.
    #[inline(always)]
    fn turn<T: Real>(&self, coordinate: T) -> Matrix3<T> {
        let (sin, cos) = coordinate.sin_cos();
        let versin = T::repeat(1.0) - cos;
        from_columns(
            self.turned_column(0, (sin, versin)),
            self.turned_column(1, (sin, versin)),
            self.turned_column(2, (sin, versin)),
        )
    }

    #[inline(always)]
    fn turned_column<T: Real>(&self, index: usize, (sin, versin): (T, T)) -> Vector3<T> {
        let sine = scaled(&repeat(&column(&self.sine, index)), sin);
        let versine = scaled(&repeat(&column(&self.versine, index)), versin);
        sum(&sum(&repeat(&column(&self.rest, index)), &sine), &versine)
    }

    /// How the link moves at unit speed of its joint, for its frame.
    #[inline(always)]
    pub(super) fn direction<T: Real>(&self, frame: &Frame<T>) -> Motion<T> {
        let axis = turned(&frame.rotation, &repeat(&self.axis));
        match self.kind {
            JointKind::Hinge => Motion::turning(axis, frame.position),
            JointKind::Slide | JointKind::Free => Motion::sliding(axis),
        }
    }

    /// What resists its acceleration, for its frame.
    #[inline(always)]
    pub(super) fn inertia_in_world<T: Real>(&self, frame: &Frame<T>) -> Inertia<T> {
        let turn = &frame.rotation;
        let (mass, center) = (T::repeat(self.mass), frame.transform(&self.center));
        let inertia = repeat_matrix(&self.inertia);
        if self.is_round {
            // Most of a hand's links are, and turning them would be a tenth of a step.
            return Inertia::new(mass, &center, &inertia);
        }
        Inertia::new(mass, &center, &product(&product(turn, &inertia), &transposed(turn)))
    }

    /// Welds on the mass of a body whose frame is `in_link`.
    fn add(&mut self, body: &Inertial, in_link: &Isometry3<f64>) {
        let turn: Rotation3<f64> = in_link.rotation.to_rotation_matrix();
        let (mass, center) = (body.mass, (in_link * body.center).coords);
        let total = self.mass + mass;
        if total <= 0.0 {
            return;
        }
        let common = (self.mass * self.center + mass * center) / total;
        let shifted = |mass: f64, center: Vector3<f64>| {
            let arm = center - common;
            mass * (Matrix3::from_diagonal_element(arm.norm_squared()) - arm * arm.transpose())
        };
        self.inertia += turn.matrix() * body.inertia * turn.matrix().transpose()
            + shifted(self.mass, self.center)
            + shifted(mass, center);
        (self.mass, self.center) = (total, common);
        self.is_round = self.inertia == Matrix3::from_diagonal_element(self.inertia.m11);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slide, then a body with two hinges off its origin, then a welded plate.
    const ODD: &str = r#"<mujoco><compiler angle="radian"/><worldbody>
        <body name="cart" pos="0 0 1"><joint name="x" type="slide" axis="1 0 0"/>
            <inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>
            <body name="arm" pos="0 0.5 0" quat="0.6 0 0.8 0">
                <joint name="turn" axis="0 0 1" pos="0.1 0 0"/><joint name="nod" axis="0 1 0" pos="0 0 0.2"/>
                <inertial pos="0 0 0" mass="2" diaginertia="1 1 1"/>
                <body name="plate" pos="0.3 0 0"><inertial pos="0 0 0" mass="6" diaginertia="1 1 1"/></body>
            </body>
        </body></worldbody></mujoco>"#;

    #[test]
    fn frames_agree_with_the_robots_own_kinematics() {
        let robot = Robot::parse(ODD).unwrap();
        let tree = Tree::new(&robot).unwrap();
        let (qpos, mut frames) = ([0.4, -0.9, 1.3], tree.frames());
        tree.place(&qpos, &mut frames);
        let bodies = robot.forward_kinematics(&qpos);
        let point = Point3::new(0.2, -0.3, 0.7);
        for (body, frame) in bodies.iter().enumerate() {
            let found = tree.point(body, &point).in_world(&frames);
            assert!((frame * point - Point3::from(found)).norm() < 1e-15);
        }
    }

    #[test]
    fn welded_masses_add_up() {
        let tree = Tree::new(&Robot::parse(ODD).unwrap()).unwrap();
        let [cart, first, arm] = &tree.links[..] else { panic!("three joints") };
        assert_eq!((cart.mass, first.mass, arm.mass), (1.0, 0.0, 8.0));
        // 2 kg at x = 0 and 6 kg at x = 0.3, seen from the last anchor at z = 0.2.
        assert!((arm.center - Vector3::new(0.225, 0.0, -0.2)).norm() < 1e-15);
        // About the common center: 1 + 1 + 2 · 0.225² + 6 · 0.075².
        assert!((arm.inertia.m22 - 2.135).abs() < 1e-15);
        assert!((arm.inertia.m11 - 2.0).abs() < 1e-15);
    }
}
