//! Where two shapes touch: boxes, cylinders, balls, hulls and the floor.
//!
//! | pair | contacts |
//! |---|---|
//! | box, box | those of parry, rapier's library of shapes: corners of the face that both share |
//! | cylinder or hull, box | the one point of [`super::portal`] |
//! | ball, cylinder | where the cylinder is nearest to the ball's middle |
//! | floor, box or cylinder | its lowest corners, or the lowest points of its rims |

use super::forms::{Form, Placed};
use super::portal::{self, Overlap};
use crate::articulation::tree::Frame;
use crate::articulation::vectors::{turned, turned_back};
use nalgebra::{Matrix3, Vector3};
use rapier3d::parry::query::ContactManifold;
use rapier3d::parry::shape::{Cuboid, PolygonalFeature};
use rapier3d::prelude::{Pose, Rotation, Vector};

/// Share of a cylinder's half length beyond which its walls do not turn a contact's direction.
const NEAR_THE_END: f64 = 0.95;

/// Share of its distance that a corner over a box's face counts: the original measures from the middle
/// between the two surfaces.
const FACE_SHARE: f64 = 0.5;

/// Where two shapes touch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touch {
    /// Distance of the surfaces; negative where they overlap.
    pub(super) gap: f64,
    /// From the first shape to the second.
    pub(super) normal: Vector3<f64>,
    /// In the middle between the surfaces.
    pub(super) point: Vector3<f64>,
}

/// What is known of two shapes before they are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Known {
    Nothing,
    /// How [`portal`] finds that they overlap, if they do.
    Overlap(Option<Overlap>),
}

/// What is found, and room to work in.
#[derive(Clone, Debug, Default)]
pub(super) struct Narrow {
    pub(super) found: Vec<Touch>,
    manifold: ContactManifold<(), ()>,
}

/// The direction in which two boxes are furthest apart, or least deep in each other.
#[derive(Clone, Copy)]
struct Axis {
    gap: f64,
    /// From the first box to the second, in the first one's frame.
    normal: Vector3<f64>,
    /// Whether it is the normal of a face, not what is across two edges.
    is_of_face: bool,
}

/// Looks along the 15 directions that can separate two boxes, the second at `between` and turned by
/// `turn` in the first one's frame: nothing, if one separates them by more than `margin`.
///
/// Source: Gottschalk et al., "`OBBTree`", 1996.
fn separating_axis(
    a: &Vector3<f64>,
    b: &Vector3<f64>,
    between: &Vector3<f64>,
    turn: &Matrix3<f64>,
    margin: f64,
) -> Option<Axis> {
    let along = |direction: Vector3<f64>, is_of_face| {
        let distance = between.dot(&direction);
        let reach = a.dot(&direction.abs()) + b.dot(&turned_back(turn, &direction).abs());
        let normal = if distance < 0.0 { -direction } else { direction };
        Axis { gap: distance.abs() - reach, normal, is_of_face }
    };
    let axes = [Vector3::x(), Vector3::y(), Vector3::z()];
    let columns = [0, 1, 2].map(|index| Vector3::from(turn.column(index)));
    let mut best = along(axes[0], true);
    let mut look = |direction: Vector3<f64>, is_of_face| {
        let other = along(direction, is_of_face);
        if best.gap + 1e-12 < other.gap {
            best = other;
        }
        best.gap <= margin
    };
    for direction in axes.iter().chain(&columns) {
        if !look(*direction, true) {
            return None;
        }
    }
    for one in &axes {
        for two in &columns {
            let Some(across) = one.cross(two).try_normalize(1e-15) else { continue };
            if !look(across, false) {
                return None;
            }
        }
    }
    Some(best)
}

impl Narrow {
    /// Finds where the shapes are nearer than `margin`; `known` is what [`portal`] has found.
    pub(super) fn find(
        &mut self,
        first: (&Form, &Frame),
        second: (&Form, &Frame),
        (margin, known): (f64, Known),
    ) {
        self.found.clear();
        if let Some(order) = first.0.portal_order(second.0) {
            let shapes = [first, second];
            self.convex(order.map(|index| shapes[index]), (margin, known));
            if order[0] == 1 {
                self.turn_round();
            }
            return;
        }
        match (first.0, second.0) {
            (Form::Block { half_extents: a }, Form::Block { half_extents: b }) => {
                self.blocks((a, first.1), (b, second.1), margin);
            }
            (Form::Ball { radius }, Form::Cylinder { radius: of_wall, half_length }) => {
                self.ball_at_cylinder(
                    (*radius, first.1),
                    (*of_wall, *half_length, second.1),
                    margin,
                );
            }
            (Form::Cylinder { .. }, Form::Ball { .. }) => {
                self.find(second, first, (margin, known));
                self.turn_round();
            }
            (Form::Floor, Form::Block { half_extents }) => {
                self.block_on_floor(first.1, (half_extents, second.1), margin);
            }
            (Form::Floor, Form::Cylinder { radius, half_length }) => {
                self.cylinder_on_floor(first.1, (*radius, *half_length, second.1), margin);
            }
            // Nothing of this kind is set up; see `super::solids`.
            _ => {}
        }
    }

    /// Directs all normals from the other shape.
    fn turn_round(&mut self) {
        for touch in &mut self.found {
            touch.normal = -touch.normal;
        }
    }

    fn blocks(
        &mut self,
        (a, at_a): (&Vector3<f64>, &Frame),
        (b, at_b): (&Vector3<f64>, &Frame),
        margin: f64,
    ) {
        let between = turned_back(&at_a.rotation, &(at_b.position - at_a.position));
        let turn = at_a.rotation.tr_mul(&at_b.rotation);
        let Some(axis) = separating_axis(a, b, &between, &turn, margin) else { return };
        let pose = Pose::from_parts(to_f32(&between), rotation_to_f32(&turn));
        let (own, other) = (to_f32(&axis.normal), to_f32(&-turned_back(&turn, &axis.normal)));
        self.manifold.points.clear();
        PolygonalFeature::contacts(
            &pose,
            &pose.inverse(),
            own,
            other,
            &Cuboid::new(to_f32(a)).support_feature(own),
            &Cuboid::new(to_f32(b)).support_feature(other),
            &mut self.manifold,
            false,
        );
        let normal = turned(&at_a.rotation, &axis.normal);
        let share = if axis.is_of_face { FACE_SHARE } else { 1.0 };
        for contact in &self.manifold.points {
            let gap = f64::from(contact.dist);
            if gap < margin {
                let one = at_a.transform(&to_f64(contact.local_p1));
                let two = at_b.transform(&to_f64(contact.local_p2));
                self.found.push(Touch { gap: share * gap, normal, point: 0.5 * (one + two) });
            }
        }
    }

    /// Where [`portal`] finds that they overlap.
    fn convex(&mut self, [first, second]: [(&Form, &Frame); 2], (margin, known): (f64, Known)) {
        let overlap = match known {
            Known::Overlap(overlap) => overlap,
            Known::Nothing => {
                let place = |(form, frame)| Placed { form, frame, margin: 0.5 * margin };
                portal::search(&[place(first), place(second)], 1.0).lane(0)
            }
        };
        let Some(Overlap { depth, mut direction, point }) = overlap else { return };
        if let Form::Cylinder { half_length, .. } = first.0 {
            let own = turned_back(&first.1.rotation, &(point - first.1.position));
            if own.z.abs() <= NEAR_THE_END * half_length {
                let wall = Vector3::new(own.x, own.y, 0.0);
                if let Some(wall) = wall.try_normalize(1e-15) {
                    direction = turned(&first.1.rotation, &wall);
                }
            }
        }
        self.found.push(Touch { gap: margin - depth, normal: direction, point });
    }

    /// A ball whose middle is outside the cylinder.
    fn ball_at_cylinder(
        &mut self,
        (radius, ball): (f64, &Frame),
        (of_wall, half_length, at): (f64, f64, &Frame),
        margin: f64,
    ) {
        let middle = at.rotation.tr_mul(&(ball.position - at.position));
        let from_axis = (middle.x * middle.x + middle.y * middle.y).sqrt();
        let share = if from_axis > of_wall { of_wall / from_axis } else { 1.0 };
        let along = middle.z.clamp(-half_length, half_length);
        let nearest = Vector3::new(middle.x * share, middle.y * share, along);
        let apart = at.rotation * (nearest - middle);
        let distance = apart.norm();
        let gap = distance - radius;
        if gap <= margin && distance > 0.0 {
            let normal = apart / distance;
            let point = ball.position + normal * (radius + 0.5 * gap);
            self.found.push(Touch { gap, normal, point });
        }
    }

    fn block_on_floor(&mut self, floor: &Frame, (half, at): (&Vector3<f64>, &Frame), margin: f64) {
        let normal: Vector3<f64> = floor.rotation.column(2).into();
        let height = normal.dot(&(at.position - floor.position));
        for corner in 0..8_u8 {
            let side = |axis: u8| if corner >> axis & 1 == 0 { -1.0 } else { 1.0 };
            let own = half.component_mul(&Vector3::new(side(0), side(1), side(2)));
            let from_middle = at.rotation * own;
            let below = normal.dot(&from_middle);
            let gap = height + below;
            if below <= 0.0 && gap <= margin && self.found.len() < 4 {
                let point = at.position + from_middle - normal * (0.5 * gap);
                self.found.push(Touch { gap, normal, point });
            }
        }
    }

    fn cylinder_on_floor(
        &mut self,
        floor: &Frame,
        (radius, half_length, at): (f64, f64, &Frame),
        margin: f64,
    ) {
        let normal: Vector3<f64> = floor.rotation.column(2).into();
        let mut axis: Vector3<f64> = at.rotation.column(2).into();
        if normal.dot(&axis) > 0.0 {
            axis = -axis;
        }
        let slope = normal.dot(&axis);
        let lowest = axis * slope - normal;
        let rim = match lowest.try_normalize(1e-12) {
            Some(direction) => direction * radius,
            None => at.rotation.column(0) * radius,
        };
        let axis = axis * half_length;
        let height = normal.dot(&(at.position - floor.position));
        let aside = rim.cross(&axis).try_normalize(1e-15).unwrap_or_else(Vector3::zeros)
            * (radius * 0.75_f64.sqrt());
        let places = [axis + rim, rim - axis, axis - 0.5 * rim + aside, axis - 0.5 * rim - aside];
        for from_middle in places {
            let gap = height + normal.dot(&from_middle);
            if gap <= margin {
                let point = at.position + from_middle - normal * (0.5 * gap);
                self.found.push(Touch { gap, normal, point });
            }
        }
    }
}

fn to_f32(vector: &Vector3<f64>) -> Vector {
    Vector::new(vector.x as f32, vector.y as f32, vector.z as f32)
}

fn to_f64(vector: Vector) -> Vector3<f64> {
    Vector3::new(vector.x.into(), vector.y.into(), vector.z.into())
}

/// A rotation matrix as parry's quaternion.
fn rotation_to_f32(turn: &Matrix3<f64>) -> Rotation {
    let turn = super::quaternion(turn);
    Rotation::from_xyzw(turn.i as f32, turn.j as f32, turn.k as f32, turn.w as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: Form = Form::Block { half_extents: Vector3::new(0.5, 0.5, 0.5) };

    fn at(x: f64, y: f64, z: f64) -> Frame {
        Frame { rotation: Matrix3::identity(), position: Vector3::new(x, y, z) }
    }

    #[test]
    fn a_block_on_a_block_touches_at_the_corners_of_what_they_share() {
        let mut narrow = Narrow::default();
        narrow.find(
            (&BLOCK, &at(0.0, 0.0, 0.0)),
            (&BLOCK, &at(0.25, 0.0, 0.99)),
            (0.0, Known::Nothing),
        );
        assert_eq!(narrow.found.len(), 4);
        for touch in &narrow.found {
            // Half of the 1 cm that they overlap.
            assert!((touch.gap + 0.005).abs() < 1e-6, "{touch:?}");
            assert!((touch.normal - Vector3::z()).norm() < 1e-6, "{touch:?}");
            assert!((touch.point.z - 0.495).abs() < 1e-6 && touch.point.x > -0.251, "{touch:?}");
        }
        narrow.find(
            (&BLOCK, &at(0.0, 0.0, 0.0)),
            (&BLOCK, &at(0.0, 0.0, 1.02)),
            (0.01, Known::Nothing),
        );
        assert!(narrow.found.is_empty());
    }

    #[test]
    fn a_cylinder_in_a_block_touches_once_as_deep_as_it_is() {
        let mut narrow = Narrow::default();
        let puck = Form::Cylinder { radius: 0.2, half_length: 0.1 };
        narrow.find(
            (&puck, &at(0.1, 0.2, 0.59)),
            (&BLOCK, &at(0.0, 0.0, 0.0)),
            (0.0, Known::Nothing),
        );
        let [touch] = narrow.found[..] else { panic!("one point, not {:?}", narrow.found) };
        assert!((touch.gap + 0.01).abs() < 1e-5, "{touch:?}");
        assert!((touch.normal + Vector3::z()).norm() < 1e-4, "{touch:?}");
    }

    #[test]
    fn a_ball_touches_a_cylinder_where_it_is_nearest() {
        let (ball, rod) =
            (Form::Ball { radius: 0.2 }, Form::Cylinder { radius: 0.1, half_length: 0.5 });
        let mut narrow = Narrow::default();
        narrow.find(
            (&ball, &at(0.29, 0.0, 0.3)),
            (&rod, &at(0.0, 0.0, 0.0)),
            (0.0, Known::Nothing),
        );
        let [touch] = narrow.found[..] else { panic!("one point, not {:?}", narrow.found) };
        assert!((touch.gap + 0.01).abs() < 1e-12, "{touch:?}");
        assert!((touch.normal + Vector3::x()).norm() < 1e-12, "{touch:?}");
        assert!((touch.point - Vector3::new(0.095, 0.0, 0.3)).norm() < 1e-12, "{touch:?}");
        // Beyond the end, at its edge: 3, 4, 5.
        narrow.find(
            (&rod, &at(0.0, 0.0, 0.0)),
            (&ball, &at(0.22, 0.0, 0.66)),
            (1e-3, Known::Nothing),
        );
        let [touch] = narrow.found[..] else { panic!("one point, not {:?}", narrow.found) };
        assert!(touch.gap.abs() < 1e-12, "{touch:?}");
        assert!((touch.normal - Vector3::new(0.6, 0.0, 0.8)).norm() < 1e-12, "{touch:?}");
    }

    #[test]
    fn a_hull_spans_its_parts() {
        // Two disks, one above the other: a cone without its tip, 45 degrees steep.
        let disk = |radius: f64| Form::Cylinder { radius, half_length: 0.0 };
        let parts = vec![
            (disk(0.1), Vector3::new(0.0, 0.0, -0.2)),
            (disk(0.3), Vector3::new(0.0, 0.0, 0.0)),
        ];
        let hull = Form::Hull { parts };
        let slope = Vector3::new(1.0, 0.0, -1.0).normalize();
        let edge = Placed { form: &hull, frame: &at(1.0, 0.0, 0.0), margin: 0.0 }.furthest(&slope);
        assert!((slope.dot(&edge) - slope.dot(&Vector3::new(1.3, 0.0, 0.0))).abs() < 1e-12);
        let mut narrow = Narrow::default();
        narrow.find(
            (&hull, &at(0.0, 0.0, 0.69)),
            (&BLOCK, &at(0.0, 0.0, 0.0)),
            (0.0, Known::Nothing),
        );
        let [touch] = narrow.found[..] else { panic!("one point, not {:?}", narrow.found) };
        assert!((touch.gap + 0.01).abs() < 1e-5, "{touch:?}");
        assert!((touch.normal + Vector3::z()).norm() < 1e-4, "{touch:?}");
    }

    #[test]
    fn a_cylinder_stands_on_the_floor_with_three_points() {
        let mut narrow = Narrow::default();
        let puck = Form::Cylinder { radius: 0.2, half_length: 0.1 };
        narrow.find(
            (&Form::Floor, &at(0.0, 0.0, 0.0)),
            (&puck, &at(1.0, 0.0, 0.09)),
            (0.0, Known::Nothing),
        );
        // Three of its lower rim; its upper one is off the floor.
        assert_eq!(narrow.found.len(), 3);
        for touch in &narrow.found {
            assert!((touch.gap + 0.01).abs() < 1e-12, "{touch:?}");
        }
    }
}
