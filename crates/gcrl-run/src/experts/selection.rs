//! Which of a run's policies becomes the expert.
//!
//! A policy's data are its episodes with the paper's noise: N(0, 0.2) on actions, 30 % of steps at random.
//! Their return is scored as the paper's table of data sets, on the state before each action.
//!
//! 1. Every policy that was kept plays 200 episodes with noise and 200 without.
//! 2. The three whose data are nearest the paper's play 2,000 more with noise.
//! 3. `expert-v1` is the one of these whose data are nearest the paper's, then.
//! 4. `strong-v1` is the policy with the highest return without noise, if its data are better than the
//!    paper's by more than 10 % and by more than 0.5.

use crate::evaluate::evaluation_plan;
use crate::experts::index::{EXPERT_V1, Expert, INDEX_FILE, Index, STRONG_V1};
use crate::folder::RunFolder;
use crate::observer::{Job, Observer, Running, goes_on};
use crate::run::Run;
use gcrl_core::rollout::Plan;
use gcrl_core::{Behavior, EnvError, EnvPool, Exploration, seed};
use gcrl_data::describe_outcome;
use gcrl_eval::MetricLog;
use gcrl_eval::paper::{self, DatasetKind};
use gcrl_file::{WriteError, parse_toml};
use gcrl_policy::{ReadPolicyError, TrainedPolicy};
use std::fmt::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Episodes that every policy plays.
const N_FIRST: u64 = 200;

/// Episodes that those nearest the paper play.
const N_MORE: u64 = 2_000;

/// How many are nearest.
const N_NEAREST: usize = 3;

/// A policy of a run, to be chosen or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Updates before it was kept.
    pub n_updates: u64,
    /// Its file.
    pub path: PathBuf,
    /// Mean return without noise.
    pub policy_return: f64,
    /// Mean return of its data.
    pub data_return: f64,
    /// Episodes of its data that were played.
    pub n_data_episodes: u64,
}

/// What became of a run's policies.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// The policies that were kept, in the order of their updates.
    pub candidates: Vec<Candidate>,
    /// Position of `expert-v1`.
    pub expert: usize,
    /// Position of `strong-v1`, if there is one.
    pub strong: Option<usize>,
    /// Mean return of the paper's data.
    pub paper_data_return: f64,
}

/// A cause for no policy to be chosen.
#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    /// The observer asked to stop.
    #[error("stopped before an expert was chosen")]
    Stopped,
    /// The paper has no expert data of the task.
    #[error("the paper has no expert data of task `{task}`")]
    NoPaper {
        /// The task.
        task: &'static str,
    },
    /// The run kept no policy.
    #[error("the run kept no policies: {path:?}")]
    NoneKept {
        /// The run's folder.
        path: PathBuf,
    },
    /// A policy cannot be read.
    #[error(transparent)]
    Policy {
        /// Why.
        #[from]
        source: ReadPolicyError,
    },
    /// A file cannot be read.
    #[error("cannot read {path:?}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of the run holds something else.
    #[error("cannot use {path:?}: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// An environment failed.
    #[error(transparent)]
    Env {
        /// What happened.
        source: EnvError,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Write {
        /// Why.
        #[from]
        source: WriteError,
    },
}

/// Chooses among the policies that a run of one seed kept every `keep_every` updates.
///
/// # Errors
///
/// If the paper has no expert data of the task, there are no policies, they cannot be played, or the
/// observer asks to stop.
pub fn select(
    run: &Run,
    folder: &RunFolder,
    keep_every: u64,
    n_threads: usize,
    observer: &dyn Observer,
) -> Result<Selection, SelectError> {
    let task = run.task.spec.id;
    let paper = paper::dataset_return(task, DatasetKind::Expert);
    let paper_data_return = paper.ok_or(SelectError::NoPaper { task })?;
    let seed = run.config.seeds[0];
    let n_updates = (1..=run.config.train.n_updates / keep_every).map(|i| i * keep_every);
    let kept = n_updates.map(|n_updates| (n_updates, folder.kept_policy(seed, n_updates)));
    let kept: Vec<_> = kept.filter(|(_, path)| path.exists()).collect();
    let job = Job { name: format!("{task} selection"), total: kept.len() as u64, unit: "policies" };
    let running = Running::start(observer, &job);
    let mut pool =
        EnvPool::new(&|| run.task.make(), data_plan(seed, 0..N_MORE, n_threads).n_envs());
    let candidate = |(n_updates, path): (u64, PathBuf)| -> Result<Candidate, SelectError> {
        let policy = load(&path)?;
        let plan = evaluation_plan(seed, N_FIRST, n_threads);
        let evaluation = gcrl_eval::evaluate(&mut pool, &policy, &plan, &|_| goes_on(observer))?;
        let plan = data_plan(seed, 0..N_FIRST, n_threads);
        let data_return = data_return(&mut pool, policy, &plan, observer)?;
        observer.on_progress(1);
        let (policy_return, n_data_episodes) = (evaluation.undiscounted_return.mean, N_FIRST);
        Ok(Candidate { n_updates, path, policy_return, data_return, n_data_episodes })
    };
    let mut candidates = kept.into_iter().map(candidate).collect::<Result<Vec<_>, _>>()?;
    drop(running);

    let distance = |candidate: &Candidate| (candidate.data_return - paper_data_return).abs();
    let mut nearest: Vec<usize> = (0..candidates.len()).collect();
    nearest.sort_by(|&a, &b| distance(&candidates[a]).total_cmp(&distance(&candidates[b])));
    nearest.truncate(N_NEAREST);
    for &i in &nearest {
        let plan = data_plan(seed, N_FIRST..N_FIRST + N_MORE, n_threads);
        let policy = load(&candidates[i].path)?;
        candidates[i].data_return = data_return(&mut pool, policy, &plan, observer)?;
        candidates[i].n_data_episodes = N_MORE;
    }
    let by_distance =
        |a: &&usize, b: &&usize| distance(&candidates[**a]).total_cmp(&distance(&candidates[**b]));
    let expert = *nearest
        .iter()
        .min_by(by_distance)
        .ok_or_else(|| SelectError::NoneKept { path: folder.path().to_owned() })?;
    let is_stronger = |candidate: &Candidate| {
        let more = candidate.data_return - paper_data_return;
        (0.1 * paper_data_return).max(0.5) < more
    };
    let best = (0..candidates.len())
        .max_by(|&a, &b| candidates[a].policy_return.total_cmp(&candidates[b].policy_return));
    let strong = best.filter(|&best| is_stronger(&candidates[best]));
    Ok(Selection { candidates, expert, strong, paper_data_return })
}

impl From<EnvError> for SelectError {
    fn from(error: EnvError) -> Self {
        match error {
            EnvError::Stopped => Self::Stopped,
            source => Self::Env { source },
        }
    }
}

/// A policy that was kept, without noise.
fn load(path: &Path) -> Result<Behavior, ReadPolicyError> {
    Ok(Behavior::of("expert", Arc::new(TrainedPolicy::load(path)?)))
}

/// Which episodes a policy's data are.
fn data_plan(seed: u64, episodes: Range<u64>, n_threads: usize) -> Plan {
    Plan { seed: seed::child(seed, "selection", 0), episodes, n_threads }
}

/// Mean return of a policy's data.
fn data_return(
    pool: &mut EnvPool,
    policy: Behavior,
    plan: &Plan,
    observer: &dyn Observer,
) -> Result<f64, EnvError> {
    let behavior = Behavior { exploration: Exploration::PAPER, ..policy };
    let episodes = pool.rollout(&behavior, plan, &|_| goes_on(observer))?;
    let spec = pool.spec();
    Ok(describe_outcome(episodes.view(), spec.reward, spec.success).paper_return_mean)
}

impl Selection {
    /// The policies that were chosen: their names and positions.
    pub fn chosen(&self) -> impl Iterator<Item = (&'static str, &Candidate)> {
        let strong = self.strong.map(|strong| (STRONG_V1, &self.candidates[strong]));
        std::iter::once((EXPERT_V1, &self.candidates[self.expert])).chain(strong)
    }

    /// All policies, as CSV.
    pub fn to_csv(&self) -> String {
        let mut text = "update,policy_return,data_return,data_episodes,chosen\n".to_owned();
        for candidate in &self.candidates {
            let chosen: Vec<_> = self
                .chosen()
                .filter(|(_, found)| *found == candidate)
                .map(|(name, _)| name)
                .collect();
            let Candidate { n_updates, policy_return, data_return, n_data_episodes, .. } =
                candidate;
            let _ = writeln!(
                text,
                "{n_updates},{policy_return:.3},{data_return:.3},{n_data_episodes},{}",
                chosen.join(" ")
            );
        }
        text
    }
}

/// Puts the chosen policies into the folder `assets`, with their entries in its index.
///
/// # Errors
///
/// If the run's metrics or the index cannot be read, or a file cannot be written.
pub fn save(
    selection: &Selection,
    run: &Run,
    folder: &RunFolder,
    command: &str,
    assets: &Path,
) -> Result<Vec<Expert>, SelectError> {
    let index_path = assets.join(INDEX_FILE);
    let unreadable =
        |path: &Path, reason: String| SelectError::Unreadable { path: path.to_owned(), reason };
    let mut index = match std::fs::read_to_string(&index_path) {
        Ok(text) => {
            parse_toml(&text).map_err(|error| unreadable(&index_path, error.to_string()))?
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Index::default(),
        Err(source) => return Err(SelectError::Read { path: index_path, source }),
    };
    let seed = run.config.seeds[0];
    let [metrics, _] = folder.logs(seed);
    let text = std::fs::read_to_string(&metrics)
        .map_err(|source| SelectError::Read { path: metrics.clone(), source })?;
    let log = MetricLog::from_csv(&text).map_err(|e| unreadable(&metrics, e.to_string()))?;
    let seconds = log.column("seconds");
    let task = run.task.spec;
    let mut saved = Vec::new();
    for (name, candidate) in selection.chosen() {
        let bytes = std::fs::read(&candidate.path)
            .map_err(|source| SelectError::Read { path: candidate.path.clone(), source })?;
        let file = format!("{}-{name}.safetensors", task.id);
        gcrl_file::write(&assets.join(&file), |out| out.write_all(&bytes))?;
        let until = seconds.iter().rev().find(|(update, _)| *update <= candidate.n_updates);
        let n_collected = run.config.online.as_ref().map_or(0, |online| {
            let n_cycles = candidate.n_updates.div_ceil(online.updates_per_cycle);
            online.n_random_episodes as u64 + n_cycles * online.episodes_per_cycle as u64
        });
        let round = |number: f64| (100.0 * number).round() / 100.0;
        saved.push(Expert {
            name: format!("{}/{name}", task.id),
            file,
            blake3: blake3::hash(&bytes).to_hex().to_string(),
            command: command.to_owned(),
            seed,
            n_updates: candidate.n_updates,
            n_episodes: n_collected,
            physics_version: task.physics_version,
            minutes: until.map_or(0.0, |(_, seconds)| round(seconds / 60.0)),
            machine: machine(),
            policy_return: round(candidate.policy_return),
            data_return: round(candidate.data_return),
            paper_data_return: selection.paper_data_return,
        });
    }
    index.expert.retain(|old| saved.iter().all(|new| new.name != old.name));
    index.expert.extend(saved.iter().cloned());
    index.expert.sort_by(|a, b| a.name.cmp(&b.name));
    let text = toml::to_string(&index).expect("an index is plain values");
    gcrl_file::write(&index_path, |out| out.write_all(text.as_bytes()))?;
    Ok(saved)
}

/// The processor, where the system names it.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let name = name.map_or("unknown processor", |name| name.trim_start_matches(['\t', ' ', ':']));
    let n_cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{name}, {n_cores} cores")
}
