//! `gcrl demo`

use super::options::Threads;
use super::reproduce;
use gcrl_run::Pace;
use gcrl_run::reproduce::{GridRequest, Machine, Shard};
use std::path::PathBuf;

/// Run the whole pipeline on a small task, in under a minute
///
/// Builds the data set of 2,000 episodes of random actions in PointReach, trains WGCSL and GCSL from five
/// seeds each, evaluates the policies, and prints a table beside the paper's numbers. Run again, it
/// continues where it stopped.
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
        let request = GridRequest {
            tasks: vec!["PointReach".to_owned()],
            data: vec!["random".to_owned()],
            methods: vec!["wgcsl".to_owned(), "gcsl".to_owned()],
            seeds: (0..5).collect(),
            engine: None,
            device: None,
            settings: Vec::new(),
            shard: Shard::WHOLE,
            machine: Machine::Here,
            datasets: Some(self.out.join("datasets")),
            is_building: true,
            tables: None,
            out: self.out.clone(),
        };
        reproduce::run(&request, Pace::new(self.threads.count()))
    }
}
