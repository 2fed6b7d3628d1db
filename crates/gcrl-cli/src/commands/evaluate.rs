//! `gcrl evaluate`

use super::options::{self, Actor, Joints, Noise, Record, Threads};
use crate::{lookup, output, recording};
use gcrl_core::rollout::Plan;
use gcrl_eval::{Evaluation, Summary};

/// Play a policy and score it
///
/// The return counts the steps on the goal among the first 49 of an episode, as in the paper.
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
    /// The seed of all episodes
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    noise: Noise,
    #[command(flatten)]
    record: Record,
    #[command(flatten)]
    joints: Joints,
    #[command(flatten)]
    threads: Threads,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let task = lookup::task(&self.task)?;
        let actor = Actor::read(&self.policy, self.noise, task)?;
        let recordings = self.record.claim()?;
        let plan = Plan {
            seed: self.seed,
            episodes: 0..u64::from(self.episodes),
            n_threads: self.threads.count(),
        };
        let articulation = self.joints.of(task)?;
        let make_env = || (task.make_with)(articulation);
        let evaluation = gcrl_eval::evaluate(&make_env, actor.behavior(), &plan)?;
        let report = Report { evaluation: &evaluation, articulation: self.joints.to_text() };
        let text = if self.json {
            serde_json::to_string_pretty(&report)? + "\n"
        } else {
            describe(&report)
        };
        output::print(&text)?;
        recordings.map_or(Ok(()), |folder| recording::record(&make_env, &actor, &plan, folder))
    }
}

/// An evaluation, and how joints were moved in it, where that was not the default.
#[derive(serde::Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    evaluation: &'a Evaluation,
    #[serde(skip_serializing_if = "Option::is_none")]
    articulation: Option<String>,
}

fn describe(Report { evaluation, articulation }: &Report<'_>) -> String {
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
    let how = articulation.as_ref().map(|how| format!(", {how} joints")).unwrap_or_default();
    format!("{task}, {episodes} episodes, seed {seed}{how}\n{}", output::columns(&rows))
}
