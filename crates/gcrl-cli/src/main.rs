//! `gcrl`: offline goal-conditioned reinforcement learning, natively.
//!
//! One file a subcommand in `commands/`. Exit codes: 0 done, 1 failed, 2 wrong usage, 75 told to stop before
//! the end, with all that was learned saved: `gcrl train --resume` goes on, or the same command of `gcrl
//! reproduce` and `gcrl expert train`.

mod board;
mod camera;
mod commands;
mod graphics;
mod hint;
mod output;
mod painter;
mod progress;
mod recording;
mod replays;
mod signals;
mod video;
#[cfg(feature = "viewer")]
mod window_host;
#[cfg(feature = "viewer")]
mod window_video;

use gcrl_run::TrainError;
use gcrl_run::experts::SelectError;
use gcrl_run::reproduce::{STOPPED_EXIT_CODE, WorkError};
use std::process::ExitCode;

fn main() -> ExitCode {
    signals::install();
    let command = commands::Cli::of_arguments();
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
        || matches!(hint::find(error), Some(SelectError::Stopped))
        || matches!(hint::find(error), Some(WorkError::Stopped))
}
