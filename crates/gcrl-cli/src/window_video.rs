//! A video of the window: a GIF that is written beside the window while pictures come.

use gcrl_file::WriteError;
use gcrl_sketch::{Gif, Picture, Size};
use gcrl_viewer::VideoWriter;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// Pictures that wait to be written, at most; then the window waits too.
const MOST_WAITING: usize = 64;

/// Sides of pictures wider than this, in pixels, are divided so that they are at most so wide: videos
/// are to be sent around.
const WIDEST: usize = 960;

/// See the module.
pub(crate) struct WindowVideo {
    /// Of the pictures that come.
    size: Size,
    pictures: SyncSender<Picture>,
    writing: JoinHandle<Result<(), WriteError>>,
}

impl WindowVideo {
    /// Begins a video of pictures of this width and height, of which `frames_per_sec` are shown a second,
    /// from 1 to 50.
    ///
    /// # Errors
    ///
    /// If the system allows no more threads.
    pub(crate) fn start(path: PathBuf, size: [u32; 2], frames_per_sec: u32) -> io::Result<Self> {
        let (pictures, receiver) = sync_channel(MOST_WAITING);
        let [width, height] = size;
        let size = Size { width, height };
        let writing = thread::Builder::new().spawn(move || {
            gcrl_file::write(&path, |file| {
                let mut gif = Gif::new(file, shrunken(size), frames_per_sec)?;
                receiver.iter().try_for_each(|picture: Picture| gif.push(&picture))
            })
        })?;
        Ok(Self { size, pictures, writing })
    }
}

impl VideoWriter for WindowVideo {
    fn push(&mut self, rgb: &[u8], times: u64) -> io::Result<()> {
        let picture = Picture::from_bytes(shrunken(self.size), &shrink(self.size, rgb));
        let gone = |_unsent| io::Error::other("the video cannot be written");
        (0..times).try_for_each(|_| self.pictures.send(picture.clone()).map_err(gone))
    }

    fn finish(self: Box<Self>) -> Result<(), String> {
        let Self { pictures, writing, .. } = *self;
        drop(pictures);
        let written =
            writing.join().map_err(|_panic| "the video could not be written".to_owned())?;
        written.map_err(|error| format!("{:#}", anyhow::Error::from(error)))
    }
}

/// By how much sides are divided.
fn divisor(size: Size) -> usize {
    (size.width as usize).div_ceil(WIDEST)
}

/// The size of a video of pictures of this size.
fn shrunken(size: Size) -> Size {
    let divisor = divisor(size) as u32;
    Size { width: size.width / divisor, height: (size.height / divisor).max(1) }
}

/// Each pixel is the mean of a square of them.
fn shrink(size: Size, rgb: &[u8]) -> Vec<u8> {
    let (divisor, whole) = (divisor(size), size.width as usize);
    if divisor == 1 {
        return rgb.to_vec();
    }
    let Size { width, height } = shrunken(size);
    let mut shrunken = Vec::with_capacity(width as usize * height as usize * 3);
    for (y, x) in (0..height as usize).flat_map(|y| (0..width as usize).map(move |x| (y, x))) {
        for channel in 0..3 {
            let square = (0..divisor).flat_map(|down| (0..divisor).map(move |right| (down, right)));
            let sum: usize = square
                .map(|(down, right)| {
                    let pixel = (y * divisor + down) * whole + x * divisor + right;
                    rgb.get(3 * pixel + channel).copied().map_or(0, usize::from)
                })
                .sum();
            shrunken.push((sum / (divisor * divisor)) as u8);
        }
    }
    shrunken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_become_at_most_so_wide() {
        assert_eq!(shrunken(Size { width: 960, height: 33 }), Size { width: 960, height: 33 });
        assert_eq!(shrunken(Size { width: 2881, height: 8 }), Size { width: 720, height: 2 });
        let size = Size { width: 1281, height: 3 };
        assert_eq!(shrunken(size), Size { width: 640, height: 1 });
        // Columns 0 and 1 of the first two rows are the first pixel.
        let mut rgb = vec![0; 1281 * 3 * 3];
        (rgb[0], rgb[3], rgb[3 * 1281], rgb[3 * 1282]) = (10, 20, 30, 40);
        let small = shrink(size, &rgb);
        assert_eq!((small.len(), small[0], small[1]), (640 * 3, 25, 0));
    }

    #[test]
    fn a_video_has_its_name_once_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.gif");
        let mut video = Box::new(WindowVideo::start(path.clone(), [2, 2], 10).unwrap());
        video.push(&[0; 12], 1).unwrap();
        video.push(&[200; 12], 3).unwrap();
        assert!(!path.exists());
        video.finish().unwrap();
        assert!(std::fs::read(&path).unwrap().starts_with(b"GIF89a"));
    }

    #[test]
    fn a_video_without_a_place_says_so_and_why() {
        let video = WindowVideo::start("/dev/null/x.gif".into(), [2, 2], 10).unwrap();
        let error = Box::new(video).finish().unwrap_err();
        assert!(error.contains("x.gif") && error.contains("Not a directory"), "{error}");
    }
}
