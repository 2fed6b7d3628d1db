//! The window's picture without the window: all episodes on one stage, through the graphics driver.

use super::{Order, Painter, caption};
use crate::graphics;
use gcrl_sketch::{Picture, Size};
use gcrl_viewer::Offscreen;

/// Who else draws.
const OTHERWISE: &str = "draw with `--renderer rays`";

/// What is said about an episode is as wide as this many times its height, about: letters are more than
/// half as wide as high.
const LABEL_WIDTH: u32 = 7;

/// The least height of a label, in pixels.
const LEAST_LABEL: u32 = 9;

/// See the module.
struct Driver {
    offscreen: Offscreen,
    size: Size,
    label_height: u32,
}

/// Checks that there is a driver.
pub(super) fn check() -> anyhow::Result<()> {
    graphics::hinted(gcrl_viewer::adapter(), OTHERWISE).map(|_| ())
}

/// Gets ready to draw.
pub(super) fn open(order: Order) -> anyhow::Result<Box<dyn Painter>> {
    let Order { recordings, columns, size, view } = order;
    let camera = view.camera(&recordings[0].about.scene.camera);
    let offscreen = Offscreen::open([size.width, size.height], recordings, columns, &camera);
    let offscreen = graphics::hinted(offscreen, OTHERWISE)?;
    let room = room(&offscreen.labels(), columns, size);
    let label_height =
        (room / LABEL_WIDTH).clamp(LEAST_LABEL, Picture::label_height(size).max(LEAST_LABEL));
    Ok(Box::new(Driver { offscreen, size, label_height }))
}

impl Painter for Driver {
    fn name(&self) -> String {
        self.offscreen.adapter().name.clone()
    }

    fn size(&self) -> Size {
        self.size
    }

    fn draw(&mut self, secs: f32) -> Picture {
        let picture = Picture::from_bytes(self.size, &self.offscreen.draw(secs));
        let captions: Vec<_> =
            self.offscreen.episodes().map(|recording| caption(recording, secs)).collect();
        if let [(color, label)] = &captions[..] {
            return picture.framed(*color).labeled(label);
        }
        // The frames of several episodes lie on the ground.
        let labels = self.offscreen.labels().into_iter().zip(captions);
        labels.fold(picture, |picture, ([left, bottom], (_, label))| {
            let top = bottom.saturating_sub(self.label_height);
            picture.labeled_at([left, top], self.label_height, &label)
        })
    }
}

/// How far labels of neighbors are apart, at least, in pixels.
fn room(labels: &[[u32; 2]], columns: usize, size: Size) -> u32 {
    let neighbors = labels.chunks(columns).flat_map(|row| row.windows(2));
    let apart = neighbors.map(|pair| pair[1][0].saturating_sub(pair[0][0]));
    apart.min().unwrap_or(size.width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_the_room_between_the_nearest_neighbors_of_a_row() {
        let size = Size { width: 300, height: 200 };
        let labels = [[20, 10], [110, 10], [10, 100], [130, 100]];
        assert_eq!(room(&labels, 2, size), 90);
        assert_eq!(room(&labels, 1, size), 300);
    }
}
