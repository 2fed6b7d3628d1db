//! What determined a result: a saved checkpoint, result or data set is used again only where all of it
//! is the same, and the message names the first thing that differs.

use serde::{Deserialize, Serialize};
use std::fmt::{self, Display};
use toml::{Table, Value};

/// How this program turns settings and data into numbers; a new number for every change of results.
pub(crate) const FORMAT: u32 = 3;

/// What determined the numbers of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// How the program turned settings and data into numbers: its version of that.
    pub format: u32,
    /// Version of the task's motion, which evaluation and online training depend on.
    pub physics_version: u32,
    /// BLAKE3 of the data set's columns, in hexadecimal; absent online.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// Every setting of the run, but for the place of its data set.
    pub settings: Table,
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is, such as `train.batch_size`.
    pub what: String,
    /// What the saved one has.
    pub found: String,
    /// What is asked for now.
    pub expected: String,
}

impl Provenance {
    /// The first thing in which `self`, which was saved, differs from what is asked for now.
    ///
    /// `ignored` settings, written as `table.key`, may differ.
    pub fn difference(&self, now: &Self, ignored: &[&str]) -> Option<Difference> {
        let physics = |provenance: &Self| Some(provenance.physics_version.to_string());
        let parts = [
            ("format", Some(self.format.to_string()), Some(now.format.to_string())),
            ("physics_version", physics(self), physics(now)),
            ("dataset", self.dataset.clone(), now.dataset.clone()),
        ];
        let part = parts
            .into_iter()
            .find_map(|(what, found, expected)| Difference::between(what, found, expected));
        part.or_else(|| table_difference("", &self.settings, &now.settings, ignored))
    }
}

/// Episodes of the evaluation at the end, which training does not depend on.
pub(crate) const FINAL_EPISODES: &str = "train.n_final_evaluation_episodes";

/// The settings in which a run may differ from the one that was begun: it can be made longer, and be
/// evaluated over another number of episodes.
pub(crate) const fn may_change(
    n_updates_before: u64,
    n_updates_now: u64,
) -> &'static [&'static str] {
    if n_updates_before <= n_updates_now {
        &["train.n_updates", FINAL_EPISODES]
    } else {
        &[FINAL_EPISODES]
    }
}

/// The first difference of two tables, key by key in the order of their names.
pub(crate) fn table_difference(
    path: &str,
    found: &Table,
    expected: &Table,
    ignored: &[&str],
) -> Option<Difference> {
    table_differences(path, found, expected, ignored).into_iter().next()
}

/// All differences of two tables, key by key in the order of their names.
pub(crate) fn table_differences(
    path: &str,
    found: &Table,
    expected: &Table,
    ignored: &[&str],
) -> Vec<Difference> {
    let mut keys: Vec<&String> = found.keys().chain(expected.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let of_key = |key: &String| {
        let what = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (found.get(key), expected.get(key)) {
            (Some(Value::Table(found)), Some(Value::Table(expected))) => {
                table_differences(&what, found, expected, ignored)
            }
            _ if ignored.contains(&what.as_str()) => Vec::new(),
            (found, expected) => {
                let text = |value: Option<&Value>| value.map(Value::to_string);
                Vec::from_iter(Difference::between(&what, text(found), text(expected)))
            }
        }
    };
    keys.into_iter().flat_map(of_key).collect()
}

impl Difference {
    /// How two values of one thing differ, if they do.
    pub(crate) fn between(
        what: &str,
        found: Option<String>,
        expected: Option<String>,
    ) -> Option<Self> {
        let text = |value: Option<String>| value.unwrap_or_else(|| "absent".to_owned());
        let (what, differs) = (what.to_owned(), found != expected);
        differs.then(|| Self { what, found: text(found), expected: text(expected) })
    }
}

impl Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` was {} and is now {}", self.what, self.found, self.expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provenance(settings: &str) -> Provenance {
        Provenance {
            physics_version: 1,
            format: FORMAT,
            dataset: Some("ab".to_owned()),
            settings: settings.parse().unwrap(),
        }
    }

    #[test]
    fn the_first_difference_is_named_with_both_values() {
        let saved = provenance("task = \"A\"\n[train]\nbatch_size = 64\nn_updates = 1");
        let now = provenance("task = \"A\"\n[train]\nbatch_size = 128\nn_updates = 2");
        let difference = saved.difference(&now, &[]).unwrap();
        assert_eq!(difference.to_string(), "`train.batch_size` was 64 and is now 128");
        assert_eq!(saved.difference(&saved, &[]), None);
    }

    #[test]
    fn what_is_ignored_may_differ_and_what_is_absent_may_not() {
        let saved = provenance("[train]\nn_updates = 1");
        let longer = provenance("[train]\nn_updates = 2");
        assert_eq!(saved.difference(&longer, &["train.n_updates"]), None);
        let online = Provenance { dataset: None, ..saved.clone() };
        let difference = saved.difference(&online, &[]).unwrap();
        assert_eq!(difference.to_string(), "`dataset` was ab and is now absent");
    }
}
