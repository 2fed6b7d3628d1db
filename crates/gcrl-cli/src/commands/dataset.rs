//! `gcrl dataset`

mod build;
mod info;
mod transfer;

use crate::hint::{CHANGED, Hint};
use crate::output;
use anyhow::anyhow;
use gcrl_data::Dataset;
use gcrl_run::datasets;
use std::path::{Path, PathBuf};

/// Build, examine and exchange data sets
///
/// Data sets of the benchmark have names, such as `FetchPush/expert-v1`, and are looked for under
/// `$GCRL_DATASETS` where it is set, otherwise under `datasets` here and in the user's folder of data.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl dataset list
  gcrl dataset build PointReach/random-v1 PointReach/expert-v1
  gcrl dataset build --all --out /data/gcrl
  gcrl dataset info PointReach/expert-v1 --plot returns.svg
  gcrl dataset diff PointReach/random-v1 mine
  gcrl dataset export PointReach/expert-v1 --format minari-hdf5 --out minari
  gcrl dataset import buffer.npz --task PointReach --out mine")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Build(build::Build),
    Export(transfer::Export),
    Import(transfer::Import),
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

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        match &self.command {
            Command::Build(build) => build.run(),
            Command::Export(export) => export.run(),
            Command::Import(import) => import.run(),
            Command::List { out } => output::print(&build::list(out.as_deref())),
            Command::Info { dataset, plot } => info::run(&open(dataset)?, plot.as_deref()),
            Command::Verify { dataset } => {
                let dataset = open(dataset)?;
                let problems: Vec<_> =
                    dataset.verify().iter().map(|problem| format!("{problem}\n")).collect();
                if problems.is_empty() {
                    return output::print(&format!("sound: {}\n", dataset.path().display()));
                }
                output::print(&problems.concat())?;
                Err(anyhow!("data set is not what its manifest says: {:?}", dataset.path()))
                    .hint(CHANGED)
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

/// Opens a data set by its name or folder.
fn open(dataset: &Path) -> anyhow::Result<Dataset> {
    let path = datasets::find(dataset)?;
    Dataset::open(&path).hint("`gcrl collect` and `gcrl dataset build` make data sets")
}
