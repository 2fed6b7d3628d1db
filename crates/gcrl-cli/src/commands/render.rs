//! `gcrl render`

use super::watched::Watched;
use crate::camera::View;
use crate::hint::Hint;
use crate::output;
use crate::painter::{Order, Renderer};
use crate::progress::Progress;
use crate::video::{self, Video};
use gcrl_file::OutputFile;
use gcrl_recording::Recording;
use gcrl_run::{Job, Observer};
use gcrl_sketch::Size;
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

/// How long the end is shown, in seconds.
const HOLD_SECS: f32 = 0.6;

/// Draw episodes as a video or a picture
///
/// Plays a task with policies, or recorded episodes (`gcrl evaluate --record`). The corner of an episode says who acts
/// and what the return is so far; its frame is green while the goal counts as reached. Green: the goal, and how near
/// counts as reached; orange: what is achieved. Needs neither a GPU nor a window: software such as Debian's
/// `mesa-vulkan-drivers` draws what a GPU draws, and rays need no driver.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl render PointRooms --policy expert --out rooms.gif
  gcrl render PointReach --policy random --policy expert --grid 2x1 --width 640 --height 240 --out compared.gif
  gcrl evaluate PointRooms --policy random --episodes 9 --record episodes
  gcrl render episodes --grid 3x3 --out nine.gif
  gcrl render episodes --grid 3x3 --html nine.html")]
pub(crate) struct Args {
    #[command(flatten)]
    watched: Watched,
    /// Episodes side by side and one below another [default: a column for each policy]
    #[arg(long, value_name = "COLUMNSxROWS")]
    grid: Option<Grid>,
    /// Width of the whole picture, in pixels, at most
    #[arg(long, value_parser = clap::value_parser!(u32).range(32..=8192), default_value_t = 480)]
    width: u32,
    /// Height of the whole picture, in pixels, at most
    #[arg(long, value_parser = clap::value_parser!(u32).range(32..=8192), default_value_t = 360)]
    height: u32,
    /// Pictures a second; a GIF holds at most 50
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100), default_value_t = 25)]
    fps: u32,
    /// How fast time goes, from 0.01 to 100: 0.5 is half as fast
    #[arg(long, value_parser = speed, default_value_t = 1.0)]
    speed: f32,
    /// `scene`, `front`, `left`, `right`, `back`, `top`, or degrees around and above, such as `-60,30`
    #[arg(long, value_name = "VIEW", default_value = "scene", allow_hyphen_values = true)]
    camera: View,
    /// Who draws [default: `vulkan`, where it is in the build and finds a driver]
    #[arg(long, value_enum, conflicts_with = "html")]
    renderer: Option<Renderer>,
    #[command(flatten)]
    target: Target,
}

/// Where to.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Target {
    /// What to write: `x.gif`, `x.mp4` (needs ffmpeg), `x.png` (the last state), or a folder for PNGs
    #[arg(long, value_name = "FILE|DIR")]
    out: Option<PathBuf>,
    /// Write one page of HTML instead, which plays the episodes in any browser, without a network
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Columns and rows of episodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Grid {
    columns: usize,
    rows: usize,
}

/// How fast time goes: from 0.01 to 100.
fn speed(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number: &f32| (0.01..=100.0).contains(number));
    number.ok_or_else(|| "must be a number from 0.01 to 100".to_owned())
}

impl FromStr for Grid {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let side = |text: &str| text.parse().ok().filter(|count| (1..=6).contains(count));
        let sides =
            text.split_once('x').and_then(|(columns, rows)| Some((side(columns)?, side(rows)?)));
        let (columns, rows) = sides
            .ok_or_else(|| "a grid is columns and rows from 1 to 6, such as `3x2`".to_owned())?;
        Ok(Self { columns, rows })
    }
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let grid = self.grid.unwrap_or(Grid { columns: self.watched.n_columns(), rows: 1 });
        match &self.target {
            Target { html: Some(path), .. } => self.write_page(path, grid),
            Target { out: Some(path), .. } => self.write_video(path, grid),
            Target { html: None, out: None } => unreachable!("clap asks for one of them"),
        }
    }

    fn write_page(&self, path: &Path, grid: Grid) -> anyhow::Result<()> {
        output::check_outside_of_datasets(path)?;
        let out = OutputFile::claim(path).hint("name another file with `--html`")?;
        let recordings = self.watched.recordings(grid.columns * grid.rows)?;
        out.write(|file| gcrl_page::write(&recordings, file))
            .hint("free some space, or name another file with `--html`")?;
        output::print(&format!("{}, a page: {}\n", describe(recordings.iter()), path.display()))
    }

    fn write_video(&self, path: &Path, grid: Grid) -> anyhow::Result<()> {
        let target = video::Target::claim(path, self.fps)?;
        let Grid { columns, rows } = grid;
        let (size, view) = (Size { width: self.width, height: self.height }, self.camera);
        if let Some(renderer) = self.renderer {
            renderer.check(columns, rows, size)?;
        }
        let recordings = self.watched.recordings(columns * rows)?;
        let renderer = self.renderer.unwrap_or_else(Renderer::best);
        let shown = describe(recordings.iter());
        let longest = recordings.iter().map(Recording::duration_secs).fold(0.0, f32::max);
        let secs = longest / self.speed + HOLD_SECS;
        let n_frames = (secs * self.fps as f32).ceil() as usize + 1;
        let progress = Progress::default();
        progress.on_start(&Job {
            name: recordings[0].about.task.clone(),
            total: n_frames as u64,
            unit: "frames",
        });
        let painter = renderer.open(Order { recordings, columns, size, view })?;
        let (name, size) = (painter.name(), painter.size());
        let painter = RefCell::new(painter);
        let (n_drawn, spent) = (Cell::new(0), Cell::new(Duration::ZERO));
        let draw = |frame: usize| {
            let start = Instant::now();
            let secs = frame as f32 / self.fps as f32 * self.speed;
            let picture = painter.borrow_mut().draw(secs);
            spent.set(spent.get() + start.elapsed());
            n_drawn.set(n_drawn.get() + 1);
            progress.on_progress(1);
            picture
        };
        Video { size, n_frames, frames_per_sec: self.fps, draw: &draw }.write(target)?;
        progress.on_finish();
        let Size { width, height } = size;
        let speed = f64::from(n_drawn.get()) / spent.get().as_secs_f64().max(1e-9);
        output::print(&format!(
            "{shown}, {width} × {height} pixels, drawn by {name} at {speed:.1} pictures/s: {}\n",
            path.display()
        ))
    }
}

fn describe<'a>(recordings: impl Iterator<Item = &'a Recording>) -> String {
    let (mut task, mut n_episodes, mut players) = ("", 0, Vec::new());
    for Recording { about, .. } in recordings {
        (task, n_episodes) = (&about.task, n_episodes + 1);
        if !players.contains(&about.player.as_str()) {
            players.push(&about.player);
        }
    }
    let episodes = if n_episodes == 1 { "episode" } else { "episodes" };
    format!("{n_episodes} {episodes} of {task} ({})", players.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_from_a_hundredth_to_a_hundred() {
        for (text, expected) in [("0.01", 0.01), ("1", 1.0), ("100", 100.0)] {
            assert_eq!(speed(text), Ok(expected));
        }
        for wrong in ["", "0", "-1", "1e-30", "0.0099", "101", "inf", "nan", "fast"] {
            assert!(speed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_grid_is_columns_by_rows() {
        assert_eq!("3x2".parse::<Grid>(), Ok(Grid { columns: 3, rows: 2 }));
        for wrong in ["", "3", "0x1", "7x1", "x", "2x-1", "2 x 2"] {
            assert!(wrong.parse::<Grid>().is_err(), "{wrong}");
        }
    }
}
