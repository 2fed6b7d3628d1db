//! Who draws pictures of episodes.
//!
//! | module | draws |
//! |---|---|
//! | `driver` | the window's picture, through the graphics driver: one stage for all episodes |
//! | `rays` | a sheet with a picture for each episode, by rays cast on the CPU |

#[cfg(feature = "viewer")]
mod driver;
mod rays;

use crate::camera::View;
use clap::ValueEnum;
use gcrl_recording::Recording;
use gcrl_sketch::{Picture, Size};

/// What to draw, and how.
pub(crate) struct Order {
    /// At least one.
    pub(crate) recordings: Vec<Recording>,
    /// Episodes side by side.
    pub(crate) columns: usize,
    /// Of the whole picture, at most.
    pub(crate) size: Size,
    pub(crate) view: View,
}

/// Draws the episodes of an order.
pub(crate) trait Painter {
    /// What it is, in a few words.
    fn name(&self) -> String;

    /// Of every picture.
    fn size(&self) -> Size;

    /// All episodes, `secs` seconds after their starts.
    fn draw(&mut self, secs: f32) -> Picture;
}

/// The painters to choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Renderer {
    /// The picture of `gcrl view`, by the graphics driver; several episodes stand on one ground
    Vulkan,
    /// Rays cast on the CPU: needs no driver, and several episodes have a picture each
    Rays,
}

impl Renderer {
    /// The window's picture, where there is what draws it.
    #[cfg(feature = "viewer")]
    pub(crate) fn best() -> Self {
        gcrl_viewer::adapter().map_or(Self::Rays, |_| Self::Vulkan)
    }

    /// What this build has.
    #[cfg(not(feature = "viewer"))]
    pub(crate) fn best() -> Self {
        Self::Rays
    }

    /// Checks, before episodes are played, that a grid of them could be drawn.
    pub(crate) fn check(self, columns: usize, rows: usize, size: Size) -> anyhow::Result<()> {
        match self {
            Self::Vulkan => driver::check(),
            Self::Rays => rays::cell_size(columns, rows, size).map(|_| ()),
        }
    }

    /// Gets ready to draw.
    pub(crate) fn open(self, order: Order) -> anyhow::Result<Box<dyn Painter>> {
        match self {
            Self::Vulkan => driver::open(order),
            Self::Rays => Ok(Box::new(rays::Rays::new(order)?)),
        }
    }
}

/// The frame around an episode that is on its goal, and around one that is not.
const REACHED_COLOR: [u8; 3] = [46, 160, 67];
const NOT_REACHED_COLOR: [u8; 3] = [205, 208, 212];

/// The color of an episode's frame, and what is said about it.
fn caption(recording: &Recording, secs: f32) -> ([u8; 3], String) {
    let t = recording.at(secs).t;
    let color = if recording.is_reached(t) { REACHED_COLOR } else { NOT_REACHED_COLOR };
    (color, format!("{} {}", recording.about.player, recording.return_at(t)))
}

/// What stands for the graphics driver in a build without it.
#[cfg(not(feature = "viewer"))]
mod driver {
    use super::{Order, Painter};
    use crate::hint::Hint;

    pub(super) fn check() -> anyhow::Result<()> {
        missing()
    }

    pub(super) fn open(_order: Order) -> anyhow::Result<Box<dyn Painter>> {
        missing()
    }

    fn missing<T>() -> anyhow::Result<T> {
        Err(anyhow::anyhow!("drawing through a graphics driver is not in this build")).hint(
            "build it with `cargo build --release --package gcrl-cli --features viewer`, or draw \
             with `--renderer rays`",
        )
    }
}
