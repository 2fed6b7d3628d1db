//! One root seed becomes many named ones.
//!
//! A stream is a pure function of `(root, name, index)`, so nothing has to be stored to continue it:
//! episode 17 of a collection, or update 4,000 of a run, draws the same numbers whatever came before,
//! on any number of threads, and in a run that was killed and resumed.

use rand::{Rng, RngExt, SeedableRng};

/// The generator of every random number in the project.
///
/// Source: `O'Neill`, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for
/// Random Number Generation", 2014.
pub type Stream = rand_pcg::Pcg64Mcg;

/// The seed that `root` has for the `index`-th thing called `name`.
pub fn child(root: u64, name: &str, index: u64) -> u64 {
    // FNV-1a of the name, then one SplitMix64 finalizer for each part.
    let name_hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ byte as u64).wrapping_mul(0x0100_0000_01b3)
    });
    mix(mix(mix(root).wrapping_add(name_hash)).wrapping_add(index))
}

/// The stream of random numbers that `root` has for the `index`-th thing called `name`.
pub fn stream(root: u64, name: &str, index: u64) -> Stream {
    Stream::seed_from_u64(child(root, name, index))
}

/// A number that is uniform in [-1, 1).
pub fn signed_unit_f32(rng: &mut impl Rng) -> f32 {
    2.0 * rng.random::<f32>() - 1.0
}

/// A number that is uniform in [-1, 1).
pub fn signed_unit_f64(rng: &mut impl Rng) -> f64 {
    2.0 * rng.random::<f64>() - 1.0
}

/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014 (`SplitMix64`).
const fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn mix_is_splitmix64() {
        // First output of the reference implementation for seed 0.
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn roots_names_and_indices_give_different_seeds() {
        let mut seeds = BTreeSet::new();
        for root in 0..50 {
            for name in ["reset", "behavior", "draw"] {
                for index in 0..50 {
                    seeds.insert(child(root, name, index));
                }
            }
        }
        assert_eq!(seeds.len(), 50 * 3 * 50);
    }
}
