//! `gcrl dataset`

use crate::hint::Hint;
use crate::output;
use anyhow::anyhow;
use gcrl_data::{BehaviorRecord, Dataset};
use std::path::{Path, PathBuf};

/// Examine data sets
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl dataset info datasets/PointReach/random-v0
  gcrl dataset diff datasets/PointReach/random-v0 datasets/PointReach/random-v1")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Print what a data set holds
    Info {
        /// The data set's folder
        dir: PathBuf,
    },
    /// Check every number against the manifest's hashes and statistics
    Verify {
        /// The data set's folder
        dir: PathBuf,
    },
    /// Compare two data sets bit by bit; fails if they differ
    Diff {
        /// One data set's folder
        left: PathBuf,
        /// The other's
        right: PathBuf,
    },
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        match &self.command {
            Command::Info { dir } => output::print(&describe(&open(dir)?)),
            Command::Verify { dir } => {
                let dataset = open(dir)?;
                let problems: Vec<_> =
                    dataset.verify().iter().map(|problem| format!("{problem}\n")).collect();
                if problems.is_empty() {
                    return output::print(&format!("sound: {}\n", dir.display()));
                }
                output::print(&problems.concat())?;
                Err(anyhow!("data set is not what its manifest says: {dir:?}"))
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

fn open(dir: &Path) -> anyhow::Result<Dataset> {
    Dataset::open(dir).hint("`gcrl collect` makes data sets")
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
        row("written by", manifest.program.clone()),
    ]);
    for (name, column) in &manifest.columns {
        rows.push(row(name, format!("mean {:.3?}, std {:.3?}", column.mean, column.std)));
    }
    output::columns(&rows)
}
