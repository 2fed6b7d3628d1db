//! The window remembers its size, its place, and from where each task was looked at.

use crate::host::Memory;
use crate::orbit::Orbit;
use crate::playback::{HostResource, Playback};
use crate::stage::middle;
use bevy::prelude::*;
use bevy::window::{PrimaryWindow, WindowPosition, WindowResolution};

/// A window is not opened smaller or larger than this, in logical pixels.
const SIZES: [f32; 2] = [320.0, 16_384.0];

/// Where a window is opened the first time.
const SIZE: [f32; 2] = [1280.0, 800.0];

/// What will be kept.
#[derive(Resource, Default)]
pub(crate) struct Remembered {
    memory: Memory,
    /// What is looked at, and from where at first.
    present: Option<(String, Orbit)>,
}

impl Remembered {
    pub(crate) fn new(memory: Memory) -> Self {
        Self { memory, present: None }
    }

    /// A window as the last one was.
    pub(crate) fn window(&self) -> Window {
        let Memory { size, position, .. } = &self.memory;
        let size = size.filter(|size| size.iter().all(|side| side.is_finite())).unwrap_or(SIZE);
        let [width, height] = size.map(|side| side.clamp(SIZES[0], SIZES[1]) as u32);
        let place = |place: [i32; 2]| WindowPosition::At(IVec2::from(place));
        Window {
            resolution: WindowResolution::new(width, height),
            position: position.map_or(WindowPosition::Automatic, place),
            ..default()
        }
    }

    /// The camera from which `view` was looked at before.
    fn camera(&self, view: &str) -> Option<Orbit> {
        let numbers = *self.memory.cameras.get(view)?;
        let [x, y, z, distance, azimuth, elevation] = numbers;
        let is_sound = numbers.iter().all(|number| number.is_finite()) && 0.0 < distance;
        is_sound.then_some(Orbit { target: Vec3::new(x, y, z), distance, azimuth, elevation })
    }

    /// Keeps the camera of what is looked at, unless nobody has moved it.
    fn leave(&mut self, orbit: &Orbit) {
        let Some((view, start)) = self.present.take() else { return };
        if *orbit == start {
            self.memory.cameras.remove(&view);
        } else {
            let Orbit { target, distance, azimuth, elevation } = *orbit;
            let numbers = [target.x, target.y, target.z, distance, azimuth, elevation];
            self.memory.cameras.insert(view, numbers);
        }
    }
}

/// What a camera belongs to: a task, and how many episodes at once.
fn view(playback: &Playback) -> String {
    let task = &playback.episodes[0].recording().about.task;
    format!("{task} {}", playback.episodes.len())
}

/// Looks at what has come as it was looked at the last time.
pub(crate) fn recall(
    playback: Res<Playback>,
    mut remembered: ResMut<Remembered>,
    mut orbit: ResMut<Orbit>,
    mut left: Local<Orbit>,
    mut seen: Local<u32>,
) {
    if *seen != playback.generation {
        *seen = playback.generation;
        let view = view(&playback);
        if remembered.present.as_ref().is_none_or(|(present, _)| *present != view) {
            remembered.leave(&left);
            let start = middle(&playback);
            *orbit = remembered.camera(&view).unwrap_or(start);
            remembered.present = Some((view, start));
        }
    }
    *left = *orbit;
}

/// Follows the window's size and place.
pub(crate) fn follow(
    mut remembered: ResMut<Remembered>,
    windows: Query<&Window, With<PrimaryWindow>>,
) {
    let Ok(window) = windows.single() else { return };
    remembered.memory.size = Some([window.width(), window.height()]);
    if let WindowPosition::At(place) = window.position {
        remembered.memory.position = Some(place.to_array());
    }
}

/// Keeps everything when the window closes.
pub(crate) fn keep(
    mut exits: MessageReader<AppExit>,
    mut remembered: ResMut<Remembered>,
    orbit: Res<Orbit>,
    host: Res<HostResource>,
) {
    if exits.read().next().is_some() {
        remembered.leave(&orbit);
        // Where nothing can be kept, the next window is like a first one.
        let _kept = host.0.remember(&remembered.memory);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_is_remembered_if_somebody_moved_it() {
        let start = Orbit::default();
        let moved = Orbit { distance: 3.0, ..start };
        let mut remembered = Remembered::new(Memory::default());
        remembered.present = Some(("Task 1".to_owned(), start));
        remembered.leave(&moved);
        assert_eq!(remembered.camera("Task 1"), Some(moved));
        assert_eq!(remembered.camera("Task 9"), None);
        remembered.present = Some(("Task 1".to_owned(), start));
        remembered.leave(&start);
        assert_eq!(remembered.camera("Task 1"), None);
    }

    #[test]
    fn a_damaged_memory_opens_a_usable_window() {
        let damaged = Memory { size: Some([f32::NAN, -3.0]), ..Memory::default() };
        let window = Remembered::new(damaged).window();
        assert_eq!([window.width(), window.height()], SIZE);
        let tiny = Memory { size: Some([1.0, 1e9]), ..Memory::default() };
        let window = Remembered::new(tiny).window();
        assert_eq!([window.width(), window.height()], SIZES);
    }
}
