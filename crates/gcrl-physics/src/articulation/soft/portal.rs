//! How deep two convex shapes are in each other: Minkowski portal refinement.
//!
//! The difference of two overlapping shapes contains the origin. A portal is a triangle of its surface
//! which the ray from an inner point through the origin passes; it is pushed outward until it lies on
//! the surface. One point and one direction come out, found exactly as the original finds them, since
//! a puck that lies on one point of contact wobbles as that point jumps.
//!
//! Source: Snethen, "`XenoCollide`", Game Programming Gems 7, 2008; steps and tolerances as in libccd,
//! which `MuJoCo` 2 uses.

use nalgebra::Vector3;

type V = Vector3<f64>;

/// How near a support point must be to the portal to end the search.
const TOLERANCE: f64 = 1e-6;

/// Rounds of the last phase, at most.
const MAX_ROUNDS: usize = 50;

/// A point of the difference, and the points of the two shapes it comes from.
#[derive(Clone, Copy)]
struct Support {
    difference: V,
    first: V,
    second: V,
}

/// Depth, direction from the first shape to the second, and point of the deepest overlap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overlap {
    pub(super) depth: f64,
    pub(super) direction: V,
    pub(super) point: V,
}

fn is_zero(x: f64) -> bool {
    x.abs() < f64::EPSILON
}

/// The overlap of two shapes, given by their centers and by their furthest points in a direction.
pub(super) fn overlap(
    centers: (V, V),
    first: impl Fn(&V) -> V,
    second: impl Fn(&V) -> V,
) -> Option<Overlap> {
    let support = |direction: &V| {
        let (a, b) = (first(direction), second(&-direction));
        Support { difference: a - b, first: a, second: b }
    };
    let mut inner =
        Support { difference: centers.0 - centers.1, first: centers.0, second: centers.1 };
    if inner.difference.iter().all(|number| is_zero(*number)) {
        inner.difference.x += f64::EPSILON * 10.0;
    }
    let mut portal = match discover(inner, &support)? {
        Ok(portal) => portal,
        Err(point) => {
            let depth = point.difference.norm();
            let direction = point.difference.try_normalize(0.0)?;
            return Some(Overlap { depth, direction, point: 0.5 * (point.first + point.second) });
        }
    };
    let mut direction = outward(&portal);
    loop {
        let dot = direction.dot(&portal[1].difference);
        if is_zero(dot) || dot > 0.0 {
            break;
        }
        let next = support(&direction);
        let beyond = next.difference.dot(&direction);
        if !(is_zero(beyond) || beyond > 0.0) || is_reached(&portal, &next, &direction) {
            return None;
        }
        expand(&mut portal, next);
        direction = outward(&portal);
    }
    for round in 0.. {
        let next = support(&direction);
        if is_reached(&portal, &next, &direction) || round > MAX_ROUNDS {
            break;
        }
        expand(&mut portal, next);
        direction = outward(&portal);
    }
    let nearest = nearest_to_origin([1, 2, 3].map(|corner| portal[corner].difference));
    let depth = nearest.norm();
    let direction = nearest.try_normalize(0.0)?;
    Some(Overlap { depth, direction, point: point_of(&portal) })
}

/// A first portal, if the shapes may overlap; or the surface's point on the ray, where that is at once
/// met.
fn discover(
    inner: Support,
    support: &impl Fn(&V) -> Support,
) -> Option<Result<[Support; 4], Support>> {
    let is_outside = |point: &Support, direction: &V| {
        let dot = point.difference.dot(direction);
        is_zero(dot) || dot < 0.0
    };
    let direction = (-inner.difference).normalize();
    let one = support(&direction);
    if is_outside(&one, &direction) {
        return None;
    }
    let cross = inner.difference.cross(&one.difference);
    if is_zero(cross.norm_squared()) {
        return Some(Err(one));
    }
    let direction = cross.normalize();
    let two = support(&direction);
    if is_outside(&two, &direction) {
        return None;
    }
    let normal = |one: &Support, two: &Support| {
        (one.difference - inner.difference).cross(&(two.difference - inner.difference)).normalize()
    };
    let (mut one, mut two) = (one, two);
    let mut direction = normal(&one, &two);
    if direction.dot(&inner.difference) > 0.0 {
        std::mem::swap(&mut one, &mut two);
        direction = -direction;
    }
    loop {
        let three = support(&direction);
        if is_outside(&three, &direction) {
            return None;
        }
        let is_beyond = |a: &Support, b: &Support| {
            let dot = a.difference.cross(&b.difference).dot(&inner.difference);
            dot < 0.0 && !is_zero(dot)
        };
        if is_beyond(&one, &three) {
            two = three;
        } else if is_beyond(&three, &two) {
            one = three;
        } else {
            return Some(Ok([inner, one, two, three]));
        }
        direction = normal(&one, &two);
    }
}

fn outward(portal: &[Support; 4]) -> V {
    let [_, one, two, three] = portal;
    (two.difference - one.difference).cross(&(three.difference - one.difference)).normalize()
}

fn is_reached(portal: &[Support; 4], next: &Support, direction: &V) -> bool {
    let beyond = next.difference.dot(direction);
    let least = portal[1..]
        .iter()
        .map(|corner| beyond - corner.difference.dot(direction))
        .fold(f64::INFINITY, f64::min);
    least <= TOLERANCE
}

fn expand(portal: &mut [Support; 4], next: Support) {
    let side = next.difference.cross(&portal[0].difference);
    let replaced = if portal[1].difference.dot(&side) > 0.0 {
        if portal[2].difference.dot(&side) > 0.0 { 1 } else { 3 }
    } else if portal[3].difference.dot(&side) > 0.0 {
        2
    } else {
        1
    };
    // Each in a place that the compiler knows: an index that it does not know would be waited for.
    match replaced {
        1 => portal[1] = next,
        2 => portal[2] = next,
        _ => portal[3] = next,
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
    if is_zero(sum) || sum < 0.0 {
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
