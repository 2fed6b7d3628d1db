//! The window on a virtual screen: it opens, draws the episode, and closes.
//!
//! `cargo test -p gcrl-cli --features viewer --test window`, with `Xvfb` on the PATH and a Vulkan
//! driver (Debian's `mesa-vulkan-drivers` draws without a GPU).

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A screen that nobody sees.
struct Screen {
    server: Child,
    name: String,
}

impl Screen {
    fn open() -> Self {
        let name = format!(":{}", 200 + std::process::id() % 1_000);
        let server = Command::new("Xvfb")
            .args([&name, "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is on the PATH");
        let socket = format!("/tmp/.X11-unix/X{}", &name[1..]);
        let start = Instant::now();
        while !std::path::Path::new(&socket).exists() {
            assert!(start.elapsed() < Duration::from_secs(20), "Xvfb does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { server, name }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _gone = self.server.kill();
        let _reaped = self.server.wait();
    }
}

#[test]
fn the_window_draws_the_episode_and_closes() {
    let (screen, folder) = (Screen::open(), tempfile::tempdir().expect("there is room"));
    let picture = folder.path().join("window.png");
    let output = Command::new(env!("CARGO_BIN_EXE_gcrl"))
        .args(["view", "PointRooms", "--policy", "random", "--snapshot"])
        .arg(&picture)
        .env("DISPLAY", &screen.name)
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .expect("the program starts");
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{complaints}");
    let file = std::fs::read(&picture).unwrap_or_else(|error| panic!("{error}: {complaints}"));
    let mut reader =
        png::Decoder::new(std::io::Cursor::new(file)).read_info().expect("it is a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("it fits")];
    let info = reader.next_frame(&mut pixels).expect("it is whole");
    assert_eq!((info.width, info.height), (1280, 800));
    let n_channels = pixels.len() / (1280 * 800);
    let is_blue = |pixel: &&[u8]| pixel[2] > 100 && i32::from(pixel[2]) - i32::from(pixel[0]) > 60;
    let n_blue = pixels.chunks(n_channels).filter(is_blue).count();
    assert!(200 < n_blue, "the point is blue; {n_blue} pixels are");
}

#[test]
fn without_a_display_the_other_ways_are_named() {
    let output = Command::new(env!("CARGO_BIN_EXE_gcrl"))
        .args(["view", "PointRooms", "--policy", "random"])
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .expect("the program starts");
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert!(complaint.starts_with("error: no display: "), "{complaint}");
    assert!(complaint.contains("hint: `gcrl render` needs no display"), "{complaint}");
}
