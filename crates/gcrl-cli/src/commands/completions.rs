//! `gcrl completions`

use crate::output;
use clap::CommandFactory;
use clap_complete::Shell;

/// Print completions for a shell
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  gcrl completions bash > ~/.local/share/bash-completion/completions/gcrl"
)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::Cli::command(), "gcrl", &mut script);
        output::print(&String::from_utf8_lossy(&script))
    }
}
