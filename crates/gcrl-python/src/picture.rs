//! Pictures of environments, by the ray caster of `gcrl-sketch`.

use crate::error::refusal;
use gcrl_core::Depict;
use gcrl_core::scene::{Layer, Scene};
use gcrl_sketch::{Markers, Picture, Size, Sketch};
use numpy::{PyArray1, PyArray3, PyArrayMethods};
use pyo3::prelude::*;

/// The longest side of a picture, in pixels.
const MAX_SIDE: u32 = 4096;

/// Draws environments of one task.
pub(crate) struct Painter {
    scene: Scene,
    sketch: Sketch,
    size: Size,
}

impl Painter {
    /// Gets ready to draw what `env` is an environment of.
    pub(crate) fn new(env: &dyn Depict, width: u32, height: u32) -> PyResult<Self> {
        if width < 1 || height < 1 || MAX_SIDE < width || MAX_SIDE < height {
            return Err(refusal(format!(
                "a picture of {width} x {height} pixels, where each side has 1 to {MAX_SIDE}"
            )));
        }
        let scene = env.scene();
        Ok(Self { sketch: Sketch::new(&scene, Layer::Look), scene, size: Size { width, height } })
    }

    /// An environment as it is now.
    pub(crate) fn draw(&self, env: &dyn Depict) -> Picture {
        let mut poses = Vec::new();
        env.poses(&mut poses);
        let seen = env.observation();
        let (goal, achieved) =
            (env.goal_points(seen.desired_goal), env.goal_points(seen.achieved_goal));
        self.sketch.draw(&poses, &Markers::of(&goal, &achieved, &self.scene), self.size)
    }
}

/// A picture as an array, `[height, width, 3]`.
pub(crate) fn to_array<'py>(
    py: Python<'py>,
    picture: &Picture,
) -> PyResult<Bound<'py, PyArray3<u8>>> {
    let Size { width, height } = picture.size();
    PyArray1::from_slice(py, picture.bytes()).reshape([height as usize, width as usize, 3])
}
