//! Every algorithm there is, one entry each, in the order of the paper's tables, then later ones.
//!
//! An algorithm of another crate is registered nowhere: [`entry`] makes an entry of it, and all that
//! takes an entry runs it like ours.

use crate::algos;
use crate::registered::{AlgorithmEntry, entry};

/// Every algorithm of this crate.
pub const ALGORITHMS: &[AlgorithmEntry] = &[
    entry::<algos::wgcsl::Wgcsl>(),
    entry::<algos::gcsl::Gcsl>(),
    entry::<algos::marwil::Marwil>(),
    entry::<algos::bc::Bc>(),
    entry::<algos::bcq::Bcq>(),
    entry::<algos::cql::Cql>(),
    entry::<algos::her::Her>(),
    entry::<algos::ddpg::Ddpg>(),
    entry::<algos::gofar::Gofar>(),
    entry::<algos::goat::Goat>(),
    entry::<algos::gciql::Gciql>(),
];

/// The algorithm of this name in [`ALGORITHMS`], if there is one.
pub fn find(name: &str) -> Option<&'static AlgorithmEntry> {
    ALGORITHMS.iter().find(|algorithm| algorithm.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_from_each_other_and_from_those_of_other_settings() {
        let mut names: Vec<_> = ALGORITHMS.iter().map(|algorithm| algorithm.name).collect();
        names.extend(["algorithm", "task", "dataset", "engine", "device", "seeds"]);
        names.extend(["train", "online", "articulation"]);
        let n_names = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), n_names);
    }
}
