//! Policies of Stable-Baselines3: the actor of a model that was saved by `model.save`.
//!
//! The archive holds `data`, JSON that describes the model, and `policy.pth`, the weights (`torch`). Models of
//! off-policy algorithms (SAC, TD3, DDPG) and of PPO and A2C with a `MultiInputPolicy` are read; what the
//! deterministic policy is follows from the names of its weights:
//!
//! | weights | policy |
//! |---|---|
//! | `actor.mu.0`, `actor.mu.2`, … (TD3, DDPG) | `tanh` behind the last layer |
//! | `actor.latent_pi.0`, …, `actor.mu` (SAC) | `tanh` of the mean |
//! | `mlp_extractor.policy_net.0`, …, `action_net` (PPO, A2C) | the mean, limited to [-1, 1] |
//!
//! Inputs are the parts of the observation in the order of the model's space, unscaled and unlimited.
//! Statistics of `VecNormalize` are saved in a file of their own, and not read.
//!
//! Nothing of the file is executed: Python objects in `data` are passed over, and of pickles, only what a state
//! dictionary needs is understood (`pickle`).
//!
//! Source: Stable-Baselines3 2.9.2, `common/base_class.py`, `common/torch_layers.py`, `sac/policies.py`,
//! `td3/policies.py`, `common/policies.py`.

mod actor;
mod data;
mod pickle;
mod torch;

use super::columns::{InputError, Piece, in_order};
use actor::Actor;
use data::Data;
use gcrl_core::TaskSpec;
use gcrl_policy::{InvalidPolicy, Network, PolicyKind, PolicyParts, TrainedPolicy, TrainingRecord};
use std::io::{self, Cursor, Read};
use torch::StateDict;
use zip::ZipArchive;
use zip::result::ZipError;

/// The file with the weights.
pub(super) const WEIGHTS: &str = "policy.pth";

/// How many times its own size an archive may hold: weights hardly shrink.
const MAX_EXPANSION: u64 = 16;

/// Bytes that any archive may hold.
const SMALL: u64 = 1 << 20;

/// A cause for a model not to be used.
#[derive(Debug, thiserror::Error)]
pub enum Sb3Error {
    /// The archive is damaged.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The network makes no policy.
    #[error(transparent)]
    Invalid(#[from] InvalidPolicy),
    /// A file of the archive is missing.
    #[error("archive has no `{name}`")]
    Missing {
        /// Its name.
        name: String,
    },
    /// The archive unpacks to far more than its size.
    #[error("`{name}` unpacks to more than {MAX_EXPANSION} times the archive's size")]
    Expands {
        /// Its name.
        name: String,
    },
    /// The description is none.
    #[error("`data` does not describe a model")]
    Data(#[from] serde_json::Error),
    /// Something about the model is not possible here.
    #[error("{0}")]
    Model(String),
    /// The weights' pickle holds something else than tensors.
    #[error("`{file}` is not a dictionary of tensors: {what}")]
    Pickle {
        /// The file.
        file: String,
        /// What is the matter, with its place.
        what: String,
    },
    /// A tensor cannot be used.
    #[error("tensor `{name}` {what}")]
    Tensor {
        /// Its name.
        name: String,
        /// What is the matter with it.
        what: String,
    },
    /// The network's inputs cannot be put in order.
    #[error(transparent)]
    Inputs(#[from] InputError),
}

/// An archive in memory.
type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// The names in an archive.
pub(super) fn names(file: &[u8]) -> io::Result<Vec<String>> {
    let archive = open(file)?;
    Ok(archive.file_names().flatten().map(std::borrow::Cow::into_owned).collect())
}

fn open(file: &[u8]) -> io::Result<Archive<'_>> {
    ZipArchive::new(Cursor::new(file)).map_err(plain)
}

/// A file of the archive, which as a whole has `archive_len` bytes.
fn member(archive: &mut Archive<'_>, archive_len: usize, name: &str) -> Result<Vec<u8>, Sb3Error> {
    let file = match archive.by_name(name) {
        Err(ZipError::FileNotFound) => {
            return Err(Sb3Error::Missing { name: name.to_owned() });
        }
        file => file.map_err(plain)?,
    };
    let limit = SMALL + MAX_EXPANSION * archive_len as u64;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if limit < bytes.len() as u64 {
        return Err(Sb3Error::Expands { name: name.to_owned() });
    }
    Ok(bytes)
}

/// An error of the archive's format as one of reading.
fn plain(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidData, other.to_string()),
    }
}

/// The names of the tensors that a pickle of weights holds, for harnesses that look for a fault in its reader:
/// damage to an archive ends at the archive's checksums.
///
/// # Errors
///
/// If it holds something else than tensors.
pub fn tensor_names(pickle: &[u8]) -> Result<Vec<String>, Sb3Error> {
    let refused = |what: pickle::PickleError| Sb3Error::Pickle {
        file: "data.pkl".to_owned(),
        what: what.to_string(),
    };
    Ok(pickle::tensors(pickle).map_err(refused)?.into_keys().collect())
}

/// Reads a model's actor for `task`.
pub(super) fn read(file: &[u8], task: &TaskSpec) -> Result<TrainedPolicy, Sb3Error> {
    let mut archive = open(file)?;
    let data = Data::parse(&member(&mut archive, file.len(), "data")?)?;
    let spaces = data.spaces(task)?;
    let weights = member(&mut archive, file.len(), WEIGHTS)?;
    let actor = Actor::take(&mut StateDict::open(&weights, WEIGHTS)?, &data)?;
    let version = member(&mut archive, file.len(), "_stable_baselines3_version");
    let version = version.ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let pieces: Vec<_> = spaces.iter().map(|&role| Piece::plain(role, role.dim(task))).collect();
    let Actor { mut layers, hidden, output } = actor;
    let first =
        layers.first_mut().ok_or_else(|| Sb3Error::Model("actor has no layer".to_owned()))?;
    let ordered = in_order(&pieces, first, task)?;
    *first = ordered.layer;
    let mut notes = data.notes();
    let source = format!("Stable-Baselines3 {}", version.trim());
    notes.insert("imported_from".to_owned(), source.trim().to_owned());
    let parts = PolicyParts {
        task: task.id.to_owned(),
        kind: PolicyKind::Mlp(Network { layers, hidden, output }),
        observation: ordered.observation,
        goal: ordered.goal,
        training: TrainingRecord { dataset_blake3: None, notes },
    };
    Ok(TrainedPolicy::new(parts)?)
}
