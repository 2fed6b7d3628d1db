//! Which episodes are watched: of a task, or recorded ones. Shared by the commands that show some.

use super::options::{Actor, Noise};
use crate::failure::Hint;
use crate::lookup;
use anyhow::anyhow;
use gcrl_recording::Recording;
use std::path::Path;

/// What to watch.
#[derive(clap::Args, Clone)]
pub(crate) struct Watched {
    /// A task, or recorded episodes: a file or a folder
    #[arg(value_name = "TASK|EPISODES")]
    pub(crate) source: String,
    /// Who acts in the task: `random`, `expert` (one that comes with the program), or a policy file; repeat it to see
    /// several play the same episodes, one a column
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Vec<String>,
    #[command(flatten)]
    noise: Noise,
    /// The seed of all episodes
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The number of the first episode
    #[arg(long, value_name = "N", default_value_t = 0)]
    episode: u32,
}

impl Watched {
    /// `count` episodes from the first one on, after leaving `skip` numbers out. Several policies take
    /// turns, so that each plays the same numbers.
    pub(crate) fn recordings(&self, count: usize, skip: u64) -> anyhow::Result<Vec<Recording>> {
        let is_task = gcrl_envs::find(&self.source).is_some();
        let first = u64::from(self.episode) + skip;
        if is_task || !Path::new(&self.source).exists() {
            self.play(count, first)
        } else {
            self.load(count, first as usize)
        }
    }

    fn play(&self, count: usize, first: u64) -> anyhow::Result<Vec<Recording>> {
        let task = lookup::task(&self.source)?;
        if self.policy.is_empty() {
            return Err(anyhow!("nobody acts in `{}`", task.spec.id))
                .hint("name a policy with `--policy`, or recorded episodes instead of the task");
        }
        let actors = self.policy.iter().map(|name| Actor::read(name, self.noise, task));
        let actors = actors.collect::<anyhow::Result<Vec<_>>>()?;
        let mut env = task.make();
        let played = (0..count).map(|place| {
            let actor = &actors[place % actors.len()];
            let number = first + (place / actors.len()) as u64;
            Recording::of(&mut *env, actor.behavior(), &actor.name(), self.seed, number)
        });
        Ok(played.collect::<Result<_, _>>()?)
    }

    fn load(&self, count: usize, first: usize) -> anyhow::Result<Vec<Recording>> {
        if !self.policy.is_empty() {
            return Err(anyhow!("recorded episodes are played as they were; nobody acts anew"))
                .hint("leave `--policy` out, or name a task");
        }
        let files = gcrl_recording::files(Path::new(&self.source))
            .hint("`gcrl evaluate --record` writes episodes")?;
        let n_files = files.len();
        let chosen = files.get(first..first + count).ok_or_else(|| {
            let source = &self.source;
            anyhow!(
                "{count} episodes from number {first} on, where {n_files} are recorded: {source:?}"
            )
        });
        let chosen =
            chosen.hint("ask for fewer with `--grid`, or for earlier ones with `--episode`")?;
        let loaded = chosen.iter().map(|file| Recording::load(file));
        loaded.collect::<Result<_, _>>().hint("`gcrl evaluate --record` writes episodes")
    }
}
