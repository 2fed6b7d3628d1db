//! All that continues a population to the same bits, as one file.
//!
//! A safetensors file. Its one header entry, `state`, is JSON: the format's name and version, a BLAKE3,
//! updates made, a count of Adam steps per network, and the note: whatever text the caller keeps with
//! it. Tensors of member `m`:
//!
//! | tensor | type |
//! |---|---|
//! | `member.m.NETWORK.{parameters,first_moment,second_moment}` | f32; no moments before the first step |
//! | `member.m.normalizer.{observation,goal}.{sum,sum_of_squares}` | f64 |
//! | `member.m.state.NAME` | f32; what the algorithm keeps beside its networks |
//! | `member.m.recent_losses` | f64 |
//! | `member.m.rates` | f32; learning rate and tau of a member that does not learn at the run's |
//! | `replay.{observation,achieved_goal,action,desired_goal}` | f32; online only |
//!
//! Random streams are not stored: they are functions of seed and update ([`gcrl_core::seed`]).
//!

use crate::algorithm::MemberState;
use crate::checkpoint_error::CheckpointError;
use crate::checkpoint_header::{
    FORMAT, MemberHeader, OLDEST_VERSION, ReplayHeader, State, Tensor, VERSION, checksum,
};
use crate::normalizer::{RunningNormalizer, Sums};
use crate::settings::Rates;
use gcrl_core::{EpisodeShape, Episodes, Normalizer};
use gcrl_nn::NetworkState;
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// A population between two updates.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Updates made.
    pub n_updates: u64,
    /// Updates since losses were last logged.
    pub n_recent: u64,
    /// Its members.
    pub members: Vec<MemberCheckpoint>,
    /// Online: the replay buffer, and how many episodes were ever written to it.
    pub replay: Option<(Episodes, u64)>,
    /// Text that the caller keeps with it, such as the metrics so far.
    pub note: String,
}

/// One member between two updates.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberCheckpoint {
    /// Its seed.
    pub seed: u64,
    /// How fast it learns, where that is not as fast as the run's settings say.
    pub rates: Option<Rates>,
    /// Its networks by name.
    pub networks: BTreeMap<String, NetworkState>,
    /// How it scales inputs.
    pub normalizer: RunningNormalizer,
    /// What its algorithm keeps beside the networks.
    pub state: MemberState,
    /// Sums of its losses since they were last logged, in the order of the algorithm.
    pub recent_losses: Vec<f64>,
}

impl Checkpoint {
    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    ///
    /// If the disk is full or the folder cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), gcrl_file::WriteError> {
        let tensors = self.tensors();
        let state = self.state().seal(&tensors);
        let views = tensors.iter().map(|(name, tensor)| {
            let shape = vec![8 * tensor.bytes.len() / tensor.dtype.bitsize()];
            let view = TensorView::new(tensor.dtype, shape, &tensor.bytes);
            (name, view.expect("the shape was computed from the bytes"))
        });
        let metadata = HashMap::from([("state".to_owned(), state)]);
        let bytes = safetensors::serialize(views, Some(metadata)).expect("shapes fit their bytes");
        gcrl_file::write(path, |file| file.write_all(&bytes))
    }

    /// Reads a file that `save` wrote.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is not whole, or has a version that this program does not read.
    pub fn load(path: &Path) -> Result<Self, CheckpointError> {
        let bytes = std::fs::read(path)
            .map_err(|source| CheckpointError::Read { path: path.to_owned(), source })?;
        Self::from_bytes(&bytes, path)
    }

    /// Reads the bytes of a file that `save` wrote; errors name `path`.
    ///
    /// # Errors
    ///
    /// If it is not whole, or has a version that this program does not read.
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, CheckpointError> {
        Reader::new(bytes, path)?.checkpoint()
    }

    /// The header entry, without its BLAKE3.
    fn state(&self) -> State {
        let members = self.members.iter().map(|member| MemberHeader {
            seed: member.seed,
            n_steps: member
                .networks
                .iter()
                .map(|(name, net)| (name.clone(), net.n_steps))
                .collect(),
            state: member.state.keys().cloned().collect(),
            count: member.normalizer.count,
            input_clip: member.normalizer.normalizers().observation.input_clip,
            output_clip: member.normalizer.normalizers().observation.output_clip,
        });
        let replay = self.replay.as_ref().map(|(episodes, n_written)| {
            let EpisodeShape { observation_dim, goal_dim, action_dim, n_transitions } =
                episodes.shape;
            let (n_episodes, n_written) = (episodes.n_episodes, *n_written);
            ReplayHeader {
                n_episodes,
                n_written,
                observation_dim,
                goal_dim,
                action_dim,
                n_transitions,
            }
        });
        State {
            format: FORMAT.to_owned(),
            version: VERSION,
            blake3: String::new(),
            n_updates: self.n_updates,
            n_recent: self.n_recent,
            members: members.collect(),
            replay,
            note: self.note.clone(),
        }
    }

    fn tensors(&self) -> BTreeMap<String, Tensor> {
        let mut tensors = BTreeMap::new();
        for (member_idx, member) in self.members.iter().enumerate() {
            let name = |rest: &str| format!("member.{member_idx}.{rest}");
            for (network, state) in &member.networks {
                let name = |rest: &str| name(&format!("{network}.{rest}"));
                tensors.insert(name("parameters"), Tensor::f32(&state.parameters));
                if 0 < state.n_steps {
                    tensors.insert(name("first_moment"), Tensor::f32(&state.first_moment));
                    tensors.insert(name("second_moment"), Tensor::f32(&state.second_moment));
                }
            }
            let sums = [
                ("observation", &member.normalizer.observation),
                ("goal", &member.normalizer.goal),
            ];
            for (kind, sums) in sums {
                let name = |rest: &str| name(&format!("normalizer.{kind}.{rest}"));
                tensors.insert(name("sum"), Tensor::f64(&sums.sum));
                tensors.insert(name("sum_of_squares"), Tensor::f64(&sums.sum_of_squares));
            }
            for (kept, numbers) in &member.state {
                tensors.insert(name(&format!("state.{kept}")), Tensor::f32(numbers));
            }
            tensors.insert(name("recent_losses"), Tensor::f64(&member.recent_losses));
            if let Some(Rates { learning_rate, tau }) = member.rates {
                tensors.insert(name("rates"), Tensor::f32(&[learning_rate, tau]));
            }
        }
        if let Some((episodes, _)) = &self.replay {
            tensors.insert("replay.observation".to_owned(), Tensor::f32(&episodes.observation));
            tensors.insert("replay.achieved_goal".to_owned(), Tensor::f32(&episodes.achieved_goal));
            tensors.insert("replay.action".to_owned(), Tensor::f32(&episodes.action));
            tensors.insert("replay.desired_goal".to_owned(), Tensor::f32(&episodes.desired_goal));
        }
        tensors
    }
}

struct Reader<'a> {
    path: &'a Path,
    tensors: SafeTensors<'a>,
    state: State,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8], path: &'a Path) -> Result<Self, CheckpointError> {
        let format = |reason: String| CheckpointError::Format { reason, path: path.to_owned() };
        let (_, metadata) =
            gcrl_file::read_tensor_header(bytes).map_err(|error| format(error.to_string()))?;
        let header = metadata.metadata().as_ref().and_then(|entries| entries.get("state"));
        let header = header.ok_or_else(|| format("it has no header of ours".to_owned()))?;
        check_version(header, path)?;
        let state: State =
            serde_json::from_str(header).map_err(|error| format(error.to_string()))?;
        let without_blake3 = header.split_once(&state.blake3).unwrap_or((header, ""));
        let texts = match state.version {
            2 => &[&state.note[..]][..],
            _ => &[without_blake3.0, without_blake3.1],
        };
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| format(error.to_string()))?;
        let by_name: BTreeMap<String, _> = tensors.tensors().into_iter().collect();
        let found = by_name.iter().map(|(name, view)| (&name[..], view.data()));
        if checksum(texts, found) != state.blake3 {
            return Err(format("its content does not match its checksum".to_owned()));
        }
        Ok(Self { path, tensors, state })
    }

    fn checkpoint(&self) -> Result<Checkpoint, CheckpointError> {
        let members = self.state.members.iter().enumerate();
        Ok(Checkpoint {
            n_updates: self.state.n_updates,
            n_recent: self.state.n_recent,
            members: members
                .map(|(idx, header)| self.member(idx, header))
                .collect::<Result<_, _>>()?,
            replay: self.state.replay.as_ref().map(|header| self.replay(header)).transpose()?,
            note: self.state.note.clone(),
        })
    }

    fn member(
        &self,
        idx: usize,
        header: &MemberHeader,
    ) -> Result<MemberCheckpoint, CheckpointError> {
        let mut networks = BTreeMap::new();
        for (network, &n_steps) in &header.n_steps {
            let name = |rest: &str| format!("member.{idx}.{network}.{rest}");
            let parameters = self.f32(&name("parameters"))?;
            let moment = |rest: &str| match n_steps {
                0 => Ok(vec![0.0; parameters.len()]),
                _ => self.f32(&name(rest)),
            };
            let (first_moment, second_moment) = (moment("first_moment")?, moment("second_moment")?);
            let state = NetworkState { parameters, first_moment, second_moment, n_steps };
            networks.insert(network.clone(), state);
        }
        let sums = |kind: &str| {
            let name = |rest: &str| format!("member.{idx}.normalizer.{kind}.{rest}");
            let (sum, sum_of_squares) =
                (self.f64(&name("sum"))?, self.f64(&name("sum_of_squares"))?);
            Ok(Sums { sum, sum_of_squares })
        };
        let (observation, goal) = (sums("observation")?, sums("goal")?);
        let identity = |sums: &Sums| {
            Normalizer::identity(sums.sum.len(), header.input_clip, header.output_clip)
        };
        let normalizers = (identity(&observation), identity(&goal));
        let normalizer = RunningNormalizer::restored(observation, goal, header.count, normalizers);
        let kept = header
            .state
            .iter()
            .map(|name| Ok((name.clone(), self.f32(&format!("member.{idx}.state.{name}"))?)));
        let state = kept.collect::<Result<_, _>>()?;
        let recent_losses = self.f64(&format!("member.{idx}.recent_losses"))?;
        let (seed, rates) = (header.seed, self.rates(idx)?);
        Ok(MemberCheckpoint { seed, rates, networks, normalizer, state, recent_losses })
    }

    fn rates(&self, idx: usize) -> Result<Option<Rates>, CheckpointError> {
        let name = format!("member.{idx}.rates");
        if self.tensors.tensor(&name).is_err() {
            return Ok(None);
        }
        let rates = self.f32(&name)?;
        let rates = match rates[..] {
            [learning_rate, tau] => Some(Rates { learning_rate, tau }),
            _ => None,
        };
        match rates.filter(|rates| rates.problem().is_none()) {
            Some(rates) => Ok(Some(rates)),
            None => Err(CheckpointError::Format {
                reason: format!("`{name}` holds no learning rate and tau"),
                path: self.path.to_owned(),
            }),
        }
    }

    fn replay(&self, header: &ReplayHeader) -> Result<(Episodes, u64), CheckpointError> {
        let shape = EpisodeShape {
            observation_dim: header.observation_dim,
            goal_dim: header.goal_dim,
            action_dim: header.action_dim,
            n_transitions: header.n_transitions,
        };
        let episodes = Episodes {
            shape,
            n_episodes: header.n_episodes,
            observation: self.f32("replay.observation")?,
            achieved_goal: self.f32("replay.achieved_goal")?,
            action: self.f32("replay.action")?,
            desired_goal: self.f32("replay.desired_goal")?,
        };
        Ok((episodes, header.n_written))
    }

    fn f32(&self, name: &str) -> Result<Vec<f32>, CheckpointError> {
        let (chunks, _) = self.bytes(name)?.as_chunks::<4>();
        Ok(chunks.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    fn f64(&self, name: &str) -> Result<Vec<f64>, CheckpointError> {
        let (chunks, _) = self.bytes(name)?.as_chunks::<8>();
        Ok(chunks.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect())
    }

    fn bytes(&self, name: &str) -> Result<&[u8], CheckpointError> {
        let view = self.tensors.tensor(name).map_err(|error| CheckpointError::Format {
            reason: error.to_string(),
            path: self.path.to_owned(),
        })?;
        Ok(view.data())
    }
}

/// Another version may hold what this program does not know: the version is read first, alone.
fn check_version(header: &str, path: &Path) -> Result<(), CheckpointError> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
        version: u32,
    }
    let path = || path.to_owned();
    match serde_json::from_str::<Head>(header) {
        Ok(Head { format, version }) if format == FORMAT => {
            if (OLDEST_VERSION..=VERSION).contains(&version) {
                return Ok(());
            }
            Err(CheckpointError::Version { found: version, path: path() })
        }
        Ok(Head { format, .. }) => {
            Err(CheckpointError::Format { reason: format!("it is a `{format}`"), path: path() })
        }
        Err(error) => Err(CheckpointError::Format { reason: error.to_string(), path: path() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn checkpoint() -> Checkpoint {
        let network = |n_steps| NetworkState {
            parameters: vec![0.1, -2.5e-39, 3.0],
            first_moment: vec![if n_steps == 0 { 0.0 } else { 0.25 }; 3],
            second_moment: vec![if n_steps == 0 { 0.0 } else { 0.5 }; 3],
            n_steps,
        };
        let mut normalizer = RunningNormalizer::new(2, 1, 200.0, 5.0);
        normalizer.observation.sum = vec![0.1 + 0.2, 7.0];
        normalizer.count = 129.0;
        normalizer.refresh();
        let networks =
            [("actor", 17), ("target_actor", 0)].map(|(name, n)| (name.to_owned(), network(n)));
        let shape =
            EpisodeShape { observation_dim: 2, goal_dim: 1, action_dim: 1, n_transitions: 3 };
        let member = MemberCheckpoint {
            seed: u64::MAX,
            rates: Some(Rates { learning_rate: 1e-3, tau: 0.25 }),
            networks: networks.into(),
            normalizer,
            state: [("log_alpha", vec![0.5]), ("recent", vec![])]
                .map(|(name, numbers)| (name.to_owned(), numbers))
                .into(),
            recent_losses: vec![0.1, -0.25],
        };
        Checkpoint {
            n_updates: 17,
            n_recent: 3,
            members: vec![member],
            replay: Some((Episodes::zeros(shape, 2), 5)),
            note: "update,loss\n1,0.5\n".to_owned(),
        }
    }

    fn saved() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        checkpoint().save(&path).unwrap();
        (folder, path)
    }

    #[test]
    fn saving_and_loading_is_the_identity_to_the_bit() {
        let (_folder, path) = saved();
        assert_eq!(Checkpoint::load(&path).unwrap(), checkpoint());
    }

    #[test]
    fn every_truncation_is_refused() {
        let (_folder, path) = saved();
        let bytes = std::fs::read(&path).unwrap();
        for len in 0..bytes.len() {
            std::fs::write(&path, &bytes[..len]).unwrap();
            let error = Checkpoint::load(&path);
            assert!(matches!(error, Err(CheckpointError::Format { .. })), "{len} bytes");
        }
    }

    #[test]
    fn a_flipped_bit_in_a_tensor_is_refused() {
        let (_folder, path) = saved();
        let mut bytes = std::fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let message = Checkpoint::load(&path).unwrap_err().to_string();
        assert!(message.contains("does not match its checksum"), "{message}");
    }

    #[test]
    fn every_changed_digit_in_the_header_is_refused() {
        let (_folder, path) = saved();
        let bytes = std::fs::read(&path).unwrap();
        let header_len = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let is_digit = |idx: &usize| bytes[*idx].is_ascii_digit();
        for idx in (8..8 + header_len).filter(is_digit) {
            for digit in (b'0'..=b'9').filter(|digit| *digit != bytes[idx]) {
                let mut changed = bytes.clone();
                changed[idx] = digit;
                let text = String::from_utf8_lossy(&changed[8..8 + header_len]);
                assert!(Checkpoint::from_bytes(&changed, &path).is_err(), "byte {idx} of {text}");
            }
        }
    }

    #[test]
    fn a_checkpoint_of_version_2_is_read() {
        let (folder, path) = saved();
        let bytes = std::fs::read(&path).unwrap();
        let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
        let header = metadata.metadata().as_ref().unwrap()["state"].clone();
        let state: State = serde_json::from_str(&header).unwrap();
        let write = |blake3: &str| {
            let header =
                header.replace(r#""version":3"#, r#""version":2"#).replace(&state.blake3, blake3);
            let tensors = SafeTensors::deserialize(&bytes).unwrap().tensors();
            let metadata = HashMap::from([("state".to_owned(), header)]);
            let path = folder.path().join("old.safetensors");
            std::fs::write(&path, safetensors::serialize(tensors, Some(metadata)).unwrap())
                .unwrap();
            Checkpoint::load(&path)
        };
        // As a program of that version wrote it.
        let blake3 = "96a7b6c0530cc7e1c7e457aa494bce5fba9be1d914bc74ede4867132626f883d";
        assert_eq!(write(blake3).unwrap(), checkpoint());
        let message = write(&state.blake3).unwrap_err().to_string();
        assert!(message.contains("does not match its checksum"), "{message}");
    }

    #[test]
    fn another_version_of_the_format_is_named() {
        let (_folder, path) = saved();
        for version in [1, 9] {
            let header =
                format!(r#"{{"format":"gcrl-checkpoint","version":{version},"news":true}}"#);
            let metadata = HashMap::from([("state".to_owned(), header)]);
            let none: [(&str, TensorView<'_>); 0] = [];
            std::fs::write(&path, safetensors::serialize(none, Some(metadata)).unwrap()).unwrap();
            let message = Checkpoint::load(&path).unwrap_err().to_string();
            let expected = format!(
                "checkpoint has format version {version}, where this program reads 2 to 3: "
            );
            assert!(message.starts_with(&expected), "{message}");
        }
    }
}
