//! Causes for training to end early.

use crate::engine;
use crate::folder_error::FolderError;
use crate::provenance::Difference;
use gcrl_core::EnvError;
use gcrl_data::ReplayError;
use gcrl_eval::log_files::LogError;
use gcrl_file::WriteError;
use gcrl_learn::CheckpointError;
use gcrl_learn::trainer::RestoreError;
use gcrl_nn::EngineError;
use gcrl_policy::InvalidPolicy;
use std::path::PathBuf;

/// A cause for training to end early; what checkpoints hold is not lost.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The observer asked to stop; checkpoints were written.
    #[error("stopped before the last update")]
    Stopped,
    /// An engine failed, or is not to be had.
    #[error(transparent)]
    MakeEngine {
        /// What happened.
        #[from]
        source: engine::MakeEngineError,
    },
    /// An engine failed.
    #[error(transparent)]
    Engine {
        /// What happened.
        #[from]
        source: EngineError,
    },
    /// An environment failed.
    #[error(transparent)]
    Env {
        /// What happened.
        source: EnvError,
    },
    /// A network holds numbers that are not finite.
    #[error("training diverged after {n_updates} updates of seed {seed}")]
    Diverged {
        /// The seed.
        seed: u64,
        /// Updates made.
        n_updates: u64,
        /// Where the numbers are.
        source: InvalidPolicy,
    },
    /// A checkpoint cannot be read.
    #[error(transparent)]
    Checkpoint {
        /// Why.
        #[from]
        source: CheckpointError,
    },
    /// A checkpoint is of another run.
    #[error("checkpoint is of another run, {difference}: {path:?}")]
    OtherRun {
        /// The first thing that differs.
        difference: Difference,
        /// The checkpoint.
        path: PathBuf,
    },
    /// A checkpoint is of all seeds of a run, which train together on a GPU, where they would now train alone
    /// on a CPU; or the other way around.
    #[error("checkpoint is of training on the other kind of device, GPU or CPU: {path:?}")]
    OtherGrouping {
        /// The checkpoint.
        path: PathBuf,
    },
    /// A checkpoint does not fit the networks or the data.
    #[error("cannot resume from {path:?}")]
    Restore {
        /// The checkpoint.
        path: PathBuf,
        /// What does not fit.
        source: RestoreError,
    },
    /// There is not enough memory for the replay buffer.
    #[error(transparent)]
    Replay {
        /// How much it would take.
        #[from]
        source: ReplayError,
    },
    /// The episodes of a checkpoint do not fit the replay buffer.
    #[error("cannot resume from {path:?}")]
    RestoreReplay {
        /// The checkpoint.
        path: PathBuf,
        /// What does not fit.
        source: ReplayError,
    },
    /// A checkpoint cannot be written.
    #[error(transparent)]
    WriteCheckpoint {
        /// Why.
        source: WriteError,
    },
    /// Metrics cannot be logged.
    #[error(transparent)]
    Log {
        /// Why.
        #[from]
        source: LogError,
    },
    /// The run's folder cannot be read or written.
    #[error(transparent)]
    Folder {
        /// Why.
        #[from]
        source: FolderError,
    },
}

impl From<EnvError> for TrainError {
    fn from(error: EnvError) -> Self {
        match error {
            EnvError::Stopped => Self::Stopped,
            source => Self::Env { source },
        }
    }
}
