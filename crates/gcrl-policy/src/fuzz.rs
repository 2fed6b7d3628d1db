//! Damaged policy files, for harnesses that look for a panic in the reader.
//!
//! An input is a *recipe*, a string of bytes that any harness can make: it says which valid file is
//! taken, and how it is changed. First its parts (numbers, shapes, names, the header's text), with the
//! checksum and the layout of the file made right again, so that changes reach what lies behind them;
//! then bytes of the file as it is.

use crate::header;
use crate::parts::{BcqParts, PolicyKind, PolicyParts, TrainingRecord};
use crate::policy::TrainedPolicy;
use crate::tensors::{TensorMap, Tensors};
use crate::write::{bytes_of, serialize};
use crate::{Activation, Network};
use gcrl_core::{Normalizer, seed};
use std::ops::Range;
use std::path::Path;

/// A policy of version 1, as the program of that time wrote it.
const VERSION_1: &[u8] = include_bytes!("../tests/policies/version-1.safetensors");

/// Numbers that go wrong elsewhere.
const NUMBERS: [f32; 12] = [
    f32::NAN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::MAX,
    f32::MIN,
    f32::MIN_POSITIVE,
    1e-42,
    -0.0,
    0.0,
    1.0,
    -1.0,
    1e20,
];

/// Pieces of a header's text that stand for one another.
const WORDS: [&str; 34] = [
    "mlp",
    "bcq",
    "actor",
    "decoder",
    "perturbation",
    "critic",
    "relu",
    "tanh",
    "linear",
    "gelu",
    "hidden",
    "output",
    "kind",
    "networks",
    "task",
    "training",
    "notes",
    "dataset_blake3",
    "blake3",
    "observation",
    "goal",
    "input_clip",
    "output_clip",
    "200.0",
    "5.0",
    "1e39",
    "-1",
    "null",
    "{}",
    "[]",
    "\"\"",
    "1",
    "2",
    "18446744073709551615",
];

/// Names of tensors that take each other's place.
const TENSORS: [&str; 10] = [
    "actor.0.weight",
    "actor.1.bias",
    "actor.3.weight",
    "decoder.0.weight",
    "critic.1.weight",
    "latents",
    "max_perturbation",
    "normalizer.goal.std",
    "self_test.action",
    "",
];

/// Reads the inputs of these numbers, of a sequence that is the same in every run.
///
/// # Panics
///
/// If the reader has a fault.
pub fn run(inputs: Range<u64>) {
    let corpus = Corpus::default();
    for input in inputs {
        let words = 1 + input % 8;
        let recipe: Vec<u8> =
            (0..words).flat_map(|word| seed::child(input, "fuzz", word).to_le_bytes()).collect();
        corpus.read_damaged(&recipe);
    }
}

/// Valid policy files of both versions and all kinds.
pub struct Corpus {
    samples: Vec<Sample>,
}

/// A valid file, and what it is made of.
struct Sample {
    file: Vec<u8>,
    tensors: TensorMap,
    text: String,
}

impl Default for Corpus {
    fn default() -> Self {
        let files = [VERSION_1.to_vec(), mlp().to_bytes(), bcq().to_bytes()];
        Self { samples: files.map(Sample::new).into() }
    }
}

impl Corpus {
    /// The files.
    pub fn files(&self) -> impl Iterator<Item = &[u8]> {
        self.samples.iter().map(|sample| &sample.file[..])
    }

    /// Reads the file that `recipe` asks for. If it gives a policy, that must be saved and read again
    /// as the same one.
    ///
    /// # Panics
    ///
    /// If the reader has a fault.
    pub fn read_damaged(&self, recipe: &[u8]) {
        let file = self.damaged(&mut Recipe(recipe));
        let Ok(policy) = TrainedPolicy::from_bytes(&file, Path::new("")) else { return };
        let saved = policy.to_bytes();
        let again = TrainedPolicy::from_bytes(&saved, Path::new("")).expect("saved policies read");
        assert_eq!(again.parts(), policy.parts(), "saving, then loading is the identity");
        assert!(again.to_bytes() == saved, "equal policies give equal bytes");
    }

    fn damaged(&self, recipe: &mut Recipe<'_>) -> Vec<u8> {
        let Sample { file, tensors, text } = &self.samples[recipe.below(self.samples.len())];
        // Damaged bytes mostly end at the file's layout: one input of four has some.
        let (n_parts, n_bytes) = (recipe.below(4), recipe.below(8).saturating_sub(5));
        let mut file = file.clone();
        if 0 < n_parts {
            let (mut tensors, mut text) = (tensors.clone(), text.clone().into_bytes());
            for _ in 0..n_parts {
                match recipe.below(2) {
                    0 => damage_tensor(&mut tensors, recipe),
                    _ => damage_text(&mut text, recipe),
                }
            }
            // What is not UTF-8 is for the second round, in the file.
            let text = sealed(&String::from_utf8_lossy(&text), &tensors);
            file = serialize(&tensors, Some(text));
        }
        for _ in 0..n_bytes {
            damage_bytes(&mut file, recipe);
        }
        file
    }
}

impl Sample {
    fn new(file: Vec<u8>) -> Self {
        let mut tensors = Tensors::new(&file).expect("the file is whole");
        let text = tensors.text(header::HEADER_KEY).expect("the file has a header").to_owned();
        let tensors = tensors.take_all().expect("the file holds f32");
        Self { file, tensors, text }
    }
}

/// A small policy of kind `mlp`.
fn mlp() -> TrainedPolicy {
    policy(PolicyKind::Mlp(network("actor", &[3, 6, 5, 2])))
}

/// A small policy of kind `bcq`.
fn bcq() -> TrainedPolicy {
    policy(PolicyKind::Bcq(BcqParts {
        decoder: network("decoder", &[5, 6, 2]),
        perturbation: network("perturbation", &[5, 4, 2]),
        critic: network("critic", &[5, 6, 1]),
        max_perturbation: 0.05,
        latent_dim: 2,
        latents: numbers("latents", 6),
    }))
}

fn policy(kind: PolicyKind) -> TrainedPolicy {
    let notes = [("algorithm".to_owned(), "fuzz".to_owned())].into();
    let parts = PolicyParts {
        task: "PointReach".to_owned(),
        kind,
        observation: Normalizer::identity(2, 200.0, 5.0),
        goal: Normalizer::identity(1, 200.0, 5.0),
        training: TrainingRecord { dataset_blake3: Some("0".repeat(64)), notes },
    };
    TrainedPolicy::new(parts).expect("the parts fit")
}

fn network(name: &str, widths: &[usize]) -> Network {
    let n_parameters = widths.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum();
    let parameters = numbers(name, n_parameters);
    Network::from_parameters(widths, Activation::Relu, Activation::Tanh, &parameters)
}

/// Numbers in [-1, 1).
fn numbers(name: &str, n: usize) -> Vec<f32> {
    let number = |i| (seed::child(0, name, i) >> 40) as f32 / (1 << 23) as f32 - 1.0;
    (0..n as u64).map(number).collect()
}

/// Bytes that decide; zeros once they are used up.
struct Recipe<'a>(&'a [u8]);

impl Recipe<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `n`, or 0.
    fn below(&mut self, n: usize) -> usize {
        let number = u16::from_le_bytes([self.byte(), if 256 < n { self.byte() } else { 0 }]);
        usize::from(number) % n.max(1)
    }

    fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }
}

/// Changes a number, a shape or a name, so that the file still is a safetensors file.
fn damage_tensor(tensors: &mut TensorMap, recipe: &mut Recipe<'_>) {
    let Some(name) = tensors.keys().nth(recipe.below(tensors.len())).cloned() else { return };
    let (shape, values) = tensors.get_mut(&name).expect("the name is one of them");
    match recipe.below(5) {
        0 | 1 => {
            let index = recipe.below(values.len());
            if let Some(value) = values.get_mut(index) {
                *value = match recipe.below(2) {
                    0 => recipe.one_of(&NUMBERS),
                    _ => f32::from_bits(value.to_bits() ^ 1 << recipe.below(32)),
                };
            }
        }
        2 => {
            let axis = recipe.below(shape.len());
            if let Some(size) = shape.get_mut(axis) {
                *size = recipe.below(40);
            }
            values.resize(shape.iter().product(), 0.5);
        }
        3 => {
            shape.push(1);
            shape.rotate_right(recipe.below(2));
        }
        _ => {
            let tensor = tensors.remove(&name).expect("the name is one of them");
            if recipe.below(2) == 0 {
                tensors.insert(recipe.one_of(&TENSORS).to_owned(), tensor);
            }
        }
    }
}

/// Changes the header's text.
fn damage_text(text: &mut Vec<u8>, recipe: &mut Recipe<'_>) {
    let start = recipe.below(text.len());
    match recipe.below(4) {
        0 => {
            let word = recipe.one_of(&WORDS).as_bytes();
            let found = text[start..].windows(word.len()).position(|piece| piece == word);
            if let Some(offset) = found {
                let first = start + offset;
                text.splice(first..first + word.len(), recipe.one_of(&WORDS).bytes());
            }
        }
        1 => {
            if let Some(digit) = text[start..].iter_mut().find(|byte| byte.is_ascii_digit()) {
                *digit = b'0' + recipe.below(10) as u8;
            }
        }
        2 => {
            let end = text.len().min(start + recipe.below(32));
            text.drain(start..end);
        }
        _ => {
            if let Some(byte) = text.get_mut(start) {
                *byte = recipe.one_of(b"\"{}[]:,\\0-.e \0");
            }
        }
    }
}

/// Changes bytes of a file.
fn damage_bytes(file: &mut Vec<u8>, recipe: &mut Recipe<'_>) {
    let start = recipe.below(file.len());
    match recipe.below(5) {
        0 | 1 => {
            if let Some(byte) = file.get_mut(start) {
                *byte ^= recipe.byte();
            }
        }
        2 => file.truncate(start),
        3 => file.extend(std::iter::repeat_n(recipe.byte(), 1 + start % 64)),
        _ => {
            // The length of the header.
            if let Some(byte) = file.get_mut(start % 8) {
                *byte = recipe.byte();
            }
        }
    }
}

/// The text with the checksum that it should have; as it is, if it has no place for one.
fn sealed(text: &str, tensors: &TensorMap) -> String {
    const KEY: &str = "\"blake3\":\"";
    let found = text.split_once(KEY).and_then(|(_, rest)| rest.split_once('"'));
    let Some((found, _)) = found else { return text.to_owned() };
    let bytes = bytes_of(tensors);
    let checksum = if text.contains("\"version\":1,") {
        blake3::hash(&bytes).to_hex().to_string()
    } else {
        header::checksum(text, found, &bytes)
    };
    text.replacen(&format!("{KEY}{found}"), &format!("{KEY}{checksum}"), 1)
}
