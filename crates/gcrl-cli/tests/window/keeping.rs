//! Pictures, videos and episodes are kept, files are dropped, and the window remembers.

use crate::picture::{Region, SCENE};
use crate::window::{Place, SIZE, Window};
use std::path::Path;

/// A picture as a file.
fn size_of_png(path: &Path) -> [u32; 2] {
    let file = std::fs::File::open(path).expect("it is there");
    let reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().expect("it is a PNG");
    [reader.info().width, reader.info().height]
}

#[test]
fn s_keeps_pictures_and_overwrites_none() {
    let (window, _) = Window::of_a_point("PointRooms --policy random");
    std::fs::write(window.place.path("PointRooms-2.png"), "mine").expect("it can be written");
    window.press("s");
    let first = window.wait_for_file("PointRooms-1.png");
    assert_eq!(size_of_png(&first), SIZE.map(u32::from));
    let before = std::fs::read(&first).expect("it is there");
    window.press("s");
    window.wait_for_file("PointRooms-3.png");
    assert_eq!(std::fs::read(&first).expect("it is there"), before);
    let place = window.close();
    assert_eq!(std::fs::read(place.path("PointRooms-2.png")).expect("it is there"), b"mine");
    assert_eq!(place.names(), ["PointRooms-1.png", "PointRooms-2.png", "PointRooms-3.png"]);
}

#[test]
fn r_starts_a_video_and_ends_it() {
    let (window, start) = Window::of_a_point("PointRooms --policy random");
    window.press("r");
    let second = window.press_and_see("Right", &start);
    window.press_and_see("Right", &second);
    // Until its end, it has another name.
    assert!(!window.place.path("PointRooms-1.gif").exists());
    window.press("r");
    let video = std::fs::read(window.wait_for_file("PointRooms-1.gif")).expect("it is there");
    assert!(2 <= n_frames(&video), "{} pictures", n_frames(&video));
    let place = window.close();
    assert_eq!(place.names(), ["PointRooms-1.gif"]);
}

#[test]
fn closing_ends_the_video() {
    let (window, start) = Window::of_a_point("PointRooms --policy random");
    window.press("r");
    window.press_and_see("Right", &start);
    let place = window.close();
    let video = std::fs::read(place.path("PointRooms-1.gif")).expect("it is there");
    assert!(video.starts_with(b"GIF89a") && video.ends_with(b";"));
}

/// How many pictures a GIF has: each has a control block of its own.
fn n_frames(gif: &[u8]) -> usize {
    assert!(gif.starts_with(b"GIF89a") && gif.ends_with(b";"));
    gif.windows(3).filter(|bytes| *bytes == b"\x21\xf9\x04").count()
}

#[test]
fn e_keeps_episodes_as_render_reads_them() {
    let (window, start) = Window::of_a_point("PointRooms --policy random --count 2");
    window.press_and_see("End", &start);
    window.press("e");
    window.wait_for_file("PointRooms-episodes-1");
    window.press("e");
    window.wait_for_file("PointRooms-episodes-2");
    let place = window.close();
    assert_eq!(place.names(), ["PointRooms-episodes-1", "PointRooms-episodes-2"]);
    place.succeeds("render PointRooms-episodes-1 --grid 2x1 --width 96 --height 64 --out x.png");
    assert_eq!(size_of_png(&place.path("x.png")), [96, 64]);
}

#[test]
fn a_dropped_episode_is_shown() {
    let place = Place::new();
    place.succeeds("evaluate PointRooms --policy random --episodes 2 --seed 9 --record episodes");
    let (window, start) = Window::at_rest_in(place, "PointReach --policy random");
    window.drop_file(&window.place.path("episodes"));
    window.change(&start, SCENE);
    // What is seen now is a picture of the other task.
    window.press("s");
    window.wait_for_file("PointRooms-1.png");
    window.close();
}

#[test]
fn a_dropped_policy_acts_in_its_task() {
    let (window, start) = Window::of_a_point("PointRooms --policy random");
    let experts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/experts");
    window.drop_file(&experts.join("PointReach-expert-v1.safetensors"));
    window.wait("another task comes", |now| 500 < now.n_changed(&start, SCENE));
    window.press("s");
    window.wait_for_file("PointReach-1.png");
    window.close();
}

#[test]
fn a_dropped_file_of_another_kind_leaves_what_is_seen() {
    let (window, start) = Window::of_a_point("PointRooms --policy random");
    let path = window.place.path("notes.txt");
    std::fs::write(&path, "not an episode").expect("it can be written");
    window.drop_file(&path);
    let is_red = |[red, green, blue]: [u8; 3]| 60 < i32::from(red) - i32::from(green.max(blue));
    let n_red =
        |picture: &crate::picture::Picture| picture.find(crate::picture::WHOLE, is_red).len();
    let n_before = n_red(&start);
    let told = window.wait("it is said in red", |now| n_before + 20 < n_red(now));
    // Below what is said.
    let below = Region { y: [0.35, 0.75], ..SCENE };
    assert!(told.n_changed(&start, below) < 30);
    window.press("s");
    window.wait_for_file("PointRooms-1.png");
    window.close();
}

#[test]
fn the_next_window_is_as_large_and_looks_from_the_same_side() {
    let (window, _) = Window::of_a_point("PointRooms --policy random");
    window.resize([900, 600]);
    window.drag(1, [320.0, 120.0], [420.0, 150.0]);
    let left = window.still();
    let place = window.close();
    let (window, found) = Window::at_rest_in(place, "PointRooms --policy random");
    assert_eq!(window.size(), [900, 600]);
    let n_changed = found.n_changed(&left, SCENE);
    assert!(n_changed < 100, "{n_changed} pixels of the scene are different");
    window.press("1");
    window.change(&found, SCENE);
    window.close();
}

#[test]
fn a_damaged_memory_is_no_obstacle() {
    let place = Place::new();
    std::fs::write(place.memory(), "{\"size\": [-3, \"x\"]").expect("it can be written");
    let window = Window::open_in(place, "PointRooms --policy random");
    assert_eq!(window.size(), [1280, 800]);
    window.close();
}
