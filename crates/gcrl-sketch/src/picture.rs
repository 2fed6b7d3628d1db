//! Rows of pixels, and many pictures on one sheet.

use crate::letters::{self, Label};
use crate::size::Size;
use std::io::{self, Write};
use std::sync::Mutex;

/// Between the pictures of a sheet and around them, in pixels.
const GAP: u32 = 4;

/// Lines of text that a picture has room for, about, and the least and greatest height of a line in pixels.
const LABELS: u32 = 24;
const LEAST_LABEL: u32 = 12;
const MOST_LABEL: u32 = 32;

/// Thickness of a frame, in pixels.
const FRAME: u32 = 4;

/// What is between the pictures of a sheet.
const PAPER: [u8; 3] = [255; 3];

/// Red, green and blue of every pixel in sRGB, row by row from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    size: Size,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// A picture whose pixel in column `x` and row `y` is `color(x, y)`; rows are shared among all
    /// processors.
    pub(crate) fn from_fn(size: Size, color: impl Fn(u32, u32) -> [u8; 3] + Sync) -> Self {
        let mut pixels = vec![[0; 3]; size.width as usize * size.height as usize];
        let n_threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let band = (size.height as usize).div_ceil(n_threads).max(1);
        let fill = |first_row: u32, rows: &mut [[u8; 3]]| {
            for (row, y) in rows.chunks_mut(size.width as usize).zip(first_row..) {
                for (pixel, x) in row.iter_mut().zip(0..) {
                    *pixel = color(x, y);
                }
            }
        };
        let bands = pixels.chunks_mut((band * size.width as usize).max(1));
        let bands = Mutex::new(bands.zip((0..size.height).step_by(band)));
        let next = || bands.lock().expect("no thread panics").next();
        gcrl_core::on_threads(n_threads, || {
            while let Some((rows, first)) = next() {
                fill(first, rows);
            }
        });
        Self { size, pixels }
    }

    /// A picture of red, green and blue of every pixel, row by row from the top.
    ///
    /// # Panics
    ///
    /// If there are not three bytes for each pixel.
    pub fn from_bytes(size: Size, bytes: &[u8]) -> Self {
        let (pixels, rest) = bytes.as_chunks();
        assert!(rest.is_empty(), "a pixel has three bytes");
        assert_eq!(pixels.len(), size.width as usize * size.height as usize, "{size:?}");
        Self { size, pixels: pixels.to_vec() }
    }

    /// Width and height.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The color in column `x` and row `y`, from the upper left corner.
    ///
    /// # Panics
    ///
    /// If the picture has no such pixel.
    pub fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        self.pixels[self.index(x, y)]
    }

    /// Writes a line of text into the upper left corner, as high as suits a picture of this size.
    #[must_use]
    pub fn labeled(self, text: &str) -> Self {
        let height = Self::label_height(self.size);
        self.labeled_at([0, 0], height, text)
    }

    /// Writes a line of text of a height in pixels, its upper left corner at a column and a row; what
    /// does not fit is cut off.
    #[must_use]
    pub fn labeled_at(mut self, [left, top]: [u32; 2], height: u32, text: &str) -> Self {
        let room = self.size.width.saturating_sub(left);
        let label = Label::new(text, height, room);
        let rows = label.ink.chunks(label.width.max(1) as usize);
        for (row, y) in rows.zip(top..self.size.height) {
            for (ink, x) in row.iter().zip(left..self.size.width) {
                let index = self.index(x, y);
                self.pixels[index] = letters::over(self.pixels[index], *ink);
            }
        }
        self
    }

    /// The height in pixels of a line of text that suits a picture of this size.
    pub fn label_height(size: Size) -> u32 {
        (size.height / LABELS).clamp(LEAST_LABEL, MOST_LABEL)
    }

    /// Draws a frame of this color along the edges.
    #[must_use]
    pub fn framed(mut self, color: [u8; 3]) -> Self {
        let Size { width, height } = self.size;
        let near = |at: u32, length: u32| at < FRAME || length <= at.saturating_add(FRAME);
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            if near(x, width) || near(y, height) {
                let index = self.index(x, y);
                self.pixels[index] = color;
            }
        }
        self
    }

    /// Pictures of one size side by side, `columns` in a row.
    ///
    /// # Panics
    ///
    /// If there are no pictures, they differ in size, or `columns` is 0.
    pub fn sheet(pictures: &[Self], columns: usize) -> Self {
        let Size { width, height } = pictures[0].size;
        let columns = columns.min(pictures.len());
        let size = Self::sheet_size(pictures[0].size, pictures.len(), columns);
        let n_pixels = size.width as usize * size.height as usize;
        let mut sheet = Self { size, pixels: vec![PAPER; n_pixels] };
        for (picture_idx, picture) in pictures.iter().enumerate() {
            assert_eq!(picture.size, pictures[0].size, "pictures of a sheet have one size");
            let left = length(picture_idx % columns, width);
            for (row, y) in
                picture.pixels.chunks(width as usize).zip(length(picture_idx / columns, height)..)
            {
                let start = sheet.index(left, y);
                sheet.pixels[start..start + row.len()].copy_from_slice(row);
            }
        }
        sheet
    }

    /// The size of a sheet of `count` pictures, `columns` in a row.
    ///
    /// # Panics
    ///
    /// If `count` or `columns` is 0.
    pub fn sheet_size(picture: Size, count: usize, columns: usize) -> Size {
        let columns = columns.min(count);
        Size {
            width: length(columns, picture.width),
            height: length(count.div_ceil(columns), picture.height),
        }
    }

    /// Red, green and blue of every pixel, row by row from the top.
    pub fn bytes(&self) -> &[u8] {
        self.pixels.as_flattened()
    }

    /// Writes the picture as PNG.
    ///
    /// # Errors
    ///
    /// If `output` cannot be written.
    pub fn write_png(&self, output: &mut dyn Write) -> io::Result<()> {
        let mut encoder = png::Encoder::new(output, self.size.width, self.size.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(self.bytes())?;
        writer.finish()?;
        Ok(())
    }

    fn index(&self, x: u32, y: u32) -> usize {
        assert!(x < self.size.width && y < self.size.height, "pixel ({x}, {y}) of {:?}", self.size);
        y as usize * self.size.width as usize + x as usize
    }
}

/// `count` sides with gaps between and around them; where the next one begins.
fn length(count: usize, side: u32) -> u32 {
    GAP + count as u32 * (side + GAP)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(width: u32, height: u32, color: [u8; 3]) -> Picture {
        Picture::from_fn(Size { width, height }, |_, _| color)
    }

    #[test]
    fn every_pixel_is_filled_once_whatever_the_number_of_rows() {
        for height in [1, 2, 3, 7] {
            let picture = Picture::from_fn(Size { width: 5, height }, |x, y| [x as u8, y as u8, 9]);
            for (x, y) in (0..height).flat_map(|y| (0..5).map(move |x| (x, y))) {
                assert_eq!(picture.pixel(x, y), [x as u8, y as u8, 9]);
            }
        }
    }

    #[test]
    fn a_picture_is_made_of_its_own_bytes() {
        let picture = Picture::from_fn(Size { width: 3, height: 2 }, |x, y| [x as u8, y as u8, 9]);
        assert_eq!(Picture::from_bytes(picture.size(), picture.bytes()), picture);
    }

    #[test]
    fn a_sheet_holds_its_pictures_row_by_row() {
        let pictures = [1, 2, 3].map(|gray| plain(10, 5, [gray; 3]));
        let sheet = Picture::sheet(&pictures, 2);
        assert_eq!(sheet.size(), Size { width: 4 + 14 + 14, height: 4 + 9 + 9 });
        let grays = [(4, 4), (18, 4), (4, 13), (18, 13)].map(|(x, y)| sheet.pixel(x, y)[0]);
        assert_eq!(grays, [1, 2, 3, 255]);
    }

    #[test]
    fn a_png_reads_back_as_it_was_written() {
        let picture =
            Picture::from_fn(Size { width: 7, height: 4 }, |x, y| [x as u8, y as u8, 200]);
        let mut file = Vec::new();
        picture.write_png(&mut file).unwrap();
        let mut reader = png::Decoder::new(io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; 7 * 4 * 3];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels, picture.pixels.as_flattened());
    }

    #[test]
    fn a_label_is_where_it_is_asked_for_and_cut_off_where_the_picture_ends() {
        let black = plain(60, 40, [0; 3]);
        let labeled = black.clone().labeled_at([50, 30], 14, "88888888");
        let is_changed = |x, y| labeled.pixel(x, y) != [0; 3];
        assert!(is_changed(50, 30) && is_changed(59, 39));
        assert!(!is_changed(49, 30) && !is_changed(50, 29));
        for outside in [[60, 0], [0, 40], [u32::MAX; 2]] {
            assert_eq!(black.clone().labeled_at(outside, 14, "8"), black);
        }
    }

    #[test]
    fn a_frame_is_on_the_edges_and_nowhere_else() {
        let framed = plain(20, 12, [255; 3]).framed([0; 3]);
        let found = [(0, 6), (19, 6), (10, 0), (10, 11), (4, 4), (15, 7)];
        let grays = found.map(|(x, y)| framed.pixel(x, y)[0]);
        assert_eq!(grays, [0, 0, 0, 0, 255, 255]);
    }
}
