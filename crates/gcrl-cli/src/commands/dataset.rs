//! `gcrl dataset`

use super::options::Threads;
use crate::hint::Hint;
use crate::output;
use crate::progress::Progress;
use anyhow::anyhow;
use gcrl_core::SuccessRule;
use gcrl_data::{BehaviorRecord, Dataset, Manifest};
use gcrl_eval::plots::Histogram;
use gcrl_run::datasets::{self, Built, Order, Published, State};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Build and examine data sets
///
/// Data sets of the benchmark have names, such as `FetchPush/expert-v1`, and are looked for under
/// `$GCRL_DATASETS` where it is set, otherwise under `datasets` here and in the user's folder of data.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl dataset list
  gcrl dataset build PointReach/random-v1 PointReach/expert-v1
  gcrl dataset build --all --out /data/gcrl
  gcrl dataset info PointReach/expert-v1 --plot returns.svg
  gcrl dataset diff PointReach/random-v1 mine")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Build(Build),
    /// List the data sets of the benchmark, and which of them are there
    List {
        /// The folder of the data sets, in place of the usual ones
        #[arg(long, value_name = "ROOT")]
        out: Option<PathBuf>,
    },
    /// Print what a data set holds
    Info {
        /// The data set's name or folder
        dataset: PathBuf,
        /// Also draw the histogram of returns, as SVG or, by the file's name, as PNG
        #[arg(long, value_name = "FILE")]
        plot: Option<PathBuf>,
    },
    /// Check every number against the manifest's hashes and statistics
    Verify {
        /// The data set's name or folder
        dataset: PathBuf,
    },
    /// Compare two data sets bit by bit; fails if they differ
    Diff {
        /// One data set's name or folder
        left: PathBuf,
        /// The other's
        right: PathBuf,
    },
}

/// Build data sets of the benchmark, the same bits for everybody
///
/// What is there already is left alone. A build that was stopped is continued by the same command.
#[derive(clap::Args)]
struct Build {
    /// Names, such as `FetchPush/expert-v1`
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    names: Vec<String>,
    /// Build all of them
    #[arg(long)]
    all: bool,
    /// The folder of the data sets [default: `$GCRL_DATASETS`, or `datasets`]
    #[arg(long, value_name = "ROOT")]
    out: Option<PathBuf>,
    /// Replace other data sets at the places of these
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    threads: Threads,
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        match &self.command {
            Command::Build(build) => build.run(),
            Command::List { out } => output::print(&list(out.as_deref())),
            Command::Info { dataset, plot } => {
                let dataset = open(dataset)?;
                let returns = Returns::of(&dataset);
                output::print(&(describe(&dataset) + "\n" + &returns.to_text()))?;
                plot.as_deref().map_or(Ok(()), |file| returns.draw(&dataset, file))
            }
            Command::Verify { dataset } => {
                let dataset = open(dataset)?;
                let problems: Vec<_> =
                    dataset.verify().iter().map(|problem| format!("{problem}\n")).collect();
                if problems.is_empty() {
                    return output::print(&format!("sound: {}\n", dataset.path().display()));
                }
                output::print(&problems.concat())?;
                Err(anyhow!("data set is not what its manifest says: {:?}", dataset.path()))
                    .hint("its file was changed after it was written; collect it again")
            }
            Command::Diff { left, right } => {
                let difference = gcrl_data::diff(&open(left)?, &open(right)?);
                if difference.is_empty() {
                    return output::print("equal\n");
                }
                output::print(&difference.to_string())?;
                Err(anyhow!("data sets differ"))
            }
        }
    }
}

impl Build {
    fn run(&self) -> anyhow::Result<()> {
        let sets = if self.all {
            datasets::published()
        } else {
            self.names.iter().map(|name| datasets::published_of(name)).collect::<Result<_, _>>()?
        };
        let root = self.out.clone().unwrap_or_else(|| datasets::roots().swap_remove(0));
        let (n_threads, is_forced) = (self.threads.count(), self.force);
        let order = |set| Order { set, root: &root, is_forced, n_threads };
        sets.iter().try_for_each(|set| order(set).check())?;
        for set in &sets {
            let start = Instant::now();
            let built = datasets::build(&order(set), &Progress::default())?;
            let path = root.join(&set.name);
            let line = match &built {
                Built::Found(_) => format!("{}: there already\n", set.name),
                Built::Made(manifest) => {
                    format!(
                        "{} in {:.1} s\n",
                        made(set, manifest, &path),
                        start.elapsed().as_secs_f64()
                    )
                }
            };
            output::print(&line)?;
        }
        Ok(())
    }
}

fn made(set: &Published, manifest: &Manifest, path: &Path) -> String {
    let mean = manifest.outcome.paper_return_mean;
    let (name, mib) = (&set.name, mib(path));
    format!("{name}: {} episodes, return {mean:.2}, {mib:.0} MiB", manifest.n_episodes)
}

fn mib(folder: &Path) -> f64 {
    datasets::size_bytes(folder) as f64 / f64::from(1 << 20)
}

/// Every data set of the benchmark, and what is at its place under the first root that has anything there.
fn list(root: Option<&Path>) -> String {
    let roots = root.map_or_else(datasets::roots, |root| vec![root.to_owned()]);
    let row = |set: &Published| {
        let task = gcrl_envs::find(&set.recipe.task).expect("a test looks up every task");
        let path = roots.iter().map(|root| root.join(&set.name)).find(|path| path.exists());
        let state = path.map_or("missing".to_owned(), |path| {
            let place = path.display();
            match set.state(&path, task) {
                State::Missing => "missing".to_owned(),
                State::Equal(_) => format!("there, {:.0} MiB: {place}", mib(&path)),
                State::Different(difference) => format!("different, {difference}: {place}"),
                State::Unreadable(error) => format!("unreadable, {error}"),
            }
        });
        (set.name.clone(), format!("{:>6} episodes  {state}", set.recipe.n_episodes))
    };
    output::columns(&datasets::published().iter().map(row).collect::<Vec<_>>())
}

/// Opens a data set by its name or folder.
fn open(dataset: &Path) -> anyhow::Result<Dataset> {
    let path = datasets::find(dataset)?;
    Dataset::open(&path).hint("`gcrl collect` and `gcrl dataset build` make data sets")
}

/// How many episodes have which return.
struct Returns {
    /// `[n_transitions + 1]`: episodes with this many rewarded steps.
    n_episodes: Vec<u64>,
}

impl Returns {
    /// Rows of the histogram in the terminal.
    const N_ROWS: usize = 10;

    fn of(dataset: &Dataset) -> Self {
        let (view, task) = (dataset.view(), &dataset.manifest().task);
        let rule = SuccessRule::from(task.reward);
        let mut n_episodes = vec![0; view.shape.n_transitions + 1];
        for episode in 0..view.n_episodes {
            let goal = view.desired_goal(episode);
            let is_reached = |t: &usize| rule.is_reached(view.achieved_goal(episode, *t), goal);
            n_episodes[(1..view.shape.n_states()).filter(is_reached).count()] += 1;
        }
        Self { n_episodes }
    }

    /// A histogram of bars, a line for every few returns.
    fn to_text(&self) -> String {
        let width = self.n_episodes.len().div_ceil(Self::N_ROWS);
        let bins: Vec<u64> = self.n_episodes.chunks(width).map(|bin| bin.iter().sum()).collect();
        let largest = bins.iter().copied().max().unwrap_or(0).max(1);
        let row = |(i, n): (usize, &u64)| {
            let last = ((i + 1) * width).min(self.n_episodes.len()) - 1;
            let bar = "█".repeat((n * 40).div_ceil(largest) as usize);
            (format!("return {:>2} to {last:>2}", i * width), format!("{bar} {n}"))
        };
        output::columns(&bins.iter().enumerate().map(row).collect::<Vec<_>>())
    }

    fn draw(&self, dataset: &Dataset, file: &Path) -> anyhow::Result<()> {
        let title = format!("Returns of {}", dataset.path().display());
        let plot =
            Histogram { title, x_label: "return".to_owned(), counts: self.n_episodes.clone() };
        let plot = plot.draw()?;
        let is_png = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"));
        let bytes = if is_png { plot.png()? } else { plot.svg().as_bytes().to_vec() };
        Ok(gcrl_file::write(file, |out| out.write_all(&bytes))?)
    }
}

fn score(mean: f64, std: Option<f64>) -> String {
    let spread = std.map_or(String::new(), |std| format!(" (std {std:.3})"));
    format!("{mean:.3}{spread}")
}

fn describe(dataset: &Dataset) -> String {
    let (manifest, view) = (dataset.manifest(), dataset.view());
    let (outcome, shape) = (&manifest.outcome, view.shape);
    let behavior = match &manifest.behavior {
        BehaviorRecord::Random => "random actions".to_owned(),
        BehaviorRecord::Policy { blake3, noise_std, random_action_probability, .. } => format!(
            "policy {}, noise {noise_std}, random actions {random_action_probability}",
            blake3.get(..12).unwrap_or(blake3)
        ),
        BehaviorRecord::Custom { name, noise_std, random_action_probability } => {
            format!("{name}, noise {noise_std}, random actions {random_action_probability}")
        }
    };
    let n_transitions = view.n_episodes * shape.n_transitions;
    let row = |name: &str, text: String| (name.to_owned(), text);
    let mut rows = vec![
        row("task", manifest.task.id.clone()),
        row("episodes", format!("{} ({n_transitions} transitions)", view.n_episodes)),
        row("behavior", behavior),
        row("seed", manifest.seed.to_string()),
    ];
    rows.extend([
        row("return", score(outcome.return_mean, manifest.return_std())),
        row(
            "return, before each action",
            format!(
                "{}, as the paper's table of data sets scores",
                score(outcome.paper_return_mean, manifest.paper_return_std())
            ),
        ),
        row("success at the end", format!("{:.1} %", 100.0 * outcome.success_rate)),
        row("physics version", manifest.task.physics_version.to_string()),
        row("written by", manifest.program.clone()),
    ]);
    for (name, column) in &manifest.columns {
        rows.push(row(name, format!("mean {:.3?}, std {:.3?}", column.mean, column.std)));
    }
    output::columns(&rows)
}
