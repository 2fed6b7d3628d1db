//! A policy as one safetensors file.
//!
//! | tensor | shape |
//! |---|---|
//! | `actor.{i}.weight` | `[n_inputs, n_outputs]` |
//! | `actor.{i}.bias` | `[n_outputs]` |
//! | `normalizer.{observation,goal}.{mean,std}` | `[dim]` |
//! | `self_test.{observation,desired_goal,action}` | `[n_rows, dim]` |
//!
//! All f32, little-endian. What is not a number stands as JSON in the entry `gcrl` of the header's
//! `__metadata__`: in one entry, since the library orders entries at random, and equal policies are to
//! give equal bytes.

use crate::mlp::{MlpPolicy, TaskMismatch};
use crate::parts::{InvalidPolicy, Layer, PolicyParts};
use crate::self_test::{self, SelfTest, WrongAnswer};
use crate::tensors::{TensorError, TensorMap, Tensors};
use gcrl_core::{Normalizer, Policy};
use gcrl_file::WriteError;
use safetensors::{Dtype, View};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};

/// Version of the file format that this program writes, and the newest that it reads.
pub const FORMAT_VERSION: u32 = 1;

const FORMAT: &str = "gcrl-policy";
const HEADER_KEY: &str = "gcrl";

/// A cause for a file not to give a policy.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error("cannot read policy: {path:?}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file's tensors are not those of a policy.
    #[error("not a policy: {path:?}")]
    Tensors {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: TensorError,
    },
    /// A safetensors file that another program wrote.
    #[error("safetensors file without the header of a policy: {path:?}")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The header is not that of a policy.
    #[error("header is not that of a policy: {path:?}")]
    Header {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A later version of this program wrote the file.
    #[error(
        "policy has format version {found}, where this program reads up to {expected}: {path:?}"
    )]
    Version {
        /// The file's version.
        found: u32,
        /// The newest version that is known here.
        expected: u32,
        /// The file.
        path: PathBuf,
    },
    /// Its numbers were changed after it was saved.
    #[error("policy does not match its checksum: {path:?}")]
    Checksum {
        /// The file.
        path: PathBuf,
    },
    /// The parts do not make a policy.
    #[error("policy is damaged: {path:?}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: InvalidPolicy,
    },
    /// A raw policy does not fit the task it is imported for.
    #[error("policy is not one for this task: {path:?}")]
    Task {
        /// The file.
        path: PathBuf,
        /// What differs.
        source: TaskMismatch,
    },
    /// The policy does not act as it did when it was saved.
    #[error("self-test row {row} gives action {found:?}, not {expected:?}: {path:?}")]
    SelfTest {
        /// The row, from 0.
        row: usize,
        /// The action here.
        found: Vec<f32>,
        /// The action in the file.
        expected: Vec<f32>,
        /// The file.
        path: PathBuf,
    },
}

/// What a file says beside its tensors.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    version: u32,
    /// Of the tensors' bytes, as they lie in the file, in hexadecimal.
    blake3: String,
    task: String,
    observation: Clips,
    goal: Clips,
    training: BTreeMap<String, String>,
}

/// The part of the header that every version has.
#[derive(Deserialize)]
struct Version {
    format: String,
    version: u32,
}

/// The limits of a normalizer.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clips {
    pub(crate) input_clip: f32,
    pub(crate) output_clip: f32,
}

impl Clips {
    fn of(normalizer: &Normalizer) -> Self {
        Self { input_clip: normalizer.input_clip, output_clip: normalizer.output_clip }
    }
}

impl MlpPolicy {
    /// Reads a policy and checks that it acts as it did when it was saved.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not a whole policy, has a newer version, holds numbers that make
    /// no policy, or fails its self-test.
    pub fn load(path: &Path) -> Result<Self, ReadError> {
        Self::from_bytes(&read(path)?, path)
    }

    /// Reads a policy from a file's bytes; messages call the file `path`.
    ///
    /// # Errors
    ///
    /// As [`Self::load`], but that the bytes are at hand.
    pub fn from_bytes(file: &[u8], path: &Path) -> Result<Self, ReadError> {
        let in_file = |source| ReadError::Tensors { path: path.to_owned(), source };
        let mut tensors = Tensors::new(file).map_err(in_file)?;
        let header = header(&tensors, path)?;
        let is_as_saved = blake3::hash(tensors.data()).to_hex().as_str() == header.blake3;
        let parts = PolicyParts {
            layers: take_layers(&mut tensors).map_err(in_file)?,
            observation: take_normalizer(&mut tensors, "observation", &header.observation)
                .map_err(in_file)?,
            goal: take_normalizer(&mut tensors, "goal", &header.goal).map_err(in_file)?,
            task: header.task,
            training: header.training,
        };
        let policy = Self::new(parts)
            .map_err(|source| ReadError::Invalid { path: path.to_owned(), source })?;
        let self_test = take_self_test(&mut tensors, &policy).map_err(in_file)?;
        tensors.finish().map_err(in_file)?;
        self_test.run(&policy).map_err(|WrongAnswer { row, found, expected }| {
            ReadError::SelfTest { row, found, expected, path: path.to_owned() }
        })?;
        // Last, for what is found before says more.
        if is_as_saved { Ok(policy) } else { Err(ReadError::Checksum { path: path.to_owned() }) }
    }

    /// Writes the policy; equal policies give equal bytes.
    ///
    /// # Errors
    ///
    /// If the file cannot be written; what stood at `path` before still does.
    pub fn save(&self, path: &Path) -> Result<(), WriteError> {
        let parts = self.parts();
        let tensors = tensors_of(self);
        let header = Header {
            format: FORMAT.to_owned(),
            version: FORMAT_VERSION,
            blake3: hash(&tensors),
            task: parts.task.clone(),
            observation: Clips::of(&parts.observation),
            goal: Clips::of(&parts.goal),
            training: parts.training.clone(),
        };
        let header = serde_json::to_string(&header).expect("strings and finite numbers are JSON");
        let bytes = serialize(&tensors, Some(header));
        gcrl_file::write(path, |file| file.write_all(&bytes))
    }
}

/// The library lays tensors of one type out in the order of their names.
fn hash(tensors: &TensorMap) -> String {
    let mut hasher = blake3::Hasher::new();
    for number in tensors.values().flat_map(|(_, numbers)| numbers) {
        hasher.update(&number.to_le_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ReadError> {
    std::fs::read(path).map_err(|source| ReadError::Open { path: path.to_owned(), source })
}

/// Takes the layers, as many as there are.
pub(crate) fn take_layers(tensors: &mut Tensors<'_>) -> Result<Vec<Layer>, TensorError> {
    let mut layers = Vec::new();
    loop {
        let (weight, bias) = (weight_name(layers.len()), bias_name(layers.len()));
        if !layers.is_empty() && !tensors.has(&weight) && !tensors.has(&bias) {
            return Ok(layers);
        }
        let ([n_inputs, n_outputs], weight) = tensors.take(&weight)?;
        let ([_], bias) = tensors.take(&bias)?;
        layers.push(Layer { n_inputs, n_outputs, weight, bias });
    }
}

fn weight_name(layer: usize) -> String {
    format!("actor.{layer}.weight")
}

fn bias_name(layer: usize) -> String {
    format!("actor.{layer}.bias")
}

/// Takes one of the normalizers; its clips stand elsewhere.
pub(crate) fn take_normalizer(
    tensors: &mut Tensors<'_>,
    name: &str,
    clips: &Clips,
) -> Result<Normalizer, TensorError> {
    let ([_], mean) = tensors.take(&format!("normalizer.{name}.mean"))?;
    let ([_], std) = tensors.take(&format!("normalizer.{name}.std"))?;
    let Clips { input_clip, output_clip } = *clips;
    Ok(Normalizer { mean, std, input_clip, output_clip })
}

fn take_self_test(tensors: &mut Tensors<'_>, policy: &MlpPolicy) -> Result<SelfTest, TensorError> {
    let mut take = |name: &str, dim| {
        let (found, values) = tensors.take(name)?;
        let expected = [self_test::N_ROWS, dim];
        if found == expected {
            return Ok(values);
        }
        let (name, found) = (name.to_owned(), found.to_vec());
        Err(TensorError::Shape { name, found, expected: expected.to_vec() })
    };
    Ok(SelfTest {
        observation: take("self_test.observation", policy.observation_dim())?,
        desired_goal: take("self_test.desired_goal", policy.goal_dim())?,
        action: take("self_test.action", policy.action_dim())?,
    })
}

fn header(tensors: &Tensors<'_>, path: &Path) -> Result<Header, ReadError> {
    let Some(text) = tensors.text(HEADER_KEY) else {
        return Err(ReadError::Foreign { path: path.to_owned() });
    };
    let malformed = |source| ReadError::Header { path: path.to_owned(), source };
    let Version { format, version } = serde_json::from_str(text).map_err(malformed)?;
    if format != FORMAT {
        return Err(ReadError::Foreign { path: path.to_owned() });
    }
    if FORMAT_VERSION < version {
        let (found, expected) = (version, FORMAT_VERSION);
        return Err(ReadError::Version { found, expected, path: path.to_owned() });
    }
    serde_json::from_str(text).map_err(malformed)
}

fn tensors_of(policy: &MlpPolicy) -> TensorMap {
    let parts = policy.parts();
    let mut tensors = TensorMap::new();
    for (layer_idx, layer) in parts.layers.iter().enumerate() {
        let shape = vec![layer.n_inputs, layer.n_outputs];
        tensors.insert(weight_name(layer_idx), (shape, layer.weight.clone()));
        let shape = vec![layer.n_outputs];
        tensors.insert(bias_name(layer_idx), (shape, layer.bias.clone()));
    }
    for (name, normalizer) in [("observation", &parts.observation), ("goal", &parts.goal)] {
        for (part, values) in [("mean", &normalizer.mean), ("std", &normalizer.std)] {
            let shape = vec![values.len()];
            tensors.insert(format!("normalizer.{name}.{part}"), (shape, values.clone()));
        }
    }
    let SelfTest { observation, desired_goal, action } = SelfTest::of(policy);
    for (name, values, dim) in [
        ("observation", observation, policy.observation_dim()),
        ("desired_goal", desired_goal, policy.goal_dim()),
        ("action", action, policy.action_dim()),
    ] {
        tensors.insert(format!("self_test.{name}"), (vec![values.len() / dim, dim], values));
    }
    tensors
}

/// The bytes of a safetensors file with `header` under `HEADER_KEY`.
pub(crate) fn serialize(tensors: &TensorMap, header: Option<String>) -> Vec<u8> {
    let text = header.map(|header| HashMap::from([(HEADER_KEY.to_owned(), header)]));
    let tensors = tensors.iter().map(|(name, (shape, values))| (name, F32s { shape, values }));
    safetensors::serialize(tensors, text).expect("shapes fit their numbers")
}

/// Numbers on their way into a file.
struct F32s<'a> {
    shape: &'a [usize],
    values: &'a [f32],
}

impl View for F32s<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        self.values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    fn data_len(&self) -> usize {
        size_of_val(self.values)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::mlp::tests::random_policy;

    /// Writes `bytes` to a file and reads it as a policy.
    fn load(bytes: &[u8]) -> Result<MlpPolicy, ReadError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        MlpPolicy::load(file.path())
    }

    /// The file of `random_policy`, after `spoil` had its way with what goes into it.
    fn spoiled(spoil: fn(&mut TensorMap, &mut serde_json::Value)) -> Vec<u8> {
        let mut tensors = tensors_of(&random_policy());
        let header = Tensors::new(&saved()).unwrap().text(HEADER_KEY).unwrap().to_owned();
        let mut header = serde_json::from_str(&header).unwrap();
        spoil(&mut tensors, &mut header);
        serialize(&tensors, Some(header.to_string()))
    }

    fn saved() -> Vec<u8> {
        let file = tempfile::NamedTempFile::new().unwrap();
        random_policy().save(file.path()).unwrap();
        std::fs::read(file.path()).unwrap()
    }

    /// The whole chain of causes, as the command line prints it, without the file's name.
    pub(crate) fn chain(error: &dyn std::error::Error) -> String {
        let outer = error.to_string();
        let outer = outer.split(": \"").next().unwrap().to_owned();
        match error.source() {
            None => outer,
            Some(source) => format!("{outer}: {}", chain(source)),
        }
    }

    fn refusal(bytes: &[u8]) -> String {
        chain(&load(bytes).unwrap_err())
    }

    #[test]
    fn saving_then_loading_is_the_identity() {
        assert_eq!(load(&saved()).unwrap().parts(), random_policy().parts());
    }

    #[test]
    fn equal_policies_give_equal_bytes() {
        assert!(saved() == saved());
    }

    #[test]
    fn what_is_not_a_whole_safetensors_file_is_refused() {
        let whole = saved();
        let prefix = "not a policy: not a whole safetensors file: ";
        for (bytes, cause) in [
            (&b""[..], "header too small"),
            (&whole[..7], "header too small"),
            (&whole[..100], "invalid header length"),
            (&whole[..whole.len() - 1], "incomplete metadata, file not fully covered"),
            (&[0xff; 64], "header too large"),
        ] {
            assert_eq!(refusal(bytes), format!("{prefix}{cause}"));
        }
        let mut garbage = whole;
        garbage[8..40].fill(b'?');
        assert!(refusal(&garbage).starts_with(prefix));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = MlpPolicy::load(Path::new("no/such.safetensors")).unwrap_err();
        assert_eq!(error.to_string(), "cannot read policy: \"no/such.safetensors\"");
    }

    #[test]
    fn foreign_and_newer_files_are_refused() {
        let foreign = serialize(&tensors_of(&random_policy()), None);
        assert_eq!(refusal(&foreign), "safetensors file without the header of a policy");
        let other = spoiled(|_, header| header["format"] = "other".into());
        assert_eq!(refusal(&other), "safetensors file without the header of a policy");
        let newer = spoiled(|_, header| {
            header["version"] = 2.into();
            header["new_idea"] = true.into();
        });
        assert_eq!(
            refusal(&newer),
            "policy has format version 2, where this program reads up to 1"
        );
        let incomplete = spoiled(|_, header| drop(header.as_object_mut().unwrap().remove("task")));
        assert!(refusal(&incomplete).contains("missing field `task`"));
    }

    #[test]
    fn damaged_tensors_are_refused() {
        let nan = spoiled(|tensors, _| tensors.get_mut("actor.0.weight").unwrap().1[3] = f32::NAN);
        assert_eq!(
            refusal(&nan),
            "policy is damaged: number 3 of `actor.0.weight` is NaN, not finite"
        );
        let missing = spoiled(|tensors, _| drop(tensors.remove("normalizer.goal.std")));
        assert_eq!(refusal(&missing), "not a policy: tensor `normalizer.goal.std` is missing");
        let unknown = spoiled(|tensors, _| drop(tensors.insert("x".into(), (vec![0], vec![]))));
        assert_eq!(refusal(&unknown), "not a policy: unknown tensor `x`");
        let gap = spoiled(|tensors, _| drop(tensors.remove("actor.1.weight")));
        assert_eq!(refusal(&gap), "not a policy: tensor `actor.1.weight` is missing");
    }

    #[test]
    fn a_change_too_small_to_be_felt_is_refused() {
        let mut bytes = saved();
        // The lowest bit of the last number: a standard deviation or an action of the self-test.
        let last = bytes.len() - 4;
        bytes[last] ^= 1;
        assert_eq!(refusal(&bytes), "policy does not match its checksum");
    }

    #[test]
    fn a_policy_that_acts_otherwise_than_when_saved_is_refused() {
        let changed = spoiled(|tensors, _| tensors.get_mut("actor.2.bias").unwrap().1[0] += 0.1);
        assert!(refusal(&changed).starts_with("self-test row 0 gives action ["));
        let reshaped = spoiled(|tensors, _| {
            tensors.insert("self_test.action".into(), (vec![7, 2], vec![0.0; 14]));
        });
        assert_eq!(
            refusal(&reshaped),
            "not a policy: tensor `self_test.action` has shape [7, 2], not [8, 2]"
        );
    }
}
