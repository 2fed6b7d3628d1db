//! `gcrl evaluate`

use super::options::{self, Noise, Record, Threads, catalog, read_behavior};
use crate::{output, recording};
use gcrl_eval::{Evaluation, Summary};

/// Play a policy and score it
///
/// The return counts the steps on the goal among the first 49 of an episode, as in the paper. ± is the
/// standard error of the mean over episodes.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl evaluate PointReach --policy random --episodes 1000
  gcrl evaluate PointReach --policy runs/wgcsl/policies/seed-0.safetensors --json
  gcrl evaluate PointReach --policy random --episodes 9 --record episodes")]
pub(crate) struct Args {
    /// The task
    task: String,
    /// `random`, `expert` (one that comes with the program), or a policy file
    #[arg(long, value_name = "FILE")]
    policy: String,
    /// Episodes to play
    #[arg(long, value_parser = options::episode_count, default_value_t = 100)]
    episodes: u32,
    /// The seed of all episodes; `gcrl collect` makes others from it
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    noise: Noise,
    #[command(flatten)]
    record: Record,
    #[command(flatten)]
    threads: Threads,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let task = catalog().task(&self.task)?;
        let behavior = read_behavior(&self.policy, self.noise, task)?;
        let recordings = self.record.claim()?;
        let (n_episodes, n_threads) = (u64::from(self.episodes), self.threads.count());
        let evaluation = gcrl_run::evaluate(task, &behavior, self.seed, n_episodes, n_threads)?;
        let text = if self.json {
            serde_json::to_string_pretty(&evaluation)? + "\n"
        } else {
            describe(&evaluation)
        };
        output::print(&text)?;
        let plan = gcrl_run::evaluation_plan(self.seed, n_episodes, n_threads);
        recordings.map_or(Ok(()), |folder| recording::record(task, &behavior, &plan, folder))
    }
}

fn describe(evaluation: &Evaluation) -> String {
    let summary = |summary: &Summary| {
        let Summary { mean, std, standard_error } = summary;
        let spread = std.zip(*standard_error);
        spread.map_or_else(
            || format!("{mean:.3}"),
            |(std, standard_error)| format!("{mean:.3} ± {standard_error:.3} (std {std:.3})"),
        )
    };
    let success = evaluation.success;
    let rows = [
        ("return", summary(&evaluation.undiscounted_return)),
        ("discounted return", summary(&evaluation.discounted_return)),
        (
            "success at the end",
            format!(
                "{:.1} % (95 %: {:.1} to {:.1})",
                100.0 * success.rate,
                100.0 * success.low,
                100.0 * success.high
            ),
        ),
        ("final distance", summary(&evaluation.final_distance)),
    ];
    let rows = rows.map(|(left, right)| (left.to_owned(), right));
    let (task, episodes, seed) = (&evaluation.task, evaluation.episodes, evaluation.seed);
    format!("{task}, {episodes} episodes, seed {seed}\n{}", output::columns(&rows))
}
