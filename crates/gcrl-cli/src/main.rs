//! `gcrl`: offline goal-conditioned reinforcement learning, natively.
//!
//! One file a subcommand in `commands/`. Exit codes: 0 done, 1 failed, 2 wrong usage, 75 told to stop before
//! the end, with all that was learned saved: the same command goes on.

mod board;
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
mod replays;
mod signals;

use clap::Parser;
use gcrl_run::TrainError;
use gcrl_run::reproduce::{STOPPED_EXIT_CODE, WorkError};
use std::process::ExitCode;

fn main() -> ExitCode {
    signals::install();
    let command = commands::Cli::parse();
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            hint::report(&error);
            if is_stopped(&error) { ExitCode::from(STOPPED_EXIT_CODE) } else { ExitCode::FAILURE }
        }
    }
}

/// Whether training was told to stop, and goes on when it is run again.
fn is_stopped(error: &anyhow::Error) -> bool {
    matches!(hint::find(error), Some(TrainError::Stopped))
        || matches!(hint::find(error), Some(WorkError::Stopped))
}
