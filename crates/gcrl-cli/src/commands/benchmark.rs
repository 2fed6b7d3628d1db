//! `gcrl benchmark`

use super::options::{self, Noise, Seeds, Threads};
use crate::failure::Hint;
use crate::run::outcome::learning_curves;
use crate::run::{self, Outcome, Pace, RunFolder};
use crate::{collecting, experts, lookup, output};
use anyhow::{Context, anyhow};
use gcrl_core::rollout::Plan;
use gcrl_core::{Behavior, Exploration};
use gcrl_data::Dataset;
use gcrl_envs::TaskEntry;
use gcrl_eval::paper::{self, DatasetKind};
use gcrl_eval::plots::{ComparedMethod, Comparison, Picture};
use gcrl_eval::report::{Cell, Row, Table};
use gcrl_eval::stats;
use gcrl_learn::RunConfig;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Resamples of a bootstrap interval.
const N_RESAMPLES: usize = 10_000;

/// Train algorithms on data sets of their own, and print the paper's table
///
/// For each task and kind of data: collects the data set (random actions, or this program's expert
/// with the paper's noise), trains every algorithm from every seed, evaluates, draws learning curves
/// and a comparison, and prints a table beside the paper's numbers. Run again, it continues where it
/// stopped.
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
    /// A setting of every run, such as `engine=torch`; can be repeated
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
        Benchmark {
            tasks: self.tasks.clone(),
            kinds: kinds.collect(),
            algorithms: self.algorithms.clone(),
            seeds: self.seeds.0.clone(),
            n_episodes: u64::from(self.episodes),
            settings: self.settings.clone(),
            out: self.out.clone(),
            n_threads: self.threads.count(),
        }
        .run()
    }
}

/// A table to be filled.
pub(crate) struct Benchmark {
    pub(crate) tasks: Vec<String>,
    pub(crate) kinds: Vec<DatasetKind>,
    pub(crate) algorithms: Vec<String>,
    pub(crate) seeds: Vec<u64>,
    pub(crate) n_episodes: u64,
    pub(crate) settings: Vec<String>,
    pub(crate) out: PathBuf,
    pub(crate) n_threads: usize,
}

impl Benchmark {
    /// Fills the table, prints it, and writes it beside the runs.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let tasks: Vec<_> =
            self.tasks.iter().map(|task| lookup::task(task)).collect::<Result<_, _>>()?;
        for algorithm in &self.algorithms {
            lookup::algorithm(algorithm)?;
        }
        let mut tables = Vec::new();
        for task in tasks {
            for &kind in &self.kinds {
                let outcomes = self.cells(task, kind)?;
                let table = table(task, kind, &outcomes);
                output::print(&(table.to_text() + "\n"))?;
                self.draw(task, kind, &outcomes)?;
                tables.push(table);
            }
        }
        let join = |text: fn(&Table) -> String| {
            tables.iter().map(text).collect::<Vec<_>>().join("\n").into_bytes()
        };
        self.write("results.md", &join(Table::to_markdown))?;
        self.write("results.csv", &join(Table::to_csv))?;
        output::print(&format!("runs, tables and plots: {}\n", self.out.display()))
    }

    /// Every algorithm on one data set.
    fn cells(&self, task: &'static TaskEntry, kind: DatasetKind) -> anyhow::Result<Vec<Outcome>> {
        let name = format!("{}-{}", task.spec.id, word(kind));
        let dataset = self.out.join("datasets").join(&name);
        let opened = self.collected(task, kind, &dataset)?;
        let cells = self.algorithms.iter().map(|algorithm| {
            let path = self.out.join("runs").join(format!("{name}-{algorithm}"));
            let config = self.config(task, algorithm, &dataset)?;
            let pace =
                Pace { n_threads: self.n_threads, checkpoint_every: Duration::from_secs(30) };
            run::train(&open_or_create(&path, &config)?, &config, Some(&opened), pace)
        });
        cells.collect()
    }

    fn config(
        &self,
        task: &TaskEntry,
        algorithm: &str,
        dataset: &Path,
    ) -> anyhow::Result<RunConfig> {
        let path = dataset.to_str().with_context(|| format!("path is not text: {dataset:?}"))?;
        let mut config = RunConfig::new(lookup::algorithm(algorithm)?, task.spec.id);
        config.dataset = Some(path.to_owned());
        config.seeds.clone_from(&self.seeds);
        for setting in &self.settings {
            config = config
                .with_setting(setting)
                .with_context(|| format!("cannot use `--set {setting}`"))?;
        }
        Ok(config)
    }

    /// The data set at `path`; collects it first, unless it is there already.
    fn collected(
        &self,
        task: &TaskEntry,
        kind: DatasetKind,
        path: &Path,
    ) -> anyhow::Result<Dataset> {
        let behavior = match kind {
            DatasetKind::Random => Behavior::random(),
            DatasetKind::Expert => self.expert(task)?,
        };
        if path.exists() {
            let found = run::session::open_dataset(&path.to_string_lossy(), task)?;
            let n_found = found.manifest().n_episodes as u64;
            if n_found == self.n_episodes {
                return Ok(found);
            }
            return Err(anyhow!(
                "data set holds {n_found} episodes, not {}: {path:?}",
                self.n_episodes
            ))
            .hint("name another folder with `--out`");
        }
        let plan = Plan { seed: 0, episodes: 0..self.n_episodes, n_threads: self.n_threads };
        collecting::collect(task, &behavior, &plan, path)?;
        run::session::open_dataset(&path.to_string_lossy(), task)
    }

    /// This program's expert, written out, with the paper's noise.
    fn expert(&self, task: &TaskEntry) -> anyhow::Result<Behavior> {
        let id = task.spec.id;
        let bytes = experts::find(id)
            .with_context(|| format!("no expert of `{id}` comes with this program"))?;
        let path = self.out.join("experts").join(format!("{id}.safetensors"));
        gcrl_file::write(&path, |file| file.write_all(bytes))?;
        let expert = options::read_behavior(options::EXPERT, Noise::NONE, task)?;
        Ok(Behavior { exploration: Exploration::PAPER, ..expert })
    }

    fn draw(
        &self,
        task: &TaskEntry,
        kind: DatasetKind,
        outcomes: &[Outcome],
    ) -> anyhow::Result<()> {
        let (id, kind_word) = (task.spec.id, word(kind));
        let title = format!("{id}, {kind_word} data");
        let runs: Vec<_> = outcomes.iter().collect();
        let curves = learning_curves(&title, &runs, Some((id, kind))).draw()?;
        self.write_picture(&format!("{id}-{kind_word}-learning-curves"), &curves)?;
        let methods = outcomes.iter().map(|outcome| {
            let returns = outcome.returns();
            let interval = stats::bootstrap_interval(
                std::slice::from_ref(&returns),
                stats::interquartile_mean,
                N_RESAMPLES,
                0,
            );
            ComparedMethod {
                label: outcome.paper_name().to_owned(),
                mean: stats::interquartile_mean(&returns),
                interval,
                paper: paper::result(id, kind, outcome.paper_name()),
            }
        });
        let y_label = "return, interquartile mean and 95 % interval".to_owned();
        let comparison = Comparison { title, y_label, methods: methods.collect() };
        self.write_picture(&format!("{id}-{kind_word}-comparison"), &comparison.draw()?)
    }

    fn write_picture(&self, name: &str, picture: &Picture) -> anyhow::Result<()> {
        self.write(&format!("plots/{name}.svg"), picture.svg().as_bytes())?;
        self.write(&format!("plots/{name}.png"), &picture.png()?)
    }

    fn write(&self, name: &str, content: &[u8]) -> anyhow::Result<()> {
        gcrl_file::write(&self.out.join(name), |file| file.write_all(content))?;
        Ok(())
    }
}

fn table(task: &TaskEntry, kind: DatasetKind, outcomes: &[Outcome]) -> Table {
    let rows = outcomes.iter().map(|outcome| {
        let paper = paper::result(task.spec.id, kind, outcome.paper_name());
        let cell = Cell { measured: outcome.mean_return(), paper };
        Row { label: outcome.paper_name().to_owned(), cells: vec![Some(cell)] }
    });
    Table {
        label: format!("{} {}", task.spec.id, word(kind)),
        columns: vec!["return".to_owned()],
        rows: rows.collect(),
    }
}

fn word(kind: DatasetKind) -> &'static str {
    match kind {
        DatasetKind::Random => "random",
        DatasetKind::Expert => "expert",
    }
}

/// The folder of a run of these settings, whether it was begun or not.
fn open_or_create(path: &Path, config: &RunConfig) -> anyhow::Result<RunFolder> {
    if !path.join("config.toml").exists() {
        return RunFolder::create(path, config);
    }
    let (folder, found) = RunFolder::open(path)?;
    if found == *config {
        return Ok(folder);
    }
    Err(anyhow!("a run with other settings is there: {path:?}"))
        .hint("name another folder with `--out`")
}
