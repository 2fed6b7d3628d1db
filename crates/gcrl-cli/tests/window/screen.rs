//! A screen that nobody sees, and the keys and the mouse in front of it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The size of the screen, in pixels.
pub(crate) const SCREEN: [u16; 2] = [1280, 800];

/// An X server that draws into memory; gone when dropped.
pub(crate) struct Screen {
    server: Child,
    /// As `DISPLAY` names it.
    pub(crate) name: String,
}

impl Screen {
    /// On a display that is free.
    pub(crate) fn open() -> Self {
        let [width, height] = SCREEN;
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"])
            .arg(format!("{width}x{height}x24"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is on the PATH");
        // The server says its number once it answers.
        let mut number = String::new();
        let output = server.stdout.take().expect("it is piped");
        BufReader::new(output).read_line(&mut number).expect("the server speaks");
        assert!(!number.trim().is_empty(), "Xvfb does not start");
        Self { server, name: format!(":{}", number.trim()) }
    }

    /// Runs `xdotool` with these words.
    pub(crate) fn act(&self, words: &str) {
        let status = Command::new("xdotool")
            .args(words.split_whitespace())
            .env("DISPLAY", &self.name)
            .status()
            .expect("xdotool is on the PATH");
        assert!(status.success(), "xdotool {words}");
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _gone = self.server.kill();
        let _reaped = self.server.wait();
    }
}
