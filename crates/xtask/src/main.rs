//! What the project does to itself: `cargo xtask torch` fetches libtorch, `cargo xtask check` runs what
//! CI runs.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]

mod check;
mod torch;

use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use torch::{FetchError, Flavor};

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
    /// Run what CI runs: formatting, lints, tests.
    Check,
}

fn main() -> ExitCode {
    let done = match Cli::parse().act {
        Act::Torch { cuda } => {
            let flavor = if cuda { Flavor::Cuda } else { Flavor::Cpu };
            torch::fetch(&workspace(), flavor).map_err(anyhow::Error::from)
        }
        Act::Check => check::run(&workspace()),
    };
    let Err(error) = done else { return ExitCode::SUCCESS };
    eprintln!("error: {error:#}");
    if let Some(hint) = error.downcast_ref::<FetchError>().and_then(FetchError::hint) {
        eprintln!("\nhint: {hint}");
    }
    ExitCode::FAILURE
}

/// The folder of the workspace: this package's grandparent.
fn workspace() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).expect("the package lies in crates/ of the workspace").to_owned()
}
