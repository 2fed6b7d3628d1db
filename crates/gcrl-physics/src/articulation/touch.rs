//! Where pairs of shapes touch: capsules and spheres with each other and with boxes.
//!
//! A capsule is a segment with a radius, a sphere one without length. Two of them touch at the nearest
//! points of their segments, once; a box touches a capsule at the capsule's two ends and its middle.
//! Closed forms in f64: rapier's parry computes in f32, whose rounding alone would be a thousandth of
//! a millimeter at a meter from the origin.
//!
//! Source: Ericson, "Real-Time Collision Detection", 2005, sections 5.1.9 and 5.1.3.

use super::tree::{Frame, Tree};
use crate::robot::Geom;
use gcrl_core::scene::Shape;
use nalgebra::{Matrix3, Vector3};

/// A shape that touches, on a link (none: it is fixed).
#[derive(Clone, Debug)]
pub(super) struct Solid {
    pub(super) link: Option<usize>,
    form: Form,
    in_link: Frame,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    /// A capsule or a sphere.
    Rod { radius: f64, half_length: f64 },
    /// A box.
    Block { half_extents: Vector3<f64> },
}

/// Two shapes that may touch, in the world, as a step finds them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contact {
    /// Distance of the surfaces; negative where they overlap.
    pub(super) gap: f64,
    /// From the first shape to the second.
    pub(super) normal: Vector3<f64>,
    /// In the middle between the surfaces.
    pub(super) point: Vector3<f64>,
}

/// A segment in the world.
#[derive(Clone, Copy, Debug)]
struct Segment {
    middle: Vector3<f64>,
    axis: Vector3<f64>,
    half_length: f64,
    radius: f64,
}

impl Solid {
    /// The shape of a geom, if it is one of those above.
    pub(super) fn new(geom: &Geom, tree: &Tree) -> Option<Self> {
        let form = match geom.shape {
            Shape::Sphere { radius } => Form::Rod { radius: radius.into(), half_length: 0.0 },
            Shape::Capsule { radius, half_length } => {
                Form::Rod { radius: radius.into(), half_length: half_length.into() }
            }
            Shape::Cuboid { half_extents } => {
                Form::Block { half_extents: Vector3::from(half_extents).cast() }
            }
            Shape::Cylinder { .. } | Shape::Plane { .. } => return None,
        };
        let (link, carrier) = tree.carrier(geom.body);
        let frame = carrier * geom.in_body;
        let rotation = *frame.rotation.to_rotation_matrix().matrix();
        let in_link = Frame { rotation, position: frame.translation.vector };
        Some(Self { link, form, in_link })
    }

    /// Whether the pair is one of those above.
    pub(super) fn can_touch(&self, other: &Self) -> bool {
        !matches!((self.form, other.form), (Form::Block { .. }, Form::Block { .. }))
    }

    fn middle(&self, frames: &[Frame]) -> Vector3<f64> {
        match self.link {
            Some(link) => frames[link].transform(&self.in_link.position),
            None => self.in_link.position,
        }
    }

    /// Radius of the ball around it.
    fn reach(&self) -> f64 {
        match self.form {
            Form::Rod { radius, half_length } => radius + half_length,
            Form::Block { half_extents } => half_extents.norm(),
        }
    }

    fn rotation(&self, frames: &[Frame]) -> Matrix3<f64> {
        match self.link {
            Some(link) => frames[link].rotation * self.in_link.rotation,
            None => self.in_link.rotation,
        }
    }
}

/// Most contacts of a pair.
pub(super) const MAX_CONTACTS: usize = 3;

/// Where two solids touch, in a fixed order; `None` where they do not.
pub(super) fn contacts(a: &Solid, b: &Solid, frames: &[Frame]) -> [Option<Contact>; MAX_CONTACTS] {
    let (at, bt) = (a.middle(frames), b.middle(frames));
    let reach = a.reach() + b.reach();
    if reach * reach < (bt - at).norm_squared() {
        return [None; MAX_CONTACTS];
    }
    match (a.form, b.form) {
        (Form::Rod { .. }, Form::Rod { .. }) => {
            [of_segments(&a.segment(at, frames), &b.segment(bt, frames)), None, None]
        }
        (Form::Block { half_extents }, Form::Rod { .. }) => {
            of_block(at, &a.rotation(frames), &half_extents, &b.segment(bt, frames))
        }
        (Form::Rod { .. }, Form::Block { half_extents }) => {
            let found = of_block(bt, &b.rotation(frames), &half_extents, &a.segment(at, frames));
            found.map(|contact| contact.map(|c| Contact { normal: -c.normal, ..c }))
        }
        (Form::Block { .. }, Form::Block { .. }) => [None; MAX_CONTACTS],
    }
}

impl Solid {
    fn segment(&self, middle: Vector3<f64>, frames: &[Frame]) -> Segment {
        let Form::Rod { radius, half_length } = self.form else {
            unreachable!("only rods have a segment");
        };
        let axis = self.in_link.rotation.column(2).into_owned();
        let axis = self.link.map_or(axis, |link| frames[link].rotation * axis);
        Segment { middle, axis, half_length, radius }
    }
}

/// Two capsules touch at the nearest points `a(s)`, `b(t)` of their segments.
fn of_segments(a: &Segment, b: &Segment) -> Option<Contact> {
    let between = b.middle - a.middle;
    let (cos, on_a, on_b) = (a.axis.dot(&b.axis), a.axis.dot(&between), b.axis.dot(&between));
    let sin_squared = 1.0 - cos * cos;
    // Nearest points of the lines, then each limited to its segment for the other's choice.
    let free = if 1e-9 < sin_squared { (on_a - cos * on_b) / sin_squared } else { 0.0 };
    let near = |on_own: f64, other: f64, half: f64| (on_own + cos * other).clamp(-half, half);
    let s = free.clamp(-a.half_length, a.half_length);
    let t = near(-on_b, s, b.half_length);
    let s = near(on_a, t, a.half_length);
    let t = near(-on_b, s, b.half_length);
    let (from, to) = (a.middle + s * a.axis, b.middle + t * b.axis);
    of_balls((from, a.radius), (to, b.radius))
}

/// Two balls touch along the line of their centers.
fn of_balls((from, a): (Vector3<f64>, f64), (to, b): (Vector3<f64>, f64)) -> Option<Contact> {
    let between = to - from;
    let distance = between.norm();
    let gap = distance - (a + b);
    // Centers that coincide have no direction to push in; the next step will have one.
    (gap < 0.0 && 1e-9 < distance).then(|| {
        let normal = between / distance;
        Contact { gap, normal, point: from + (a + 0.5 * gap) * normal }
    })
}

/// A box and the balls at a capsule's ends and middle.
fn of_block(
    middle: Vector3<f64>,
    rotation: &Matrix3<f64>,
    half_extents: &Vector3<f64>,
    segment: &Segment,
) -> [Option<Contact>; MAX_CONTACTS] {
    [-1.0, 0.0, 1.0].map(|side| {
        let center = segment.middle + side * segment.half_length * segment.axis;
        let in_block = rotation.tr_mul(&(center - middle));
        let nearest = in_block.zip_map(half_extents, |number, half| number.clamp(-half, half));
        of_balls((middle + rotation * nearest, 0.0), (center, segment.radius))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(middle: [f64; 3], axis: [f64; 3]) -> Segment {
        Segment { middle: middle.into(), axis: axis.into(), half_length: 1.0, radius: 0.25 }
    }

    #[test]
    fn crossed_capsules_touch_between_their_axes() {
        let (a, b) =
            (segment([0.0; 3], [1.0, 0.0, 0.0]), segment([0.5, 0.25, 0.375], [0.0, 1.0, 0.0]));
        let contact = of_segments(&a, &b).unwrap();
        assert_eq!(contact.gap, -0.125);
        assert_eq!(contact.normal, Vector3::z());
        assert_eq!(contact.point, Vector3::new(0.5, 0.0, 0.1875));
        assert!(of_segments(&a, &segment([0.0, 0.0, 0.625], [0.0, 1.0, 0.0])).is_none());
    }

    #[test]
    fn ends_of_capsules_touch_like_balls() {
        // From the end (1, 0, 0) to the end (1.3, 0.4, 0): 0.5 apart would just touch.
        let a = segment([0.0; 3], [1.0, 0.0, 0.0]);
        let b = segment([2.3, 0.4, 0.0], [1.0, 0.0, 0.0]);
        assert!(of_segments(&a, &b).is_none_or(|contact| -1e-15 < contact.gap));
        let b = segment([2.24, 0.32, 0.0], [1.0, 0.0, 0.0]);
        let contact = of_segments(&a, &b).unwrap();
        assert!((contact.gap + 0.1).abs() < 1e-15);
        assert!((contact.normal - Vector3::new(0.6, 0.8, 0.0)).norm() < 1e-14);
    }

    #[test]
    fn a_capsule_lies_on_a_box_with_three_balls() {
        let half_extents = Vector3::new(2.0, 2.0, 0.5);
        let rod = segment([0.5, 0.0, 0.7], [1.0, 0.0, 0.0]);
        let found = of_block(Vector3::zeros(), &Matrix3::identity(), &half_extents, &rod);
        for (contact, x) in found.into_iter().zip([-0.5, 0.5, 1.5]) {
            let contact = contact.unwrap();
            assert!((contact.gap + 0.05).abs() < 1e-15);
            assert_eq!(contact.normal, Vector3::z());
            assert!((contact.point - Vector3::new(x, 0.0, 0.475)).norm() < 1e-15);
        }
    }
}
