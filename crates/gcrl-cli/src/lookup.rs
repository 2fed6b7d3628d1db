//! Names that users type, and the nearest known one when they mistype it.

use crate::failure::Hint;
use anyhow::anyhow;
use gcrl_envs::TaskEntry;
use gcrl_learn::AlgorithmEntry;

/// The task of this id.
pub(crate) fn task(id: &str) -> anyhow::Result<&'static TaskEntry> {
    let known = gcrl_envs::TASKS.iter().chain(gcrl_envs::VARIANTS);
    let known: Vec<_> = known.map(|task| task.spec.id).collect();
    gcrl_envs::find(id)
        .ok_or_else(|| unknown("task", id, &known))
        .hint("`gcrl tasks` lists all tasks")
}

/// The algorithm of this name.
pub(crate) fn algorithm(name: &str) -> anyhow::Result<&'static AlgorithmEntry> {
    let known: Vec<_> = gcrl_learn::ALGORITHMS.iter().map(|algorithm| algorithm.name).collect();
    gcrl_learn::find(name)
        .ok_or_else(|| unknown("algorithm", name, &known))
        .hint("`gcrl algorithms` lists all algorithms")
}

fn unknown(kind: &str, found: &str, known: &[&str]) -> anyhow::Error {
    match nearest(found, known) {
        Some(nearest) => anyhow!("unknown {kind} `{found}`; the nearest is `{nearest}`"),
        None => anyhow!("unknown {kind} `{found}`"),
    }
}

/// The known name that is most like `found`, if any is like it at all.
fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    let likeness = |name: &str| strsim::jaro_winkler(&found.to_lowercase(), &name.to_lowercase());
    known
        .iter()
        .copied()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
        .filter(|name| 0.6 < likeness(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_finds_its_neighbor_and_nonsense_finds_none() {
        assert_eq!(nearest("pointrech", &["PointRooms", "PointReach"]), Some("PointReach"));
        assert_eq!(nearest("xyzzy", &["PointRooms", "PointReach"]), None);
    }
}
