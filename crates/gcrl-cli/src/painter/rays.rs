//! A sheet with a picture for each episode, by rays cast on the CPU.

use super::{Order, Painter, caption};
use crate::hint::Hint;
use anyhow::anyhow;
use gcrl_core::scene::{Layer, Scene};
use gcrl_recording::{Moment, Recording};
use gcrl_sketch::{Markers, Picture, Size, Sketch};

/// The shortest side of an episode's picture, in pixels.
const LEAST: u32 = 16;

/// See the module.
pub(super) struct Rays {
    cells: Vec<Cell>,
    columns: usize,
    /// Of an episode's picture.
    cell_size: Size,
}

/// An episode and how it is drawn.
struct Cell {
    recording: Recording,
    sketch: Sketch,
    scene: Scene,
}

impl Rays {
    /// Gets ready to draw.
    pub(super) fn new(order: Order) -> anyhow::Result<Self> {
        let Order { recordings, columns, size, view } = order;
        let cell_size = cell_size(columns, recordings.len().div_ceil(columns), size)?;
        let cells = recordings.into_iter().map(|recording| {
            let mut scene = recording.about.scene.clone();
            scene.camera = view.camera(&scene.camera);
            Cell { sketch: Sketch::new(&scene, Layer::Look), scene, recording }
        });
        Ok(Self { cells: cells.collect(), columns, cell_size })
    }
}

impl Painter for Rays {
    fn name(&self) -> String {
        "rays".to_owned()
    }

    fn size(&self) -> Size {
        match self.cells.len() {
            1 => self.cell_size,
            n_cells => Picture::sheet_size(self.cell_size, n_cells, self.columns),
        }
    }

    fn draw(&mut self, secs: f32) -> Picture {
        let mut pictures: Vec<_> =
            self.cells.iter().map(|cell| cell.draw(secs, self.cell_size)).collect();
        if pictures.len() == 1 {
            pictures.remove(0)
        } else {
            Picture::sheet(&pictures, self.columns)
        }
    }
}

impl Cell {
    fn draw(&self, secs: f32, size: Size) -> Picture {
        let Moment { poses, goal_points, achieved_points, .. } = self.recording.at(secs);
        let markers = Markers::of(&goal_points, &achieved_points, &self.scene);
        let (color, label) = caption(&self.recording, secs);
        self.sketch.draw(&poses, &markers, size).framed(color).labeled(&label)
    }
}

/// The largest size of one picture, so that all of them with their gaps fit into the whole.
pub(super) fn cell_size(columns: usize, rows: usize, whole: Size) -> anyhow::Result<Size> {
    if (columns, rows) == (1, 1) {
        return Ok(whole);
    }
    let gaps = Picture::sheet_size(Size { width: 0, height: 0 }, columns * rows, columns);
    let side = |whole: u32, gaps: u32, count: usize| whole.saturating_sub(gaps) / count as u32;
    let size = Size {
        width: side(whole.width, gaps.width, columns),
        height: side(whole.height, gaps.height, rows),
    };
    if size.width < LEAST || size.height < LEAST {
        let Size { width, height } = whole;
        return Err(anyhow!("{columns} × {rows} episodes in {width} × {height} pixels"))
            .hint("ask for a larger picture with `--width` and `--height`");
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_of_a_grid_and_their_gaps_fit_into_the_whole() {
        let size = cell_size(3, 2, Size { width: 480, height: 360 }).unwrap();
        // Four gaps of 4 leave 464 for three; three leave 348 for two.
        assert_eq!(size, Size { width: 154, height: 174 });
        assert!(cell_size(3, 1, Size { width: 40, height: 360 }).is_err());
    }
}
