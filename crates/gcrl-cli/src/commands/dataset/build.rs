//! `gcrl dataset build`, `gcrl dataset list`

use crate::commands::options::Threads;
use crate::output;
use crate::progress::Progress;
use gcrl_data::Manifest;
use gcrl_run::datasets::{self, Built, Order, Published, State};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Build data sets of the benchmark, the same bits for everybody
///
/// What is there already is left alone. A build that was stopped is continued by the same command.
#[derive(clap::Args)]
pub(super) struct Build {
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

impl Build {
    pub(super) fn run(&self) -> anyhow::Result<()> {
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
pub(super) fn list(root: Option<&Path>) -> String {
    let roots = root.map_or_else(datasets::roots, |root| vec![root.to_owned()]);
    let row = |set: &Published| {
        let path = roots.iter().map(|root| root.join(&set.name)).find(|path| path.exists());
        let state = path.map_or("missing".to_owned(), |path| {
            let place = path.display();
            match set.state(&path) {
                State::Missing => "missing".to_owned(),
                State::Equal(_) => format!("there, {:.0} MiB: {place}", mib(&path)),
                State::Different(difference) => format!("different, {difference}: {place}"),
                State::Unreadable(error) => {
                    format!("unreadable, {:#}", anyhow::Error::from(error))
                }
            }
        });
        (set.name.clone(), format!("{:>6} episodes  {state}", set.recipe.n_episodes))
    };
    output::columns(&datasets::published().iter().map(row).collect::<Vec<_>>())
}
