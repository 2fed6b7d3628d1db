//! What keys do.

use crate::keep::Keep;
use crate::orbit::Orbit;
use crate::playback::Playback;
use crate::stage::middle;
use bevy::prelude::*;

/// Keys and what they do, for the overlay.
pub(crate) const HELP: &[(&str, &str)] = &[
    ("space", "play or pause"),
    ("← →", "one step back or on"),
    ("home, end", "to the first or the last state"),
    ("− +", "slower or faster"),
    ("p n", "previous or next episode"),
    ("1", "the scene's camera"),
    ("2 3 4 5 6", "from the front, left, right, back, top"),
    ("t", "trail of what is achieved"),
    ("d", "shapes that touch instead of looks"),
    ("tab", "hide or show the panel"),
    ("s", "keep a picture of the window"),
    ("r", "begin or end a film of the window"),
    ("e", "keep the episodes"),
    ("h", "this help"),
    ("mouse", "left turns, right moves, wheel zooms"),
    ("on a goal", "left moves it, with shift up and down"),
];

/// What is shown beside the episode.
#[derive(Resource, Clone, Copy, Debug)]
pub(crate) struct Shown {
    pub(crate) panel: Visible,
    pub(crate) help: Visible,
    pub(crate) trail: Visible,
    /// Shapes that touch, instead of those that look.
    pub(crate) collision: Visible,
}

/// Whether something is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visible {
    Yes,
    No,
}

impl Visible {
    pub(crate) fn toggle(&mut self) {
        *self = if *self == Self::Yes { Self::No } else { Self::Yes };
    }
}

impl Default for Shown {
    fn default() -> Self {
        Self { panel: Visible::Yes, help: Visible::No, trail: Visible::Yes, collision: Visible::No }
    }
}

/// Does what the keys that were just pressed ask for.
pub(crate) fn act(
    keys: Res<ButtonInput<KeyCode>>,
    mut playback: ResMut<Playback>,
    mut orbit: ResMut<Orbit>,
    mut shown: ResMut<Shown>,
    mut keep: MessageWriter<Keep>,
) {
    for key in keys.get_just_pressed() {
        match key {
            KeyCode::Space => playback.toggle(),
            KeyCode::ArrowLeft => playback.step_by(-1.0),
            KeyCode::ArrowRight => playback.step_by(1.0),
            KeyCode::Home => playback.seek(0.0),
            KeyCode::End => playback.seek(f32::INFINITY),
            KeyCode::Minus | KeyCode::NumpadSubtract => playback.change_speed(-1),
            KeyCode::Equal | KeyCode::NumpadAdd => playback.change_speed(1),
            KeyCode::KeyN => {
                let next = playback.wish.next();
                playback.ask(next);
            }
            KeyCode::KeyP => {
                let previous = playback.wish.previous();
                playback.ask(previous);
            }
            KeyCode::Digit1 => *orbit = start(&playback, None),
            KeyCode::Digit2 => *orbit = start(&playback, Some((0.0, 15.0))),
            KeyCode::Digit3 => *orbit = start(&playback, Some((-90.0, 15.0))),
            KeyCode::Digit4 => *orbit = start(&playback, Some((90.0, 15.0))),
            KeyCode::Digit5 => *orbit = start(&playback, Some((180.0, 15.0))),
            KeyCode::Digit6 => *orbit = start(&playback, Some((-90.0, 88.0))),
            KeyCode::KeyT => shown.trail.toggle(),
            KeyCode::KeyD => shown.collision.toggle(),
            KeyCode::Tab => shown.panel.toggle(),
            KeyCode::KeyH => shown.help.toggle(),
            KeyCode::KeyS => {
                keep.write(Keep::Picture);
            }
            KeyCode::KeyR => {
                keep.write(Keep::Film);
            }
            KeyCode::KeyE => {
                keep.write(Keep::Episodes);
            }
            _ => {}
        }
    }
}

/// The camera at the start, or in a preset direction: degrees around and above.
pub(crate) fn start(playback: &Playback, direction: Option<(f32, f32)>) -> Orbit {
    let orbit = middle(playback);
    match direction {
        None => orbit,
        Some((azimuth, elevation)) => {
            Orbit { azimuth: azimuth.to_radians(), elevation: elevation.to_radians(), ..orbit }
        }
    }
}
