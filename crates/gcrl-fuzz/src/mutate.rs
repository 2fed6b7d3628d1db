//! Damage to valid files: bits, bytes, numbers, lengths, whole stretches.

use rand::{Rng, RngExt};

/// Numbers at which readers of text tend to break.
const TEXT_NUMBERS: [&str; 9] = [
    "0",
    "-1",
    "1e999",
    "nan",
    "inf",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
    "0.1",
];

/// Bytes at which readers of text tend to break.
const TEXT_BYTES: &[u8] = b"\0\n\r\t \"'\\#,:;.=-+{}[]()09aE\x7f\xff";

/// Longest stretch that is repeated or inserted, in bytes.
const STRETCH: usize = 64;

/// A sample with 1 to 8 places damaged.
pub(crate) fn mutate(samples: &[Vec<u8>], rng: &mut impl Rng) -> Vec<u8> {
    let mut bytes = samples[rng.random_range(..samples.len())].clone();
    for _ in 0..rng.random_range(1..=8) {
        damage(&mut bytes, samples, rng);
    }
    bytes
}

fn damage(bytes: &mut Vec<u8>, samples: &[Vec<u8>], rng: &mut impl Rng) {
    if bytes.is_empty() {
        bytes.push(rng.random());
    }
    let at = rng.random_range(..bytes.len());
    let integer = interesting(rng, bytes.len());
    match rng.random_range(0..11) {
        0 => bytes[at] ^= 1 << rng.random_range(0..8),
        1 => bytes[at] = rng.random(),
        2 => bytes[at] = TEXT_BYTES[rng.random_range(..TEXT_BYTES.len())],
        3 => write_integer(bytes, at, &integer.to_le_bytes()),
        4 => write_integer(bytes, at, &(integer as u32).to_le_bytes()),
        5 => bytes.truncate(at),
        6 => drop(bytes.drain(at..stretch(bytes, at, rng))),
        7 => {
            let repeated = bytes[at..stretch(bytes, at, rng)].to_vec();
            bytes.splice(at..at, repeated);
        }
        8 => {
            let inserted: Vec<u8> =
                (0..rng.random_range(1..STRETCH)).map(|_| rng.random()).collect();
            bytes.splice(at..at, inserted);
        }
        9 => {
            let other = &samples[rng.random_range(..samples.len())];
            let from = rng.random_range(..other.len());
            bytes.truncate(at);
            bytes.extend(&other[from..]);
        }
        _ => replace_number(bytes, at, TEXT_NUMBERS[rng.random_range(..TEXT_NUMBERS.len())]),
    }
}

/// An integer near which readers of lengths tend to break.
fn interesting(rng: &mut impl Rng, len: usize) -> u64 {
    let base = match rng.random_range(0..4) {
        0 => 0,
        1 => len as u64,
        2 => 1 << rng.random_range(0..64),
        _ => u64::MAX,
    };
    base.wrapping_add(rng.random_range(0..3)).wrapping_sub(1)
}

fn write_integer(bytes: &mut [u8], at: usize, integer: &[u8]) {
    let end = bytes.len().min(at + integer.len());
    bytes[at..end].copy_from_slice(&integer[..end - at]);
}

/// The end of a stretch that begins at `at`.
fn stretch(bytes: &[u8], at: usize, rng: &mut impl Rng) -> usize {
    bytes.len().min(at + rng.random_range(1..STRETCH))
}

/// Replaces the first number written in digits from `at` on.
fn replace_number(bytes: &mut Vec<u8>, at: usize, number: &str) {
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit).map(|skip| at + skip) else {
        return;
    };
    let end =
        bytes[start..].iter().position(|byte| !is_part(byte)).map_or(bytes.len(), |n| start + n);
    bytes.splice(start..end, number.bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcrl_core::seed;

    #[test]
    fn equal_streams_give_equal_damage_and_most_inputs_differ() {
        let samples = [(0..=255).collect::<Vec<u8>>()];
        let input = |index| mutate(&samples, &mut seed::stream(0, "mutate", index));
        assert_eq!(input(3), input(3));
        let mut inputs: Vec<_> = (0..1_000).map(input).collect();
        inputs.sort();
        inputs.dedup();
        assert!(900 < inputs.len(), "{}", inputs.len());
    }

    #[test]
    fn numbers_are_replaced_whole() {
        let mut bytes = b"a = 12.5\n".to_vec();
        replace_number(&mut bytes, 1, "nan");
        assert_eq!(bytes, b"a = nan\n");
    }
}
