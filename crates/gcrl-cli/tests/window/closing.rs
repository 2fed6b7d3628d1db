//! The window closes.

use crate::window::Window;

#[test]
fn the_window_manager_closes_the_window() {
    Window::open("PointRooms --policy random").close();
}

#[test]
fn q_and_ctrl_w_close_the_window() {
    for key in ["q", "ctrl+w"] {
        let window = Window::open("PointRooms --policy random");
        window.press(key);
        let place = window.end();
        assert!(place.memory().exists());
    }
}
