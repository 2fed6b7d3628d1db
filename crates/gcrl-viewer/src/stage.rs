//! The episodes as bevy's entities: bodies with their shapes, goals and lights.
//!
//! Several episodes stand side by side in one world, each moved by its place in the grid.

use crate::keys::{Shown, Visible};
use crate::orbit::Orbit;
use crate::playback::Playback;
use bevy::light::CascadeShadowConfigBuilder;
use bevy::prelude::*;
use gcrl_core::scene::{Layer, Material, Pose, Shape, Visual};
use gcrl_recording::{Moment, Recording};
use std::f32::consts::FRAC_PI_2;

/// Colors of the goal, of the dots on it, and of what is achieved.
const GOAL: Color = Color::srgba(0.20, 0.75, 0.35, 0.25);
const GOAL_DOT: Color = Color::srgb(0.05, 0.60, 0.20);
const ACHIEVED: Color = Color::srgb(0.95, 0.45, 0.05);

/// Radius of a dot, and the way from one episode to the next, as shares of the camera's distance.
const DOT: f32 = 0.008;
const SPACING: f32 = 1.15;

/// Episodes side by side.
#[derive(Resource, Clone, Copy)]
pub(crate) struct Columns(pub(crate) usize);

/// Belongs to the present episodes.
#[derive(Component)]
pub(crate) struct Staged;

/// A body of an episode.
#[derive(Component)]
pub(crate) struct Body {
    episode: usize,
    body: usize,
}

/// A shape, by who sees it.
#[derive(Component)]
pub(crate) struct Seen(Layer);

/// Where meshes and materials are kept.
struct Stores<'a> {
    meshes: &'a mut Assets<Mesh>,
    materials: &'a mut Assets<StandardMaterial>,
}

/// How far episode `index` is moved.
fn offset(index: usize, columns: usize, recording: &Recording) -> Vec3 {
    let spacing = SPACING * Orbit::of(&recording.about.scene.camera).distance;
    Vec3::new((index % columns) as f32 * spacing, (index / columns) as f32 * spacing, 0.0)
}

/// The camera that sees all episodes.
pub(crate) fn middle(playback: &Playback) -> Orbit {
    let first = playback.shows[0].recording();
    let orbit = Orbit::of(&first.about.scene.camera);
    let columns = (playback.shows.len() as f32).sqrt().ceil() as usize;
    let corner = offset(playback.shows.len() - 1, columns, first);
    let widest = 1.0 + corner.length() / orbit.distance;
    Orbit { target: orbit.target + 0.5 * corner, distance: orbit.distance * widest, ..orbit }
}

/// Replaces what stands there when other episodes have come.
pub(crate) fn build(
    playback: Res<Playback>,
    mut columns: ResMut<Columns>,
    mut orbit: ResMut<Orbit>,
    mut built: Local<u32>,
    staged: Query<Entity, With<Staged>>,
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
) {
    if *built == playback.generation {
        return;
    }
    staged.iter().for_each(|entity| commands.entity(entity).despawn());
    columns.0 = (playback.shows.len() as f32).sqrt().ceil() as usize;
    if *built == 0 {
        *orbit = middle(&playback);
    }
    *built = playback.generation;
    let mut stores = Stores { meshes: &mut meshes, materials: &mut materials };
    for (episode, recording) in playback.recordings().enumerate() {
        let at = offset(episode, columns.0, recording);
        let root = commands.spawn((Staged, Transform::from_translation(at), Visibility::default()));
        let root = root.id();
        spawn_bodies(&mut commands, &mut stores, root, episode, recording);
        spawn_markers(&mut commands, &mut stores, root, recording);
    }
    spawn_lights(&mut commands, &orbit);
}

fn spawn_bodies(
    commands: &mut Commands,
    stores: &mut Stores<'_>,
    root: Entity,
    episode: usize,
    recording: &Recording,
) {
    for body in 0..recording.n_bodies() {
        let part = Body { episode, body };
        let group =
            commands.spawn((part, Transform::default(), Visibility::default(), ChildOf(root)));
        let group = group.id();
        let visuals = recording.about.scene.visuals.iter();
        for visual in visuals.filter(|visual| visual.body == body) {
            commands.spawn((
                Seen(visual.layer),
                Mesh3d(stores.meshes.add(mesh(visual.shape))),
                MeshMaterial3d(stores.materials.add(material(&visual.material))),
                in_body(visual),
                ChildOf(group),
            ));
        }
    }
}

fn spawn_markers(
    commands: &mut Commands,
    stores: &mut Stores<'_>,
    root: Entity,
    recording: &Recording,
) {
    let distance = Orbit::of(&recording.about.scene.camera).distance;
    let dot = stores.meshes.add(Sphere::new(DOT * distance));
    let plain = StandardMaterial { base_color: GOAL_DOT, unlit: true, ..default() };
    let goal_dot = stores.materials.add(plain);
    let reach = stores.materials.add(StandardMaterial {
        base_color: GOAL,
        alpha_mode: AlphaMode::Blend,
        ..default()
    });
    for goal in recording.goal_points(0) {
        let at = Transform::from_translation(Vec3::from(*goal));
        let look = (Mesh3d(dot.clone()), MeshMaterial3d(goal_dot.clone()));
        commands.spawn((look, at, bevy::light::NotShadowCaster, ChildOf(root)));
        if let Some(radius) = recording.about.scene.goal_radius {
            let ball = Mesh3d(stores.meshes.add(Sphere::new(radius)));
            let shadowless = bevy::light::NotShadowCaster;
            commands.spawn((ball, MeshMaterial3d(reach.clone()), at, shadowless, ChildOf(root)));
        }
    }
}

/// A sun over the left shoulder, and light from everywhere.
fn spawn_lights(commands: &mut Commands, orbit: &Orbit) {
    let far = 6.0 * orbit.distance;
    let shadows = CascadeShadowConfigBuilder {
        num_cascades: 2,
        minimum_distance: 0.02 * orbit.distance,
        first_cascade_far_bound: 1.5 * orbit.distance,
        maximum_distance: far,
        ..default()
    };
    let (sin, cos) = orbit.azimuth.sin_cos();
    let (back, right) = (Vec3::new(cos, sin, 0.0), Vec3::new(-sin, cos, 0.0));
    let to_sun = Vec3::Z - 0.55 * right + 0.45 * back;
    commands.spawn((
        Staged,
        DirectionalLight { illuminance: 7_000.0, shadow_maps_enabled: true, ..default() },
        Transform::from_translation(to_sun).looking_at(Vec3::ZERO, Vec3::Z),
        shadows.build(),
    ));
    commands.insert_resource(GlobalAmbientLight { brightness: 900.0, ..default() });
}

/// Puts bodies where they are now.
pub(crate) fn pose(
    playback: Res<Playback>,
    shown: Res<Shown>,
    mut bodies: Query<(&Body, &mut Transform)>,
    mut shapes: Query<(&Seen, &mut Visibility)>,
) {
    let now: Vec<Moment> = playback.recordings().map(|it| it.at(playback.secs)).collect();
    for (Body { episode, body }, mut transform) in &mut bodies {
        if let Some(pose) = now.get(*episode).and_then(|moment| moment.poses.get(*body)) {
            *transform = transform_of(pose);
        }
    }
    let layer = if shown.collision == Visible::Yes { Layer::Collision } else { Layer::Look };
    for (Seen(found), mut visibility) in &mut shapes {
        *visibility = if *found == layer { Visibility::Inherited } else { Visibility::Hidden };
    }
}

/// What is achieved is drawn over everything: it is often inside of a body.
pub(crate) fn draw_through(mut config: ResMut<GizmoConfigStore>) {
    let (config, _) = config.config_mut::<DefaultGizmoConfigGroup>();
    config.depth_bias = -1.0;
}

/// Draws what is achieved, and the way of it.
pub(crate) fn achieved(
    playback: Res<Playback>,
    shown: Res<Shown>,
    columns: Res<Columns>,
    mut gizmos: Gizmos,
) {
    for (episode, recording) in playback.recordings().enumerate() {
        let at = offset(episode, columns.0, recording);
        let Moment { t, achieved_points, .. } = recording.at(playback.secs);
        let radius = DOT * Orbit::of(&recording.about.scene.camera).distance;
        for (point, now) in achieved_points.iter().enumerate() {
            gizmos.sphere(at + Vec3::from(*now), radius, ACHIEVED);
            if shown.trail == Visible::Yes {
                let way = (0..=t).map(|t| at + Vec3::from(recording.achieved_points(t)[point]));
                gizmos.linestrip(way, ACHIEVED);
            }
        }
    }
}

fn mesh(shape: Shape) -> Mesh {
    match shape {
        Shape::Cuboid { half_extents: [x, y, z] } => Cuboid::new(2.0 * x, 2.0 * y, 2.0 * z).into(),
        Shape::Sphere { radius } => Sphere::new(radius).mesh().uv(40, 24),
        Shape::Capsule { radius, half_length } => Capsule3d::new(radius, 2.0 * half_length).into(),
        Shape::Cylinder { radius, half_length } => Cylinder::new(radius, 2.0 * half_length).into(),
        Shape::Plane { half_extents: [x, y] } => {
            Plane3d::new(Vec3::Z, Vec2::new(x, y)).mesh().build()
        }
    }
}

fn material(material: &Material) -> StandardMaterial {
    let [red, green, blue, opacity] = material.color;
    StandardMaterial {
        base_color: Color::srgba(red, green, blue, opacity),
        perceptual_roughness: material.roughness.max(0.089),
        // Without a room around it to mirror, pure metal would be black.
        metallic: 0.5 * material.metallic,
        alpha_mode: if opacity < 1.0 { AlphaMode::Blend } else { AlphaMode::Opaque },
        ..default()
    }
}

/// A shape's pose in its body; bevy has the axes of round shapes along y, scenes along z.
fn in_body(visual: &Visual) -> Transform {
    let transform = transform_of(&visual.in_body);
    match visual.shape {
        Shape::Capsule { .. } | Shape::Cylinder { .. } => {
            transform * Transform::from_rotation(Quat::from_rotation_x(FRAC_PI_2))
        }
        _ => transform,
    }
}

fn transform_of(pose: &Pose) -> Transform {
    let [w, x, y, z] = pose.rotation;
    Transform::from_translation(Vec3::from(pose.position))
        .with_rotation(Quat::from_xyzw(x, y, z, w))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::director::tests::{still, three};

    #[test]
    fn poses_are_transforms() {
        let quarter = Pose { position: [1.0, 2.0, 3.0], rotation: [0.5, 0.5, 0.5, 0.5] };
        let point = [0.3, -0.7, 0.2];
        let found = transform_of(&quarter).transform_point(Vec3::from(point));
        assert!((found - Vec3::from(quarter.transform(point))).length() < 1e-6);
    }

    #[test]
    fn episodes_of_a_grid_stand_apart_and_the_camera_sees_all() {
        let mut playback = three();
        let one = middle(&playback);
        playback.shows = (0..4).map(|_| still(1)).collect();
        let four = middle(&playback);
        let place = |i| offset(i, 2, playback.shows[i].recording());
        let spacing = SPACING * 2.0_f32.sqrt();
        assert!((place(1) - Vec3::new(spacing, 0.0, 0.0)).length() < 1e-5);
        assert!((place(2) - Vec3::new(0.0, spacing, 0.0)).length() < 1e-5);
        assert_eq!(one.target, Vec3::ZERO);
        assert!((four.target - 0.5 * place(3)).length() < 1e-5);
        assert!(one.distance < four.distance);
    }
}
