//! From where a picture is seen, as users say it.

use anyhow::anyhow;
use gcrl_core::scene::{Camera, DIRECTIONS, STEEPEST_DEGREES};
use std::str::FromStr;

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
        let distance = scene.distance();
        let toward_eye = [along * cos, along * sin, up];
        let eye = std::array::from_fn(|axis| scene.target[axis] + distance * toward_eye[axis]);
        Camera { eye, ..*scene }
    }
}

impl FromStr for View {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        if text == "scene" {
            return Ok(Self::Scene);
        }
        if let Some(direction) = DIRECTIONS.iter().find(|direction| direction.name == text) {
            let (azimuth, elevation) = (direction.azimuth_degrees, direction.elevation_degrees);
            return Ok(Self::Angles { azimuth, elevation });
        }
        let numbers = text.split_once(',').and_then(|(azimuth, elevation)| {
            Some((azimuth.trim().parse::<f32>().ok()?, elevation.trim().parse::<f32>().ok()?))
        });
        match numbers {
            Some((azimuth, elevation))
                if azimuth.is_finite() && elevation.abs() <= STEEPEST_DEGREES =>
            {
                Ok(Self::Angles { azimuth, elevation })
            }
            _ => {
                let names = DIRECTIONS.map(|direction| format!("`{}`", direction.name)).join(", ");
                Err(anyhow!(
                    "a camera is `scene`, {names}, or degrees around and above such as `-60,30`, \
                     the second from -{STEEPEST_DEGREES} to {STEEPEST_DEGREES}"
                ))
            }
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
    fn every_direction_with_a_name_is_a_view() {
        for direction in DIRECTIONS {
            let view: View = direction.name.parse().unwrap();
            let (azimuth, elevation) = (direction.azimuth_degrees, direction.elevation_degrees);
            assert_eq!(view, View::Angles { azimuth, elevation });
            let angles = format!("{azimuth},{elevation}");
            assert_eq!(angles.parse::<View>().unwrap(), view, "{} is steep", direction.name);
            let error = "above".parse::<View>().unwrap_err().to_string();
            assert!(error.contains(direction.name), "{error}");
        }
    }

    #[test]
    fn what_is_no_camera_is_refused() {
        for wrong in ["", "above", "1", "1,2,3", "nan,0", "0,90", "0,-91", "0,nan"] {
            assert!(wrong.parse::<View>().is_err(), "{wrong}");
        }
    }
}
