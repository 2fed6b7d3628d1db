//! Options that several subcommands share.

use crate::experts;
use crate::failure::Hint;
use anyhow::{Context, anyhow, bail};
use clap::{Args, ValueEnum};
use gcrl_core::Exploration;
use gcrl_envs::{Articulation, TaskEntry};
use gcrl_file::OutputFolder;
use gcrl_policy::MlpPolicy;
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

/// How users call the expert that comes with the program.
const EXPERT: &str = "expert";

/// Who acts: `random`, `expert`, or a policy file, perhaps perturbed.
pub(crate) enum Actor {
    Uniform,
    Policy { policy: Arc<MlpPolicy>, path: PathBuf, exploration: Exploration },
}

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

/// How robots made of joints are moved.
#[derive(Args, Clone, Copy, Default)]
pub(crate) struct Joints {
    /// How the joints of an articulated robot are moved [default: joint-space]
    #[arg(long, value_name = "HOW")]
    articulation: Option<JointsMove>,
}

#[derive(Clone, Copy, ValueEnum)]
enum JointsMove {
    /// By our own integrator, in joint space
    JointSpace,
    /// By rapier's multibodies
    Rapier,
}

/// Seeds, as a half-open range such as `0..5` or a list such as `0,3,4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seeds(pub(crate) Vec<u64>);

impl Actor {
    /// Reads who acts in `task`.
    pub(crate) fn read(name: &str, noise: Noise, task: &TaskEntry) -> anyhow::Result<Self> {
        let exploration = noise.exploration();
        if name == "random" {
            if exploration != Exploration::NONE {
                return Err(anyhow!("noise is for policies; `random` acts at random already"))
                    .hint("leave `--noise-std` and `--random-action-probability` out");
            }
            return Ok(Self::Uniform);
        }
        let policy = load_policy(Path::new(name), task)?;
        Ok(Self::Policy { policy: Arc::new(policy), path: name.into(), exploration })
    }

    /// Who it is, in a few words.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Uniform => "random".to_owned(),
            Self::Policy { policy, path, .. } => match policy.parts().training.get("algorithm") {
                Some(algorithm) if path != Path::new(EXPERT) => algorithm.clone(),
                _ => path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            },
        }
    }

    /// As a window takes it, which outlives this.
    #[cfg(feature = "viewer")]
    pub(crate) fn player(&self) -> gcrl_recording::Player {
        let (policy, exploration) = match self {
            Self::Uniform => (None, Exploration::NONE),
            Self::Policy { policy, exploration, .. } => {
                (Some(Arc::clone(policy) as Arc<dyn gcrl_core::Policy>), *exploration)
            }
        };
        gcrl_recording::Player { name: self.name(), policy, exploration }
    }

    /// As the rollout takes it.
    pub(crate) fn behavior(&self) -> gcrl_core::Behavior<'_> {
        match self {
            Self::Uniform => gcrl_core::Behavior::Uniform,
            Self::Policy { policy, exploration, .. } => {
                gcrl_core::Behavior::Noisy(&**policy, *exploration)
            }
        }
    }
}

impl Record {
    /// The folder for the recordings, if there are to be some, claimed before the work of making the
    /// episodes.
    pub(crate) fn claim(&self) -> anyhow::Result<Option<OutputFolder>> {
        let claimed = self.record.as_deref().map(OutputFolder::claim).transpose();
        claimed.hint("name a new folder with `--record`")
    }
}

impl Noise {
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

impl Joints {
    /// Reads what `to_text` made.
    pub(crate) fn read(text: Option<&str>) -> anyhow::Result<Self> {
        let read = |text| {
            JointsMove::from_str(text, false)
                .map_err(|_unknown| anyhow!("unknown articulation `{text}`"))
                .hint("choose `joint-space` or `rapier`")
        };
        Ok(Self { articulation: text.map(read).transpose()? })
    }

    /// As records have it: nothing for the default.
    pub(crate) fn to_text(self) -> Option<String> {
        match self.articulation {
            None | Some(JointsMove::JointSpace) => None,
            Some(JointsMove::Rapier) => Some("rapier".to_owned()),
        }
    }

    /// How those of `task` are moved.
    pub(crate) fn of(self, task: &TaskEntry) -> anyhow::Result<Articulation> {
        let id = task.spec.id;
        let articulation = match self.articulation {
            None => return Ok(Articulation::default()),
            Some(JointsMove::JointSpace) => Articulation::JointSpace,
            Some(JointsMove::Rapier) => Articulation::Rapier,
        };
        if !task.is_articulated {
            return Err(anyhow!("no robot of joints is in task `{id}`"))
                .hint("leave `--articulation` out");
        }
        Ok(articulation)
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

/// Reads a policy and checks that it is of the task.
pub(crate) fn load_policy(path: &Path, task: &TaskEntry) -> anyhow::Result<MlpPolicy> {
    let policy = MlpPolicy::from_bytes(&policy_file(path, task)?, path)
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
