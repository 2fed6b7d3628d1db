//! Goals, what is achieved, the way that it went, and whether the goal is reached.
//!
//! Green is the goal: a dot, and a ball within which it counts as reached. Orange is what is achieved.
//! The ball is strong while the goal counts as reached, and so is the frame on the ground that each of
//! several episodes has; the frame of the selected one is darker.

use crate::components::{Shown, Staged, Visible};
use crate::grid::Grid;
use crate::orbit::Orbit;
use crate::overlay_material::{OverlayMaterial, overlay_material};
use crate::playback::Playback;
use crate::viewport::SceneViewport;
use bevy::light::{NotShadowCaster, NotShadowReceiver};
use bevy::prelude::*;
use gcrl_recording::{Moment, Recording};

const GOAL_DOT: Color = Color::srgb(0.04, 0.55, 0.18);
const GOAL: Color = Color::srgba(0.25, 0.72, 0.40, 0.30);
const GOAL_REACHED: Color = Color::srgba(0.05, 0.85, 0.25, 0.62);
const ACHIEVED: Color = Color::srgb(0.95, 0.45, 0.05);
const FRAME: Color = Color::srgb(0.58, 0.61, 0.65);
const FRAME_REACHED: Color = Color::srgb(0.12, 0.72, 0.27);
const FRAME_SELECTED: Color = Color::srgb(0.04, 0.41, 0.85);
const FRAME_SELECTED_REACHED: Color = Color::srgb(0.02, 0.50, 0.16);

/// Radius of a dot as a share of the camera's distance; thickness of a frame as a share of a cell.
const DOT: f32 = 0.008;
const THICKNESS: f32 = 0.014;

/// More than anything is away, in meters: goals' dots are drawn over everything, and those of what is
/// achieved over them.
const LIFT: f32 = 100.0;

/// Something that stands for a goal, or for what is achieved.
#[derive(Component)]
pub(crate) struct Marker {
    episode: usize,
    /// Which of the goal's points.
    point: usize,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Goal,
    Achieved,
}

/// Looks other while its episode's goal counts as reached, or while its episode is selected.
#[derive(Component)]
pub(crate) struct Tinted {
    episode: usize,
    plain: Tint,
    selected: Tint,
}

/// Materials before a goal counts as reached, and while it does.
#[derive(Clone)]
struct Tint([Handle<StandardMaterial>; 2]);

/// Makes the markers of all episodes.
pub(crate) fn spawn(
    commands: &mut Commands,
    meshes: &mut Assets<Mesh>,
    plain: &mut Assets<StandardMaterial>,
    overlays: &mut Assets<OverlayMaterial>,
    recordings: &[&Recording],
    grid: &Grid,
) {
    let goal_dot = overlays.add(overlay_material(GOAL_DOT, LIFT));
    let achieved_dot = overlays.add(overlay_material(ACHIEVED, 2.0 * LIFT));
    let balls = Tint([GOAL, GOAL_REACHED].map(|color| plain.add(ball_material(color))));
    for (episode, recording) in recordings.iter().enumerate() {
        let scene = &recording.about.scene;
        let dot = Mesh3d(meshes.add(Sphere::new(DOT * Orbit::of(&scene.camera).distance)));
        let radius = scene.goal_radius;
        let ball = radius.map(|radius| Mesh3d(meshes.add(Sphere::new(radius).mesh().uv(48, 32))));
        for point in 0..recording.n_points() {
            let bare = (Staged, Transform::default(), NotShadowCaster, NotShadowReceiver);
            for (what, material) in [(What::Goal, &goal_dot), (What::Achieved, &achieved_dot)] {
                let look = (dot.clone(), MeshMaterial3d(material.clone()));
                commands.spawn((Marker { episode, point, what }, look, bare.clone()));
            }
            if let Some(ball) = &ball {
                let look = (ball.clone(), MeshMaterial3d(balls.0[0].clone()));
                let tinted = Tinted { episode, plain: balls.clone(), selected: balls.clone() };
                commands.spawn((Marker { episode, point, what: What::Goal }, tinted, look, bare));
            }
        }
    }
    if 1 < recordings.len() {
        spawn_frames(commands, meshes, plain, recordings.len(), grid);
    }
}

fn ball_material(color: Color) -> StandardMaterial {
    StandardMaterial {
        base_color: color,
        perceptual_roughness: 0.9,
        alpha_mode: AlphaMode::Blend,
        ..default()
    }
}

/// Four bars on the ground around each episode.
fn spawn_frames(
    commands: &mut Commands,
    meshes: &mut Assets<Mesh>,
    plain: &mut Assets<StandardMaterial>,
    n_episodes: usize,
    grid: &Grid,
) {
    let mut tint = |colors: [Color; 2]| {
        let unlit = |base_color| StandardMaterial { base_color, unlit: true, ..default() };
        Tint(colors.map(|color| plain.add(unlit(color))))
    };
    let not_selected = tint([FRAME, FRAME_REACHED]);
    let selected = tint([FRAME_SELECTED, FRAME_SELECTED_REACHED]);
    let cell = grid.cell_size();
    let thick = THICKNESS * cell.max_element();
    let half = 0.5 * cell - thick;
    let bar = |length: Vec2| meshes.add(Cuboid::new(length.x, length.y, 0.1 * thick));
    let [along, away] =
        [Vec2::new(2.0 * half.x, thick), Vec2::new(thick, 2.0 * half.y + thick)].map(bar);
    let bars = [
        (&along, Vec2::new(0.0, -half.y)),
        (&along, Vec2::new(0.0, half.y)),
        (&away, Vec2::new(-half.x, 0.0)),
        (&away, Vec2::new(half.x, 0.0)),
    ];
    for episode in 0..n_episodes {
        for (mesh, at) in &bars {
            let at = grid.on_ground() * Transform::from_translation(at.extend(0.0));
            commands.spawn((
                Staged,
                Mesh3d((*mesh).clone()),
                MeshMaterial3d(not_selected.0[0].clone()),
                at.with_translation(at.translation + grid.offset(episode)),
                NotShadowCaster,
                Tinted { episode, plain: not_selected.clone(), selected: selected.clone() },
            ));
        }
    }
}

/// Puts markers where goals are, and what is achieved.
pub(crate) fn pose(
    playback: Res<Playback>,
    grid: Res<Grid>,
    mut markers: Query<(&Marker, &mut Transform)>,
) {
    let now: Vec<Moment> = playback.recordings().map(|it| it.at(playback.secs)).collect();
    for (Marker { episode, point, what }, mut transform) in &mut markers {
        let Some(now) = now.get(*episode) else { continue };
        let points = match what {
            What::Goal => &now.goal_points,
            What::Achieved => &now.achieved_points,
        };
        if let Some(point) = points.get(*point) {
            transform.translation = grid.offset(*episode) + Vec3::from(*point);
        }
    }
}

/// Shows whether goals count as reached, and which episode is selected.
pub(crate) fn tint(
    playback: Res<Playback>,
    viewport: Option<Res<SceneViewport>>,
    mut tinted: Query<(&Tinted, &mut MeshMaterial3d<StandardMaterial>)>,
) {
    let reached: Vec<bool> =
        playback.recordings().map(|it| it.is_reached(it.at(playback.secs).t)).collect();
    for (tinted, mut material) in &mut tinted {
        // Without a window, nobody selects.
        let is_selected = viewport.is_some() && playback.selected == tinted.episode;
        let tint = if is_selected { &tinted.selected } else { &tinted.plain };
        let is_reached = reached.get(tinted.episode) == Some(&true);
        let wanted = &tint.0[usize::from(is_reached)];
        if material.0 != *wanted {
            material.0 = wanted.clone();
        }
    }
}

/// Trails are drawn over everything, as what is achieved is; at -1, rounding would push some of a trail out of
/// the picture.
pub(crate) fn draw_trails_on_top(mut config: ResMut<GizmoConfigStore>) {
    let (config, _) = config.config_mut::<DefaultGizmoConfigGroup>();
    config.depth_bias = -0.99;
}

/// Draws the way of what is achieved.
pub(crate) fn trails(
    playback: Res<Playback>,
    shown: Res<Shown>,
    grid: Res<Grid>,
    mut gizmos: Gizmos,
) {
    if shown.trail == Visible::No {
        return;
    }
    for (episode, recording) in playback.recordings().enumerate() {
        let at = grid.offset(episode);
        let Moment { t, achieved_points, .. } = recording.at(playback.secs);
        for (point, now) in achieved_points.iter().enumerate() {
            let way = (0..=t).map(|t| recording.achieved_points(t)[point]).chain([*now]);
            gizmos.linestrip(way.map(|place| at + Vec3::from(place)), ACHIEVED);
        }
    }
}
