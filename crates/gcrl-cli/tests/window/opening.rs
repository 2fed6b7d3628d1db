//! The window opens and draws, or says in a line why not.

use crate::picture::{SCENE, is_blue};
use crate::screen::Screen;
use crate::window::{Place, Window};
use std::process::Command;

/// Runs a command, which must fail by one line and a hint.
fn assert_refused(command: &mut Command, says: &str, hint: &str) {
    let output = command.output().expect("the program starts");
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert_eq!(output.stdout, b"", "{complaint}");
    let (message, advice) = complaint.split_once("\n\n").expect("a hint follows");
    assert!(message.starts_with(&format!("error: {says}")), "{complaint}");
    assert!(!message.contains('\n'), "{complaint}");
    assert!(advice.starts_with("hint: ") && advice.contains(hint), "{complaint}");
    assert_eq!(advice.trim_end().lines().count(), 1, "{complaint}");
}

#[test]
fn the_window_draws_the_point() {
    let window = Window::open("PointRooms --policy random");
    window.wait("the point is drawn", |picture| 50 < picture.find(SCENE, is_blue).len());
    window.close();
}

#[test]
fn time_goes_by_from_the_start_unless_it_is_to_wait() {
    let window = Window::open("PointRooms --policy random");
    let start = window.picture();
    window.wait("it plays", |now| 100 < now.n_changed(&start, SCENE));
    window.close();
    let window = Window::open("PointRooms --policy random --paused");
    window.still();
    window.close();
}

#[test]
fn the_first_picture_is_complete() {
    let window = Window::open("PointRooms --policy random --paused");
    let first = window.picture();
    assert!(50 < first.find(SCENE, is_blue).len(), "there is no point");
    let changed = window.still().n_changed(&first, SCENE);
    assert!(changed < 30, "{changed} pixels of the scene come later");
    window.close();
}

#[test]
fn without_a_policy_somebody_acts() {
    let (window, start) = Window::of_a_point("PointReach");
    window.press("End");
    window.change(&start, SCENE);
    window.close();
}

#[test]
fn several_episodes_stand_beside_each_other() {
    let (one, _) = Window::of_a_point("PointReach --policy random");
    let is_alone = groups(&one.picture().find(SCENE, is_blue));
    one.close();
    let (four, _) = Window::of_a_point("PointReach --policy random --count 4");
    let everywhere = groups(&four.picture().find(crate::picture::WHOLE, is_blue));
    four.close();
    assert_eq!(is_alone, 1);
    assert!(4 <= everywhere, "{everywhere} points are seen");
}

/// How many groups there are of places, those of a group within a few pixels of each other.
fn groups(places: &[[usize; 2]]) -> usize {
    const NEAR: usize = 6;
    let mut rest: std::collections::BTreeSet<[usize; 2]> = places.iter().copied().collect();
    let mut n_groups = 0;
    while let Some(first) = rest.pop_first() {
        let (mut n_pixels, mut front) = (1, vec![first]);
        while let Some([x, y]) = front.pop() {
            let is_near = |at: &[usize; 2]| at[0].abs_diff(x) <= NEAR && at[1].abs_diff(y) <= NEAR;
            let near: Vec<_> = rest.iter().copied().filter(is_near).collect();
            for at in &near {
                assert!(rest.remove(at));
            }
            n_pixels += near.len();
            front.extend(near);
        }
        n_groups += usize::from(20 < n_pixels);
    }
    n_groups
}

#[test]
fn without_a_display_the_other_ways_are_named() {
    let place = Place::new();
    let mut command = place.command("view PointRooms --policy random");
    assert_refused(&mut command, "no display: ", "`gcrl render` needs no display");
}

#[test]
fn a_display_that_does_not_answer_is_named() {
    let place = Place::new();
    let mut command = place.command("view PointRooms --policy random");
    let says = "display `:987` cannot be used";
    assert_refused(command.env("DISPLAY", ":987"), says, "`gcrl render` needs no display");
}

#[test]
fn without_a_driver_the_other_ways_are_named() {
    let (place, screen) = (Place::new(), Screen::open());
    let mut command = place.command("view PointRooms --policy random");
    command.env("DISPLAY", &screen.name);
    for name in ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] {
        command.env(name, "/dev/null");
    }
    assert_refused(&mut command, "no graphics driver", "`gcrl render`");
}
