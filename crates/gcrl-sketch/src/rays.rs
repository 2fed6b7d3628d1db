//! Where a ray enters a shape, in the shape's own frame.
//!
//! A ray is `o + t d` with `|d| = 1`. Every shape is convex, so a ray enters it once at most. A shape
//! that is an intersection is entered where the ray has entered all its parts; each part is an interval
//! of `t`:
//!
//! ```text
//! slab |x| ≤ h:             t = (±h − o_x) / d_x
//! round x² + y² ≤ r²:       a t² + 2 b t + c = 0,  a = d_x² + d_y²,  b = o_x d_x + o_y d_y,  c = o_x² + o_y² − r²
//! ball |o + t d|² ≤ r²:     the same in three coordinates, where a = 1
//! ```

use crate::vector::{Vector, add, dot, scale, unit};
use gcrl_core::scene::Shape;

/// A half-line; the direction has length 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ray {
    pub(crate) origin: Vector,
    pub(crate) direction: Vector,
}

/// Where a ray enters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Entry {
    /// Distance along the ray, positive.
    pub(crate) t: f32,
    /// Direction out of the surface, of length 1.
    pub(crate) normal: Vector,
}

impl Ray {
    pub(crate) fn at(&self, t: f32) -> Vector {
        add(self.origin, scale(self.direction, t))
    }
}

/// Where `ray` enters `shape`; `None` if it misses it or starts inside.
pub(crate) fn enter(shape: Shape, ray: &Ray) -> Option<Entry> {
    match shape {
        Shape::Cuboid { half_extents } => enter_box(half_extents, ray),
        Shape::Sphere { radius } => enter_ball([0.0; 3], radius, ray),
        Shape::Capsule { radius, half_length } => enter_capsule(radius, half_length, ray),
        Shape::Cylinder { radius, half_length } => enter_cylinder(radius, half_length, ray),
        Shape::Plane { half_extents } => enter_plane(half_extents, ray),
    }
}

fn enter_box(half_extents: Vector, ray: &Ray) -> Option<Entry> {
    let slabs = [0, 1, 2].map(|axis| (axis, slab(axis, half_extents[axis], ray)));
    let (axis, (first, _)) = slabs.into_iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0))?;
    let last = slabs.iter().fold(f32::INFINITY, |last, (_, (_, leave))| last.min(*leave));
    (0.0 < first && first <= last).then(|| Entry { t: first, normal: against(axis, ray) })
}

fn enter_cylinder(radius: f32, half_length: f32, ray: &Ray) -> Option<Entry> {
    let (into_round, out_of_round) = round(radius, ray)?;
    let (into_slab, out_of_slab) = slab(2, half_length, ray);
    let t = into_round.max(into_slab);
    if !(0.0 < t && t <= out_of_round.min(out_of_slab)) {
        return None;
    }
    let normal = if into_round < into_slab { against(2, ray) } else { outward(ray.at(t)) };
    Some(Entry { t, normal })
}

fn enter_capsule(radius: f32, half_length: f32, ray: &Ray) -> Option<Entry> {
    let on_axis = [0.0, 0.0, ray.origin[2].clamp(-half_length, half_length)];
    let from_axis = [ray.origin[0], ray.origin[1], ray.origin[2] - on_axis[2]];
    if dot(from_axis, from_axis) < radius * radius {
        return None;
    }
    let side = round(radius, ray).and_then(|(t, _)| {
        let point = ray.at(t);
        let is_entered = 0.0 < t && point[2].abs() <= half_length;
        is_entered.then(|| Entry { t, normal: outward(point) })
    });
    let ends = [-half_length, half_length].map(|z| enter_ball([0.0, 0.0, z], radius, ray));
    let parts = [side, ends[0], ends[1]].into_iter().flatten();
    parts.min_by(|a, b| a.t.total_cmp(&b.t))
}

fn enter_ball(center: Vector, radius: f32, ray: &Ray) -> Option<Entry> {
    let origin = std::array::from_fn(|axis| ray.origin[axis] - center[axis]);
    let (b, c) = (dot(origin, ray.direction), dot(origin, origin) - radius * radius);
    let discriminant = b * b - c;
    if discriminant < 0.0 {
        return None;
    }
    let t = -b - discriminant.sqrt();
    let normal = unit(add(origin, scale(ray.direction, t)));
    (0.0 < t).then_some(Entry { t, normal })
}

fn enter_plane(half_extents: [f32; 2], ray: &Ray) -> Option<Entry> {
    let t = -ray.origin[2] / ray.direction[2];
    let point = ray.at(t);
    let is_entered = ray.direction[2] < 0.0
        && 0.0 < t
        && point[0].abs() <= half_extents[0]
        && point[1].abs() <= half_extents[1];
    is_entered.then_some(Entry { t, normal: [0.0, 0.0, 1.0] })
}

/// The interval of `t` in which `|o + t d| <= half` along `axis`; its start is after its end where
/// there is none.
fn slab(axis: usize, half: f32, ray: &Ray) -> (f32, f32) {
    let (origin, direction) = (ray.origin[axis], ray.direction[axis]);
    if direction == 0.0 {
        let is_inside = origin.abs() <= half;
        return if is_inside { EVERYWHERE } else { (f32::INFINITY, f32::NEG_INFINITY) };
    }
    let (one, other) = ((-half - origin) / direction, (half - origin) / direction);
    (one.min(other), one.max(other))
}

/// The interval of `t` in which the ray is within `radius` of the axis z.
fn round(radius: f32, ray: &Ray) -> Option<(f32, f32)> {
    let ([x, y, _], [dx, dy, _]) = (ray.origin, ray.direction);
    let (a, b, c) = (dx * dx + dy * dy, x * dx + y * dy, x * x + y * y - radius * radius);
    if a == 0.0 {
        return (c <= 0.0).then_some(EVERYWHERE);
    }
    let discriminant = b * b - a * c;
    if discriminant < 0.0 {
        return None;
    }
    let root = discriminant.sqrt();
    Some(((-b - root) / a, (-b + root) / a))
}

const EVERYWHERE: (f32, f32) = (f32::NEG_INFINITY, f32::INFINITY);

/// The direction along `axis` from which the ray comes.
fn against(axis: usize, ray: &Ray) -> Vector {
    let mut normal = [0.0; 3];
    normal[axis] = -ray.direction[axis].signum();
    normal
}

/// Away from the axis z.
fn outward(point: Vector) -> Vector {
    unit([point[0], point[1], 0.0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ray(origin: Vector, direction: Vector) -> Ray {
        Ray { origin, direction: unit(direction) }
    }

    fn assert_enters(shape: Shape, ray: &Ray, t: f32, normal: Vector) {
        let entry = enter(shape, ray).unwrap_or_else(|| panic!("{ray:?} misses {shape:?}"));
        assert!((entry.t - t).abs() < 1e-5, "{shape:?}: {} instead of {t}", entry.t);
        let off = [0, 1, 2].map(|axis| (entry.normal[axis] - normal[axis]).abs());
        assert!(off.iter().all(|off| *off < 1e-5), "{shape:?}: normal {:?}", entry.normal);
    }

    #[test]
    fn a_ball_is_entered_where_algebra_says() {
        let ball = Shape::Sphere { radius: 5.0 };
        // (x, 3, 0) is on the ball at x = ±4.
        let entry = [-0.8, 0.6, 0.0];
        assert_enters(ball, &ray([-10.0, 3.0, 0.0], [1.0, 0.0, 0.0]), 6.0, entry);
        assert_eq!(enter(ball, &ray([-10.0, 5.1, 0.0], [1.0, 0.0, 0.0])), None);
        assert_eq!(enter(ball, &ray([10.0, 3.0, 0.0], [1.0, 0.0, 0.0])), None, "behind");
        assert_eq!(enter(ball, &ray([0.0, 3.0, 0.0], [1.0, 0.0, 0.0])), None, "inside");
    }

    #[test]
    fn a_box_is_entered_through_the_face_that_is_met_last() {
        let cuboid = Shape::Cuboid { half_extents: [1.0, 2.0, 3.0] };
        let root2 = 2.0_f32.sqrt();
        // On the diagonal x = y + 1 from (5, 4): y is at 2 after 2, x at 1 after 4 of each.
        let diagonal = ray([5.0, 4.0, 0.0], [-1.0, -1.0, 0.0]);
        assert_enters(cuboid, &diagonal, 4.0 * root2, [1.0, 0.0, 0.0]);
        let down = ray([0.9, -1.9, 9.0], [0.0, 0.0, -1.0]);
        assert_enters(cuboid, &down, 6.0, [0.0, 0.0, 1.0]);
        assert_eq!(enter(cuboid, &ray([1.1, 0.0, 9.0], [0.0, 0.0, -1.0])), None);
        assert_eq!(enter(cuboid, &ray([4.0, 4.0, 0.0], [1.0, -1.0, 0.0])), None);
    }

    #[test]
    fn a_cylinder_has_a_side_and_flat_ends() {
        let cylinder = Shape::Cylinder { radius: 5.0, half_length: 2.0 };
        let level = ray([10.0, 3.0, 1.9], [-1.0, 0.0, 0.0]);
        assert_enters(cylinder, &level, 6.0, [0.8, 0.6, 0.0]);
        let down = ray([3.0, 3.9, 4.0], [0.0, 0.0, -1.0]);
        assert_enters(cylinder, &down, 2.0, [0.0, 0.0, 1.0]);
        assert_eq!(enter(cylinder, &ray([10.0, 3.0, 2.1], [-1.0, 0.0, 0.0])), None);
        assert_eq!(enter(cylinder, &ray([3.0, 4.1, 4.0], [0.0, 0.0, -1.0])), None);
    }

    #[test]
    fn a_capsule_has_a_side_and_round_ends() {
        let capsule = Shape::Capsule { radius: 5.0, half_length: 2.0 };
        let level = ray([10.0, 3.0, 1.9], [-1.0, 0.0, 0.0]);
        assert_enters(capsule, &level, 6.0, [0.8, 0.6, 0.0]);
        // The upper half ball is around (0, 0, 2): above (3, 0) it ends at z = 2 + 4.
        let down = ray([3.0, 0.0, 9.0], [0.0, 0.0, -1.0]);
        assert_enters(capsule, &down, 3.0, [0.6, 0.0, 0.8]);
        let beside = ray([-9.0, 0.0, -5.0], [1.0, 0.0, 0.0]);
        assert_enters(capsule, &beside, 5.0, [-0.8, 0.0, -0.6]);
        assert_eq!(enter(capsule, &ray([-9.0, 0.0, -7.1], [1.0, 0.0, 0.0])), None);
        let inside = ray([0.0, 0.0, 1.0], [0.0, 0.0, -1.0]);
        assert_eq!(enter(capsule, &inside), None, "the lower ball is not entered from inside");
    }

    #[test]
    fn a_plane_is_seen_from_above_and_ends() {
        let plane = Shape::Plane { half_extents: [1.0, 2.0] };
        let slanted = ray([0.0, 0.0, 3.0], [0.0, 1.0, -2.0]);
        assert_enters(plane, &slanted, 11.25_f32.sqrt(), [0.0, 0.0, 1.0]);
        assert_eq!(enter(plane, &ray([1.5, 0.0, 3.0], [0.0, 0.0, -1.0])), None);
        assert_eq!(enter(plane, &ray([0.0, 0.0, -3.0], [0.0, 0.0, 1.0])), None);
    }
}
