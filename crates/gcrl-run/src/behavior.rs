//! Who acts, by the words that users type: `random`, `expert`, or a policy's file.

use crate::experts;
use gcrl_core::{Behavior, Exploration, PolicyFile};
use gcrl_envs::TaskEntry;
use gcrl_policy::{ReadPolicyError, TaskMismatch, TrainedPolicy};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The word for uniformly random actions.
pub const RANDOM: &str = "random";

/// The word for the expert that comes with the program.
pub const EXPERT: &str = "expert";

/// A cause for a behavior not to be read.
#[derive(Debug, thiserror::Error)]
pub enum BehaviorError {
    /// Noise was asked for on random actions.
    #[error("noise is for policies; `random` acts at random already")]
    NoisyRandom,
    /// There is no expert of this task.
    #[error("no expert of `{task}` comes with this program")]
    NoExpert {
        /// The task's id.
        task: &'static str,
    },
    /// A policy of this hash does not come with the program.
    #[error("no policy of hash {blake3} comes with this program")]
    NoPolicy {
        /// BLAKE3 of the policy's file.
        blake3: String,
    },
    /// The policy's file cannot be read.
    #[error("cannot read policy: {path:?}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file holds no policy.
    #[error(transparent)]
    Policy {
        /// What is wrong.
        #[from]
        source: ReadPolicyError,
    },
    /// The policy is of another task.
    #[error("cannot use policy: {path:?}")]
    OtherTask {
        /// The file.
        path: PathBuf,
        /// What differs.
        source: TaskMismatch,
    },
}

/// Reads who acts in `task`.
///
/// # Errors
///
/// If noise is asked for on random actions, or there is no such policy, or it is of another task.
pub fn read(
    name: &str,
    exploration: Exploration,
    task: &TaskEntry,
) -> Result<Behavior, BehaviorError> {
    if name == RANDOM {
        return if exploration == Exploration::NONE {
            Ok(Behavior::random())
        } else {
            Err(BehaviorError::NoisyRandom)
        };
    }
    let path = Path::new(name);
    let bytes = policy_bytes(path, task)?;
    let policy = of_bytes(&bytes, path, task)?;
    let name = match policy.parts().training.notes.get("algorithm") {
        Some(algorithm) if name != EXPERT => algorithm.clone(),
        _ => path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
    };
    Ok(of_policy(name, policy, &bytes, exploration))
}

/// The expert that comes with the program and whose file has this hash.
///
/// # Errors
///
/// If there is none, or it is of another task.
pub(crate) fn expert_of_blake3(
    blake3: &str,
    exploration: Exploration,
    task: &TaskEntry,
) -> Result<Behavior, BehaviorError> {
    let missing = || BehaviorError::NoPolicy { blake3: blake3.to_owned() };
    let (expert, bytes) = experts::of_blake3(blake3).ok_or_else(missing)?;
    let policy = of_bytes(bytes, Path::new(&expert.file), task)?;
    Ok(of_policy(expert.name.clone(), policy, bytes, exploration))
}

/// A policy that was read from a file of these bytes, acting with noise.
fn of_policy(
    name: String,
    policy: TrainedPolicy,
    bytes: &[u8],
    exploration: Exploration,
) -> Behavior {
    let blake3 = blake3::hash(bytes).to_hex().to_string();
    let file = Some(PolicyFile { task: policy.parts().task.clone(), blake3 });
    Behavior { exploration, file, ..Behavior::of(name, Arc::new(policy)) }
}

/// What a policy's file holds; `expert` is the one that comes with the program.
///
/// # Errors
///
/// If there is none.
fn policy_bytes(name: &Path, task: &TaskEntry) -> Result<Cow<'static, [u8]>, BehaviorError> {
    if name == Path::new(EXPERT) {
        let expert = experts::of_task(task.spec.id).map(Cow::Borrowed);
        return expert.ok_or(BehaviorError::NoExpert { task: task.spec.id });
    }
    gcrl_file::read(name)
        .map(Cow::Owned)
        .map_err(|source| BehaviorError::Read { path: name.to_owned(), source })
}

/// Whether a policy of this name can act in `task`.
pub fn fits(name: &str, task: &TaskEntry) -> bool {
    read(name, Exploration::NONE, task).is_ok()
}

/// Reads a policy and checks that it is of the task.
fn of_bytes(bytes: &[u8], path: &Path, task: &TaskEntry) -> Result<TrainedPolicy, BehaviorError> {
    let policy = TrainedPolicy::from_bytes(bytes, path)?;
    policy
        .check_task(task.spec)
        .map_err(|source| BehaviorError::OtherTask { path: path.to_owned(), source })?;
    Ok(policy)
}
