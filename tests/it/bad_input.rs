//! What a user does wrong meets one clear message and, where something can be done, a hint. Nothing
//! panics, nothing that was there is changed, nothing half-written stays.

mod damage;
mod data_sets;
mod episodes;
mod file_systems;
mod full_disk;
mod interruptions;
mod output_paths;
mod policies;
mod recordings;
mod threads;
mod usage;

use crate::place::{Finished, Place, TINY};
use std::collections::BTreeMap;

/// A command that is to fail.
pub(crate) struct Case {
    /// Its arguments.
    line: String,
    /// What its message says, piece by piece.
    says: &'static [&'static str],
    /// A piece of its hint; empty where there is none.
    hint: &'static str,
}

pub(crate) fn case(
    line: impl Into<String>,
    says: &'static [&'static str],
    hint: &'static str,
) -> Case {
    Case { line: line.into(), says, hint }
}

/// Runs a case, which must fail by its words and leave every file as it was.
pub(crate) fn check(place: &Place, case: &Case) {
    let before = place.files("");
    let finished = place.run(&case.line);
    assert_failed(&finished, case);
    assert_unchanged(&before, &place.files(""), &case.line);
}

fn assert_failed(finished: &Finished, Case { line, says, hint }: &Case) {
    let Finished { code, stdout, stderr } = finished;
    assert_eq!(*code, Some(1), "`gcrl {line}`: {stderr}");
    assert_eq!(stdout, "", "`gcrl {line}`");
    let (message, advice) = stderr.split_once("\n\n").unwrap_or((stderr, ""));
    assert!(message.starts_with("error: "), "`gcrl {line}`: {stderr}");
    for part in [message, advice] {
        assert!(part.lines().count() <= 1, "`gcrl {line}` takes more than a line: {stderr}");
    }
    for noise in ["panicked", "backtrace", "RUST_", "Error {", "Err("] {
        assert!(!stderr.contains(noise), "`gcrl {line}`: {stderr}");
    }
    for piece in *says {
        assert!(message.contains(piece), "`gcrl {line}` does not say `{piece}`: {stderr}");
    }
    assert_eq!(advice.starts_with("hint: "), !hint.is_empty(), "`gcrl {line}`: {stderr}");
    assert!(advice.contains(hint), "`gcrl {line}` does not hint `{hint}`: {stderr}");
}

fn assert_unchanged(
    before: &BTreeMap<String, Vec<u8>>,
    after: &BTreeMap<String, Vec<u8>>,
    line: &str,
) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(after), names(before), "`gcrl {line}` leaves files");
    assert!(after == before, "`gcrl {line}` changes files");
}

/// A folder with the data sets `data` (PointReach) and `rooms` (PointRooms), and the run `run` with
/// the policy `policy`.
fn place() -> Place {
    let place = Place::with_data(5);
    place.succeeds("collect PointRooms --behavior random --episodes 5 --out rooms");
    place.succeeds(&format!("train gcsl --dataset data --seeds 0 --out run {TINY}"));
    place.write("policy", place.read("run/policies/seed-0.safetensors"));
    place
}
