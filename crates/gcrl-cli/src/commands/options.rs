//! Options that several subcommands share.

use crate::hint::Hint;
use anyhow::{anyhow, bail};
use clap::Args;
use gcrl_core::{Behavior, Exploration};
use gcrl_envs::TaskEntry;
use gcrl_file::OutputFolder;
use gcrl_run::Catalog;
use gcrl_run::behavior::{self, BehaviorError};
use std::path::PathBuf;
use std::str::FromStr;

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

/// The names that this program knows.
pub(crate) fn catalog() -> Catalog {
    Catalog::default()
}

/// Reads who acts in `task`: `random`, `expert`, or a policy file, with `noise` on a policy's actions.
pub(crate) fn read_behavior(
    name: &str,
    noise: Noise,
    task: &TaskEntry,
) -> Result<Behavior, BehaviorError> {
    behavior::read(name, noise.exploration(), task)
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
