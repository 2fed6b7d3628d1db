//! The episodes as bevy's entities: bodies with their shapes, each episode moved by its place in the
//! grid. The window and pictures without one show the same stage.

use crate::components::{Shown, Staged, Visible};
use crate::grid::Grid;
use crate::looks::{Looks, in_body, is_ground, transform_of};
use crate::orbit::{NARROWEST, Orbit};
use crate::overlay_material::OverlayMaterial;
use crate::playback::Playback;
use crate::{light, markers};
use bevy::prelude::*;
use gcrl_core::scene::Layer;
use gcrl_recording::{Moment, Recording};

/// A body of an episode.
#[derive(Component)]
pub(crate) struct Body {
    episode: usize,
    body: usize,
}

/// A shape, by who sees it.
#[derive(Component)]
pub(crate) struct Seen(Layer);

/// How the stage is looked at.
#[derive(Resource, Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Columns of the grid; otherwise about as many as rows.
    pub(crate) columns: Option<usize>,
    /// From where; otherwise from where the scene's camera looks at first, and then as somebody likes.
    pub(crate) from: Option<Orbit>,
    /// Width per height of the picture.
    pub(crate) aspect: f32,
}

impl Default for Plan {
    fn default() -> Self {
        Self { columns: None, from: None, aspect: NARROWEST }
    }
}

impl Plan {
    /// Where episodes stand, and the camera that sees all of them.
    pub(crate) fn layout(&self, recordings: &[&Recording]) -> (Grid, Orbit) {
        let from = self.from.unwrap_or_else(|| Orbit::of(&recordings[0].about.scene.camera));
        let columns = self.columns.unwrap_or_else(|| Grid::square(recordings.len()));
        let grid = Grid::of(recordings, columns, &from);
        let seen = grid.seen(&from, self.aspect);
        (grid, seen)
    }
}

/// Adds the systems that build and move the stage.
pub(crate) fn plugin(app: &mut App) {
    app.add_plugins(MaterialPlugin::<OverlayMaterial>::default())
        .insert_resource(ClearColor(light::BACKGROUND))
        .init_resource::<Plan>()
        .init_resource::<Orbit>()
        .init_resource::<Shown>()
        .add_systems(Startup, markers::draw_trails_on_top)
        .add_systems(
            Update,
            (build, pose, markers::pose, markers::tint, markers::trails, light::fade)
                .chain()
                .in_set(Staging),
        );
}

/// When the stage is built and moved.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Staging;

/// The camera that sees all episodes, in a window.
pub(crate) fn middle(playback: &Playback) -> Orbit {
    Plan::default().layout(&playback.recordings().collect::<Vec<_>>()).1
}

/// Replaces what stands there when other episodes have come.
fn build(
    playback: Res<Playback>,
    plan: Res<Plan>,
    mut orbit: ResMut<Orbit>,
    mut built: Local<u32>,
    staged: Query<Entity, With<Staged>>,
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
    mut overlays: ResMut<Assets<OverlayMaterial>>,
) {
    if *built == playback.generation {
        return;
    }
    staged.iter().for_each(|entity| commands.entity(entity).despawn());
    let recordings: Vec<_> = playback.recordings().collect();
    let (grid, seen) = plan.layout(&recordings);
    if *built == 0 || plan.from.is_some() {
        *orbit = seen;
    }
    *built = playback.generation;
    light::spawn_ground(&mut commands, &mut meshes, &mut materials, &seen, &grid);
    light::spawn_sun(&mut commands, &seen, &grid);
    markers::spawn(&mut commands, &mut meshes, &mut materials, &mut overlays, &recordings, &grid);
    let mut looks = Looks::new(&mut meshes, &mut materials);
    for (episode, recording) in recordings.iter().enumerate() {
        spawn_bodies(&mut commands, &mut looks, grid.offset(episode), episode, recording);
    }
    commands.insert_resource(grid);
}

fn spawn_bodies(
    commands: &mut Commands,
    looks: &mut Looks<'_>,
    at: Vec3,
    episode: usize,
    recording: &Recording,
) {
    let scene = &recording.about.scene;
    let place = (Staged, Transform::from_translation(at), Visibility::default());
    let root = commands.spawn(place).id();
    for body in 0..recording.n_bodies() {
        let part = (Body { episode, body }, Transform::default(), Visibility::default());
        let group = commands.spawn((part, ChildOf(root))).id();
        let visuals = scene.visuals.iter().filter(|it| it.body == body && !is_ground(it, scene));
        for visual in visuals {
            commands.spawn((
                Seen(visual.layer),
                looks.mesh(visual.shape),
                looks.material(&visual.material),
                in_body(visual),
                ChildOf(group),
            ));
        }
    }
}

/// Puts bodies where they are now.
fn pose(
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
        let wanted = if *found == layer { Visibility::Inherited } else { Visibility::Hidden };
        visibility.set_if_neq(wanted);
    }
}
