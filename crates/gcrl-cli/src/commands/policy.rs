//! `gcrl policy`

use super::options::catalog;
use crate::hint::Hint;
use crate::output;
use anyhow::anyhow;
use clap::ValueEnum;
use gcrl_core::{Exploration, Policy};
use gcrl_formats::policy::{Clips, Format, npz, onnx};
use gcrl_policy::{Network, PolicyKind, TrainedPolicy};
use std::path::{Path, PathBuf};

/// Examine policy files, and exchange them with other tools
#[derive(clap::Args)]
#[command(after_help = "Examples:
  gcrl policy info runs/wgcsl/policies/seed-0.safetensors
  gcrl policy export runs/wgcsl/policies/seed-0.safetensors --format onnx --out policy.onnx
  gcrl policy import model.zip --task FetchReach --out policy.safetensors
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
    /// Write a policy in the format of another tool
    ///
    /// ONNX: a graph from `observation` and `desired_goal` to `action`, with normalizers and limits inside. npz:
    /// the arrays of the policy file by the same names, and its header.
    Export {
        /// The policy file
        file: PathBuf,
        /// The format
        #[arg(long)]
        format: ExportFormat,
        /// The file to write
        #[arg(long)]
        out: PathBuf,
    },
    /// Make a policy file of another tool's policy
    ///
    /// Read are what `gcrl policy export` writes; ONNX graphs of a multilayer perceptron; what `model.save` of
    /// Stable-Baselines3 writes for a `MultiInputPolicy`; and raw weights: a safetensors or npz file with
    /// `actor.{i}.weight` (inputs × outputs), `actor.{i}.bias` and `normalizer.{observation,goal}.{mean,std}`,
    /// and nothing else.
    Import {
        /// The other tool's file
        file: PathBuf,
        /// The task that the policy was trained for
        #[arg(long)]
        task: String,
        /// The format [default: recognized by the file's content]
        #[arg(long)]
        format: Option<ImportFormat>,
        /// Of raw weights: normalized inputs are limited to plus or minus this
        #[arg(long, default_value_t = 5.0)]
        norm_clip: f32,
        /// Of raw weights: inputs are first limited to plus or minus this
        #[arg(long, default_value_t = 200.0)]
        observation_clip: f32,
        /// The policy file to write
        #[arg(long)]
        out: PathBuf,
    },
}

/// What policies are written as.
#[derive(Clone, Copy, ValueEnum)]
enum ExportFormat {
    Onnx,
    Npz,
}

/// What policies are read from.
#[derive(Clone, Copy, ValueEnum)]
enum ImportFormat {
    Raw,
    Npz,
    Onnx,
    Sb3,
}

impl From<ImportFormat> for Format {
    fn from(format: ImportFormat) -> Self {
        match format {
            ImportFormat::Raw => Self::Raw,
            ImportFormat::Npz => Self::Npz,
            ImportFormat::Onnx => Self::Onnx,
            ImportFormat::Sb3 => Self::StableBaselines3,
        }
    }
}

impl Args {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        match &self.command {
            Command::Info { file } => {
                let policy = TrainedPolicy::load(file)
                    .hint("`gcrl policy import` reads policies of other programs")?;
                output::print(&describe(&policy))
            }
            Command::Export { file, format, out } => export(file, *format, out),
            Command::Import { file, task, format, norm_clip, observation_clip, out } => {
                let task = catalog().task(task)?;
                let clips = Clips { input: *observation_clip, output: *norm_clip };
                let format = format.map(Format::from);
                let policy = gcrl_formats::policy::import(file, format, task.spec, clips)
                    .hint("`gcrl policy import --help` says what is read")?;
                output::check_outside_of_datasets(out)?;
                policy.save(out).hint("free some space, or name another file with `--out`")?;
                let written = out.to_string_lossy();
                gcrl_run::behavior::read(&written, Exploration::NONE, task)?;
                output::print(&describe(&policy))
            }
        }
    }
}

fn export(file: &Path, format: ExportFormat, out: &Path) -> anyhow::Result<()> {
    let hint = "`gcrl train` writes policies; `gcrl policy import` reads those of other programs";
    let policy = TrainedPolicy::load(file).hint(hint)?;
    if gcrl_file::is_same(file, out) {
        return Err(anyhow!("the policy would be replaced by what is made from it: {out:?}"))
            .hint("name another file with `--out`");
    }
    output::check_outside_of_datasets(out)?;
    let bytes = match format {
        // The layout is free text: a policy of a task that is not known here is exported, too.
        ExportFormat::Onnx => {
            let task = catalog().task(&policy.parts().task).ok();
            onnx::write(&policy, task.map(|task| task.spec))
        }
        ExportFormat::Npz => npz::write(&policy)?,
    };
    gcrl_file::write(out, |file| file.write_all(&bytes))
        .hint("free some space, or name another file with `--out`")?;
    let (task, kind) = (&policy.parts().task, policy.parts().kind.name());
    let (n_bytes, out) = (bytes.len(), out.display());
    output::print(&format!("policy of {task}, kind `{kind}`, {n_bytes} bytes: {out}\n"))
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
