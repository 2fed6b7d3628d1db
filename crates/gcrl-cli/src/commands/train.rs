//! `gcrl train`

use super::options::{Seeds, Threads, catalog};
use crate::hint::{Hint, resume_command};
use crate::output;
use crate::progress::Progress;
use crate::signals;
use gcrl_nn::{DeviceKind, EngineKind};
use gcrl_run::{Pace, ResumeRequest, Run, RunFolder, RunRequest, RunResult, TrainError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Train policies, one for each seed, or continue a run that was stopped
///
/// Settings are the paper's for the task, then those of `--config`, then each `--set`, then the flags
/// of their own, which always win; the resolved ones are written into the run's folder.
/// `gcrl algorithms NAME` prints them all.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl train wgcsl --dataset datasets/PointReach/random-v0 --seeds 0..5 --out runs/wgcsl
  gcrl train wgcsl --dataset datasets/PointReach/random-v0 --out runs/long --set train.n_updates=2000
  gcrl train her --online --task PointReach --seeds 0 --out runs/expert
  gcrl train --resume runs/wgcsl
  gcrl train --resume runs/wgcsl --set train.n_updates=500")]
pub(crate) struct Args {
    /// The algorithm; `gcrl algorithms` lists them
    #[arg(required_unless_present = "resume", conflicts_with = "resume")]
    algorithm: Option<String>,
    /// Continue the run in this folder; `--set train.n_updates=N` makes it longer, and `--set
    /// train.n_final_evaluation_episodes=N` evaluates it over other episodes
    #[arg(long, value_name = "RUN")]
    resume: Option<PathBuf>,
    /// The data set to learn from; with `--resume`, where it is now
    #[arg(long, value_name = "DIR", conflicts_with = "online")]
    dataset: Option<PathBuf>,
    /// Learn while collecting, with HER's exploration
    #[arg(long, conflicts_with = "resume")]
    online: bool,
    /// The task; needed online, otherwise that of the data set
    #[arg(long, conflicts_with = "resume")]
    task: Option<String>,
    /// Seeds, as `0..5` or `0,3,4` [default: 0..5]
    #[arg(long, conflicts_with = "resume")]
    seeds: Option<Seeds>,
    /// The folder to write
    #[arg(long, value_name = "RUN", required_unless_present = "resume", conflicts_with = "resume")]
    out: Option<PathBuf>,
    /// Settings to start from, as TOML; tables of other algorithms in it are left aside
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    config: Option<PathBuf>,
    /// A single setting, such as `wgcsl.advantage_clip=5`; can be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
    /// `native` (plain Rust) or `torch` (libtorch)
    #[arg(long, conflicts_with = "resume")]
    engine: Option<EngineKind>,
    /// Where the torch engine runs: `auto`, `cpu` or `cuda`
    #[arg(long, conflicts_with = "resume")]
    device: Option<DeviceKind>,
    /// Seconds between two checkpoints
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    checkpoint_every: u32,
    /// Also keep the policies of every N-th update
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    keep_every: Option<u64>,
    #[command(flatten)]
    threads: Threads,
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let (run, folder) = match &self.resume {
            Some(path) => self.resume(path)?,
            None => self.start()?,
        };
        let pace = Pace {
            n_threads: self.threads.count(),
            checkpoint_every: Duration::from_secs(u64::from(self.checkpoint_every)),
            keep_every: self.keep_every,
        };
        let path = folder.path();
        signals::defer();
        match gcrl_run::train(&run, &folder, pace, &Progress::default()) {
            Ok(results) => output::print(&describe(&results, path)),
            Err(error @ TrainError::Stopped) => {
                Err(error).hint(format!("`{}` continues", resume_command(path)))
            }
            Err(error @ TrainError::WriteCheckpoint { .. }) => {
                let command = resume_command(path);
                Err(error).hint(format!("free some space; `{command}` continues"))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn resume(&self, path: &Path) -> anyhow::Result<(Run, RunFolder)> {
        let request =
            ResumeRequest { dataset: self.dataset.clone(), settings: self.settings.clone() };
        Ok(Run::resume(path, &request, &catalog())?)
    }

    /// Checks everything before the run's folder is made.
    fn start(&self) -> anyhow::Result<(Run, RunFolder)> {
        let request = RunRequest {
            algorithm: self.algorithm.clone().expect("clap requires it without --resume"),
            task: self.task.clone(),
            dataset: self.dataset.clone(),
            is_online: self.online,
            seeds: self.seeds.clone().map(|Seeds(seeds)| seeds),
            engine: self.engine,
            device: self.device,
            preset: None,
            config: self.config.clone(),
            settings: self.settings.clone(),
        };
        let run = Run::resolve(&request, &catalog())?;
        let out = self.out.as_ref().expect("clap requires it without --resume");
        let folder = RunFolder::create(out, &run)?;
        Ok((run, folder))
    }
}

fn describe(results: &RunResult, folder: &Path) -> String {
    let (score, files) = match (results.mean_return, results.seeds.len()) {
        (None, _) => {
            ("not evaluated, for its task is not simulated here".to_owned(), "policies and metrics")
        }
        (Some(mean), 1) => (format!("return {mean}"), "policies, metrics and plots"),
        (Some(mean), n_seeds) => {
            (format!("return {mean} over {n_seeds} seeds"), "policies, metrics and plots")
        }
    };
    let (name, folder) = (&results.paper_name, folder.display());
    format!("{name}: {score}\n{files}: {folder}\n")
}
