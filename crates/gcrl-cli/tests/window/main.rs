//! The window on a virtual screen, with keys and a mouse in front of it: what somebody does there, and
//! what comes of it.
//!
//! `cargo test --profile draft -p gcrl-viewer -p gcrl-cli --features gcrl-cli/viewer --test window`, with
//! `Xvfb` and `xdotool` on the PATH and a Vulkan driver (Debian's `mesa-vulkan-drivers` draws without a
//! GPU).
//!
//! A test knows what happened as somebody in front of the screen does: by what is seen, in pixels, by files
//! that are there, and by the end of the program.

mod camera;
mod choosing;
mod closing;
mod drop;
mod goals;
mod keeping;
mod opening;
mod picture;
mod playing;
mod screen;
mod shown;
mod window;
