//! What there is to see of an environment, in plain numbers: shapes, colors and poses.
//!
//! Whoever draws (a sketch on the CPU, a window, a web page) needs nothing else, and never an engine.
//! Lengths are meters; the world is right-handed with z up; rotations are unit quaternions `(w, x, y,
//! z)`, as in MJCF.

use serde::{Deserialize, Serialize};

/// A place and an orientation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pose {
    /// In meters.
    pub position: [f32; 3],
    /// Unit quaternion `(w, x, y, z)`.
    pub rotation: [f32; 4],
}

impl Pose {
    /// At the origin, not turned.
    pub const IDENTITY: Self = Self::at([0.0; 3]);

    /// At `position`, not turned.
    pub const fn at(position: [f32; 3]) -> Self {
        Self { position, rotation: [1.0, 0.0, 0.0, 0.0] }
    }

    /// Where a point of this frame is in the frame that this pose is given in.
    pub fn transform(&self, point: [f32; 3]) -> [f32; 3] {
        let [w, axis @ ..] = self.rotation;
        // p + 2 w (a × p) + 2 a × (a × p), for the unit quaternion (w, a).
        let turned = cross(axis, point);
        let twice = cross(axis, turned);
        std::array::from_fn(|i| self.position[i] + point[i] + 2.0 * (w * turned[i] + twice[i]))
    }

    /// This pose after `inner`: where something is that has the pose `inner` in this frame.
    #[must_use]
    pub fn then(&self, inner: &Self) -> Self {
        let [w, a @ ..] = self.rotation;
        let [v, b @ ..] = inner.rotation;
        let turned = cross(a, b);
        let axis: [f32; 3] = std::array::from_fn(|i| w * b[i] + v * a[i] + turned[i]);
        let scalar = w * v - a[0] * b[0] - a[1] * b[1] - a[2] * b[2];
        Self {
            position: self.transform(inner.position),
            rotation: [scalar, axis[0], axis[1], axis[2]],
        }
    }
}

fn cross(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// A solid around its own origin; sizes in meters, axes along z.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A box.
    Cuboid {
        /// Half of its edges.
        half_extents: [f32; 3],
    },
    /// A ball.
    Sphere {
        /// Its radius.
        radius: f32,
    },
    /// A cylinder between two half balls.
    Capsule {
        /// Of the balls and the cylinder.
        radius: f32,
        /// From the middle to the center of a ball.
        half_length: f32,
    },
    /// A cylinder.
    Cylinder {
        /// Its radius.
        radius: f32,
        /// From the middle to an end.
        half_length: f32,
    },
    /// A rectangle in z = 0, seen from above.
    Plane {
        /// Half of its edges.
        half_extents: [f32; 2],
    },
}

/// How a surface looks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Material {
    /// Red, green, blue and opacity in sRGB, each in [0, 1].
    pub color: [f32; 4],
    /// 0 for a mirror to 1 for chalk.
    pub roughness: f32,
    /// 0 for plastic to 1 for metal.
    pub metallic: f32,
}

impl Material {
    /// Dull and opaque.
    pub const fn matte(red: f32, green: f32, blue: f32) -> Self {
        Self { color: [red, green, blue, 1.0], roughness: 0.8, metallic: 0.0 }
    }
}

/// A shape that rides on a body.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visual {
    /// Index into [`Scene::bodies`].
    pub body: usize,
    /// Its pose in the body's frame.
    pub in_body: Pose,
    /// What it is.
    pub shape: Shape,
    /// How it looks.
    pub material: Material,
    /// Who sees it.
    pub layer: Layer,
}

/// Who sees a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Everyone.
    Look,
    /// Who looks at physics: a shape that only touches.
    Collision,
}

/// From where to look first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Camera {
    /// The point in the middle of the picture, in meters.
    pub target: [f32; 3],
    /// From where it is seen, in meters.
    pub eye: [f32; 3],
}

impl Camera {
    /// From the eye to the target, in meters.
    pub fn distance(&self) -> f32 {
        let squares = self.eye.iter().zip(self.target).map(|(eye, target)| (eye - target).powi(2));
        squares.sum::<f32>().sqrt()
    }
}

/// The steepest angle above or below the horizon at which cameras look, in degrees: nearer to straight
/// up, "up" in the picture would be arbitrary.
pub const STEEPEST_DEGREES: f32 = 89.0;

/// A direction with a name, from which a scene is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Direction {
    /// As users call it.
    pub name: &'static str,
    /// From the target to the eye, counterclockwise from the world's axis x, seen from above, in degrees.
    pub azimuth_degrees: f32,
    /// Of the eye above the horizon, in degrees, from -[`STEEPEST_DEGREES`] to [`STEEPEST_DEGREES`].
    pub elevation_degrees: f32,
}

/// The directions to choose from, beside the scene's own.
pub const DIRECTIONS: [Direction; 5] = [
    Direction { name: "front", azimuth_degrees: 0.0, elevation_degrees: 15.0 },
    Direction { name: "left", azimuth_degrees: -90.0, elevation_degrees: 15.0 },
    Direction { name: "right", azimuth_degrees: 90.0, elevation_degrees: 15.0 },
    Direction { name: "back", azimuth_degrees: 180.0, elevation_degrees: 15.0 },
    Direction { name: "top", azimuth_degrees: -90.0, elevation_degrees: STEEPEST_DEGREES },
];

/// Everything about an environment's looks that does not change while it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// Names of the bodies; their poses come from [`crate::Depict::poses`], in this order.
    pub bodies: Vec<String>,
    /// Their shapes.
    pub visuals: Vec<Visual>,
    /// From where to look first.
    pub camera: Camera,
    /// Radius around a goal's points within which it counts as reached, in meters, if the goal's
    /// distance is one of points in the world.
    pub goal_radius: Option<f32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A quarter turn about z: x goes to y.
    const QUARTER: Pose =
        Pose { position: [1.0, 2.0, 3.0], rotation: [0.707_106_77, 0.0, 0.0, 0.707_106_77] };

    fn assert_near(found: [f32; 3], expected: [f32; 3]) {
        for (found, expected) in found.into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} instead of {expected}");
        }
    }

    #[test]
    fn a_pose_turns_then_moves() {
        assert_near(QUARTER.transform([2.0, 0.0, 1.0]), [1.0, 4.0, 4.0]);
    }

    #[test]
    fn poses_chain() {
        let point = [0.3, -0.7, 0.2];
        let both = QUARTER.then(&QUARTER);
        assert_near(both.transform(point), QUARTER.transform(QUARTER.transform(point)));
    }
}
