//! Policy files read: from bytes to a policy that acts as it did when it was saved.
//!
//! `write` lists the tensors, `header` has what stands beside them, for both versions.

use crate::activation::Activation;
use crate::header::{self, Activations, Clips, FORMAT, HEADER_KEY, Header, HeaderV1, Version};
use crate::layer::Layer;
use crate::network::Network;
use crate::parts::{BcqParts, PolicyKind, PolicyParts, TrainingRecord};
use crate::policy::TrainedPolicy;
use crate::read_error::{MAX_FILE_BYTES, PolicyFileError, ReadPolicyError};
use crate::self_test::{self, SelfTest, WrongAnswer};
use crate::tensors::{TensorError, Tensors};
use gcrl_core::{Normalizer, Policy};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

impl TrainedPolicy {
    /// Reads a policy and checks that it acts as it did when it was saved.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not a whole policy, has a newer version, is of an unknown kind,
    /// holds numbers that make no policy, or fails its self-test.
    pub fn load(path: &Path) -> Result<Self, ReadPolicyError> {
        let failed = |source| ReadPolicyError { path: path.to_owned(), source };
        read_file(path).and_then(|file| parse(&file)).map_err(failed)
    }

    /// Reads a policy from a file's bytes; messages call the file `path`.
    ///
    /// # Errors
    ///
    /// As [`Self::load`], but that the bytes are at hand.
    pub fn from_bytes(file: &[u8], path: &Path) -> Result<Self, ReadPolicyError> {
        parse(file).map_err(|source| ReadPolicyError { path: path.to_owned(), source })
    }
}

/// Reads a whole file.
fn read_file(path: &Path) -> Result<Vec<u8>, PolicyFileError> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if MAX_FILE_BYTES < bytes.len() as u64 {
        return Err(PolicyFileError::TooLarge);
    }
    Ok(bytes)
}

fn parse(file: &[u8]) -> Result<TrainedPolicy, PolicyFileError> {
    let mut tensors = Tensors::new(file)?;
    let text = tensors.text(HEADER_KEY).ok_or(PolicyFileError::Foreign)?.to_owned();
    let Version { format, version } = serde_json::from_str(&text)?;
    if format != FORMAT {
        return Err(PolicyFileError::Foreign);
    }
    let (parts, is_as_saved) = match version {
        1 => {
            let header: HeaderV1 = serde_json::from_str(&text)?;
            let is_as_saved = blake3::hash(tensors.data()).to_hex().as_str() == header.blake3;
            (take_parts_v1(&mut tensors, header)?, is_as_saved)
        }
        2 => {
            let header: Header = serde_json::from_str(&text)?;
            let expected = header::checksum(&text, &header.blake3, tensors.data());
            let is_as_saved = header.blake3 == expected;
            (take_parts(&mut tensors, header)?, is_as_saved)
        }
        found => return Err(PolicyFileError::Version { found }),
    };
    let policy = TrainedPolicy::new(parts)?;
    let self_test = take_self_test(&mut tensors, &policy)?;
    tensors.finish()?;
    self_test.run(&policy).map_err(|WrongAnswer { row, found, expected }| {
        PolicyFileError::SelfTest { row, found, expected }
    })?;
    // Last, for what is found before says more.
    if is_as_saved { Ok(policy) } else { Err(PolicyFileError::Checksum) }
}

/// Takes what a file of version 1 holds beside the self-test.
fn take_parts_v1(
    tensors: &mut Tensors<'_>,
    header: HeaderV1,
) -> Result<PolicyParts, PolicyFileError> {
    Ok(PolicyParts {
        task: header.task,
        kind: PolicyKind::Mlp(take_actor(tensors)?),
        observation: take_normalizer(tensors, "observation", header.observation)?,
        goal: take_normalizer(tensors, "goal", header.goal)?,
        training: TrainingRecord { dataset_blake3: None, notes: header.training },
    })
}

/// Takes what a file holds beside the self-test.
fn take_parts(tensors: &mut Tensors<'_>, header: Header) -> Result<PolicyParts, PolicyFileError> {
    Ok(PolicyParts {
        kind: take_kind(tensors, header.kind, header.networks)?,
        task: header.task,
        observation: take_normalizer(tensors, "observation", header.observation)?,
        goal: take_normalizer(tensors, "goal", header.goal)?,
        training: header.training,
    })
}

fn take_kind(
    tensors: &mut Tensors<'_>,
    kind: String,
    mut networks: BTreeMap<String, Activations>,
) -> Result<PolicyKind, PolicyFileError> {
    let mut take = |tensors: &mut Tensors<'_>, network| match networks.remove(network) {
        Some(activations) => Ok(take_network(tensors, network, activations)?),
        None => Err(PolicyFileError::MissingNetwork { kind: kind.clone(), network }),
    };
    let taken = match kind.as_str() {
        "mlp" => PolicyKind::Mlp(take(tensors, "actor")?),
        "bcq" => {
            let decoder = take(tensors, "decoder")?;
            let perturbation = take(tensors, "perturbation")?;
            let critic = take(tensors, "critic")?;
            let max_perturbation = tensors.take_shaped("max_perturbation", [1])?[0];
            let ([_, latent_dim], latents) = tensors.take("latents")?;
            PolicyKind::Bcq(BcqParts {
                decoder,
                perturbation,
                critic,
                max_perturbation,
                latent_dim,
                latents,
            })
        }
        _ => return Err(PolicyFileError::Kind { found: kind }),
    };
    match networks.into_keys().next() {
        None => Ok(taken),
        Some(network) => Err(PolicyFileError::UnknownNetwork { kind, network }),
    }
}

/// Takes the one network of version 1 and of raw files.
pub(crate) fn take_actor(tensors: &mut Tensors<'_>) -> Result<Network, TensorError> {
    let activations = Activations { hidden: Activation::Relu, output: Activation::Tanh };
    take_network(tensors, "actor", activations)
}

/// Takes the layers of a network, as many as there are.
fn take_network(
    tensors: &mut Tensors<'_>,
    network: &str,
    Activations { hidden, output }: Activations,
) -> Result<Network, TensorError> {
    let mut layers = Vec::new();
    loop {
        let weight = header::weight_name(network, layers.len());
        let bias = header::bias_name(network, layers.len());
        if !layers.is_empty() && !tensors.has(&weight) && !tensors.has(&bias) {
            return Ok(Network { layers, hidden, output });
        }
        let ([n_inputs, n_outputs], weight) = tensors.take(&weight)?;
        let ([_], bias) = tensors.take(&bias)?;
        layers.push(Layer { n_inputs, n_outputs, weight, bias });
    }
}

/// Takes one of the normalizers; its clips stand elsewhere.
pub(crate) fn take_normalizer(
    tensors: &mut Tensors<'_>,
    name: &str,
    Clips { input_clip, output_clip }: Clips,
) -> Result<Normalizer, TensorError> {
    let ([_], mean) = tensors.take(&format!("normalizer.{name}.mean"))?;
    let ([_], std) = tensors.take(&format!("normalizer.{name}.std"))?;
    Ok(Normalizer { mean, std, input_clip, output_clip })
}

fn take_self_test(
    tensors: &mut Tensors<'_>,
    policy: &TrainedPolicy,
) -> Result<SelfTest, TensorError> {
    let mut take = |name, dim| tensors.take_shaped(name, [self_test::N_ROWS, dim]);
    Ok(SelfTest {
        observation: take("self_test.observation", policy.observation_dim())?,
        desired_goal: take("self_test.desired_goal", policy.goal_dim())?,
        action: take("self_test.action", policy.action_dim())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensors::TensorMap;
    use crate::test_policies::{act, bcq_policy, chain, mlp_policy};
    use crate::write::{bytes_of, header_of, serialize, tensors_of};
    use serde_json::Value;

    /// A policy of version 1, as the program of that time wrote it.
    const VERSION_1: &[u8] = include_bytes!("../tests/policies/version-1.safetensors");

    fn load(bytes: &[u8]) -> Result<TrainedPolicy, ReadPolicyError> {
        TrainedPolicy::from_bytes(bytes, Path::new("policy"))
    }

    fn refusal(bytes: &[u8]) -> String {
        chain(&load(bytes).unwrap_err())
    }

    /// The file of `policy`, after `spoil` changed what goes into it, with a checksum that holds.
    fn spoiled(policy: &TrainedPolicy, spoil: fn(&mut TensorMap, &mut Value)) -> Vec<u8> {
        let mut tensors = tensors_of(policy);
        let mut header = serde_json::to_value(header_of(policy)).unwrap();
        spoil(&mut tensors, &mut header);
        let text = header.to_string();
        header["blake3"] = header::checksum(&text, "", &bytes_of(&tensors)).into();
        serialize(&tensors, Some(header.to_string()))
    }

    /// What is said of the file of `policy`, spoiled.
    fn spoiled_refusal(policy: &TrainedPolicy, spoil: fn(&mut TensorMap, &mut Value)) -> String {
        refusal(&spoiled(policy, spoil))
    }

    #[test]
    fn what_is_not_a_whole_safetensors_file_is_refused() {
        let whole = mlp_policy().to_bytes();
        let prefix = "cannot read policy: not a whole safetensors file: ";
        let huge = [&u64::MAX.to_le_bytes()[..], &whole[8..]].concat();
        for (bytes, cause) in [
            (&b""[..], "header too small"),
            (&whole[..7], "header too small"),
            (&whole[..100], "invalid header length"),
            (&whole[..whole.len() - 1], "incomplete metadata, file not fully covered"),
            (&huge, "header too large"),
        ] {
            assert_eq!(refusal(bytes), format!("{prefix}{cause}"));
        }
        let mut garbage = whole;
        garbage[8..40].fill(b'?');
        assert!(refusal(&garbage).starts_with(prefix));
    }

    #[test]
    fn sizes_that_no_file_can_have_are_refused() {
        // Eight tensors of 2^61 - 4 bytes: each is possible, their sum and the header's length are not.
        let size = (1_u64 << 61) - 4;
        let tensor = |i: u64| {
            let (start, end) = (i * size, (i + 1) * size);
            format!(
                "\"{i}\":{{\"dtype\":\"F32\",\"shape\":[{}],\"data_offsets\":[{start},{end}]}}",
                size / 4
            )
        };
        let header = format!("{{{}}}", (0..8).map(tensor).collect::<Vec<_>>().join(","));
        let file = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
        assert!(refusal(&file).ends_with("incomplete metadata, file not fully covered"));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = TrainedPolicy::load(Path::new("no/such.safetensors")).unwrap_err();
        assert_eq!(error.to_string(), "cannot read policy: \"no/such.safetensors\"");
    }

    #[test]
    fn foreign_and_newer_files_are_refused() {
        let foreign = "cannot read policy: safetensors file without the header of a policy";
        assert_eq!(refusal(&serialize(&tensors_of(&mlp_policy()), None)), foreign);
        let other = spoiled(&mlp_policy(), |_, header| header["format"] = "other".into());
        assert_eq!(refusal(&other), foreign);
        let newer = spoiled(&mlp_policy(), |_, header| {
            header["version"] = 3.into();
            header["new_idea"] = true.into();
        });
        assert_eq!(
            refusal(&newer),
            "cannot read policy: policy has format version 3, where this program reads 1 to 2"
        );
        let incomplete = spoiled(&mlp_policy(), |_, header| {
            drop(header.as_object_mut().unwrap().remove("task"));
        });
        assert!(refusal(&incomplete).contains("missing field `task`"));
    }

    #[test]
    fn kinds_and_networks_that_are_not_known_are_refused() {
        assert_eq!(
            spoiled_refusal(&mlp_policy(), |_, header| header["kind"] = "diffusion".into()),
            "cannot read policy: policy is of the kind `diffusion`, where `mlp` and `bcq` are known"
        );
        assert_eq!(
            spoiled_refusal(&mlp_policy(), |_, header| header["kind"] = "bcq".into()),
            "cannot read policy: policy of the kind `bcq` lacks the network `decoder`"
        );
        assert_eq!(
            spoiled_refusal(&mlp_policy(), |_, header| {
                header["networks"]["critic"] = header["networks"]["actor"].clone();
            }),
            "cannot read policy: policy of the kind `mlp` has no network `critic`"
        );
        assert_eq!(
            spoiled_refusal(&bcq_policy(), |_, header| {
                drop(header["networks"].as_object_mut().unwrap().remove("critic"));
            }),
            "cannot read policy: policy of the kind `bcq` lacks the network `critic`"
        );
        assert!(
            spoiled_refusal(&mlp_policy(), |_, header| {
                header["networks"]["actor"]["hidden"] = "gelu".into();
            })
            .contains("unknown variant `gelu`, expected one of `linear`, `relu`, `tanh`")
        );
    }

    #[test]
    fn damaged_tensors_are_refused() {
        assert_eq!(
            spoiled_refusal(&mlp_policy(), |tensors, _| {
                tensors.get_mut("actor.0.weight").unwrap().1[3] = f32::NAN;
            }),
            "cannot read policy: number 3 of `actor.0.weight` is NaN, not finite"
        );
        assert_eq!(
            spoiled_refusal(&mlp_policy(), |tensors, _| drop(
                tensors.remove("normalizer.goal.std")
            )),
            "cannot read policy: tensor `normalizer.goal.std` is missing"
        );
        assert_eq!(
            spoiled_refusal(&mlp_policy(), |tensors, _| {
                drop(tensors.insert("x".into(), (vec![0], vec![])));
            }),
            "cannot read policy: unknown tensor `x`"
        );
        assert_eq!(
            spoiled_refusal(&mlp_policy(), |tensors, _| drop(tensors.remove("actor.1.weight"))),
            "cannot read policy: tensor `actor.1.weight` is missing"
        );
        assert_eq!(
            spoiled_refusal(&bcq_policy(), |tensors, _| drop(tensors.remove("latents"))),
            "cannot read policy: tensor `latents` is missing"
        );
        assert_eq!(
            spoiled_refusal(&bcq_policy(), |tensors, _| {
                tensors.insert("max_perturbation".into(), (vec![2], vec![0.0; 2]));
            }),
            "cannot read policy: tensor `max_perturbation` has shape [2], not [1]"
        );
    }

    #[test]
    fn a_change_too_small_to_be_felt_is_refused() {
        for policy in [mlp_policy(), bcq_policy()] {
            let mut bytes = policy.to_bytes();
            // The lowest bit of the last number, an observation of the self-test.
            let last = bytes.len() - 4;
            bytes[last] ^= 1;
            let refused = "cannot read policy: policy does not match its checksum";
            assert_eq!(refusal(&bytes), refused);
            // A note is covered, too.
            let mut bytes = policy.to_bytes();
            let start = bytes.windows(5).position(|text| text == b"wgcsl").unwrap();
            bytes[start] = b'W';
            assert_eq!(refusal(&bytes), refused);
        }
    }

    #[test]
    fn a_policy_that_acts_otherwise_than_when_saved_is_refused() {
        let changed = spoiled(&mlp_policy(), |tensors, _| {
            tensors.get_mut("actor.2.bias").unwrap().1[0] += 0.1;
        });
        assert!(
            refusal(&changed).starts_with("cannot read policy: self-test row 0 gives action [")
        );
        let reshaped = spoiled(&mlp_policy(), |tensors, _| {
            tensors.insert("self_test.action".into(), (vec![7, 2], vec![0.0; 14]));
        });
        assert_eq!(
            refusal(&reshaped),
            "cannot read policy: tensor `self_test.action` has shape [7, 2], not [8, 2]"
        );
    }

    #[test]
    fn a_policy_of_version_1_acts_as_it_did() {
        let policy = load(VERSION_1).unwrap();
        let parts = policy.parts();
        assert_eq!(parts.task, "PointReach");
        let PolicyKind::Mlp(actor) = &parts.kind else { panic!("version 1 knew no other kind") };
        assert_eq!(actor.widths(), [4, 24, 17, 2]);
        assert_eq!((actor.hidden, actor.output), (Activation::Relu, Activation::Tanh));
        assert_eq!((parts.goal.input_clip, parts.goal.output_clip), (200.0, 5.0));
        assert_eq!(parts.training.dataset_blake3, None);
        let notes: Vec<_> = parts.training.notes.values().collect();
        assert_eq!(notes, ["wgcsl", "data", "native", "3", "200"]);

        // Source: the self-test in the file, computed by the program that wrote it (commit 4efd2ab).
        let mut tensors = Tensors::new(VERSION_1).unwrap();
        let mut take = |name| tensors.take_shaped(name, [8, 2]).unwrap();
        let observation = take("self_test.observation");
        let desired_goal = take("self_test.desired_goal");
        let action = take("self_test.action");
        assert_eq!(observation[..2], [-8.528_896, 2.216_525_6]);
        assert_eq!(desired_goal[..2], [-5.899_260_5, 9.188_58]);
        assert_eq!(action[..2], [-0.390_563_88, 0.836_113_1]);
        assert_eq!(act(&policy, &observation, &desired_goal), action);
    }

    #[test]
    fn a_policy_of_version_1_is_written_as_version_2_and_acts_the_same() {
        let policy = load(VERSION_1).unwrap();
        let again = load(&policy.to_bytes()).unwrap();
        assert_eq!(again.parts(), policy.parts());
    }

    #[test]
    fn version_1_knows_neither_kinds_nor_networks() {
        let mut bytes = VERSION_1.to_vec();
        let start = bytes.windows(11).position(|text| text == br#"version\":1"#).unwrap();
        bytes[start + 10] = b'2';
        assert!(
            refusal(&bytes).starts_with("cannot read policy: header is not that of a policy: ")
        );
    }
}
