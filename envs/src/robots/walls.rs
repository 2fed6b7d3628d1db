//! Walls that stop a point, and along which it slides.
//!
//! Source: multiworld, `Point2DWallEnv`, wall shapes.

use super::point::Point;

/// The point's radius plus a wall's thickness.
const INFLATION: f64 = 0.8;

/// A wall's thickness alone.
const THICKNESS: f64 = 0.3;

/// How far from a wall the point is set down after hitting it.
const GAP: f64 = 0.01;

/// A rectangle that the point's center may not enter.
#[derive(Clone, Copy)]
pub(crate) struct Wall {
    min: Point,
    max: Point,
}

impl Wall {
    /// The wall around a center line from `start` to `end`, each coordinate ascending.
    pub(crate) const fn along(start: Point, end: Point) -> Self {
        Self {
            min: [start[0] - INFLATION, start[1] - INFLATION],
            max: [end[0] + INFLATION, end[1] + INFLATION],
        }
    }

    /// The wall itself, without the radius of the point: its least and largest corners.
    pub(crate) fn drawn(self) -> (Point, Point) {
        const MARGIN: f64 = INFLATION - THICKNESS;
        let [x, y] = self.min;
        let [u, v] = self.max;
        ([x + MARGIN, y + MARGIN], [u - MARGIN, v - MARGIN])
    }

    /// Whether the point's center is strictly inside.
    pub(crate) fn contains(&self, point: Point) -> bool {
        (0..2).all(|axis| self.min[axis] < point[axis] && point[axis] < self.max[axis])
    }

    /// Where a point ends that moves from `start` to `end`, past this wall alone.
    ///
    /// Edges are tested in the order top, bottom, right, left, each against the box around the whole
    /// movement as it was on entry; a hit puts the end beside the edge, so that the point slides.
    fn stop(&self, start: Point, end: Point) -> Point {
        let path = Wall {
            min: [start[0].min(end[0]), start[1].min(end[1])],
            max: [start[0].max(end[0]), start[1].max(end[1])],
        };
        let mut stopped = end;
        for axis in [1, 0] {
            let (upper, lower) = (self.max[axis], self.min[axis]);
            if self.edge_meets(&path, axis, upper)
                && stopped[axis] <= start[axis]
                && upper <= start[axis]
            {
                stopped[axis] = upper + GAP;
            }
            if self.edge_meets(&path, axis, lower)
                && start[axis] <= stopped[axis]
                && start[axis] <= lower
            {
                stopped[axis] = lower - GAP;
            }
        }
        stopped
    }

    /// Whether the edge at `coordinate` of `axis` touches the closed box `path`.
    fn edge_meets(&self, path: &Wall, axis: usize, coordinate: f64) -> bool {
        let along = 1 - axis;
        path.min[axis] <= coordinate
            && coordinate <= path.max[axis]
            && path.min[along] <= self.max[along]
            && self.min[along] <= path.max[along]
    }
}

/// Where a point ends that moves from `start` to `end`, past all `walls` in turn. If that changed both
/// coordinates, the walls are taken in the opposite order instead.
pub(crate) fn stopped(walls: &[Wall], start: Point, end: Point) -> Point {
    let stopped = walls.iter().fold(end, |end, wall| wall.stop(start, end));
    if stopped[0] != end[0] && stopped[1] != end[1] {
        return walls.iter().rev().fold(end, |end, wall| wall.stop(start, end));
    }
    stopped
}
