//! The folder of a run.
//!
//! ```text
//! RUN/config.toml                        every setting, resolved
//! RUN/data.json                          online runs have none: where the data set is, and its BLAKE3
//! RUN/checkpoints/seed-K.safetensors     what continues the run (a GPU keeps all seeds in one file)
//! RUN/policies/seed-K.safetensors        the policy as of the last checkpoint, at the end the final one
//! RUN/policies/seed-K-at-N.safetensors   policies after N updates, where they are kept along the way
//! RUN/metrics/seed-K.csv                 losses and evaluations over updates, appended to
//! RUN/tensorboard/seed-K/                the same, for TensorBoard
//! RUN/plots/                             learning curves
//! RUN/costs.json                         seconds of processors a seed, over all its sessions
//! RUN/results.json                       final evaluations: where it is, the run is complete
//! ```

use crate::folder_error::FolderError;
use crate::pace::Pace;
use crate::provenance::{self, Difference};
use crate::results::{RunResult, TrainedSeed};
use crate::run::Run;
use gcrl_data::Dataset;
use gcrl_eval::MetricLog;
use gcrl_eval::outcome::Cost;
use gcrl_file::{OutputFolder, parse_toml};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The folder of a run, held by this program alone.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// Locked until it is dropped.
    _lock: File,
}

/// What an offline run learned from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataRecord {
    /// The data set's folder, absolute.
    pub(crate) path: PathBuf,
    /// BLAKE3 of all its columns.
    pub(crate) blake3: String,
}

impl RunFolder {
    /// The file of the results.
    pub(crate) const RESULTS: &'static str = "results.json";
    const CONFIG: &'static str = "config.toml";
    const DATA: &'static str = "data.json";
    pub(crate) const COSTS: &'static str = "costs.json";
    pub(crate) const LOCK: &'static str = ".lock";
    /// The folder of what continues the run.
    pub(crate) const CHECKPOINTS: &'static str = "checkpoints";

    /// Starts a run in a new or empty folder.
    ///
    /// # Errors
    ///
    /// If the folder holds anything, or cannot be made, written or locked.
    pub fn create(path: &Path, run: &Run) -> Result<Self, FolderError> {
        if Self::is_run(path) {
            return Err(FolderError::RunExists { path: path.to_owned() });
        }
        // A run that could not begin, for want of space or because it was killed, leaves these behind. What
        // makes it one is written last.
        let begun = [Self::LOCK, Self::DATA, Self::CONFIG];
        OutputFolder::claim_despite(path, &begun)?.create()?;
        let folder = Self::lock(path)?;
        if let Some(dataset) = &run.dataset {
            folder.write_data(&DataRecord::of(dataset))?;
        }
        folder.write_config(run)?;
        Ok(folder)
    }

    /// The folder of this run, whether it was begun or not; one that was begun may become longer, and be
    /// evaluated over more episodes or fewer.
    ///
    /// # Errors
    ///
    /// If a run of other settings or another data set is there, or the folder cannot be used.
    pub fn open_or_create(path: &Path, run: &Run) -> Result<Self, FolderError> {
        if !Self::is_run(path) {
            match Self::create(path, run) {
                // Another program began it meanwhile.
                Err(_) if Self::is_run(path) => {}
                created => return created,
            }
        }
        Self::check(path, run)?;
        let folder = Self::lock(path)?;
        if let Some(record) = run.dataset.as_deref().map(DataRecord::of)
            && folder.data()?.as_ref() != Some(&record)
        {
            folder.write_data(&record)?;
        }
        folder.begin_again(run)?;
        Ok(folder)
    }

    /// Checks that no run of other settings or on another data set is at `path`, unless it is shorter or
    /// evaluated otherwise; where the data set is does not count.
    ///
    /// # Errors
    ///
    /// If one is, or its files cannot be read.
    pub(crate) fn check(path: &Path, run: &Run) -> Result<(), FolderError> {
        if !Self::is_run(path) {
            return Ok(());
        }
        let file = path.join(Self::CONFIG);
        let unreadable = |reason| FolderError::Unreadable { path: file.clone(), reason };
        let text = std::fs::read_to_string(&file).map_err(|error| unreadable(error.to_string()))?;
        let saved: toml::Table =
            parse_toml(&text).map_err(|error| unreadable(error.to_string()))?;
        let train = saved.get("train").and_then(|train| train.get("n_updates"));
        let before = train.and_then(toml::Value::as_integer).and_then(|n| u64::try_from(n).ok());
        let config = &run.config;
        let may_change = provenance::may_change(before.unwrap_or(u64::MAX), config.train.n_updates);
        let ignored = [&["dataset"], may_change].concat();
        let of_settings = provenance::table_difference("", &saved, &config.to_table(), &ignored);
        let of_data = || -> Result<_, FolderError> {
            let now = run.dataset.as_deref().map(Dataset::blake3);
            let saved: Option<DataRecord> = read_json(&path.join(Self::DATA))?;
            Ok(Difference::between("dataset", saved.map(|saved| saved.blake3), now))
        };
        match of_settings.map_or_else(of_data, |difference| Ok(Some(difference)))? {
            None => Ok(()),
            Some(difference) => Err(FolderError::OtherRun { difference, path: path.to_owned() }),
        }
    }

    /// The results of the run at `path`, if it is complete and they are sealed.
    ///
    /// # Errors
    ///
    /// If they cannot be read, or were changed after they were written.
    pub(crate) fn finished(path: &Path) -> Result<Option<RunResult>, FolderError> {
        let file = path.join(Self::RESULTS);
        let results: Option<RunResult> = read_json(&file)?;
        match results {
            Some(results) if results.seal.is_empty() => Ok(None),
            Some(results) if !results.is_sealed() => Err(FolderError::Edited { path: file }),
            results => Ok(results),
        }
    }

    /// Whether a run was started in the folder.
    pub fn is_run(path: &Path) -> bool {
        path.join(Self::CONFIG).exists()
    }

    /// Holds the folder of a run that was started before.
    pub(crate) fn lock(path: &Path) -> Result<Self, FolderError> {
        let failed = |source| FolderError::Lock { path: path.to_owned(), source };
        let lock = File::create(path.join(Self::LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(FolderError::Busy { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the policy of a seed is.
    pub fn policy(&self, seed: u64) -> PathBuf {
        Self::policy_in(&self.path, seed)
    }

    /// Where the policy of a seed of the run at `path` is.
    pub(crate) fn policy_in(path: &Path, seed: u64) -> PathBuf {
        path.join(format!("policies/seed-{seed}.safetensors"))
    }

    /// Where the policy of a seed as it was after `n_updates` updates is, if it was kept.
    pub fn kept_policy(&self, seed: u64, n_updates: u64) -> PathBuf {
        self.path.join(format!("policies/seed-{seed}-at-{n_updates}.safetensors"))
    }

    /// Where the checkpoint of a group of seeds is.
    pub(crate) fn checkpoint(&self, seeds: &[u64]) -> PathBuf {
        self.path.join(match seeds {
            [seed] => format!("checkpoints/seed-{seed}.safetensors"),
            _ => "checkpoints/all-seeds.safetensors".to_owned(),
        })
    }

    /// Where the metrics of a seed are, as CSV and for TensorBoard.
    pub(crate) fn logs(&self, seed: u64) -> [PathBuf; 2] {
        [csv_name(seed), format!("tensorboard/seed-{seed}/events.out.tfevents.gcrl")]
            .map(|name| self.path.join(name))
    }

    /// The file of the settings of the run in `folder`, and what it holds.
    pub(crate) fn config_text(folder: &Path) -> Result<(PathBuf, String), FolderError> {
        let path = folder.join(Self::CONFIG);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok((path, text)),
            Err(source) => Err(FolderError::NoRun { path, source }),
        }
    }

    /// Writes the settings of a run that was begun. Results of fewer updates are removed: the policies that
    /// they are of will be replaced.
    pub(crate) fn begin_again(&self, run: &Run) -> Result<(), FolderError> {
        let is_other = |results: &RunResult| results.n_updates != run.config.train.n_updates;
        if self.results()?.as_ref().is_some_and(is_other) {
            let path = self.path.join(Self::RESULTS);
            let failed = |source| FolderError::Remove { path: path.clone(), source };
            std::fs::remove_file(&path).map_err(failed)?;
        }
        self.write_config(run)
    }

    /// Writes the run's settings.
    fn write_config(&self, run: &Run) -> Result<(), FolderError> {
        self.write(Self::CONFIG, run.config.to_text().as_bytes())
    }

    /// What the run learns from, where that was written.
    pub(crate) fn data(&self) -> Result<Option<DataRecord>, FolderError> {
        read_json(&self.path.join(Self::DATA))
    }

    /// Says where the data set is now.
    pub(crate) fn write_data(&self, record: &DataRecord) -> Result<(), FolderError> {
        let text = serde_json::to_string_pretty(record).expect("paths and hashes are text");
        self.write(Self::DATA, text.as_bytes())
    }

    /// The results, where the run is complete.
    ///
    /// # Errors
    ///
    /// If the file is there and cannot be read.
    pub fn results(&self) -> Result<Option<RunResult>, FolderError> {
        read_json(&self.path.join(Self::RESULTS))
    }

    /// Writes a file of the folder, whole or not at all.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<(), FolderError> {
        Ok(gcrl_file::write(&self.path.join(name), |file| file.write_all(content))?)
    }

    /// Writes what each seed has taken.
    pub(crate) fn write_costs(&self, seeds: &[TrainedSeed]) -> Result<(), FolderError> {
        let costs: BTreeMap<u64, Cost> =
            seeds.iter().filter_map(|seed| Some((seed.result.seed, seed.cost?))).collect();
        let text = serde_json::to_string_pretty(&costs).expect("costs are finite numbers");
        self.write(Self::COSTS, text.as_bytes())
    }

    /// What each seed of the run at `path` has taken, where that was written.
    pub(crate) fn costs(path: &Path) -> Result<BTreeMap<u64, Cost>, FolderError> {
        Ok(read_json(&path.join(Self::COSTS))?.unwrap_or_default())
    }

    /// The metrics of a seed of the run at `path`.
    pub(crate) fn metrics(path: &Path, seed: u64) -> Result<MetricLog, FolderError> {
        let path = path.join(csv_name(seed));
        let unreadable = |reason| FolderError::Unreadable { path: path.clone(), reason };
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(error.to_string()))?;
        MetricLog::from_csv(&text).map_err(|error| unreadable(error.to_string()))
    }

    /// Removes what a killed program was writing: temporaries of files of this run, and nothing else.
    pub(crate) fn remove_abandoned(&self, run: &Run, pace: Pace) {
        let seeds = &run.config.seeds;
        let own = [
            Self::CONFIG,
            Self::DATA,
            Self::RESULTS,
            Self::COSTS,
            "plots/return.svg",
            "plots/return.png",
        ];
        let mut files: Vec<_> = own.map(|name| self.path.join(name)).into();
        // Of the folder itself, unless it is one like `..`, which has no name.
        files.extend(self.path.file_name().map(|_| self.path.clone()));
        files.push(self.checkpoint(seeds));
        // There can be so many policies that it is looked whether there is anything to remove at all.
        let policies =
            std::fs::read_dir(self.path.join("policies")).into_iter().flatten().flatten();
        let is_abandoned = policies.map(|it| it.path()).any(|path| gcrl_file::is_temporary(&path));
        for &seed in seeds {
            files.extend([self.checkpoint(&[seed]), self.policy(seed)]);
            files.extend(self.logs(seed));
            if let Some(every) = pace.keep_every.filter(|_| is_abandoned) {
                let n_kept = run.config.train.n_updates / every;
                files.extend((1..=n_kept).map(|i| self.kept_policy(seed, i * every)));
            }
        }
        for file in &files {
            gcrl_file::remove_abandoned(file);
        }
    }
}

impl DataRecord {
    /// Describes a data set.
    pub(crate) fn of(dataset: &Dataset) -> Self {
        let path = dataset.path();
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self { path: absolute, blake3: dataset.blake3() }
    }
}

fn csv_name(seed: u64) -> String {
    format!("metrics/seed-{seed}.csv")
}

/// Reads a file of a run; `None` where there is none.
fn read_json<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<Option<T>, FolderError> {
    let unreadable = |reason| FolderError::Unreadable { path: path.to_owned(), reason };
    match std::fs::read_to_string(path) {
        Ok(text) => {
            serde_json::from_str(&text).map(Some).map_err(|error| unreadable(error.to_string()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(error.to_string())),
    }
}
