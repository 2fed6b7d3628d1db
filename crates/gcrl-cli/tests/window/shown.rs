//! What is shown beside the episode, and instead of it.

use crate::picture::{Region, SCENE};
use crate::window::{SIZE, Window};

/// Where numbers are.
const RIGHT: Region = Region { x: [0.85, 1.0], y: [0.0, 0.7] };

const EPISODE: &str = "PointRooms --policy random";

/// A key changes a region, and changes it back.
fn assert_toggles(line: &str, key: &str, region: Region) {
    let (window, start) = Window::at_rest(line);
    let start = window.press_and_see("End", &start);
    window.press(key);
    let changed = window.change(&start, region);
    assert!(60 < changed.n_changed(&start, region), "`{key}` changes something");
    window.press(key);
    window.back(&start);
    window.close();
}

#[test]
fn tab_hides_and_shows_the_panel() {
    assert_toggles(EPISODE, "Tab", RIGHT);
}

#[test]
fn h_shows_help() {
    assert_toggles(EPISODE, "h", crate::picture::WHOLE);
}

#[test]
fn t_hides_the_trail() {
    assert_toggles(EPISODE, "t", SCENE);
}

#[test]
fn d_shows_the_shapes_that_touch() {
    assert_toggles("FetchReach --policy random", "d", SCENE);
}

#[test]
fn the_window_takes_another_size() {
    let (window, _) = Window::of_a_point(EPISODE);
    for size in [[700, 500], [1200, 760], SIZE] {
        window.resize(size);
        window
            .wait("the point is drawn", |now| 30 < now.find(SCENE, crate::picture::is_blue).len());
    }
    window.close();
}
