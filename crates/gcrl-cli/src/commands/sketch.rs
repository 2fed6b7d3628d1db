//! `gcrl sketch`

use super::options::{Noise, catalog, read_behavior};
use crate::hint::Hint;
use crate::output;
use clap::ValueEnum;
use gcrl_core::Behavior;
use gcrl_core::scene::Layer;
use gcrl_envs::TaskEntry;
use gcrl_file::OutputFile;
use gcrl_recording::Recording;
use gcrl_sketch::{Markers, Picture, Size, Sketch};
use std::path::PathBuf;

/// Draw an episode as a sheet of frames
///
/// The episode is the first one of `gcrl evaluate` with the same policy and seed. Green: the goal, and how near counts
/// as reached; orange: what is achieved. The number in a frame's corner counts steps. Needs no GPU.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl sketch PointRooms --policy expert --out rooms.png
  gcrl sketch PointReach --policy runs/wgcsl/policies/seed-0.safetensors --seed 3 --frames 4 --columns 2 --out reach.png")]
pub(crate) struct Args {
    /// The task
    task: String,
    /// `random`, `expert` (one that comes with the program), or a policy file
    #[arg(long, value_name = "FILE")]
    policy: String,
    #[command(flatten)]
    noise: Noise,
    /// The seed of the episode
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Frames to draw, from the start of the episode to its end
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=50), default_value_t = 8)]
    frames: u16,
    /// Frames in a row of the sheet
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), default_value_t = 4)]
    columns: u16,
    /// Width of a frame, in pixels
    #[arg(long, value_parser = clap::value_parser!(u32).range(16..=4096), default_value_t = 480)]
    width: u32,
    /// Height of a frame, in pixels
    #[arg(long, value_parser = clap::value_parser!(u32).range(16..=4096), default_value_t = 360)]
    height: u32,
    /// Draw what the robot looks like, or what touches
    #[arg(long, value_enum, default_value_t = Shown::Look)]
    show: Shown,
    /// The PNG to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Shown {
    Look,
    Collision,
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let task = catalog().task(&self.task)?;
        let behavior = read_behavior(&self.policy, self.noise, task)?;
        output::check_outside_of_datasets(&self.out)?;
        let out = OutputFile::claim(&self.out).hint("name another file with `--out`")?;
        let frames = self.draw(task, &behavior)?;
        let sheet = Picture::sheet(&frames, usize::from(self.columns));
        out.write(|file| sheet.write_png(file))
            .hint("free some space, or name another file with `--out`")?;
        let Size { width, height } = sheet.size();
        output::print(&format!(
            "{} frames of {}, {width} × {height} pixels: {}\n",
            frames.len(),
            task.spec.id,
            self.out.display()
        ))
    }

    fn draw(&self, task: &TaskEntry, behavior: &Behavior) -> anyhow::Result<Vec<Picture>> {
        let episode = Recording::of(&mut *task.make(), behavior, self.seed, 0)?;
        let layer = match self.show {
            Shown::Look => Layer::Look,
            Shown::Collision => Layer::Collision,
        };
        let sketch = Sketch::new(&episode.about.scene, layer);
        let size = Size { width: self.width, height: self.height };
        let shown = evenly(usize::from(self.frames), task.spec.n_transitions).into_iter();
        let drawn = shown.map(|t| {
            let points = [episode.goal_points(t), episode.achieved_points(t)];
            let markers = Markers::of(points[0], points[1], &episode.about.scene);
            sketch.draw(episode.poses(t), &markers, size).labeled(&t.to_string())
        });
        Ok(drawn.collect())
    }
}

/// `count` different states from 0 to `last`, as evenly as whole numbers allow.
fn evenly(count: usize, last: usize) -> Vec<usize> {
    match count.min(last + 1) {
        0 | 1 => vec![last],
        count => (0..count).map(|i| (i * last + (count - 1) / 2) / (count - 1)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_spread_from_the_first_state_to_the_last() {
        assert_eq!(evenly(8, 49), [0, 7, 14, 21, 28, 35, 42, 49]);
        assert_eq!(evenly(2, 49), [0, 49]);
        assert_eq!(evenly(1, 49), [49]);
        assert_eq!(evenly(50, 49), (0..50).collect::<Vec<_>>());
        assert_eq!(evenly(9, 3), [0, 1, 2, 3]);
    }
}
