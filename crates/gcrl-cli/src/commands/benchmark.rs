//! `gcrl benchmark`

use super::options::{self, Seeds, Threads, catalog};
use crate::output;
use crate::progress::Progress;
use gcrl_eval::paper::DatasetKind;
use gcrl_run::{Benchmark, Pace};
use std::path::PathBuf;

/// Train algorithms on data sets of their own, and print the paper's table
///
/// For each task and kind of data: collects the data set (random actions, or this program's expert
/// with the paper's noise), trains every algorithm from every seed, evaluates, draws learning curves
/// and a comparison, and prints a table beside the paper's numbers. All of it is checked before the
/// first episode. Run again, it continues where it stopped.
#[derive(clap::Args)]
#[command(after_help = "Example:
  gcrl benchmark --tasks PointReach,PointRooms --data random,expert --out runs/point")]
pub(crate) struct Args {
    /// Tasks
    #[arg(long, value_delimiter = ',', required = true)]
    tasks: Vec<String>,
    /// Kinds of data
    #[arg(long, value_delimiter = ',', default_value = "random,expert")]
    data: Vec<Kind>,
    /// Algorithms
    #[arg(long, value_delimiter = ',', default_value = "wgcsl,gcsl,marwil,bc,her,ddpg")]
    algorithms: Vec<String>,
    /// Seeds, as `0..5` or `0,3,4`
    #[arg(long, default_value = "0..5")]
    seeds: Seeds,
    /// Episodes of each data set
    #[arg(long, value_parser = options::episode_count, default_value_t = 2_000)]
    episodes: u32,
    /// A setting of every run, such as `engine=torch`, or of one algorithm, such as
    /// `wgcsl.advantage_clip=5`; can be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
    /// The folder to write
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    threads: Threads,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Kind {
    Random,
    Expert,
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let kinds = self.data.iter().map(|kind| match kind {
            Kind::Random => DatasetKind::Random,
            Kind::Expert => DatasetKind::Expert,
        });
        fill(&Benchmark {
            tasks: self.tasks.clone(),
            kinds: kinds.collect(),
            algorithms: self.algorithms.clone(),
            seeds: self.seeds.0.clone(),
            n_episodes: u64::from(self.episodes),
            settings: self.settings.clone(),
            out: self.out.clone(),
            pace: Pace::new(self.threads.count()),
        })
    }
}

/// Fills a benchmark, prints its tables, and says where the rest is.
pub(super) fn fill(benchmark: &Benchmark) -> anyhow::Result<()> {
    benchmark.fill(&catalog(), &Progress::default())?;
    output::print(&format!("runs, tables and plots: {}\n", benchmark.out.display()))
}
