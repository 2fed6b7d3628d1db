//! From a place in the picture to a ray.

use crate::rays::Ray;
use crate::vector::{Vector, add, cross, scale, sub, unit};
use gcrl_core::scene;

/// Tangent of half the angle of view from the bottom to the top of the picture, 40 degrees.
const HALF_VIEW: f32 = 0.363_970_23;

/// A camera with z of the world up in the picture.
pub(crate) struct Camera {
    eye: Vector,
    /// Directions of the picture: right, up, and away from the eye.
    pub(crate) right: Vector,
    up: Vector,
    forward: Vector,
    /// Of a pixel, at distance 1.
    pixel: f32,
    size: [f32; 2],
}

impl Camera {
    /// A camera whose picture has the given width and height in pixels.
    pub(crate) fn new(camera: &scene::Camera, [width, height]: [u32; 2]) -> Self {
        let toward = sub(camera.target, camera.eye);
        let forward = if toward == [0.0; 3] { [0.0, 1.0, 0.0] } else { unit(toward) };
        // Straight down or up, y of the world is up in the picture.
        let is_steep = 0.999_9 < forward[2].abs();
        let right = unit(cross(forward, if is_steep { [0.0, 1.0, 0.0] } else { [0.0, 0.0, 1.0] }));
        let size = [width as f32, height as f32];
        let pixel = 2.0 * HALF_VIEW / size[1];
        Self { eye: camera.eye, right, up: cross(right, forward), forward, pixel, size }
    }

    /// The ray through a point of the picture, in pixels from its upper left corner.
    pub(crate) fn ray(&self, x: f32, y: f32) -> Ray {
        let to_right = scale(self.right, (x - 0.5 * self.size[0]) * self.pixel);
        let up = scale(self.up, (0.5 * self.size[1] - y) * self.pixel);
        Ray { origin: self.eye, direction: unit(add(add(self.forward, to_right), up)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::dot;

    #[test]
    fn the_target_is_in_the_middle_and_z_is_up() {
        let scene = scene::Camera { target: [1.0, 2.0, 3.0], eye: [5.0, 2.0, 6.0] };
        let camera = Camera::new(&scene, [40, 30]);
        let middle = camera.ray(20.0, 15.0).direction;
        for (found, expected) in middle.into_iter().zip([-0.8, 0.0, -0.6]) {
            assert!((found - expected).abs() < 1e-6);
        }
        let (top, right) = (camera.ray(20.0, 0.0).direction, camera.ray(40.0, 15.0).direction);
        assert!(middle[2] < top[2]);
        // Seen along -x with z up, y points to the right.
        assert!(0.0 < right[1]);
        // From the middle to the top: 20 degrees.
        assert!((dot(middle, top) - 0.939_692_6).abs() < 1e-6);
    }

    #[test]
    fn looking_straight_down_is_no_special_case_for_the_user() {
        let camera = scene::Camera { target: [0.0; 3], eye: [0.0, 0.0, 2.0] };
        let corner = Camera::new(&camera, [10, 10]).ray(10.0, 0.0).direction;
        assert!(0.0 < corner[0] && 0.0 < corner[1] && corner[2] < 0.0, "{corner:?}");
    }
}
