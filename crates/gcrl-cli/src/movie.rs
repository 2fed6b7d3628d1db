//! Pictures one after another, as the file that its name asks for.
//!
//! | name | written |
//! |---|---|
//! | `x.gif` | here |
//! | `x.mp4` | by the `ffmpeg` on the PATH |
//! | `x/`, or a name without an ending | a folder of PNGs |

use crate::failure::Hint;
use anyhow::{Context, anyhow};
use gcrl_file::WriteError;
use gcrl_sketch::{Gif, Picture, Size};
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Players want halved colors, for which sides must be even, and take colors of movies as the standard of
/// high definition writes them. Source: ITU-R BT.709.
const FILTER: &str =
    "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white,scale=out_color_matrix=bt709:out_range=tv";

/// What to do where nothing can be written, and without `ffmpeg`.
const OTHER_PLACE: &str = "free some space, or name another place with `--out`";
const OTHER_WAYS: &str = "write a `.gif` or a folder of PNGs with `--out`";

/// Pictures to be shown at a steady rate, drawn when they are asked for.
pub(crate) struct Movie<'a> {
    /// Of every picture.
    pub(crate) size: Size,
    pub(crate) n_frames: usize,
    pub(crate) frames_per_sec: u32,
    /// Draws a picture.
    pub(crate) draw: &'a dyn Fn(usize) -> Picture,
}

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Gif,
    Mp4,
    Png,
    Folder,
}

impl Kind {
    /// The kind that a name asks for.
    pub(crate) fn of(path: &Path) -> anyhow::Result<Self> {
        match path.extension().and_then(OsStr::to_str) {
            Some("gif") => Ok(Self::Gif),
            Some("mp4") => Ok(Self::Mp4),
            Some("png") => Ok(Self::Png),
            None => Ok(Self::Folder),
            Some(other) => Err(anyhow!("no pictures are written as `.{other}`: {path:?}"))
                .hint("name a `.gif`, `.png` or `.mp4`, or a folder, with `--out`"),
        }
    }
}

impl Movie<'_> {
    /// Writes the movie; a PNG holds its last picture.
    pub(crate) fn write(&self, path: &Path, kind: Kind) -> anyhow::Result<()> {
        let written = match kind {
            Kind::Gif => self.write_gif(path),
            Kind::Png => self.write_png(path, self.n_frames - 1),
            Kind::Folder => self.write_folder(path),
            Kind::Mp4 => return self.write_mp4(path),
        };
        written.hint(OTHER_PLACE)
    }

    fn write_png(&self, path: &Path, frame: usize) -> Result<(), WriteError> {
        let picture = (self.draw)(frame);
        gcrl_file::write(path, |file| picture.write_png(file))
    }

    fn write_folder(&self, path: &Path) -> Result<(), WriteError> {
        gcrl_file::write_folder(path, |folder| {
            let mut frames = 0..self.n_frames;
            frames.try_for_each(|i| self.write_png(&folder.join(format!("frame-{i:05}.png")), i))
        })
    }

    fn write_gif(&self, path: &Path) -> Result<(), WriteError> {
        let delay = (100.0 / f64::from(self.frames_per_sec)).round() as u16;
        gcrl_file::write(path, |file| {
            let mut gif = Gif::new(file, self.size, delay)?;
            (0..self.n_frames).try_for_each(|frame| gif.push(&(self.draw)(frame)))
        })
    }

    fn write_mp4(&self, path: &Path) -> anyhow::Result<()> {
        match gcrl_file::write_by_name(path, |temporary| self.encode(temporary)) {
            Err(error) if error.is::<WriteError>() => Err(error).hint(OTHER_PLACE),
            written => written,
        }
    }

    /// Gives the pictures to `ffmpeg`, which writes the movie.
    fn encode(&self, path: &Path) -> anyhow::Result<()> {
        let mut ffmpeg = self
            .ffmpeg(path)
            .spawn()
            .context("cannot start `ffmpeg`, which writes mp4")
            .hint(format!("install ffmpeg, or {OTHER_WAYS}"))?;
        let mut pictures = ffmpeg.stdin.take().expect("stdin is a pipe");
        let mut stderr = ffmpeg.stderr.take().expect("stderr is a pipe");
        // Read while pictures are written, or both sides could wait for each other.
        let complaints = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            stderr.read_to_end(&mut bytes).map(|_| bytes)
        });
        let fed =
            (0..self.n_frames).try_for_each(|frame| pictures.write_all((self.draw)(frame).bytes()));
        drop(pictures);
        let complaints = complaints.join().expect("reading does not panic")?;
        if ffmpeg.wait().context("`ffmpeg` does not end")?.success() && fed.is_ok() {
            return Ok(());
        }
        let complaints = String::from_utf8_lossy(&complaints);
        let complaint = complaints.lines().next().unwrap_or("it does not say why").trim();
        Err(anyhow!("`ffmpeg` failed: {complaint}")).hint(OTHER_WAYS)
    }

    fn ffmpeg(&self, path: &Path) -> Command {
        let Size { width, height } = self.size;
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg
            .args(["-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"])
            .args(["-s", &format!("{width}x{height}"), "-r", &self.frames_per_sec.to_string()])
            .args(["-i", "pipe:0", "-vf", FILTER, "-pix_fmt", "yuv420p"])
            .args(["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"])
            // The table of contents comes first, so that a browser plays what it has yet to load.
            .args(["-movflags", "+faststart", "-f", "mp4", "-y"])
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        ffmpeg
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_what_is_written() {
        let kind = |name: &str| Kind::of(Path::new(name));
        assert_eq!(kind("x.gif").unwrap(), Kind::Gif);
        assert_eq!(kind("a.b/x.png").unwrap(), Kind::Png);
        assert_eq!(kind("x.mp4").unwrap(), Kind::Mp4);
        assert_eq!(kind("frames/").unwrap(), Kind::Folder);
        assert!(kind("x.avi").unwrap_err().to_string().contains("`.avi`"));
    }
}
