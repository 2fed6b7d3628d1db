//! `gcrl train`

use super::options::{Joints, Seeds, Threads};
use crate::failure::Hint;
use crate::run::session::open_dataset_of;
use crate::run::{self, Outcome, Pace, RunFolder};
use crate::{lookup, output};
use anyhow::{Context, anyhow};
use gcrl_data::Dataset;
use gcrl_eval::MeanStd;
use gcrl_learn::{Online, RunConfig};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Train policies, one for each seed, or continue a run that was stopped
///
/// Settings are the paper's for the task, then those of `--config`, then each `--set`; the resolved
/// ones are written into the run's folder. `gcrl algorithms NAME` prints them all.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl train wgcsl --dataset datasets/PointReach/random-v0 --seeds 0..5 --out runs/wgcsl
  gcrl train wgcsl --dataset datasets/PointReach/random-v0 --out runs/long --set train.n_updates=2000
  gcrl train her --online --task PointReach --seeds 0 --out runs/expert
  gcrl train --resume runs/wgcsl")]
pub(crate) struct Args {
    /// The algorithm; `gcrl algorithms` lists them
    #[arg(required_unless_present = "resume", conflicts_with = "resume")]
    algorithm: Option<String>,
    /// Continue the run in this folder
    #[arg(long, value_name = "RUN")]
    resume: Option<PathBuf>,
    /// The data set to learn from
    #[arg(long, value_name = "DIR", conflicts_with_all = ["online", "resume"])]
    dataset: Option<String>,
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
    /// Settings to start from, as TOML
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    config: Option<PathBuf>,
    /// A single setting, such as `wgcsl.advantage_clip=5`; can be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", conflicts_with = "resume")]
    settings: Vec<String>,
    /// `native` (plain Rust) or `torch` (libtorch)
    #[arg(long, conflicts_with = "resume")]
    engine: Option<String>,
    /// Where the torch engine runs: `auto`, `cpu` or `cuda`
    #[arg(long, conflicts_with = "resume")]
    device: Option<String>,
    #[command(flatten)]
    joints: Joints,
    /// Seconds between two checkpoints
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    checkpoint_every: u32,
    #[command(flatten)]
    threads: Threads,
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let (folder, config, dataset) = match &self.resume {
            Some(path) => {
                let (folder, config) = RunFolder::open(path)?;
                let dataset = open_dataset_of(&config)?;
                (folder, config, dataset)
            }
            None => self.start()?,
        };
        if self.resume.is_some() && self.joints.to_text().is_some() {
            return Err(anyhow!("a run that was begun moves joints as it did"))
                .hint("leave `--articulation` out");
        }
        let pace = Pace {
            n_threads: self.threads.count(),
            checkpoint_every: Duration::from_secs(u64::from(self.checkpoint_every)),
        };
        let outcome = run::train(&folder, &config, dataset.as_ref(), pace)?;
        output::print(&describe(&outcome, folder.path()))
    }

    /// Checks everything before the run's folder is made.
    fn start(&self) -> anyhow::Result<(RunFolder, RunConfig, Option<Dataset>)> {
        let config = self.resolve()?;
        let _build =
            config.check().hint("`gcrl algorithms NAME` prints all settings of an algorithm")?;
        let task = lookup::task(&config.task)?;
        self.joints.of(task)?;
        Joints::read(config.articulation.as_deref())?.of(task)?;
        run::engine::make(&config, 1)?;
        let dataset = open_dataset_of(&config)?;
        let out = self.out.as_ref().expect("clap requires it without --resume");
        Ok((RunFolder::create(out, &config)?, config, dataset))
    }

    fn resolve(&self) -> anyhow::Result<RunConfig> {
        let name = self.algorithm.as_ref().expect("clap requires it without --resume");
        let algorithm = lookup::algorithm(name)?;
        let task = lookup::task(&self.task_id()?)?;
        let mut config = RunConfig::new(algorithm, task.spec.id);
        config.dataset.clone_from(&self.dataset);
        config.online = self.online.then(Online::default);
        if let Some(path) = &self.config {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read settings: {path:?}"))
                .hint("`--config` takes a file such as `gcrl algorithms NAME` prints")?;
            config = config
                .with_file(&text)
                .with_context(|| format!("cannot use settings: {path:?}"))
                .hint("`gcrl algorithms NAME` prints all settings of an algorithm")?;
        }
        for setting in &self.settings {
            config = config
                .with_setting(setting)
                .with_context(|| format!("cannot use `--set {setting}`"))
                .hint("`gcrl algorithms NAME` prints all settings of an algorithm")?;
        }
        if let Some(Seeds(seeds)) = &self.seeds {
            config.seeds.clone_from(seeds);
        }
        config.articulation = self.joints.to_text().or(config.articulation);
        config.engine = self.engine.clone().unwrap_or(config.engine);
        config.device = self.device.clone().unwrap_or(config.device);
        Ok(config)
    }

    /// The task that was named, or that of the data set.
    fn task_id(&self) -> anyhow::Result<String> {
        match (&self.task, &self.dataset) {
            (Some(task), _) => Ok(task.clone()),
            (None, Some(path)) => {
                let dataset =
                    Dataset::open(Path::new(path)).hint("`gcrl collect` makes data sets")?;
                Ok(dataset.manifest().task.id.clone())
            }
            (None, None) if self.online => Err(anyhow!("online training of no task"))
                .hint("name it with `--task`; `gcrl tasks` lists all"),
            (None, None) => Err(anyhow!("nothing to learn from"))
                .hint("name a data set with `--dataset`, or collect with `--online --task TASK`"),
        }
    }
}

fn describe(outcome: &Outcome, folder: &Path) -> String {
    let MeanStd { mean, std } = outcome.mean_return();
    let n_seeds = outcome.returns().len();
    let score = std.map_or_else(
        || format!("{mean:.2}"),
        |std| format!("{mean:.2} ± {std:.2} over {n_seeds} seeds"),
    );
    let (name, folder) = (outcome.paper_name(), folder.display());
    format!("{name}: return {score}\npolicies, metrics and plots: {folder}\n")
}
