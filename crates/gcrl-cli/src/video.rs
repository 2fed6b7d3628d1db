//! Pictures one after another, as the file that its name asks for.
//!
//! | name | written |
//! |---|---|
//! | `x.gif` | here |
//! | `x.mp4` | by the `ffmpeg` on the PATH |
//! | `x/`, or a name without an ending | a folder of PNGs |

use crate::hint::Hint;
use anyhow::{Context, anyhow};
use gcrl_file::{OutputFile, OutputFolder, WriteError};
use gcrl_sketch::{Gif, MAX_GIF_FRAMES_PER_SEC, Picture, Size};
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Players want halved colors, for which sides must be even, and take colors of videos as the standard of
/// high definition writes them. Source: ITU-R BT.709.
const FILTER: &str =
    "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white,scale=out_color_matrix=bt709:out_range=tv";

/// What to do where nothing can be written, and without `ffmpeg`.
const OTHER_PLACE: &str = "free some space, or name another place with `--out`";
const OTHER_WAYS: &str = "write a `.gif` or a folder of PNGs with `--out`";

/// Pictures to be shown at a steady rate, drawn when they are asked for.
pub(crate) struct Video<'a> {
    /// Of every picture.
    pub(crate) size: Size,
    pub(crate) n_frames: usize,
    pub(crate) frames_per_sec: u32,
    /// Draws a picture.
    pub(crate) draw: &'a dyn Fn(usize) -> Picture,
}

/// What is written: a file or a folder whose place was claimed.
#[derive(Debug)]
pub(crate) enum Target {
    Gif(OutputFile),
    Mp4(OutputFile),
    Png(OutputFile),
    Folder(OutputFolder),
}

impl Target {
    /// Claims the place for what its name asks for, if it can hold so many pictures a second.
    pub(crate) fn claim(path: &Path, frames_per_sec: u32) -> anyhow::Result<Self> {
        let file = || OutputFile::claim(path).hint(OTHER_PLACE);
        match path.extension().and_then(OsStr::to_str) {
            Some("gif") if MAX_GIF_FRAMES_PER_SEC < frames_per_sec => {
                let most = MAX_GIF_FRAMES_PER_SEC;
                Err(anyhow!("a GIF holds up to {most} pictures a second, not {frames_per_sec}"))
                    .hint(format!(
                        "ask for at most {most} with `--fps`, or write an `.mp4` or a folder of PNGs \
                         with `--out`"
                    ))
            }
            Some("gif") => Ok(Self::Gif(file()?)),
            Some("mp4") => Ok(Self::Mp4(file()?)),
            Some("png") => Ok(Self::Png(file()?)),
            None => {
                let folder = OutputFolder::claim(path).hint("name a new folder with `--out`")?;
                Ok(Self::Folder(folder))
            }
            Some(other) => Err(anyhow!("no pictures are written as `.{other}`: {path:?}"))
                .hint("name a `.gif`, `.png` or `.mp4`, or a folder, with `--out`"),
        }
    }
}

impl Video<'_> {
    /// Writes the video; a PNG holds its last picture.
    pub(crate) fn write(&self, target: Target) -> anyhow::Result<()> {
        let written = match target {
            Target::Gif(file) => self.write_gif(file),
            Target::Png(file) => self.write_png(file),
            Target::Folder(folder) => self.write_folder(folder),
            Target::Mp4(file) => return self.write_mp4(file),
        };
        written.hint(OTHER_PLACE)
    }

    fn write_png(&self, file: OutputFile) -> Result<(), WriteError> {
        let picture = (self.draw)(self.n_frames - 1);
        file.write(|file| picture.write_png(file))
    }

    fn write_folder(&self, folder: OutputFolder) -> Result<(), WriteError> {
        folder.write(|folder| {
            (0..self.n_frames).try_for_each(|frame| {
                let picture = (self.draw)(frame);
                let path = folder.join(format!("frame-{frame:05}.png"));
                gcrl_file::write(&path, |file| picture.write_png(file))
            })
        })
    }

    fn write_gif(&self, file: OutputFile) -> Result<(), WriteError> {
        file.write(|file| {
            let mut gif = Gif::new(file, self.size, self.frames_per_sec)?;
            (0..self.n_frames).try_for_each(|frame| gif.push(&(self.draw)(frame)))
        })
    }

    fn write_mp4(&self, file: OutputFile) -> anyhow::Result<()> {
        match file.write_by_name(|temporary| self.encode(temporary)) {
            Err(error) if error.is::<WriteError>() => Err(error).hint(OTHER_PLACE),
            written => written,
        }
    }

    /// Gives the pictures to `ffmpeg`, which writes the video.
    fn encode(&self, path: &Path) -> anyhow::Result<()> {
        let mut ffmpeg = self
            .ffmpeg(path)
            .spawn()
            .context("cannot start `ffmpeg`, which writes mp4")
            .hint(format!("install ffmpeg, or {OTHER_WAYS}"))?;
        let mut pictures = ffmpeg.stdin.take().expect("stdin is a pipe");
        let mut stderr = ffmpeg.stderr.take().expect("stderr is a pipe");
        // Read while pictures are written, or both sides could wait for each other.
        let read = move || {
            let mut bytes = Vec::new();
            stderr.read_to_end(&mut bytes).map(|_| bytes)
        };
        let complaints =
            std::thread::Builder::new().spawn(read).context("cannot listen to `ffmpeg`")?;
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
        let folder = tempfile::tempdir().unwrap();
        let target = |name: &str| Target::claim(&folder.path().join(name), 25);
        assert!(matches!(target("x.gif").unwrap(), Target::Gif(_)));
        assert!(matches!(target("a.b/x.png").unwrap(), Target::Png(_)));
        assert!(matches!(target("x.mp4").unwrap(), Target::Mp4(_)));
        assert!(matches!(target("frames/").unwrap(), Target::Folder(_)));
        assert!(target("x.avi").unwrap_err().to_string().contains("`.avi`"));
    }

    #[test]
    fn a_gif_of_more_pictures_a_second_than_it_can_hold_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let target = |name: &str, rate| Target::claim(&folder.path().join(name), rate);
        assert!(target("x.gif", 50).is_ok() && target("x.mp4", 100).is_ok());
        assert!(target("y.gif", 51).unwrap_err().to_string().contains("up to 50 pictures"));
    }
}
