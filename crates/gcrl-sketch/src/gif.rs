//! Pictures one after another, as a GIF that repeats.

use crate::picture::Picture;
use crate::sketch::Size;
use std::io::{self, Write};

/// 1 looks at every pixel to choose a picture's 256 colors, 30 at few.
const QUANTIZER_SPEED: i32 = 10;

/// A GIF that is being written.
pub struct Gif<W: Write> {
    encoder: gif::Encoder<W>,
    size: [u16; 2],
    delay_centisecs: u16,
}

impl<W: Write> Gif<W> {
    /// Starts a GIF of pictures of one size that are shown for `delay_centisecs` each, in hundredths
    /// of a second: GIFs know no other unit.
    ///
    /// # Errors
    ///
    /// If `output` cannot be written.
    ///
    /// # Panics
    ///
    /// If a side is longer than 65,535 pixels.
    pub fn new(output: W, size: Size, delay_centisecs: u16) -> io::Result<Self> {
        let side = |length: u32| u16::try_from(length).expect("sides of a GIF are 16-bit numbers");
        let size = [side(size.width), side(size.height)];
        let mut encoder = gif::Encoder::new(output, size[0], size[1], &[]).map_err(as_io)?;
        encoder.set_repeat(gif::Repeat::Infinite).map_err(as_io)?;
        Ok(Self { encoder, size, delay_centisecs })
    }

    /// Appends a picture.
    ///
    /// # Errors
    ///
    /// If the output cannot be written.
    ///
    /// # Panics
    ///
    /// If the picture has another size.
    pub fn push(&mut self, picture: &Picture) -> io::Result<()> {
        let Size { width, height } = picture.size();
        assert_eq!([width, height], self.size.map(u32::from), "pictures of a GIF have one size");
        let [width, height] = self.size;
        let mut frame = gif::Frame::from_rgb_speed(width, height, picture.bytes(), QUANTIZER_SPEED);
        frame.delay = self.delay_centisecs;
        self.encoder.write_frame(&frame).map_err(as_io)
    }
}

fn as_io(error: gif::EncodingError) -> io::Error {
    match error {
        gif::EncodingError::Io(error) => error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gif_reads_back_with_its_colors_and_delays() {
        let size = Size { width: 8, height: 6 };
        let picture =
            |blue| Picture::from_fn(size, move |x, _| [if x < 4 { 0 } else { 255 }, 90, blue]);
        let mut file = Vec::new();
        let mut gif = Gif::new(&mut file, size, 4).unwrap();
        for blue in [0, 200] {
            gif.push(&picture(blue)).unwrap();
        }
        drop(gif);
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut decoder = options.read_info(&file[..]).unwrap();
        for blue in [0, 200] {
            let frame = decoder.read_next_frame().unwrap().unwrap();
            assert_eq!(frame.delay, 4);
            for (pixel, red) in [(0, 0), (7, 255)] {
                let found = &frame.buffer[4 * pixel..4 * pixel + 3];
                let off = found.iter().zip([red, 90, blue]).map(|(a, b)| a.abs_diff(b)).max();
                assert!(off <= Some(4), "{found:?}");
            }
        }
        assert!(decoder.read_next_frame().unwrap().is_none());
    }
}
