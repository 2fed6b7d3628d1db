//! `gcrl policy`

use super::options;
use crate::failure::Hint;
use crate::{lookup, output};
use gcrl_core::Policy;
use gcrl_policy::MlpPolicy;
use std::path::PathBuf;

/// Examine or import policy files
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl policy info runs/wgcsl/policies/seed-0.safetensors
  gcrl policy import actor.safetensors --task PointReach --norm-clip 5 --observation-clip 200 --out policy.safetensors")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Print what a policy file holds, after checking it
    Info {
        /// The policy file
        file: PathBuf,
    },
    /// Make a policy file of raw weights
    ///
    /// The raw file holds the tensors `actor.{i}.weight` (inputs × outputs), `actor.{i}.bias` and
    /// `normalizer.{observation,goal}.{mean,std}`, and nothing else.
    Import {
        /// The raw weights, a safetensors file
        raw: PathBuf,
        /// The task they were trained for
        #[arg(long)]
        task: String,
        /// Normalized inputs are limited to plus or minus this
        #[arg(long, default_value_t = 5.0)]
        norm_clip: f32,
        /// Inputs are first limited to plus or minus this
        #[arg(long, default_value_t = 200.0)]
        observation_clip: f32,
        /// The policy file to write
        #[arg(long)]
        out: PathBuf,
    },
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        match &self.command {
            Command::Info { file } => {
                let policy = MlpPolicy::load(file)
                    .hint("`gcrl policy import` reads raw weights of other programs")?;
                output::print(&describe(&policy))
            }
            Command::Import { raw, task, norm_clip, observation_clip, out } => {
                let task = lookup::task(task)?;
                let policy = MlpPolicy::import(raw, task.spec, *observation_clip, *norm_clip)
                    .hint("`gcrl policy import --help` says what a raw file holds")?;
                policy.save(out).hint("free some space, or name another file with `--out`")?;
                options::load_policy(out, task)?;
                output::print(&describe(&policy))
            }
        }
    }
}

fn describe(policy: &MlpPolicy) -> String {
    let parts = policy.parts();
    let widths: Vec<_> = parts.layers.iter().map(|layer| layer.n_outputs.to_string()).collect();
    let n_inputs = policy.observation_dim() + policy.goal_dim();
    let mut rows = vec![
        ("task".to_owned(), parts.task.clone()),
        ("layers".to_owned(), format!("{n_inputs} → {}", widths.join(" → "))),
        (
            "inputs".to_owned(),
            format!("{} observation, {} goal", policy.observation_dim(), policy.goal_dim()),
        ),
        (
            "clip".to_owned(),
            format!(
                "±{} before normalizing, ±{} after",
                parts.observation.input_clip, parts.observation.output_clip
            ),
        ),
    ];
    rows.extend(parts.training.iter().map(|(key, value)| (key.clone(), value.clone())));
    output::columns(&rows)
}
