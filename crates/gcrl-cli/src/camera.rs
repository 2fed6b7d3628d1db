//! From where a picture is seen, as users say it.

use crate::drawing;
use anyhow::anyhow;
use gcrl_core::scene::Camera;
use std::str::FromStr;

/// Nearer to straight up, "up" in the picture would be arbitrary.
const STEEPEST_DEGREES: f32 = 89.0;

/// Where the eye is, around the point that the scene's own camera looks at and as far from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum View {
    /// The scene's own camera.
    Scene,
    /// Degrees: counterclockwise from the world's axis x, seen from above, and above the horizon.
    Angles { azimuth: f32, elevation: f32 },
}

impl View {
    /// The camera of this view.
    pub(crate) fn camera(self, scene: &Camera) -> Camera {
        let Self::Angles { azimuth, elevation } = self else { return *scene };
        let (sin, cos) = libm::sincosf(azimuth.to_radians());
        let (up, along) = libm::sincosf(elevation.to_radians());
        let distance = drawing::distance(scene);
        let toward_eye = [along * cos, along * sin, up];
        let eye = std::array::from_fn(|axis| scene.target[axis] + distance * toward_eye[axis]);
        Camera { eye, ..*scene }
    }
}

impl FromStr for View {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let angles = |azimuth, elevation| Ok(Self::Angles { azimuth, elevation });
        match text {
            "scene" => return Ok(Self::Scene),
            "front" => return angles(0.0, 15.0),
            "left" => return angles(-90.0, 15.0),
            "right" => return angles(90.0, 15.0),
            "back" => return angles(180.0, 15.0),
            "top" => return angles(-90.0, STEEPEST_DEGREES),
            _ => {}
        }
        let numbers = text.split_once(',').and_then(|(azimuth, elevation)| {
            Some((azimuth.trim().parse::<f32>().ok()?, elevation.trim().parse::<f32>().ok()?))
        });
        match numbers {
            Some((azimuth, elevation))
                if azimuth.is_finite() && elevation.abs() <= STEEPEST_DEGREES =>
            {
                angles(azimuth, elevation)
            }
            _ => Err(anyhow!(
                "a camera is `scene`, `front`, `left`, `right`, `back`, `top`, or degrees around and \
                 above such as `-60,30`, the second from -{STEEPEST_DEGREES} to {STEEPEST_DEGREES}"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_keeps_the_target_and_the_distance() {
        let scene = Camera { target: [1.0, 2.0, 3.0], eye: [1.0, 2.0, 5.0] };
        let view: View = "90,30".parse().unwrap();
        let camera = view.camera(&scene);
        // Two meters away: half of them up, the rest along y.
        for (found, expected) in camera.eye.into_iter().zip([1.0, 2.0 + 3.0_f32.sqrt(), 4.0]) {
            assert!((found - expected).abs() < 1e-5, "{camera:?}");
        }
        assert_eq!("scene".parse::<View>().unwrap().camera(&scene), scene);
    }

    #[test]
    fn what_is_no_camera_is_refused() {
        for wrong in ["", "above", "1", "1,2,3", "nan,0", "0,90", "0,-91", "0,nan"] {
            assert!(wrong.parse::<View>().is_err(), "{wrong}");
        }
    }
}
