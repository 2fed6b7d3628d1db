//! Options that several subcommands share.

use crate::experts;
use crate::failure::Hint;
use crate::recording;
use anyhow::{Context, anyhow, bail};
use clap::Args;
use gcrl_core::rollout::Plan;
use gcrl_core::{Behavior, Exploration, PolicyFile};
use gcrl_envs::TaskEntry;
use gcrl_policy::MlpPolicy;
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

/// What users call the expert that comes with the program.
pub(crate) const EXPERT: &str = "expert";

/// Noise on a policy's actions.
#[derive(Args, Clone, Copy)]
pub(crate) struct Noise {
    /// Standard deviation of the noise added to actions (0.2 in the paper's expert data)
    #[arg(long, value_name = "STD", value_parser = non_negative, default_value_t = 0.0)]
    noise_std: f32,
    /// Probability that a step acts at random instead (0.3 in the paper's expert data)
    #[arg(long, value_name = "P", value_parser = probability, default_value_t = 0.0)]
    random_action_probability: f32,
}

/// Episodes to be watched.
#[derive(Args)]
pub(crate) struct Record {
    /// Also write the first episodes, at most 100, with the pose of every body, for `gcrl render`
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
}

/// Threads to use.
#[derive(Args, Clone, Copy)]
pub(crate) struct Threads {
    /// Threads to use; results do not depend on it [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

/// Seeds, as a half-open range such as `0..5` or a list such as `0,3,4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seeds(pub(crate) Vec<u64>);

impl Record {
    /// Checks that the recordings can be written, before the work of making the episodes.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        self.record.as_deref().map_or(Ok(()), recording::check_place)
    }

    /// Writes the recordings, if there are to be some.
    pub(crate) fn run(
        &self,
        task: &TaskEntry,
        behavior: &Behavior,
        plan: &Plan,
    ) -> anyhow::Result<()> {
        let Some(folder) = &self.record else { return Ok(()) };
        recording::record(task, behavior, plan, folder)
    }
}

impl Noise {
    /// None at all.
    pub(crate) const NONE: Self = Self { noise_std: 0.0, random_action_probability: 0.0 };

    fn exploration(self) -> Exploration {
        let Self { noise_std, random_action_probability } = self;
        Exploration { noise_std, random_action_probability }
    }
}

impl Threads {
    /// How many.
    pub(crate) fn count(self) -> usize {
        self.threads.map_or_else(
            || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            usize::from,
        )
    }
}

impl FromStr for Seeds {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let form = || anyhow!("seeds are a range such as `0..5` or a list such as `0,3,4`");
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_not_a_number| form());
        let seeds: Vec<u64> = match text.split_once("..") {
            Some((start, end)) => {
                let (start, end) = (number(start)?, number(end)?);
                if 10_000 < end.saturating_sub(start) {
                    bail!("more than 10,000 seeds");
                }
                (start..end).collect()
            }
            None => text.split(',').map(number).collect::<Result<_, _>>()?,
        };
        if seeds.is_empty() {
            return Err(form());
        }
        Ok(Self(seeds))
    }
}

/// Reads who acts in `task`: `random`, `expert`, or a policy file, with `noise` on a policy's actions.
pub(crate) fn read_behavior(
    name: &str,
    noise: Noise,
    task: &TaskEntry,
) -> anyhow::Result<Behavior> {
    let exploration = noise.exploration();
    if name == "random" {
        if exploration != Exploration::NONE {
            return Err(anyhow!("noise is for policies; `random` acts at random already"))
                .hint("leave `--noise-std` and `--random-action-probability` out");
        }
        return Ok(Behavior::random());
    }
    let path = Path::new(name);
    let file = policy_file(path, task)?;
    let policy = policy_of(&file, path, task)?;
    let name = match policy.parts().training.get("algorithm") {
        Some(algorithm) if name != EXPERT => algorithm.clone(),
        _ => path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
    };
    let blake3 = blake3::hash(&file).to_hex().to_string();
    let file = Some(PolicyFile { task: policy.parts().task.clone(), blake3 });
    Ok(Behavior { exploration, file, ..Behavior::of(name, Arc::new(policy)) })
}

/// Reads a policy and checks that it is of the task.
pub(crate) fn load_policy(path: &Path, task: &TaskEntry) -> anyhow::Result<MlpPolicy> {
    policy_of(&policy_file(path, task)?, path, task)
}

/// The policy in a file, which is of the task.
fn policy_of(file: &[u8], path: &Path, task: &TaskEntry) -> anyhow::Result<MlpPolicy> {
    let policy = MlpPolicy::from_bytes(file, path)
        .hint("`gcrl train` writes policies; `gcrl policy import` reads raw weights")?;
    policy
        .check_task(task.spec)
        .with_context(|| format!("cannot use policy: {path:?}"))
        .hint("`gcrl policy info` says what a policy was trained for")?;
    Ok(policy)
}

/// What a policy's file holds; `expert` is the one that comes with the program.
pub(crate) fn policy_file(path: &Path, task: &TaskEntry) -> anyhow::Result<Cow<'static, [u8]>> {
    if path != Path::new(EXPERT) {
        return std::fs::read(path)
            .map(Cow::Owned)
            .with_context(|| format!("cannot read policy: {path:?}"))
            .hint("`gcrl train` writes policies; `gcrl policy import` reads raw weights");
    }
    let id = task.spec.id;
    experts::find(id)
        .map(Cow::Borrowed)
        .with_context(|| format!("no expert of `{id}` comes with this program"))
        .hint("`gcrl train her --online` trains one; name its file instead")
}

/// A whole number of episodes, at least 1 and addressable by a draw.
pub(crate) fn episode_count(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err(format!("must be a whole number from 1 to {}", u32::MAX)),
        Ok(count) => Ok(count),
    }
}

fn non_negative(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number: &f32| 0.0 <= *number && number.is_finite());
    number.ok_or_else(|| "must be a number of at least 0".to_owned())
}

/// A number above 0.
pub(crate) fn positive(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number: &f32| 0.0 < *number && number.is_finite());
    number.ok_or_else(|| "must be a number above 0".to_owned())
}

fn probability(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "must be a probability from 0 to 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_ranges_or_lists() {
        assert_eq!("0..3".parse::<Seeds>().unwrap().0, [0, 1, 2]);
        assert_eq!("7".parse::<Seeds>().unwrap().0, [7]);
        assert_eq!("4, 2".parse::<Seeds>().unwrap().0, [4, 2]);
        for wrong in ["", "3..3", "5..2", "a", "0..x", "0..99999999999", "-1"] {
            assert!(wrong.parse::<Seeds>().is_err(), "{wrong}");
        }
    }
}
