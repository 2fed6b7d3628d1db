//! `gcrl demo`

use super::benchmark;
use super::options::Threads;
use gcrl_eval::paper::DatasetKind;
use gcrl_run::{Benchmark, Pace};
use std::path::PathBuf;

/// Run the whole pipeline on a small task, in under a minute
///
/// Collects 2,000 episodes of random actions in PointReach, trains WGCSL and GCSL from five seeds each,
/// evaluates the policies, and prints a table beside the paper's numbers. Run again, it continues
/// where it stopped.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  gcrl demo --out runs/demo")]
pub(crate) struct Args {
    /// The folder to write
    #[arg(long, value_name = "DIR", default_value = "runs/demo")]
    out: PathBuf,
    #[command(flatten)]
    threads: Threads,
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        benchmark::fill(&Benchmark {
            tasks: vec!["PointReach".to_owned()],
            kinds: vec![DatasetKind::Random],
            algorithms: vec!["wgcsl".to_owned(), "gcsl".to_owned()],
            seeds: (0..5).collect(),
            n_episodes: 2_000,
            settings: Vec::new(),
            out: self.out.clone(),
            pace: Pace::new(self.threads.count()),
        })
    }
}
