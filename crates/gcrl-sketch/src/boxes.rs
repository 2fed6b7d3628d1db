//! A tree of boxes around solids: a ray that misses a box misses all that is in it.
//!
//! Solids are halved at the median of their centers along the longest side of their common box, until
//! at most two are left. Source: Kay and Kajiya, "Ray Tracing Complex Scenes", 1986.

use crate::rays::{Entry, Ray};
use crate::solid::{Hit, Solid};
use crate::vector::{Vector, add, sub};

/// Solids in a box that is not halved any more.
const LEAF: usize = 2;

/// Deeper than the tree of any scene that fits in memory.
const STACK: usize = 64;

/// Solids, and the tree over them.
pub(crate) struct Boxes {
    pub(crate) solids: Vec<Solid>,
    nodes: Vec<Node>,
}

struct Node {
    min: Vector,
    max: Vector,
    content: Content,
}

enum Content {
    /// Solids `first..first + count`.
    Solids { first: usize, count: usize },
    /// The next node, and this one.
    Halves { second: usize },
}

impl Boxes {
    pub(crate) fn new(mut solids: Vec<Solid>) -> Self {
        let mut nodes = Vec::new();
        build(&mut solids, 0, &mut nodes);
        Self { solids, nodes }
    }

    /// The length of the diagonal of the box around everything; 1 where there is nothing.
    pub(crate) fn size(&self) -> f32 {
        let root = &self.nodes[0];
        let diagonal = sub(root.max, root.min);
        let size = diagonal.iter().map(|side| side * side).sum::<f32>().sqrt();
        if size.is_finite() && 0.0 < size { size } else { 1.0 }
    }

    /// The first solid that the ray enters between `min` and infinity.
    pub(crate) fn nearest(&self, ray: &Ray, min: f32) -> Option<Hit> {
        let mut nearest: Option<Hit> = None;
        self.visit(ray, |solid, entry| {
            let limit = nearest.map_or(f32::INFINITY, |hit| hit.entry.t);
            if min < entry.t && entry.t < limit {
                nearest = Some(Hit { solid, entry });
            }
            nearest.map_or(f32::INFINITY, |hit| hit.entry.t)
        });
        nearest
    }

    /// Whether something opaque is on the ray.
    pub(crate) fn is_blocked(&self, ray: &Ray) -> bool {
        let mut is_blocked = false;
        self.visit(ray, |solid, _| {
            is_blocked |= 1.0 <= self.solids[solid].surface.opacity;
            if is_blocked { 0.0 } else { f32::INFINITY }
        });
        is_blocked
    }

    /// Calls `meet` for solids that the ray enters, in no order; it says up to where to go on.
    fn visit(&self, ray: &Ray, mut meet: impl FnMut(usize, Entry) -> f32) {
        let inverse = ray.direction.map(|component| 1.0 / component);
        let (mut stack, mut height, mut limit) = ([0; STACK], 1, f32::INFINITY);
        while 0 < height {
            height -= 1;
            let node_idx = stack[height];
            let node = &self.nodes[node_idx];
            if !node.is_met(ray, inverse, limit) {
                continue;
            }
            match node.content {
                Content::Solids { first, count } => {
                    for solid in first..first + count {
                        if let Some(entry) = self.solids[solid].enter(ray) {
                            limit = meet(solid, entry);
                        }
                    }
                }
                Content::Halves { second } => {
                    stack[height..height + 2].copy_from_slice(&[second, node_idx + 1]);
                    height += 2;
                }
            }
        }
    }
}

impl Node {
    /// Whether the ray is in the box somewhere before `limit`.
    fn is_met(&self, ray: &Ray, inverse: Vector, limit: f32) -> bool {
        let (mut first, mut last) = (0.0_f32, limit);
        for (axis, inverse) in inverse.into_iter().enumerate() {
            let one = (self.min[axis] - ray.origin[axis]) * inverse;
            let other = (self.max[axis] - ray.origin[axis]) * inverse;
            // In this order, a NaN (a ray in a face of the box) leaves the bounds as they are.
            first = one.min(other).max(first);
            last = one.max(other).min(last);
        }
        // Rounding must not lose what touches the box from inside.
        first <= last * 1.000_001
    }
}

fn build(solids: &mut [Solid], first: usize, nodes: &mut Vec<Node>) {
    let (mut min, mut max) = ([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]);
    for (low, high) in solids.iter().map(Solid::bounds) {
        min = std::array::from_fn(|axis| min[axis].min(low[axis]));
        max = std::array::from_fn(|axis| max[axis].max(high[axis]));
    }
    let node_idx = nodes.len();
    nodes.push(Node { min, max, content: Content::Solids { first, count: solids.len() } });
    if solids.len() <= LEAF {
        return;
    }
    let sides = sub(max, min);
    let axis = (0..3).max_by(|a, b| sides[*a].total_cmp(&sides[*b])).unwrap_or(0);
    let middle = |solid: &Solid| {
        let (low, high) = solid.bounds();
        add(low, high)[axis]
    };
    solids.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
    let (left, right) = solids.split_at_mut(solids.len() / 2);
    build(left, first, nodes);
    nodes[node_idx].content = Content::Halves { second: nodes.len() };
    build(right, first + left.len(), nodes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::unit;
    use gcrl_core::scene::{Material, Pose, Shape};

    /// A lattice of balls, boxes and capsules, turned in many ways.
    fn lattice() -> Boxes {
        let place = |i: usize| {
            let at = |divisor: usize| (i / divisor % 4) as f32;
            let rotation =
                [0.5, 0.5, 0.5, 0.5].map(|part| if i.is_multiple_of(2) { part } else { -part });
            Pose { position: [at(1), at(4), at(16)], rotation }
        };
        let shape = |i: usize| match i % 3 {
            0 => Shape::Sphere { radius: 0.3 },
            1 => Shape::Cuboid { half_extents: [0.1, 0.2, 0.3] },
            _ => Shape::Capsule { radius: 0.1, half_length: 0.3 },
        };
        let matte = Material::matte(1.0, 1.0, 1.0);
        Boxes::new((0..64).map(|i| Solid::new(shape(i), &matte, place(i))).collect())
    }

    #[test]
    fn the_tree_finds_what_looking_at_every_solid_finds() {
        let boxes = lattice();
        let mut n_hits = 0;
        for i in 0..2_000 {
            let part = |divisor: i32| ((i / divisor) % 13) as f32 / 6.5 - 1.0;
            let direction = unit([part(1), part(13) + 0.05, part(169) + 0.01]);
            let ray = Ray { origin: [1.5, 1.4, 1.6], direction };
            let all = boxes.solids.iter().filter_map(|solid| solid.enter(&ray));
            let expected = all.map(|entry| entry.t).min_by(f32::total_cmp);
            let found = boxes.nearest(&ray, 0.0).map(|hit| hit.entry.t);
            assert_eq!(found, expected, "{ray:?}");
            assert_eq!(boxes.is_blocked(&ray), expected.is_some(), "{ray:?}");
            n_hits += usize::from(found.is_some());
        }
        assert!(200 < n_hits && n_hits < 1_900, "{n_hits} hits");
    }

    #[test]
    fn nothing_is_found_in_an_empty_scene() {
        let ray = Ray { origin: [0.0; 3], direction: [0.0, 0.0, 1.0] };
        assert!(Boxes::new(Vec::new()).nearest(&ray, 0.0).is_none());
    }
}
