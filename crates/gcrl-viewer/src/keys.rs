//! What keys do.

use crate::components::{Shown, Visible};
use crate::keep::Keep;
use crate::orbit::Orbit;
use crate::playback::{AtEnd, Playback};
use crate::stage::middle;
use bevy::prelude::*;
use gcrl_core::scene::{DIRECTIONS, Direction};

/// Keys and what they do, by what they are for; the overlay shows this.
pub(crate) const HELP: &[(&str, &[(&str, &str)])] = &[
    (
        "Playing",
        &[
            ("space", "play or pause"),
            ("left, right", "one step back or on"),
            ("home, end", "the first or the last state"),
            ("−, +", "slower or faster"),
            ("l", "at the end: next, repeat or stop"),
        ],
    ),
    ("Episodes", &[("p, n", "the previous or the next"), ("up, down", "select one of several")]),
    (
        "Camera",
        &[
            ("1", "as at first"),
            ("2, 3, 4", "from the front, left, right"),
            ("5, 6", "from the back, the top"),
        ],
    ),
    (
        "Show",
        &[
            ("t", "trail of what is achieved"),
            ("d", "shapes that touch instead of looks"),
            ("tab", "the panel"),
            ("h, ?", "this help"),
        ],
    ),
    (
        "Keep",
        &[
            ("s", "a picture of the window"),
            ("r", "begin or end a video of the window"),
            ("e", "the episodes"),
        ],
    ),
    (
        "Mouse",
        &[
            ("left", "turns the camera; a click selects an episode"),
            ("right", "moves the camera"),
            ("wheel", "zooms"),
            ("on a goal", "left moves it, with shift up and down"),
            ("drop a file", "opens a policy or episodes"),
        ],
    ),
    ("Window", &[("q, ctrl-w", "close it")]),
];

/// Keys of the camera: the first is the scene's own, the others are [`DIRECTIONS`] in their order.
const CAMERA_KEYS: [KeyCode; 1 + DIRECTIONS.len()] = [
    KeyCode::Digit1,
    KeyCode::Digit2,
    KeyCode::Digit3,
    KeyCode::Digit4,
    KeyCode::Digit5,
    KeyCode::Digit6,
];

/// Does what the keys that were just pressed ask for.
pub(crate) fn act(
    keys: Res<ButtonInput<KeyCode>>,
    mut playback: ResMut<Playback>,
    mut orbit: ResMut<Orbit>,
    mut shown: ResMut<Shown>,
    mut keep: MessageWriter<Keep>,
    mut exit: MessageWriter<AppExit>,
) {
    use KeyCode::{AltLeft, AltRight, ControlLeft, ControlRight, SuperLeft, SuperRight};
    let is_command = is_held(&keys, [ControlLeft, ControlRight, SuperLeft, SuperRight]);
    let is_plain = !is_command && !is_held(&keys, [AltLeft, AltRight]);
    for key in keys.get_just_pressed() {
        match key {
            KeyCode::KeyW | KeyCode::KeyQ if is_command => {
                exit.write(AppExit::Success);
            }
            KeyCode::KeyQ if is_plain => {
                exit.write(AppExit::Success);
            }
            KeyCode::KeyS if is_plain => {
                keep.write(Keep::Picture);
            }
            KeyCode::KeyR if is_plain => {
                keep.write(Keep::Video);
            }
            KeyCode::KeyE if is_plain => {
                keep.write(Keep::Episodes);
            }
            key if is_plain => {
                show(*key, &mut shown);
                play(*key, &mut playback);
                look(*key, &playback, &mut orbit);
            }
            _ => {}
        }
    }
}

/// Whether one of these modifiers goes with the keys that were just pressed: in a slow frame, it may have been
/// pressed and let go with them.
fn is_held<const N: usize>(keys: &ButtonInput<KeyCode>, modifiers: [KeyCode; N]) -> bool {
    keys.any_pressed(modifiers) || keys.any_just_pressed(modifiers)
}

fn show(key: KeyCode, shown: &mut Shown) {
    match key {
        KeyCode::KeyT => shown.trail.toggle(),
        KeyCode::KeyD => shown.collision.toggle(),
        KeyCode::Tab => shown.panel.toggle(),
        KeyCode::KeyH | KeyCode::Slash => shown.help.toggle(),
        KeyCode::Escape => shown.help = Visible::No,
        _ => {}
    }
}

fn play(key: KeyCode, playback: &mut Playback) {
    match key {
        KeyCode::Space => playback.toggle(),
        KeyCode::ArrowLeft => playback.step_by(-1.0),
        KeyCode::ArrowRight => playback.step_by(1.0),
        KeyCode::Home => playback.seek(0.0),
        KeyCode::End => playback.seek(f32::INFINITY),
        KeyCode::Minus | KeyCode::NumpadSubtract => playback.change_speed(-1),
        KeyCode::Equal | KeyCode::NumpadAdd => playback.change_speed(1),
        KeyCode::KeyL => {
            let present = AtEnd::ALL.iter().position(|it| *it == playback.at_end).unwrap_or(0);
            playback.at_end = AtEnd::ALL[(present + 1) % AtEnd::ALL.len()];
        }
        KeyCode::KeyN => playback.ask(playback.query.next()),
        KeyCode::KeyP => playback.ask(playback.query.previous()),
        KeyCode::ArrowUp => playback.selected = playback.selected.saturating_sub(1),
        KeyCode::ArrowDown => {
            playback.selected = (playback.selected + 1).min(playback.episodes.len() - 1);
        }
        _ => {}
    }
}

fn look(key: KeyCode, playback: &Playback, orbit: &mut Orbit) {
    if let Some(number) = CAMERA_KEYS.iter().position(|camera| *camera == key) {
        *orbit = start(playback, number.checked_sub(1).map(|number| &DIRECTIONS[number]));
    }
}

/// The camera at the start, or the same from another direction.
pub(crate) fn start(playback: &Playback, direction: Option<&Direction>) -> Orbit {
    let orbit = middle(playback);
    match direction {
        None => orbit,
        Some(Direction { azimuth_degrees, elevation_degrees, .. }) => Orbit {
            azimuth: azimuth_degrees.to_radians(),
            elevation: elevation_degrees.to_radians(),
            ..orbit
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tests::three;

    #[test]
    fn a_chord_that_is_over_before_the_frame_is_one() {
        let mut keys = ButtonInput::default();
        keys.press(KeyCode::ControlLeft);
        keys.press(KeyCode::KeyW);
        keys.release(KeyCode::ControlLeft);
        keys.release(KeyCode::KeyW);
        assert!(is_held(&keys, [KeyCode::ControlLeft, KeyCode::ControlRight]));
        keys.clear();
        keys.press(KeyCode::KeyW);
        assert!(!is_held(&keys, [KeyCode::ControlLeft, KeyCode::ControlRight]));
    }

    #[test]
    fn a_key_goes_through_what_happens_at_the_end() {
        let mut playback = three();
        let seen = [(); 3].map(|()| {
            play(KeyCode::KeyL, &mut playback);
            playback.at_end
        });
        assert_eq!(seen, [AtEnd::Repeat, AtEnd::Stop, AtEnd::Next]);
    }

    #[test]
    fn keys_of_the_camera_are_as_the_help_says() {
        let (start, mut orbit) = (middle(&three()), Orbit::default());
        look(KeyCode::Digit6, &three(), &mut orbit);
        assert_eq!(orbit.elevation, crate::orbit::STEEPEST);
        look(KeyCode::Digit3, &three(), &mut orbit);
        assert!((orbit.azimuth + 0.5 * std::f32::consts::PI).abs() < 1e-6, "{orbit:?}");
        look(KeyCode::Digit1, &three(), &mut orbit);
        assert_eq!(orbit, start);
    }

    #[test]
    fn the_selection_stays_among_the_episodes() {
        let mut playback = three();
        playback.selected = 0;
        play(KeyCode::ArrowDown, &mut playback);
        play(KeyCode::ArrowUp, &mut playback);
        assert_eq!(playback.selected, 0);
    }
}
