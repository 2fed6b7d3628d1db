//! One subcommand a file, all in one order: `Args` with the help text, then `run`.

mod algorithms;
mod collect;
mod completions;
mod dataset;
mod demo;
mod doctor;
mod evaluate;
mod expert;
pub(crate) mod options;
mod parity;
mod policy;
mod render;
mod reproduce;
mod serve;
mod sketch;
mod tasks;
mod train;
mod view;
pub(crate) mod watched;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

/// Offline goal-conditioned reinforcement learning for robots, natively.
#[derive(Parser)]
#[command(name = "gcrl", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "\
Examples:
  gcrl demo                                            the whole pipeline, in under a minute
  gcrl collect PointReach --behavior random --episodes 2000 --out datasets/PointReach/random-v0
  gcrl train wgcsl --dataset datasets/PointReach/random-v0 --seeds 0..5 --out runs/wgcsl
  gcrl evaluate PointReach --policy runs/wgcsl/policies/seed-0.safetensors")]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::Args),
    Tasks(tasks::Args),
    Algorithms(algorithms::Args),
    Collect(collect::Args),
    Dataset(dataset::Args),
    Train(train::Args),
    Policy(policy::Args),
    Evaluate(evaluate::Args),
    Expert(expert::Args),
    Reproduce(Box<reproduce::Args>),
    Render(render::Args),
    Serve(serve::Args),
    Sketch(sketch::Args),
    View(view::Args),
    Parity(parity::Args),
    Doctor(doctor::Args),
    Completions(completions::Args),
}

impl Cli {
    /// What was typed; a mistake ends the program. A negative number is a value and no option, so that it is
    /// refused as what it is.
    pub(crate) fn of_arguments() -> Self {
        let matches = with_negative_numbers(Self::command()).get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// Runs the chosen subcommand.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        match &self.command {
            Command::Demo(args) => args.run(),
            Command::Tasks(args) => args.run(),
            Command::Algorithms(args) => args.run(),
            Command::Collect(args) => args.run(),
            Command::Dataset(args) => args.run(),
            Command::Train(args) => args.run(),
            Command::Policy(args) => args.run(),
            Command::Evaluate(args) => args.run(),
            Command::Expert(args) => args.run(),
            Command::Reproduce(args) => args.run(),
            Command::Render(args) => args.run(),
            Command::Serve(args) => args.run(),
            Command::Sketch(args) => args.run(),
            Command::View(args) => args.run(),
            Command::Parity(args) => args.run(),
            Command::Doctor(args) => args.run(),
            Command::Completions(args) => args.run(),
        }
    }
}

fn with_negative_numbers(command: clap::Command) -> clap::Command {
    let of_arg = |arg: clap::Arg| {
        let takes_values = arg.get_action().takes_values();
        arg.allow_negative_numbers(takes_values)
    };
    command.mut_args(of_arg).mut_subcommands(with_negative_numbers)
}
