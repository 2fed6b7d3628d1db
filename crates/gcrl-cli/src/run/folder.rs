//! The folder of a run.
//!
//! ```text
//! RUN/config.toml                        every setting, resolved
//! RUN/checkpoints/seed-K.safetensors     what continues the run (a GPU keeps all seeds in one)
//! RUN/policies/seed-K.safetensors        the policy as of the last checkpoint, at the end the final one
//! RUN/metrics/seed-K.csv                 losses and evaluations over updates
//! RUN/tensorboard/seed-K/                the same, for TensorBoard
//! RUN/results.json                       final evaluations
//! RUN/plots/                             learning curves
//! ```

use crate::failure::Hint;
use anyhow::{Context, bail};
use gcrl_learn::RunConfig;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// The folder of a run, held by this program alone.
pub(crate) struct RunFolder {
    path: PathBuf,
    /// Locked until it is dropped.
    _lock: File,
}

impl RunFolder {
    /// Starts a run in a new or empty folder.
    pub(crate) fn create(path: &Path, config: &RunConfig) -> anyhow::Result<Self> {
        if path.join("config.toml").exists() {
            let command = format!("gcrl train --resume {}", path.display());
            return Err(anyhow::anyhow!("a run is already there: {path:?}"))
                .hint(format!("`{command}` continues it; `--out` names another folder"));
        }
        // A run that could not begin, for want of space, leaves its lock behind.
        let is_lock = |name: &std::ffi::OsStr| name == ".lock";
        let is_used = std::fs::read_dir(path).is_ok_and(|mut entries| {
            entries.any(|entry| !entry.is_ok_and(|entry| is_lock(&entry.file_name())))
        });
        if is_used {
            return Err(anyhow::anyhow!("folder is not empty: {path:?}"))
                .hint("name a new folder with `--out`");
        }
        std::fs::create_dir_all(path)
            .with_context(|| format!("cannot create folder: {path:?}"))
            .hint("name a folder that you may write with `--out`")?;
        let folder = Self::lock(path)?;
        folder
            .write("config.toml", config.to_text().as_bytes())
            .hint("free some space, or name another folder with `--out`")?;
        Ok(folder)
    }

    /// Opens the folder of a run that was started before.
    pub(crate) fn open(path: &Path) -> anyhow::Result<(Self, RunConfig)> {
        let file = path.join("config.toml");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("no run to resume: {path:?}"))
            .hint("name the folder that `gcrl train --out` was given")?;
        let config = RunConfig::from_text(&text, gcrl_learn::find)
            .with_context(|| format!("cannot read the run's settings: {file:?}"))
            .hint("undo what changed this file, or start a new run with `--out`")?;
        let folder = Self::lock(path)?;
        sweep(path);
        Ok((folder, config))
    }

    fn lock(path: &Path) -> anyhow::Result<Self> {
        let lock = File::create(path.join(".lock"))
            .with_context(|| format!("cannot write into folder: {path:?}"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("another program is training in this folder: {path:?}")
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock folder: {path:?}"))
            }
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the checkpoint of a population is.
    pub(crate) fn checkpoint(&self, seeds: &[u64]) -> PathBuf {
        let names: Vec<_> = seeds.iter().map(u64::to_string).collect();
        self.path.join(format!("checkpoints/seed-{}.safetensors", names.join("-")))
    }

    /// Where the policy of a seed is.
    pub(crate) fn policy(&self, seed: u64) -> PathBuf {
        self.path.join(format!("policies/seed-{seed}.safetensors"))
    }

    /// Writes a file of the folder, whole or not at all.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> anyhow::Result<()> {
        gcrl_file::write(&self.path.join(name), |file| file.write_all(content))?;
        Ok(())
    }
}

/// Removes what a killed program was writing. What cannot be removed does no harm.
fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sweep(&path);
        } else if gcrl_file::is_temporary(&path) {
            let _ = std::fs::remove_file(&path);
        }
    }
}
