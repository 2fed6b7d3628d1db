//! Pictures one after another, as a GIF that repeats.
//!
//! Of every picture but the first, only the rectangle that has changed is written: most of a scene
//! stands still.

use crate::picture::Picture;
use crate::size::Size;
use std::io::{self, Write};

/// 1 looks at every pixel to choose a picture's 256 colors, 30 at few.
const QUANTIZER_SPEED: i32 = 10;

/// The most pictures a second that a GIF can hold: players take a delay below 2/100 s for 10/100 s.
pub const MAX_GIF_FRAMES_PER_SEC: u32 = 50;

/// A GIF that is being written.
pub struct Gif<W: Write> {
    encoder: gif::Encoder<W>,
    size: [u16; 2],
    frames_per_sec: u32,
    /// Pictures that are written so far.
    n_frames: u64,
    /// What is shown so far.
    shown: Option<Picture>,
}

impl<W: Write> Gif<W> {
    /// Starts a GIF of pictures of one size, of which `frames_per_sec` are shown a second, from 1 to
    /// [`MAX_GIF_FRAMES_PER_SEC`].
    ///
    /// # Errors
    ///
    /// If `output` cannot be written.
    ///
    /// # Panics
    ///
    /// If a side is longer than 65,535 pixels, or a GIF cannot hold so many pictures a second.
    pub fn new(output: W, size: Size, frames_per_sec: u32) -> io::Result<Self> {
        let rates = 1..=MAX_GIF_FRAMES_PER_SEC;
        assert!(rates.contains(&frames_per_sec), "{frames_per_sec} pictures a second in a GIF");
        let side = |length: u32| u16::try_from(length).expect("sides of a GIF are 16-bit numbers");
        let size = [side(size.width), side(size.height)];
        let mut encoder = gif::Encoder::new(output, size[0], size[1], &[]).map_err(as_io)?;
        encoder.set_repeat(gif::Repeat::Infinite).map_err(as_io)?;
        Ok(Self { encoder, size, frames_per_sec, n_frames: 0, shown: None })
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
        let [left, top, width, height] = match &self.shown {
            Some(shown) => changed(shown, picture),
            None => [0, 0, width, height],
        };
        let rows = (top..top + height).flat_map(|y| (left..left + width).map(move |x| (x, y)));
        let pixels: Vec<u8> = rows.flat_map(|(x, y)| picture.pixel(x, y)).collect();
        let [left, top, width, height] = [left, top, width, height].map(|length| length as u16);
        let mut frame = gif::Frame::from_rgb_speed(width, height, &pixels, QUANTIZER_SPEED);
        (frame.left, frame.top) = (left, top);
        frame.delay = delay_centisecs(self.n_frames, self.frames_per_sec);
        self.n_frames += 1;
        frame.dispose = gif::DisposalMethod::Keep;
        self.shown = Some(picture.clone());
        self.encoder.write_frame(&frame).map_err(as_io)
    }
}

/// How long the frame with this index is shown, in hundredths of a second: GIFs know no other unit. The
/// start of each frame is rounded, not its length, so that the whole GIF is as long as it should be.
fn delay_centisecs(frame: u64, frames_per_sec: u32) -> u16 {
    let rate = u64::from(frames_per_sec);
    let start = |frame: u64| (100 * frame + rate / 2) / rate;
    (start(frame + 1) - start(frame)) as u16
}

/// The smallest rectangle outside of which two pictures of one size are equal: left, top, width and
/// height. One pixel if they are equal everywhere, for a frame cannot be empty.
fn changed(from: &Picture, to: &Picture) -> [u32; 4] {
    let Size { width, height } = to.size();
    let (mut left, mut top, mut right, mut bottom) = (width, height, 0, 0);
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        if from.pixel(x, y) != to.pixel(x, y) {
            (left, top) = (left.min(x), top.min(y));
            (right, bottom) = (right.max(x + 1), bottom.max(y + 1));
        }
    }
    if right == 0 { [0, 0, 1, 1] } else { [left, top, right - left, bottom - top] }
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
    fn only_what_has_changed_is_written() {
        let size = Size { width: 20, height: 10 };
        let dot = |at: u32| {
            Picture::from_fn(size, move |x, y| [if (x, y) == (at, 3) { 9 } else { 99 }; 3])
        };
        assert_eq!(changed(&dot(4), &dot(4)), [0, 0, 1, 1]);
        assert_eq!(changed(&dot(4), &dot(7)), [4, 3, 4, 1]);
        let mut file = Vec::new();
        let mut gif = Gif::new(&mut file, size, 25).unwrap();
        for at in [4, 7] {
            gif.push(&dot(at)).unwrap();
        }
        drop(gif);
        let mut decoder = gif::DecodeOptions::new().read_info(&file[..]).unwrap();
        decoder.read_next_frame().unwrap().unwrap();
        let second = decoder.read_next_frame().unwrap().unwrap();
        assert_eq!((second.left, second.top, second.width, second.height), (4, 3, 4, 1));
    }

    #[test]
    fn a_gif_is_as_long_as_its_rate_says() {
        for rate in 1..=MAX_GIF_FRAMES_PER_SEC {
            for n_frames in [1, 7, 100, 1000] {
                let delays = (0..n_frames).map(|frame| delay_centisecs(frame, rate));
                let delays: Vec<_> = delays.collect();
                assert!(delays.iter().all(|delay| 2 <= *delay), "{rate} a second: {delays:?}");
                let total: f64 = delays.into_iter().map(f64::from).sum();
                let expected = 100.0 * n_frames as f64 / f64::from(rate);
                assert!((total - expected).abs() <= 0.5, "{n_frames} frames, {rate} a second");
            }
        }
    }

    #[test]
    fn delays_differ_where_the_rate_is_no_whole_number_of_them() {
        let size = Size { width: 2, height: 2 };
        for (rate, expected) in [(10, [10; 3]), (30, [3, 4, 3]), (40, [3, 2, 3]), (50, [2; 3])] {
            let mut file = Vec::new();
            let mut gif = Gif::new(&mut file, size, rate).unwrap();
            (0..3).for_each(|_| gif.push(&Picture::from_fn(size, |_, _| [7; 3])).unwrap());
            drop(gif);
            let mut decoder = gif::DecodeOptions::new().read_info(&file[..]).unwrap();
            let delays = [(); 3].map(|()| decoder.read_next_frame().unwrap().unwrap().delay);
            assert_eq!(delays, expected, "{rate} a second");
        }
    }

    #[test]
    fn a_gif_reads_back_with_its_colors_and_delays() {
        let size = Size { width: 8, height: 6 };
        let picture =
            |blue| Picture::from_fn(size, move |x, _| [if x < 4 { 0 } else { 255 }, 90, blue]);
        let mut file = Vec::new();
        let mut gif = Gif::new(&mut file, size, 25).unwrap();
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
