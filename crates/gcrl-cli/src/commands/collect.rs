//! `gcrl collect`

use super::options::{self, Noise, Record, Threads, catalog, read_behavior};
use crate::progress::Progress;
use crate::{output, recording};
use gcrl_core::rollout::Plan;
use gcrl_data::Manifest;
use gcrl_run::Collection;
use std::path::{Path, PathBuf};

/// Collect a data set
///
/// The data set is a folder: the episodes' columns as one safetensors file, and a manifest.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl collect PointReach --behavior random --episodes 2000 --out datasets/PointReach/random-v0
  gcrl collect PointReach --behavior assets/experts/PointReach-expert-v1.safetensors --noise-std 0.2 \\
      --random-action-probability 0.3 --episodes 2000 --out datasets/PointReach/expert-v0")]
pub(crate) struct Args {
    /// The task
    task: String,
    /// Who acts: `random`, `expert` (one that comes with the program), or a policy file
    #[arg(long, value_name = "random|FILE")]
    behavior: String,
    #[command(flatten)]
    noise: Noise,
    /// Episodes to collect
    #[arg(long, value_parser = options::episode_count)]
    episodes: u32,
    /// The seed of all episodes
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The folder to write
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    record: Record,
    #[command(flatten)]
    threads: Threads,
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let task = catalog().task(&self.task)?;
        let behavior = read_behavior(&self.behavior, self.noise, task)?;
        let recordings = self.record.claim()?;
        let episodes = 0..u64::from(self.episodes);
        let plan = Plan { seed: self.seed, episodes, n_threads: self.threads.count() };
        let collection = Collection { task, behavior: &behavior, plan: &plan };
        let manifest = gcrl_run::collect(&collection, &self.out, &Progress::default())?;
        output::print(&describe(&manifest, &self.out))?;
        recordings.map_or(Ok(()), |folder| recording::record(task, &behavior, &plan, folder))
    }
}

fn describe(manifest: &Manifest, out: &Path) -> String {
    let Manifest { n_episodes, task, outcome, .. } = manifest;
    let spread = manifest.return_std().map_or(String::new(), |std| format!(" (std {std:.2})"));
    let (task, mean, out) = (&task.id, outcome.return_mean, out.display());
    format!("{n_episodes} episodes of {task}, return {mean:.2}{spread}: {out}\n")
}
