//! Building a data set of the benchmark: shard by shard, so that a program that was killed goes on.
//!
//! ```text
//! ROOT/<Task>/<name>                      the data set, once it is whole
//! ROOT/<Task>/.<name>.<hash>.shards/N     episodes from N on, each a data set of its own; removed at the end
//! ```
//!
//! The hash is of the recipe and of the task, so that shards of another version are never used. A shard
//! is there whole or not at all, and which episodes it holds does not depend on the number of threads.

use crate::behavior::BehaviorError;
use crate::collect::{CollectError, Collection, collect_into};
use crate::datasets::published::{Published, State};
use crate::observer::{Job, Observer, Running};
use gcrl_core::rollout::Plan;
use gcrl_core::{Behavior, Episodes};
use gcrl_data::{Dataset, EntryDifference, Manifest, OpenError, StoreError, TaskRecord};
use gcrl_file::{ClaimError, OutputFolder};
use std::error::Error;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Episodes of a shard: some seconds of work, and enough for 16 threads to be busy.
const SHARD_EPISODES: u64 = 1_000;

/// Which data set to build, where, and how.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// The data set.
    pub set: &'a Published,
    /// The folder that holds all data sets.
    pub root: &'a Path,
    /// Whether another data set at its place is replaced.
    pub is_forced: bool,
    /// Threads to use, at least 1; the data set does not depend on it.
    pub n_threads: usize,
}

/// What building came to.
#[derive(Debug)]
pub enum Built {
    /// It was there already.
    Found(Box<Manifest>),
    /// It was made.
    Made(Box<Manifest>),
}

/// A cause for a data set not to be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The behavior cannot be made.
    #[error("cannot build dataset `{name}`")]
    Behavior {
        /// The data set.
        name: String,
        /// Why.
        source: BehaviorError,
    },
    /// Another data set is at its place, or something that is none.
    #[error("another dataset is at the place of `{name}`; {what}: {path:?}")]
    Occupied {
        /// The data set.
        name: String,
        /// What is there.
        what: String,
        /// The place.
        path: PathBuf,
    },
    /// Another program builds it.
    #[error("another program builds dataset `{name}`: {path:?}")]
    Busy {
        /// The data set.
        name: String,
        /// The folder of its shards.
        path: PathBuf,
    },
    /// Its folder, or that of its shards, cannot be used.
    #[error("cannot {act} {path:?}")]
    Folder {
        /// What was tried.
        act: &'static str,
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The place cannot be written to.
    #[error(transparent)]
    Claim {
        /// Why.
        #[from]
        source: ClaimError,
    },
    /// Episodes cannot be made or written.
    #[error(transparent)]
    Collect {
        /// Why.
        #[from]
        source: CollectError,
    },
    /// A shard that was just written cannot be read.
    #[error(transparent)]
    Shard {
        /// Why.
        #[from]
        source: OpenError,
    },
    /// The whole cannot be written.
    #[error(transparent)]
    Store {
        /// Why.
        #[from]
        source: StoreError,
    },
    /// What came out is not what the record says.
    #[error("dataset `{name}` is not what its record says; {difference}: {path:?}")]
    OtherResult {
        /// The data set.
        name: String,
        /// The first thing that differs.
        difference: Box<EntryDifference>,
        /// The place of what came out.
        path: PathBuf,
    },
}

impl Order<'_> {
    /// The place of the data set.
    pub fn path(&self) -> PathBuf {
        self.root.join(&self.set.name)
    }

    fn behavior(&self) -> Result<Behavior, BuildError> {
        let name = || self.set.name.clone();
        let behavior = self.set.behavior();
        behavior.map_err(|source| BuildError::Behavior { name: name(), source })
    }

    /// Checks all that can be known before the first episode is made.
    ///
    /// # Errors
    ///
    /// If the behavior cannot be made, another data set is at the place and may not be replaced, or there is no room.
    pub fn check(&self) -> Result<(), BuildError> {
        self.behavior()?;
        let path = self.path();
        let name = self.set.name.clone();
        match self.set.state(&path) {
            State::Equal(_) => Ok(()),
            State::Missing => Ok(self.check_space(&OutputFolder::claim(&path)?)?),
            State::Different(_) if self.is_forced => {
                // The one that is there stays until the new one is whole.
                Ok(self.check_space(&OutputFolder::claim(&self.beside("new"))?)?)
            }
            State::Different(difference) => {
                Err(BuildError::Occupied { name, what: difference.to_string(), path })
            }
            State::Unreadable(error) => {
                if let Ok(folder) = OutputFolder::claim(&path) {
                    return Ok(self.check_space(&folder)?);
                }
                Err(BuildError::Occupied { name, what: with_causes(&error), path })
            }
        }
    }

    /// Room for the shards and for the whole.
    fn check_space(&self, folder: &OutputFolder) -> Result<(), StoreError> {
        let n_episodes = self.set.recipe.n_episodes;
        gcrl_data::check_size(folder, self.set.task().spec, n_episodes.saturating_mul(2))
    }

    /// The folder of the shards.
    fn shards(&self) -> PathBuf {
        let text = |part: Result<String, toml::ser::Error>| part.expect("records are TOML tables");
        let recipe = text(toml::to_string(&self.set.recipe));
        let task = text(toml::to_string(&TaskRecord::from(self.set.task().spec)));
        let hash = blake3::hash(format!("{SHARD_EPISODES}\n{recipe}\n{task}").as_bytes()).to_hex();
        self.beside(&format!("{}.shards", &hash[..12]))
    }

    /// A hidden folder beside the data set.
    fn beside(&self, ending: &str) -> PathBuf {
        let path = self.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.with_file_name(format!(".{name}.{ending}"))
    }
}

/// Builds a data set, or finds that it is there.
///
/// # Errors
///
/// As [`Order::check`]; or if an environment fails, a file cannot be written, the observer asks to stop, or
/// the data set is not what its record says, in which case it is kept. Whole shards are kept, and what is
/// replaced stays until the new one is whole.
pub fn build(order: &Order<'_>, observer: &dyn Observer) -> Result<Built, BuildError> {
    order.check()?;
    let (set, task, path) = (order.set, order.set.task(), order.path());
    if let State::Equal(manifest) = set.state(&path) {
        return Ok(Built::Found(manifest));
    }
    let behavior = order.behavior()?;
    let shards = Shards::open(order)?;
    let job = Job { name: set.name.clone(), total: set.recipe.n_episodes, unit: "episodes" };
    let running = Running::start(observer, &job);
    let episodes = shards.collect(order, &behavior, observer)?;
    drop(running);
    let plan = Plan { seed: set.recipe.seed, episodes: 0..set.recipe.n_episodes, n_threads: 1 };
    let origin = Collection { task, behavior: &behavior, plan: &plan }.origin();
    let write = |out| gcrl_data::write(out, task.spec, episodes.view(), origin);
    let [new, replaced] = ["new", "replaced"].map(|ending| order.beside(ending));
    let manifest = if let Ok(out) = OutputFolder::claim(&path) {
        write(out)?
    } else {
        // A data set that may be replaced is there, as was checked.
        remove(&new)?;
        let manifest = write(OutputFolder::claim(&new)?)?;
        remove(&replaced)?;
        rename(&path, &replaced)?;
        rename(&new, &path)?;
        manifest
    };
    drop(episodes);
    shards.remove();
    // Also those of a program that was killed between the lines above.
    remove(&new)?;
    remove(&replaced)?;
    match set.difference(&manifest) {
        None => Ok(Built::Made(Box::new(manifest))),
        Some(difference) => {
            let difference = Box::new(difference);
            Err(BuildError::OtherResult { name: set.name.clone(), difference, path })
        }
    }
}

/// What an error and its causes say.
fn with_causes(error: &dyn Error) -> String {
    let cause = error.source().map(|cause| format!(": {}", with_causes(cause)));
    format!("{error}{}", cause.unwrap_or_default())
}

fn rename(from: &Path, to: &Path) -> Result<(), BuildError> {
    let failed = |source| BuildError::Folder { act: "move", path: from.to_owned(), source };
    fs::rename(from, to).map_err(failed)
}

/// Removes a folder, if it is there.
fn remove(folder: &Path) -> Result<(), BuildError> {
    match fs::remove_dir_all(folder) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(BuildError::Folder { act: "remove", path: folder.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// The folder of the shards, held by this program alone.
struct Shards {
    path: PathBuf,
    /// Locked until it is dropped.
    _lock: File,
}

impl Shards {
    fn open(order: &Order<'_>) -> Result<Self, BuildError> {
        let path = order.shards();
        let failed = |act| {
            let path = path.clone();
            move |source| BuildError::Folder { act, path, source }
        };
        fs::create_dir_all(&path).map_err(failed("create"))?;
        let lock = File::create(path.join(".lock")).map_err(failed("write into"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                Err(BuildError::Busy { name: order.set.name.clone(), path })
            }
            Err(TryLockError::Error(source)) => Err(failed("lock")(source)),
        }
    }

    /// All episodes: those of the shards that are there, and the others made.
    fn collect(
        &self,
        order: &Order<'_>,
        behavior: &Behavior,
        observer: &dyn Observer,
    ) -> Result<Episodes, BuildError> {
        let (task, recipe) = (order.set.task(), &order.set.recipe);
        let n_episodes = recipe.n_episodes;
        let mut episodes = Episodes::zeros(task.spec.episode_shape(), n_episodes as usize);
        let mut missing = Vec::new();
        for start in (0..n_episodes).step_by(SHARD_EPISODES as usize) {
            match self.sound(start) {
                Some(shard) => episodes.put(start as usize, shard.view()),
                None => missing.push(start..n_episodes.min(start + SHARD_EPISODES)),
            }
        }
        let n_missing: u64 = missing.iter().map(|range| range.end - range.start).sum();
        observer.on_resume(n_episodes - n_missing);
        for range in missing {
            let path = self.path.join(range.start.to_string());
            let start = range.start as usize;
            let plan = Plan { seed: recipe.seed, episodes: range, n_threads: order.n_threads };
            let collection = Collection { task, behavior, plan: &plan };
            // A shard that cannot be used is no loss: it is made again.
            let _ = fs::remove_dir_all(&path);
            let out = OutputFolder::claim(&path)?;
            collect_into(&collection, out, observer)?;
            let shard = Dataset::open(&path)?;
            episodes.put(start, shard.view());
        }
        Ok(episodes)
    }

    /// The shard that begins with this episode, if it is there and sound.
    fn sound(&self, start: u64) -> Option<Dataset> {
        let shard = Dataset::open(&self.path.join(start.to_string())).ok()?;
        shard.verify().is_empty().then_some(shard)
    }

    /// Removes them: the data set is whole.
    fn remove(self) {
        // What cannot be removed does no harm.
        let _ = fs::remove_dir_all(&self.path);
    }
}
