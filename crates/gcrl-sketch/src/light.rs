//! How bright a surface is, and colors as a screen shows them.
//!
//! In linear light, for albedo `c`, normal `n`, and unit directions to the sun `l` and to the eye `v`:
//!
//! ```text
//! diffuse  = c (1 − 0.6 metallic) (sky(n) + sun · max(n · l, 0))
//! specular = gloss (sun · max(n · h, 0)^e + sky(n)),  h = (l + v) / |l + v|
//! ```
//!
//! Source: Blinn, "Models of Light Reflection for Computer Synthesized Pictures", 1977.

use crate::rays::Ray;
use crate::vector::{Vector, add, dot, mix, scale, times, unit};
use gcrl_core::scene::Material;

/// Brightness of the sun, and of the sky above and the ground below a surface.
const SUN: f32 = 0.85;
const SKY: Vector = [0.34, 0.37, 0.42];
const GROUND: Vector = [0.20, 0.19, 0.18];

/// What is behind everything, below and above.
const BACKGROUND: [Vector; 2] = [[0.80, 0.82, 0.84], [0.45, 0.58, 0.76]];

/// How wide the sun is: tangent of half its angle. Wider than the real one, for soft edges of shadows.
const SUN_RADIUS: f32 = 0.015;

/// The sun, seen from the scene.
pub(crate) struct Sun {
    to_sun: Vector,
    /// Two directions across.
    across: [Vector; 2],
}

impl Sun {
    /// Above the scene, behind the left shoulder of an eye to whose right is `right`.
    pub(crate) fn over_the_shoulder(right: Vector) -> Self {
        let back = [right[1], -right[0], 0.0];
        let to_sun = unit(add(add(scale(right, -0.55), scale(back, 0.45)), [0.0, 0.0, 1.0]));
        let across = unit([to_sun[1], -to_sun[0], 0.0]);
        Self { to_sun, across: [across, crate::vector::cross(to_sun, across)] }
    }

    /// The direction to one of the sun's quarters, chosen by two offsets in [-1, 1].
    pub(crate) fn part(&self, [x, y]: [f32; 2]) -> Vector {
        let [a, b] = self.across;
        unit(add(self.to_sun, scale(add(scale(a, x), scale(b, y)), SUN_RADIUS)))
    }
}

/// A material as light meets it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surface {
    /// Shares of linear red, green and blue that are sent back.
    pub(crate) albedo: Vector,
    pub(crate) opacity: f32,
    /// 0 for chalk to 1 for a mirror.
    smoothness: f32,
    metallic: f32,
}

impl Surface {
    pub(crate) fn new(material: &Material) -> Self {
        let [red, green, blue, opacity] = material.color;
        Self {
            albedo: [red, green, blue].map(linear),
            opacity: opacity.clamp(0.0, 1.0),
            smoothness: 1.0 - material.roughness.clamp(0.0, 1.0),
            metallic: material.metallic.clamp(0.0, 1.0),
        }
    }
}

/// The color of a surface under light from `to_sun`, of which `sunlight` (0 or 1) arrives.
pub(crate) fn shade(
    surface: &Surface,
    normal: Vector,
    ray: &Ray,
    to_sun: Vector,
    sunlight: f32,
) -> Vector {
    let Surface { albedo, smoothness, metallic, .. } = *surface;
    let sky = mix(GROUND, SKY, 0.5 + 0.5 * normal[2]);
    let sun = SUN * sunlight;
    let facing = dot(normal, to_sun).max(0.0);
    let diffuse = add(sky, [sun * facing; 3]);
    let halfway = unit(add(to_sun, scale(ray.direction, -1.0)));
    let highlight = if 0.0 < sun * facing {
        libm::powf(dot(normal, halfway).max(0.0), 8.0 + 120.0 * smoothness * smoothness)
    } else {
        0.0
    };
    let shine = add(sky, [sun * highlight; 3]);
    let gloss = mix([0.25 * smoothness; 3], scale(albedo, 0.4 + 0.6 * smoothness), metallic);
    add(scale(times(albedo, diffuse), 1.0 - 0.6 * metallic), times(gloss, shine))
}

/// What a ray sees that meets nothing.
pub(crate) fn background(ray: &Ray) -> Vector {
    mix(BACKGROUND[0], BACKGROUND[1], (0.5 + ray.direction[2]).clamp(0.0, 1.0))
}

/// From sRGB to linear light, both in [0, 1]. Source: IEC 61966-2-1.
fn linear(encoded: f32) -> f32 {
    if encoded <= 0.040_45 { encoded / 12.92 } else { libm::powf((encoded + 0.055) / 1.055, 2.4) }
}

/// From linear light to a byte in sRGB; brighter than white is white.
pub(crate) fn encode(linear: f32) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let encoded = if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * libm::powf(linear, 1.0 / 2.4) - 0.055
    };
    (255.0 * encoded + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoded_bytes_encode_to_themselves() {
        for byte in 0..=255 {
            assert_eq!(encode(linear(f32::from(byte) / 255.0)), byte);
        }
        assert_eq!(encode(7.0), 255);
        // 18 % gray, the middle of a photograph.
        assert_eq!(encode(0.18), 118);
    }

    #[test]
    fn a_surface_in_the_shadow_is_lit_by_the_sky_alone() {
        let ray = Ray { origin: [0.0, 0.0, 1.0], direction: [0.0, 0.0, -1.0] };
        let chalk = Material { roughness: 1.0, ..Material::matte(1.0, 1.0, 1.0) };
        let chalk = Surface::new(&chalk);
        let up = [0.0, 0.0, 1.0];
        assert_eq!(shade(&chalk, up, &ray, up, 0.0), SKY);
        assert_eq!(shade(&chalk, up, &ray, up, 1.0), add(SKY, [SUN; 3]));
    }
}
