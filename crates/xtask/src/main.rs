//! What the project does to itself: `cargo xtask torch` fetches libtorch.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]

mod torch;

use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use torch::Flavor;

/// What the project does to itself.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Fetch libtorch into `.libtorch/`, for `cargo build --features torch`.
    Torch {
        /// Fetch what a GPU needs as well: 2.5 GB to download instead of 0.6 GB.
        #[arg(long)]
        cuda: bool,
    },
}

fn main() -> ExitCode {
    let Act::Torch { cuda } = Cli::parse().act;
    let flavor = if cuda { Flavor::Cuda } else { Flavor::Cpu };
    let Err(error) = torch::fetch(&workspace(), flavor) else { return ExitCode::SUCCESS };
    let hint = error.hint();
    eprintln!("error: {:#}", anyhow::Error::from(error));
    if let Some(hint) = hint {
        eprintln!("\nhint: {hint}");
    }
    ExitCode::FAILURE
}

/// The folder of the workspace: this package's grandparent.
fn workspace() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).expect("the package lies in crates/ of the workspace").to_owned()
}
