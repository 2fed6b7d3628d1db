//! What differs between two records of one kind, such as manifests, entry by entry.

use serde::Serialize;
use std::fmt;
use toml::Value;

/// An entry of a record that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryDifference {
    /// Where it stands, such as `task.reward.within`.
    pub entry: String,
    /// Its value on the left, as in the file; `None` where it is missing.
    pub left: Option<String>,
    /// Its value on the right.
    pub right: Option<String>,
}

/// Compares the entries of two records of one type, in the order of their names.
///
/// # Panics
///
/// If a record is not one that TOML can hold as a table.
pub fn differences<T: Serialize>(left: &T, right: &T) -> Vec<EntryDifference> {
    let value = |record| Value::try_from(record).expect("records are TOML tables");
    let mut found = Vec::new();
    compare("", Some(&value(left)), Some(&value(right)), &mut found);
    found
}

fn compare(
    entry: &str,
    left: Option<&Value>,
    right: Option<&Value>,
    found: &mut Vec<EntryDifference>,
) {
    match (left, right) {
        (Some(Value::Table(left)), Some(Value::Table(right))) => {
            let added = right.keys().filter(|key| !left.contains_key(*key));
            for key in left.keys().chain(added) {
                let entry = if entry.is_empty() { key.clone() } else { format!("{entry}.{key}") };
                compare(&entry, left.get(key), right.get(key), found);
            }
        }
        (Some(Value::Array(left)), Some(Value::Array(right))) => {
            for i in 0..left.len().max(right.len()) {
                compare(&format!("{entry}[{i}]"), left.get(i), right.get(i), found);
            }
        }
        _ if left == right => {}
        _ => found.push(EntryDifference {
            entry: entry.to_owned(),
            left: left.map(ToString::to_string),
            right: right.map(ToString::to_string),
        }),
    }
}

impl fmt::Display for EntryDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |value: &Option<String>| value.clone().unwrap_or("missing".to_owned());
        write!(f, "`{}` is {}, not {}", self.entry, side(&self.left), side(&self.right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::tests::SPEC;
    use crate::manifest::TaskRecord;
    use gcrl_core::{SuccessRule, TaskSpec};

    #[test]
    fn entries_are_compared_wherever_they_stand() {
        let other = TaskSpec {
            reward: SuccessRule::Inside(1.0),
            observation: &SPEC.observation[..1],
            horizon: 6,
            n_transitions: 5,
            ..SPEC
        };
        let found = differences(&TaskRecord::from(&SPEC), &TaskRecord::from(&other));
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "`horizon` is 5, not 6",
                "`n_transitions` is 4, not 5",
                "`observation[1]` is { len = 1, name = \"speed\", unit = \"m/s\" }, not missing",
                "`reward.within` is 1.0, not missing",
                "`reward.inside` is missing, not 1.0",
            ]
        );
    }
}
