//! Pictures of a scene without a GPU or a window: rays from a camera to the scene's shapes.
//!
//! ```text
//! Scene ──▶ Sketch ──┐
//! poses ─────────────┼──▶ Picture ──▶ PNG, GIF
//! markers, size ─────┘
//! ```
//!
//! Each shape is convex and has a closed form for where a ray enters it, so there are no meshes, and a
//! picture is exact at any size. One sun, whose light every shape keeps from what is behind it, and a
//! sky. Equal scenes and poses give equal pictures.

mod boxes;
mod camera;
mod gif;
mod letters;
mod light;
mod markers;
mod picture;
mod rays;
mod size;
mod sketch;
mod solid;
mod vector;

pub use gif::{Gif, MAX_GIF_FRAMES_PER_SEC};
pub use markers::{Ball, Markers};
pub use picture::Picture;
pub use size::Size;
pub use sketch::Sketch;
