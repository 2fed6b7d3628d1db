//! `gcrl policy`

use super::options::catalog;
use crate::hint::Hint;
use crate::output;
use gcrl_core::{Exploration, Policy};
use gcrl_policy::{Network, PolicyKind, TrainedPolicy};
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
                let policy = TrainedPolicy::load(file)
                    .hint("`gcrl policy import` reads raw weights of other programs")?;
                output::print(&describe(&policy))
            }
            Command::Import { raw, task, norm_clip, observation_clip, out } => {
                let task = catalog().task(task)?;
                let policy = TrainedPolicy::import(raw, task.spec, *observation_clip, *norm_clip)
                    .hint("`gcrl policy import --help` says what a raw file holds")?;
                policy.save(out).hint("free some space, or name another file with `--out`")?;
                let written = out.to_string_lossy();
                gcrl_run::behavior::read(&written, Exploration::NONE, task)?;
                output::print(&describe(&policy))
            }
        }
    }
}

fn describe(policy: &TrainedPolicy) -> String {
    let parts = policy.parts();
    let mut rows = vec![
        ("task".to_owned(), parts.task.clone()),
        ("kind".to_owned(), parts.kind.name().into()),
    ];
    let networks = parts.kind.networks().into_iter();
    rows.extend(networks.map(|(name, network)| (name.to_owned(), describe_network(network))));
    if let PolicyKind::Bcq(bcq) = &parts.kind {
        let n_latents = bcq.latents.len() / bcq.latent_dim;
        rows.push(("latents".to_owned(), format!("{n_latents} of {} numbers", bcq.latent_dim)));
        rows.push(("max perturbation".to_owned(), format!("±{}", bcq.max_perturbation)));
    }
    rows.push((
        "inputs".to_owned(),
        format!("{} observation, {} goal", policy.observation_dim(), policy.goal_dim()),
    ));
    rows.push((
        "clip".to_owned(),
        format!(
            "±{} before normalizing, ±{} after",
            parts.observation.input_clip, parts.observation.output_clip
        ),
    ));
    rows.extend(parts.training.notes.iter().map(|(key, value)| (key.clone(), value.clone())));
    let hash = parts.training.dataset_blake3.iter();
    rows.extend(hash.map(|hash| ("dataset blake3".to_owned(), hash.clone())));
    output::columns(&rows)
}

/// Its widths and activations, such as `4 → 256 relu → 2 tanh`.
fn describe_network(network: &Network) -> String {
    let mut widths = network.widths().into_iter();
    let first = widths.next().map_or(String::new(), |n_inputs| n_inputs.to_string());
    let n_layers = network.layers.len();
    let layers = widths.enumerate().map(|(layer_idx, width)| {
        let is_last = layer_idx + 1 == n_layers;
        let activation = if is_last { network.output } else { network.hidden };
        format!(" → {width} {}", activation.name())
    });
    first + &layers.collect::<String>()
}
