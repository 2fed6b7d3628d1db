//! `gcrl algorithms`

use super::options::catalog;
use crate::output;
use gcrl_learn::ALGORITHMS;

/// List the algorithms, or the settings of one
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  gcrl algorithms\n  gcrl algorithms wgcsl --task FetchPush")]
pub(crate) struct Args {
    /// The algorithm whose settings to print, as a file for `gcrl train --config`
    algorithm: Option<String>,
    /// The task that the settings are for
    #[arg(long, default_value = "PointReach")]
    task: String,
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let Some(name) = &self.algorithm else {
            let rows: Vec<_> = ALGORITHMS
                .iter()
                .map(|entry| {
                    let summary = format!("{}: {}", entry.paper_name, entry.summary);
                    (entry.name.to_owned(), summary)
                })
                .collect();
            return output::print(&output::columns(&rows));
        };
        let catalog = catalog();
        let task = catalog.task(&self.task)?;
        let config = gcrl_run::defaults(catalog.algorithm(name)?, task);
        output::print(&config.to_text())
    }
}
