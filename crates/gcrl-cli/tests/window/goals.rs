//! The goal is moved with the mouse, and the policy follows.

use crate::picture::{Picture, Region, is_blue, is_green, middle};
use crate::window::Window;

/// Everything that the panels leave.
const SCENE: Region = Region { x: [0.0, 0.62], y: [0.0, 0.83] };

/// How far the point is from a pixel, in pixels.
fn distance(picture: &Picture, to: [f32; 2]) -> f32 {
    let places = picture.find(SCENE, is_blue);
    if places.is_empty() {
        return f32::INFINITY;
    }
    let at = middle(&places);
    (at[0] - to[0]).hypot(at[1] - to[1])
}

#[test]
fn a_policy_goes_where_the_mouse_puts_the_goal() {
    let (window, start) = Window::of_a_point("PointReach --policy expert");
    let goal = middle(&start.find(SCENE, is_green));
    let scene = [0.31 * start.width as f32, 0.41 * start.height as f32];
    // To the other side of the middle.
    let to = [2.0 * scene[0] - goal[0], 2.0 * scene[1] - goal[1]];
    window.drag(1, goal, to);
    let moved = window.settle();
    let found = middle(&moved.find(SCENE, is_green));
    let off = (found[0] - to[0]).hypot(found[1] - to[1]);
    assert!(off < 25.0, "the goal is at {found:?}, the mouse at {to:?}");
    window.press("space");
    window.wait("the point is there", |now| distance(now, found) < 25.0);
    window.close();
}

#[test]
fn recorded_goals_stay_where_they_were() {
    let place = crate::window::Place::new();
    place.succeeds("evaluate PointReach --policy expert --episodes 1 --record episodes");
    let (window, start) = Window::at_rest_in(place, "episodes");
    let goal = middle(&start.find(SCENE, is_green));
    // The camera turns instead, and 1 turns it back.
    window.drag(1, goal, [goal[0] + 60.0, goal[1] + 20.0]);
    window.press("1");
    window.point([1.0, 1.0]);
    window.wait("it is as it was", |now| now.n_changed(&start, SCENE) < 30);
    window.close();
}
