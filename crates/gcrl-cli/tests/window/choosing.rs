//! What is watched is chosen in the panel.

use crate::picture::WHOLE;
use crate::window::{Place, SIZE, Window};
use std::time::Duration;

/// The middle of the panel's second column, from the right, and of its row for files, from the top, in
/// pixels.
const COLUMN: f32 = 112.0;
const OPEN: f32 = 95.0;

/// The same of its row for tasks, and of a task further down the list that opens there.
const TASK: f32 = 17.0;
const ANOTHER: f32 = 100.0;

/// A pixel in the panel.
fn panel(y: f32) -> [f32; 2] {
    [f32::from(SIZE[0]) - COLUMN, y]
}

#[test]
fn a_path_is_typed_and_its_letters_are_no_keys() {
    let place = Place::new();
    place.succeeds("evaluate PointRooms --policy random --episodes 1 --record seen");
    let (window, _) = Window::at_rest_in(place, "PointReach --policy random");
    let title = window.title();
    window.click(panel(OPEN));
    window.write("seen");
    window.settle();
    // The letters are keys, too: for a picture, for episodes, and for the next one.
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!((window.place.names(), window.title()), (vec!["seen".to_owned()], title));
    window.press("Return");
    window.wait("the episode comes", |_| window.title().contains("PointRooms"));
    window.close();
}

#[test]
fn another_task_is_picked_from_the_list() {
    let (window, start) = Window::of_a_point("PointReach --policy random");
    assert!(window.title().contains("PointReach"));
    window.click(panel(TASK));
    window.change(&start, WHOLE);
    window.click(panel(ANOTHER));
    window.wait("another task comes", |_| !window.title().contains("PointReach"));
    window.close();
}
