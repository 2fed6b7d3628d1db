//! How deep two convex shapes are in each other: Minkowski portal refinement.
//!
//! The difference of two overlapping shapes contains the origin. A portal is a triangle of its surface
//! which the ray from an inner point through the origin passes; it is pushed outward until it lies on
//! the surface. One point and one direction come out, found exactly as the original finds them, since
//! a puck that lies on one point of contact wobbles as that point jumps.
//!
//! Source: Snethen, "`XenoCollide`", Game Programming Gems 7, 2008; steps and tolerances as in libccd,
//! which `MuJoCo` 2 uses.

use super::forms::Placed;
use crate::articulation::real::{Real, one_above};
use crate::articulation::vectors::{cross, difference, divided, dot, lane_of, where_above};
use nalgebra::Vector3;

type V<T = f64> = Vector3<T>;

/// How near a support point must be to the portal to end the search.
const TOLERANCE: f64 = 1e-6;

/// Rounds of the last phase, at most.
const MAX_ROUNDS: usize = 50;

/// The two shapes.
pub(super) type Shapes<'a, T> = [Placed<'a, T>; 2];

/// A point of the difference, and the points of the two shapes it comes from.
#[derive(Clone, Copy)]
struct Support<T: Real = f64> {
    difference: V<T>,
    first: V<T>,
    second: V<T>,
}

/// Depth, direction from the first shape to the second, and point of the deepest overlap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overlap {
    pub(super) depth: f64,
    pub(super) direction: V,
    pub(super) point: V,
}

/// What the search ended with, of the shapes of one world or of several side by side.
pub(super) struct Found<T: Real> {
    portal: [Support<T>; 4],
    /// 1 where the shapes overlap, elsewhere 0.
    overlap: T,
    /// 1 where they do at the portal's second point, on the ray from its first.
    is_met: T,
}

/// 1 where `x` is 0, elsewhere 1.
#[inline(always)]
fn not<T: Real>(x: T) -> T {
    T::repeat(1.0) - x
}

/// 1 where `x` is nearly 0, elsewhere 0.
#[inline(always)]
fn is_zero<T: Real>(x: T) -> T {
    one_above(x, -f64::EPSILON) * one_above(-x, -f64::EPSILON)
}

#[inline(always)]
fn normalized<T: Real>(a: &V<T>) -> V<T> {
    divided(a, dot(a, a).sqrt())
}

#[inline(always)]
fn negated<T: Real>(a: &V<T>) -> V<T> {
    V::new(-a.x, -a.y, -a.z)
}

impl<T: Real> Support<T> {
    /// That in a direction.
    #[inline(always)]
    fn new(shapes: &Shapes<'_, T>, direction: &V<T>) -> Self {
        let first = shapes[0].furthest(direction);
        let second = shapes[1].furthest(&negated(direction));
        Self { difference: difference(&first, &second), first, second }
    }

    /// `self` where `mask` is 1, elsewhere `other`.
    #[inline(always)]
    fn where_set(&self, mask: T, other: &Self) -> Self {
        Self {
            difference: where_above(&self.difference, mask, 0.5, &other.difference),
            first: where_above(&self.first, mask, 0.5, &other.first),
            second: where_above(&self.second, mask, 0.5, &other.second),
        }
    }

    /// 1 where it is not beyond the origin along `direction`, elsewhere 0.
    #[inline(always)]
    fn is_outside(&self, direction: &V<T>) -> T {
        one_above(-dot(&self.difference, direction), -f64::EPSILON)
    }

    fn lane(&self, lane: usize) -> Support {
        let [difference, first, second] =
            [&self.difference, &self.first, &self.second].map(|point| lane_of(point, lane));
        Support { difference, first, second }
    }
}

/// Searches for the overlap of two shapes in the worlds where `is_wanted` is 1.
#[inline(always)]
pub(super) fn search<T: Real>(shapes: &Shapes<'_, T>, is_wanted: T) -> Found<T> {
    let centers = shapes.each_ref().map(|shape| shape.frame.position);
    let mut between = difference(&centers[0], &centers[1]);
    let is_nothing = is_zero(between.x) * is_zero(between.y) * is_zero(between.z);
    let moved = between.x + T::repeat(f64::EPSILON * 10.0);
    between.x = moved.where_above(is_nothing, 0.5, between.x);
    let inner = Support { difference: between, first: centers[0], second: centers[1] };

    // A first portal, if the shapes may overlap.
    let direction = normalized(&negated(&inner.difference));
    let mut one = Support::new(shapes, &direction);
    let mut overlap = is_wanted * not(one.is_outside(&direction));
    let across = cross(&inner.difference, &one.difference);
    let is_met = overlap * is_zero(dot(&across, &across));
    let mut portal = [inner, one, one, one];
    overlap = overlap * not(is_met);
    if overlap.is_zero() {
        return Found { portal, overlap: is_met, is_met };
    }
    let direction = normalized(&across);
    let mut two = Support::new(shapes, &direction);
    overlap = overlap * not(two.is_outside(&direction));
    let mut direction = normal(&inner, &one, &two);
    let is_swapped = one_above(dot(&direction, &inner.difference), 0.0);
    (one, two) = (two.where_set(is_swapped, &one), one.where_set(is_swapped, &two));
    direction = where_above(&negated(&direction), is_swapped, 0.5, &direction);
    let (mut three, mut is_open) = (one, overlap);
    while !is_open.is_zero() {
        let next = Support::new(shapes, &direction);
        three = next.where_set(is_open, &three);
        let is_outside = is_open * three.is_outside(&direction);
        overlap = overlap * not(is_outside);
        is_open = is_open * not(is_outside);
        let after_one = is_open * is_beyond(&inner, &one, &three);
        let before_two = is_open * not(after_one) * is_beyond(&inner, &three, &two);
        two = three.where_set(after_one, &two);
        one = three.where_set(before_two, &one);
        is_open = after_one + before_two;
        direction = where_above(&normal(&inner, &one, &two), is_open, 0.5, &direction);
    }
    // Where the ray met the surface at once, that point stays.
    portal = [inner, portal[1].where_set(is_met, &one), two, three];

    // Outward until the origin is within.
    let mut direction = outward(&portal);
    let mut is_open = overlap;
    loop {
        is_open = is_open * not(one_above(dot(&direction, &portal[1].difference), -f64::EPSILON));
        if is_open.is_zero() {
            break;
        }
        let next = Support::new(shapes, &direction);
        let is_beyond = one_above(dot(&next.difference, &direction), -f64::EPSILON);
        let goes_on = is_open * is_beyond * not(is_reached(&portal, &next, &direction));
        overlap = overlap * not(is_open * not(goes_on));
        is_open = goes_on;
        expand(&mut portal, &next, is_open);
        direction = where_above(&outward(&portal), is_open, 0.5, &direction);
    }
    // Outward to the surface.
    let mut is_open = overlap;
    for _ in 0..=MAX_ROUNDS {
        if is_open.is_zero() {
            break;
        }
        let next = Support::new(shapes, &direction);
        is_open = is_open * not(is_reached(&portal, &next, &direction));
        expand(&mut portal, &next, is_open);
        direction = where_above(&outward(&portal), is_open, 0.5, &direction);
    }
    Found { portal, overlap: overlap + is_met, is_met }
}

/// Across two points, as seen from the inner one.
#[inline(always)]
fn normal<T: Real>(inner: &Support<T>, one: &Support<T>, two: &Support<T>) -> V<T> {
    normalized(&cross(
        &difference(&one.difference, &inner.difference),
        &difference(&two.difference, &inner.difference),
    ))
}

/// 1 where `b` is on the far side of `a`, elsewhere 0.
#[inline(always)]
fn is_beyond<T: Real>(inner: &Support<T>, a: &Support<T>, b: &Support<T>) -> T {
    let side = dot(&cross(&a.difference, &b.difference), &inner.difference);
    one_above(-side, 0.0) * not(one_above(side, -f64::EPSILON))
}

#[inline(always)]
fn outward<T: Real>(portal: &[Support<T>; 4]) -> V<T> {
    let [_, one, two, three] = portal;
    normalized(&cross(
        &difference(&two.difference, &one.difference),
        &difference(&three.difference, &one.difference),
    ))
}

/// 1 where the portal lies on the surface, elsewhere 0.
#[inline(always)]
fn is_reached<T: Real>(portal: &[Support<T>; 4], next: &Support<T>, direction: &V<T>) -> T {
    let beyond = dot(&next.difference, direction);
    let mut is_off = T::repeat(1.0);
    for corner in &portal[1..] {
        is_off = is_off * one_above(beyond - dot(&corner.difference, direction), TOLERANCE);
    }
    not(is_off)
}

/// Puts `next` in the place of a corner, where `mask` is 1.
#[inline(always)]
fn expand<T: Real>(portal: &mut [Support<T>; 4], next: &Support<T>, mask: T) {
    let side = cross(&next.difference, &portal[0].difference);
    let one = one_above(dot(&portal[1].difference, &side), 0.0);
    let two = one_above(dot(&portal[2].difference, &side), 0.0);
    let three = one_above(dot(&portal[3].difference, &side), 0.0);
    let replaced = [one * two + not(one) * not(three), not(one) * three, one * not(two)];
    for (corner, is_replaced) in portal[1..].iter_mut().zip(replaced) {
        *corner = next.where_set(mask * is_replaced, corner);
    }
}

impl<T: Real> Found<T> {
    /// The overlap in one world, if there is one.
    pub(super) fn lane(&self, lane: usize) -> Option<Overlap> {
        if self.overlap.lane(lane) == 0.0 {
            return None;
        }
        let portal = self.portal.each_ref().map(|corner| corner.lane(lane));
        let (nearest, point) = if self.is_met.lane(lane) > 0.0 {
            (portal[1].difference, 0.5 * (portal[1].first + portal[1].second))
        } else {
            let corners = [1, 2, 3].map(|corner| portal[corner].difference);
            (nearest_to_origin(corners), point_of(&portal))
        };
        let direction = nearest.try_normalize(0.0)?;
        Some(Overlap { depth: nearest.norm(), direction, point })
    }
}

/// The point of the overlap, by the barycentric coordinates of the origin in the tetrahedron.
fn point_of(portal: &[Support; 4]) -> V {
    let [p0, p1, p2, p3] = portal.map(|corner| corner.difference);
    let mut shares = [
        p1.cross(&p2).dot(&p3),
        p3.cross(&p2).dot(&p0),
        p0.cross(&p1).dot(&p3),
        p2.cross(&p1).dot(&p0),
    ];
    let mut sum: f64 = shares.iter().sum();
    if sum < f64::EPSILON {
        let direction = outward(portal);
        shares = [
            0.0,
            p2.cross(&p3).dot(&direction),
            p3.cross(&p1).dot(&direction),
            p1.cross(&p2).dot(&direction),
        ];
        sum = shares.iter().sum();
    }
    let mut point = V::zeros();
    for (corner, share) in portal.iter().zip(shares) {
        point += share * (corner.first + corner.second);
    }
    point * (0.5 / sum)
}

/// The point of a triangle that is nearest to the origin.
///
/// Source: Ericson, "Real-Time Collision Detection", 2005, section 5.1.5.
fn nearest_to_origin([a, b, c]: [V; 3]) -> V {
    let (ab, ac) = (b - a, c - a);
    let (d1, d2) = (-ab.dot(&a), -ac.dot(&a));
    if d1 <= 0.0 && d2 <= 0.0 {
        return a;
    }
    let (d3, d4) = (-ab.dot(&b), -ac.dot(&b));
    if d3 >= 0.0 && d4 <= d3 {
        return b;
    }
    let vc = d1 * d4 - d3 * d2;
    if vc <= 0.0 && d1 >= 0.0 && d3 <= 0.0 {
        return a + ab * (d1 / (d1 - d3));
    }
    let (d5, d6) = (-ab.dot(&c), -ac.dot(&c));
    if d6 >= 0.0 && d5 <= d6 {
        return c;
    }
    let vb = d5 * d2 - d1 * d6;
    if vb <= 0.0 && d2 >= 0.0 && d6 <= 0.0 {
        return a + ac * (d2 / (d2 - d6));
    }
    let va = d3 * d6 - d5 * d4;
    if va <= 0.0 && d4 - d3 >= 0.0 && d5 - d6 >= 0.0 {
        let share = (d4 - d3) / ((d4 - d3) + (d5 - d6));
        return b + (c - b) * share;
    }
    let total = va + vb + vc;
    a + ab * (vb / total) + ac * (vc / total)
}
