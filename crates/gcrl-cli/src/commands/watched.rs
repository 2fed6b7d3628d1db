//! Which episodes are watched: of a task, or recorded ones. Shared by the commands that show some.

use super::options::{Noise, catalog, read_behavior};
use crate::hint::Hint;
use anyhow::anyhow;
use gcrl_core::Behavior;
use gcrl_envs::TaskEntry;
use gcrl_recording::Recording;
use std::path::{Path, PathBuf};

/// What to watch.
#[derive(clap::Args)]
pub(crate) struct Watched {
    /// A task, or recorded episodes: a file or a folder
    #[arg(value_name = "TASK|EPISODES", required_unless_present = "task")]
    source: Option<String>,
    /// The task, if it is not named first
    #[arg(long, conflicts_with = "source")]
    task: Option<String>,
    /// Who acts in the task: `random`, `expert` (one that comes with the program), or a policy file; repeat it to see
    /// several play the same episodes, one a column
    #[arg(long, value_name = "FILE")]
    policy: Vec<String>,
    /// Several policies at once, which play the same episodes: short for several `--policy`
    #[arg(long, value_name = "FILE", num_args = 2..=6, conflicts_with = "policy")]
    compare: Vec<String>,
    #[command(flatten)]
    pub(crate) noise: Noise,
    /// The seed of all episodes
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// The number of the first episode
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) episode: u32,
}

/// Where episodes come from.
pub(crate) enum Source {
    /// A task is played by whoever is named.
    Task(&'static TaskEntry, Vec<String>),
    /// They were recorded, at this place.
    Episodes(PathBuf),
}

impl Watched {
    /// Where the episodes come from.
    pub(crate) fn source(&self) -> anyhow::Result<Source> {
        let policies = [&self.policy[..], &self.compare].concat();
        let name = self.task.as_ref().or(self.source.as_ref()).map_or("", String::as_str);
        let task = catalog().task(name);
        if task.is_ok() || self.task.is_some() || !Path::new(name).exists() {
            return Ok(Source::Task(task?, policies));
        }
        if policies.is_empty() {
            return Ok(Source::Episodes(name.into()));
        }
        Err(anyhow!("recorded episodes are played as they were; nobody acts anew"))
            .hint("leave the policies out, or name a task")
    }

    /// Policies that were named, at least 1.
    pub(crate) fn n_columns(&self) -> usize {
        (self.policy.len() + self.compare.len()).max(1)
    }

    /// `count` episodes from the first one on.
    pub(crate) fn recordings(&self, count: usize) -> anyhow::Result<Vec<Recording>> {
        match self.source()? {
            Source::Task(task, policies) if policies.is_empty() => {
                Err(anyhow!("nobody acts in `{}`", task.spec.id))
                    .hint("name a policy with `--policy`, or recorded episodes instead of the task")
            }
            Source::Task(task, policies) => self.play(task, &policies, count),
            Source::Episodes(path) => load(&path, count, u64::from(self.episode)),
        }
    }

    fn play(
        &self,
        task: &TaskEntry,
        policies: &[String],
        count: usize,
    ) -> anyhow::Result<Vec<Recording>> {
        let behaviors = load_policies(task, policies, self.noise)?;
        let mut env = task.make();
        let played = (0..count).map(|place| {
            let (behavior, number) = policy_for_cell(&behaviors, u64::from(self.episode), place);
            Recording::of(&mut *env, behavior, self.seed, number)
        });
        Ok(played.collect::<Result<_, _>>()?)
    }
}

/// Reads all who act in `task`.
pub(crate) fn load_policies(
    task: &TaskEntry,
    policies: &[String],
    noise: Noise,
) -> anyhow::Result<Vec<Behavior>> {
    Ok(policies.iter().map(|name| read_behavior(name, noise, task)).collect::<Result<_, _>>()?)
}

/// Who acts at a place, and in the episode of which number: behaviors take turns, so that each plays the
/// same numbers, from `first` on.
pub(crate) fn policy_for_cell(
    behaviors: &[Behavior],
    first: u64,
    place: usize,
) -> (&Behavior, u64) {
    (&behaviors[place % behaviors.len()], first + (place / behaviors.len()) as u64)
}

/// `count` recorded episodes at `path`, from number `first` on.
pub(crate) fn load(path: &Path, count: usize, first: u64) -> anyhow::Result<Vec<Recording>> {
    let hint = "`gcrl evaluate --record` writes episodes";
    let files = gcrl_recording::files(path).hint(hint)?;
    let n_files = files.len();
    let chosen = files.get(first as usize..(first as usize).saturating_add(count));
    let chosen = chosen
        .ok_or_else(|| {
            anyhow!(
                "{count} episodes from number {first} on, where {n_files} are recorded: {path:?}"
            )
        })
        .hint("ask for fewer at once, or for earlier ones")?;
    chosen.iter().map(|file| Recording::load(file)).collect::<Result<_, _>>().hint(hint)
}
