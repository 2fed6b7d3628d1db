//! The mouse and the digits move the camera.

use crate::picture::{Picture, SCENE, is_blue, middle};
use crate::window::Window;

const EPISODE: &str = "PointRooms --policy random";

#[test]
fn the_left_button_turns_and_1_turns_back() {
    let (window, start) = Window::of_a_point(EPISODE);
    window.drag(1, [320.0, 120.0], [470.0, 150.0]);
    let turned = window.settle();
    assert!(1000 < turned.n_changed(&start, SCENE));
    window.press("1");
    window.back(&start);
    window.close();
}

#[test]
fn the_right_button_moves_what_is_seen_along_with_the_mouse() {
    let (window, start) = Window::of_a_point(EPISODE);
    let before = middle(&start.find(SCENE, is_blue));
    window.drag(3, [400.0, 200.0], [440.0, 240.0]);
    let after = middle(&window.settle().find(SCENE, is_blue));
    for axis in [0, 1] {
        let moved = after[axis] - before[axis];
        assert!(20.0 < moved && moved < 60.0, "it moves by {moved} pixels, the mouse by 40");
    }
    window.close();
}

#[test]
fn the_wheel_goes_away_and_comes_nearer() {
    let (window, start) = Window::of_a_point(EPISODE);
    let n_blue = |picture: &Picture| picture.find(SCENE, is_blue).len();
    window.point([300.0, 250.0]);
    for _ in 0..3 {
        window.wheel_down();
    }
    let far = window.wait("the point is smaller", |now| n_blue(now) < n_blue(&start) * 4 / 5);
    for _ in 0..3 {
        window.wheel_up();
    }
    window.wait("the point is larger", |now| n_blue(&far) * 5 / 4 < n_blue(now));
    window.close();
}

#[test]
fn digits_look_from_different_sides() {
    let (window, start) = Window::of_a_point(EPISODE);
    let mut seen = vec![start];
    for digit in ["2", "3", "4", "5", "6"] {
        window.press(digit);
        let last = seen.last().expect("there is a first");
        let picture = window.change(last, SCENE);
        for other in &seen {
            assert!(500 < picture.n_changed(other, SCENE), "{digit} looks from a side of its own");
        }
        seen.push(picture);
    }
    window.press("1");
    window.back(&seen[0]);
    window.close();
}
