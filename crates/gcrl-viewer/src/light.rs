//! A sun, a sky that metal mirrors, and ground that goes over into the background.
//!
//! Colors are shown as scenes give them: no tone mapping. A white surface that faces the sun gets light
//! just short of white, so that nothing is overexposed.

use crate::components::Staged;
use crate::grid::Grid;
use crate::orbit::Orbit;
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::light::{CascadeShadowConfigBuilder, NotShadowCaster, ShadowFilteringMethod};
use bevy::pbr::DistanceFog;
use bevy::prelude::*;
use std::f32::consts::FRAC_PI_2;

/// Where there is nothing.
pub(crate) const BACKGROUND: Color = Color::srgb(0.90, 0.92, 0.94);

const GROUND: Color = Color::srgb(0.72, 0.745, 0.775);

/// What the sky sends from straight above, from the horizon and from below, in linear colors.
const SKY: [LinearRgba; 3] = [
    LinearRgba::rgb(0.95, 0.98, 1.05),
    LinearRgba::rgb(0.60, 0.62, 0.66),
    LinearRgba::rgb(0.34, 0.33, 0.32),
];

/// Brightness of the sky in candela per square meter, and of the sun in lux.
const SKY_BRIGHTNESS: f32 = 430.0;
const SUN: f32 = 2_100.0;

/// Ground beyond the camera's distance, in such distances: where it begins to fade, and where it is gone.
const FADE: [f32; 2] = [0.5, 8.0];

/// What the camera adds to the scene: sky, shadows' edges, and the fading of the ground.
pub(crate) fn room(images: &mut Assets<Image>) -> impl Bundle {
    let [above, horizon, below] = SKY;
    let sky = EnvironmentMapLight::hemispherical_gradient(images, above, horizon, below);
    let sky = EnvironmentMapLight {
        intensity: SKY_BRIGHTNESS,
        // The sky's own up is y.
        rotation: Quat::from_rotation_x(FRAC_PI_2),
        ..sky
    };
    let fog = DistanceFog { color: BACKGROUND, ..default() };
    (Tonemapping::None, sky, fog, ShadowFilteringMethod::Gaussian)
}

/// A sun over the left shoulder of whoever looks from `orbit`.
pub(crate) fn spawn_sun(commands: &mut Commands, orbit: &Orbit, grid: &Grid) {
    let far = orbit.distance + 1.5 * grid.radius();
    let shadows = CascadeShadowConfigBuilder {
        num_cascades: 2,
        minimum_distance: 0.02 * orbit.distance,
        first_cascade_far_bound: (orbit.distance + 0.3 * grid.radius()).min(0.9 * far),
        maximum_distance: far,
        ..default()
    };
    let (sin, cos) = orbit.azimuth.sin_cos();
    let (back, right) = (Vec3::new(cos, sin, 0.0), Vec3::new(-sin, cos, 0.0));
    let to_sun = Vec3::Z - 0.55 * right + 0.45 * back;
    let sun = DirectionalLight {
        illuminance: SUN,
        shadow_maps_enabled: true,
        // Bevy's own is made for rooms of several meters.
        shadow_depth_bias: 0.002 * orbit.distance,
        ..default()
    };
    let at = Transform::from_translation(to_sun).looking_at(Vec3::ZERO, Vec3::Z);
    commands.spawn((Staged, sun, at, shadows.build()));
    commands.insert_resource(GlobalAmbientLight::NONE);
}

/// The ground under all episodes, to the horizon.
pub(crate) fn spawn_ground(
    commands: &mut Commands,
    meshes: &mut Assets<Mesh>,
    materials: &mut Assets<StandardMaterial>,
    orbit: &Orbit,
    grid: &Grid,
) {
    let half = 40.0 * (orbit.distance + grid.radius());
    let plane = Mesh3d(meshes.add(Plane3d::new(Vec3::Z, Vec2::splat(half))));
    let material = materials.add(StandardMaterial {
        base_color: GROUND,
        perceptual_roughness: 0.95,
        reflectance: 0.2,
        ..default()
    });
    // A little lower than what lies on it.
    let depth = 0.001 * orbit.distance;
    let at = Transform::from_translation(orbit.target.with_z(grid.floor() - depth));
    commands.spawn((Staged, plane, MeshMaterial3d(material), at, NotShadowCaster));
}

/// Lets the ground fade behind the episodes, however far away the camera goes.
pub(crate) fn fade(orbit: Res<Orbit>, grid: Res<Grid>, mut fogs: Query<&mut DistanceFog>) {
    let [start, end] = FADE.map(|share| (1.0 + share) * orbit.distance + grid.radius());
    for mut fog in &mut fogs {
        fog.falloff = FogFalloff::Linear { start, end };
    }
}
