//! `gcrl`: offline goal-conditioned reinforcement learning, natively.
//!
//! One file a subcommand in `commands/`. Exit codes: 0 done, 1 failed, 2 wrong usage.

mod camera;
mod commands;
#[cfg(feature = "viewer")]
mod director;
mod drawing;
#[cfg(feature = "viewer")]
mod film;
mod graphics;
mod hint;
mod movie;
mod output;
mod painter;
mod progress;
mod recording;
mod signals;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    signals::install();
    let command = commands::Cli::parse();
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            hint::report(&error);
            ExitCode::FAILURE
        }
    }
}
