//! Where pairs of shapes touch: capsules and spheres with each other and with boxes.
//!
//! A capsule is a segment with a radius, a sphere one without length. Two of them touch at the nearest
//! points of their segments, once; a box touches a capsule at the capsule's two ends and its middle.
//! Closed forms in f64: rapier's parry computes in f32, whose rounding alone would be a thousandth of
//! a millimeter at a meter from the origin.
//!
//! Source: Ericson, "Real-Time Collision Detection", 2005, sections 5.1.9 and 5.1.3.

use super::real::Real;
use super::tree::{Frame, Tree};
use super::vectors::{
    column, difference, dot, lane_of, product, repeat, repeat_matrix, scaled, sum, turned,
    turned_back,
};
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

/// Two balls, of several robots, of which some may touch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Balls<T> {
    gap: T,
    /// Centers, and what leads from the first to the second.
    from: Vector3<T>,
    between: Vector3<T>,
    distance: T,
    /// Radius of the first.
    radius: f64,
    /// 1, or -1 where the first ball is the second shape's.
    sign: f64,
}

/// A segment in the world.
#[derive(Clone, Copy, Debug)]
struct Segment<T = f64> {
    middle: Vector3<T>,
    axis: Vector3<T>,
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

    #[inline(always)]
    fn middle<T: Real>(&self, frames: &[Frame<T>]) -> Vector3<T> {
        match self.link {
            Some(link) => frames[link].transform(&self.in_link.position),
            None => repeat(&self.in_link.position),
        }
    }

    /// Radius of the ball around it.
    fn reach(&self) -> f64 {
        match self.form {
            Form::Rod { radius, half_length } => radius + half_length,
            Form::Block { half_extents } => half_extents.norm(),
        }
    }

    #[inline(always)]
    fn rotation<T: Real>(&self, frames: &[Frame<T>]) -> Matrix3<T> {
        let in_link = repeat_matrix(&self.in_link.rotation);
        match self.link {
            Some(link) => product(&frames[link].rotation, &in_link),
            None => in_link,
        }
    }

    #[inline(always)]
    fn segment<T: Real>(&self, middle: Vector3<T>, frames: &[Frame<T>]) -> Segment<T> {
        let Form::Rod { radius, half_length } = self.form else {
            unreachable!("only rods have a segment");
        };
        let axis = repeat(&column(&self.in_link.rotation, 2));
        let axis = match self.link {
            Some(link) => turned(&frames[link].rotation, &axis),
            None => axis,
        };
        Segment { middle, axis, half_length, radius }
    }
}

/// Most contacts of a pair.
pub(super) const MAX_CONTACTS: usize = 3;

/// Squares of the distance of two solids' middles, and of the distance beyond which they cannot touch.
#[inline(always)]
pub(super) fn distance<T: Real>(a: &Solid, b: &Solid, frames: &[Frame<T>]) -> (T, f64) {
    let between = difference(&b.middle(frames), &a.middle(frames));
    let reach = a.reach() + b.reach();
    (dot(&between, &between), reach * reach)
}

/// Where two solids might touch, in a fixed order; `None` where no robot's do.
#[inline(always)]
pub(super) fn nearest<T: Real>(
    a: &Solid,
    b: &Solid,
    frames: &[Frame<T>],
) -> [Option<Balls<T>>; MAX_CONTACTS] {
    let (at, bt) = (a.middle(frames), b.middle(frames));
    match (a.form, b.form) {
        (Form::Rod { .. }, Form::Rod { .. }) => {
            [of_segments(&a.segment(at, frames), &b.segment(bt, frames)), None, None]
        }
        (Form::Block { half_extents }, Form::Rod { .. }) => {
            of_block((at, &a.rotation(frames)), &half_extents, &b.segment(bt, frames), 1.0)
        }
        (Form::Rod { .. }, Form::Block { half_extents }) => {
            of_block((bt, &b.rotation(frames)), &half_extents, &a.segment(at, frames), -1.0)
        }
        (Form::Block { .. }, Form::Block { .. }) => [None; MAX_CONTACTS],
    }
}

impl<T: Real> Balls<T> {
    /// Two balls, unless no robot's overlap.
    #[inline(always)]
    fn new((from, a): (Vector3<T>, f64), (to, b): (Vector3<T>, f64), sign: f64) -> Option<Self> {
        let between = difference(&to, &from);
        let distance = dot(&between, &between).sqrt();
        let gap = distance - T::repeat(a + b);
        let overlap = !gap.is_above(0.0);
        overlap.then_some(Self { gap, from, between, distance, radius: a, sign })
    }

    /// Where those of one robot touch: along the line of their centers.
    pub(super) fn contact(&self, lane: usize) -> Option<Contact> {
        let (gap, distance) = (self.gap.lane(lane), self.distance.lane(lane));
        // Centers that coincide have no direction to push in; the next step will have one.
        (gap < 0.0 && 1e-9 < distance).then(|| {
            let normal = lane_of(&self.between, lane) / distance;
            let point = lane_of(&self.from, lane) + (self.radius + 0.5 * gap) * normal;
            Contact { gap, normal: self.sign * normal, point }
        })
    }
}

/// Two capsules touch at the nearest points `a(s)`, `b(t)` of their segments.
#[inline(always)]
fn of_segments<T: Real>(a: &Segment<T>, b: &Segment<T>) -> Option<Balls<T>> {
    let between = difference(&b.middle, &a.middle);
    let (cos, on_a, on_b) = (dot(&a.axis, &b.axis), dot(&a.axis, &between), dot(&b.axis, &between));
    let sin_squared = T::repeat(1.0) - cos * cos;
    // Nearest points of the lines, then each limited to its segment for the other's choice.
    let free = ((on_a - cos * on_b) / sin_squared).where_above(sin_squared, 1e-9, T::repeat(0.0));
    let s = free.clamp(-a.half_length, a.half_length);
    let t = near((-on_b, cos), s, b.half_length);
    let s = near((on_a, cos), t, a.half_length);
    let t = near((-on_b, cos), s, b.half_length);
    let (from, to) = (sum(&a.middle, &scaled(&a.axis, s)), sum(&b.middle, &scaled(&b.axis, t)));
    Balls::new((from, a.radius), (to, b.radius), 1.0)
}

/// The point of a segment that is nearest to the point `other` of another one.
#[inline(always)]
fn near<T: Real>((on_own, cos): (T, T), other: T, half_length: f64) -> T {
    (on_own + cos * other).clamp(-half_length, half_length)
}

/// A box and the balls at a capsule's ends and middle.
#[inline(always)]
fn of_block<T: Real>(
    block: (Vector3<T>, &Matrix3<T>),
    half_extents: &Vector3<f64>,
    segment: &Segment<T>,
    sign: f64,
) -> [Option<Balls<T>>; MAX_CONTACTS] {
    [
        of_block_and_ball(block, half_extents, (segment, -1.0), sign),
        of_block_and_ball(block, half_extents, (segment, 0.0), sign),
        of_block_and_ball(block, half_extents, (segment, 1.0), sign),
    ]
}

#[inline(always)]
fn of_block_and_ball<T: Real>(
    (middle, rotation): (Vector3<T>, &Matrix3<T>),
    half_extents: &Vector3<f64>,
    (segment, side): (&Segment<T>, f64),
    sign: f64,
) -> Option<Balls<T>> {
    let along = T::repeat(side * segment.half_length);
    let center = sum(&segment.middle, &scaled(&segment.axis, along));
    let in_block = turned_back(rotation, &difference(&center, &middle));
    let nearest = Vector3::new(
        in_block.x.clamp(-half_extents.x, half_extents.x),
        in_block.y.clamp(-half_extents.y, half_extents.y),
        in_block.z.clamp(-half_extents.z, half_extents.z),
    );
    Balls::new((sum(&middle, &turned(rotation, &nearest)), 0.0), (center, segment.radius), sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(middle: [f64; 3], axis: [f64; 3]) -> Segment {
        Segment { middle: middle.into(), axis: axis.into(), half_length: 1.0, radius: 0.25 }
    }

    fn touching(balls: Option<Balls<f64>>) -> Option<Contact> {
        balls.and_then(|balls| balls.contact(0))
    }

    #[test]
    fn crossed_capsules_touch_between_their_axes() {
        let (a, b) =
            (segment([0.0; 3], [1.0, 0.0, 0.0]), segment([0.5, 0.25, 0.375], [0.0, 1.0, 0.0]));
        let contact = touching(of_segments(&a, &b)).unwrap();
        assert_eq!(contact.gap, -0.125);
        assert_eq!(contact.normal, Vector3::z());
        assert_eq!(contact.point, Vector3::new(0.5, 0.0, 0.1875));
        let far = segment([0.0, 0.0, 0.625], [0.0, 1.0, 0.0]);
        assert!(touching(of_segments(&a, &far)).is_none());
    }

    #[test]
    fn ends_of_capsules_touch_like_balls() {
        // From the end (1, 0, 0) to the end (1.3, 0.4, 0): 0.5 apart would just touch.
        let a = segment([0.0; 3], [1.0, 0.0, 0.0]);
        let b = segment([2.3, 0.4, 0.0], [1.0, 0.0, 0.0]);
        assert!(touching(of_segments(&a, &b)).is_none_or(|contact| -1e-15 < contact.gap));
        let b = segment([2.24, 0.32, 0.0], [1.0, 0.0, 0.0]);
        let contact = touching(of_segments(&a, &b)).unwrap();
        assert!((contact.gap + 0.1).abs() < 1e-15);
        assert!((contact.normal - Vector3::new(0.6, 0.8, 0.0)).norm() < 1e-14);
    }

    #[test]
    fn a_capsule_lies_on_a_box_with_three_balls() {
        let half_extents = Vector3::new(2.0, 2.0, 0.5);
        let rod = segment([0.5, 0.0, 0.7], [1.0, 0.0, 0.0]);
        let block = (Vector3::zeros(), &Matrix3::identity());
        let found = of_block(block, &half_extents, &rod, 1.0).map(touching);
        for (contact, x) in found.into_iter().zip([-0.5, 0.5, 1.5]) {
            let contact = contact.unwrap();
            assert!((contact.gap + 0.05).abs() < 1e-15);
            assert_eq!(contact.normal, Vector3::z());
            assert!((contact.point - Vector3::new(x, 0.0, 0.475)).norm() < 1e-15);
        }
    }
}
