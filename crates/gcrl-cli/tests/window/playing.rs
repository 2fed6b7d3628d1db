//! Time goes by, stops, and is moved, by keys and on the timeline.

use crate::picture::{Picture, Region, SCENE, WHOLE};
use crate::window::Window;

/// Where the timeline is, among other things.
const BELOW: Region = Region { x: [0.0, 1.0], y: [0.8, 1.0] };

/// A task in which every step is seen.
const EPISODE: &str = "PointRooms --policy random";

#[test]
fn space_plays_and_pauses() {
    let (window, start) = Window::of_a_point(EPISODE);
    window.press("space");
    let later = window.wait("it plays", |now| 100 < now.n_changed(&start, SCENE));
    window.wait("it plays on", |now| 100 < now.n_changed(&later, SCENE));
    window.press("space");
    window.settle();
    window.still();
    window.close();
}

#[test]
fn arrows_go_from_state_to_state() {
    let (window, start) = Window::of_a_point(EPISODE);
    let first = window.press_and_see("Right", &start);
    let second = window.press_and_see("Right", &first);
    assert!(30 < second.n_changed(&start, SCENE));
    window.press("Left");
    window.back(&first);
    window.press("Left");
    window.back(&start);
    window.close();
}

#[test]
fn home_and_end_go_to_both_ends() {
    let (window, start) = Window::of_a_point(EPISODE);
    let end = window.press_and_see("End", &start);
    window.press("Right");
    assert!(window.settle().n_changed(&end, WHOLE) <= 30, "there is nothing after the end");
    window.press("Home");
    window.back(&start);
    window.close();
}

#[test]
fn the_mouse_on_the_timeline_goes_to_a_time() {
    let (window, start) = Window::of_a_point(EPISODE);
    let end = window.press_and_see("End", &start);
    window.press("Home");
    window.back(&start);
    let [from, to] = timeline(&start, &end);
    let middle = [0.5 * (from[0] + to[0]), 0.5 * (from[1] + to[1])];
    window.click(middle);
    let half = window.change(&start, SCENE);
    window.click(to);
    let late = window.change(&half, SCENE);
    assert!(100 < late.n_changed(&half, SCENE));
    window.drag(1, to, from);
    let early = window.settle();
    assert!(early.n_changed(&start, SCENE) < early.n_changed(&late, SCENE));
    window.close();
}

/// Both ends of the timeline: what is different below, at the left and at the right, when the time moves
/// from one end to the other.
fn timeline(start: &Picture, end: &Picture) -> [[f32; 2]; 2] {
    let changed = end.changed(start, BELOW);
    let x = |at: &[usize; 2]| at[0];
    let (left, right) =
        (changed.iter().map(x).min().unwrap_or(0), changed.iter().map(x).max().unwrap_or(0));
    assert!(left + start.width / 3 < right, "the time is seen below");
    [left, right].map(|side| {
        let near: Vec<_> = changed.iter().filter(|at| at[0].abs_diff(side) < 4).copied().collect();
        crate::picture::middle(&near)
    })
}

#[test]
fn n_and_p_go_to_other_episodes() {
    let (window, first) = Window::of_a_point(EPISODE);
    window.press("n");
    window.wait("another episode comes", |now| 100 < now.n_changed(&first, SCENE));
    let second = window.rest();
    assert!(100 < second.n_changed(&first, SCENE));
    window.press("p");
    window.wait("another episode comes", |now| 100 < now.n_changed(&second, SCENE));
    window.rest();
    window.back(&first);
    window.close();
}

#[test]
fn after_the_end_the_next_episode_comes() {
    let (window, first) = Window::of_a_point(EPISODE);
    let end = window.press_and_see("End", &first);
    let late = window.press_and_see("Left", &end);
    window.press("space");
    window.wait("the end is seen", |now| 30 < now.n_changed(&late, SCENE));
    window.wait("the next one comes", |_| window.title().ends_with("episode 1"));
    let second = window.rest();
    assert!(100 < second.n_changed(&first, SCENE), "it is not the same episode");
    window.close();
}
