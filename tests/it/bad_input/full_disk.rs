//! A disk that is full.
//!
//! A limit on the size of files stands in for it: with its signal ignored, a write beyond the limit
//! fails, as on a full disk, but with another of the system's reasons.

use super::place;
use crate::place::{Finished, PROGRAM, Place, TINY};
use std::process::Command;

/// Runs the program where files can hold `blocks` of 512 bytes and no more.
fn run_with_full_disk(place: &Place, blocks: u32, line: &str) -> Finished {
    let script = format!("ulimit -f {blocks}; trap '' XFSZ; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, PROGRAM]).args(line.split_whitespace());
    Finished::of(command.current_dir(place.path("")))
}

fn assert_refused(finished: &Finished, place: &str) {
    let stderr = &finished.stderr;
    assert_eq!((finished.code, &finished.stdout[..]), (Some(1), ""), "{stderr}");
    assert!(stderr.starts_with("error: cannot write: "), "{stderr}");
    assert!(stderr.contains(place) && stderr.contains("too large"), "{stderr}");
    assert!(stderr.contains("\n\nhint: free some space"), "{stderr}");
}

#[test]
fn collecting_leaves_nothing() {
    let place = place();
    let before = place.files("");
    let collect = "collect PointReach --behavior random --episodes 50 --out x";
    assert_refused(&run_with_full_disk(&place, 4, collect), "episodes.safetensors");
    assert!(place.files("") == before);
    place.succeeds(collect);
}

#[test]
fn a_data_set_stays_until_the_one_that_replaces_it_is_whole() {
    let place = Place::new();
    place.succeeds(
        "collect PointReach --behavior random --episodes 5 --out sets/PointReach/random-v1",
    );
    let is_old = |(name, _): &(&String, &Vec<u8>)| !name.contains("/.");
    let build = "dataset build PointReach/random-v1 --out sets --force";
    let before = place.files("sets");
    // Room for a shard, and not for the whole.
    assert_refused(&run_with_full_disk(&place, 3500, build), "episodes.safetensors");
    let after = place.files("sets");
    assert!(after.iter().filter(is_old).eq(before.iter()));
    place.succeeds(build);
    let whole = place.files("sets");
    assert!(
        whole != before && whole.keys().all(|name| !name.contains("/.")),
        "nothing is left over"
    );
}

#[test]
fn importing_leaves_nothing() {
    let place = place();
    place.write("raw", super::policies::raw(&place));
    let before = place.files("");
    let import = "policy import raw --task PointReach --out x";
    assert_refused(&run_with_full_disk(&place, 1, import), "\"x\"");
    assert!(place.files("") == before);
}

#[test]
fn a_run_that_cannot_begin_can_begin_later() {
    let place = place();
    let before = place.files("");
    let train = format!("train bc --dataset data --seeds 0 --out x {TINY}");
    assert_refused(&run_with_full_disk(&place, 0, &train), "data.json");
    let mut after = place.files("");
    after.retain(|name, _| !name.starts_with("x/"));
    assert!(after == before);
    place.succeeds(&train);
}

#[test]
fn a_run_that_cannot_go_on_is_resumed_later() {
    let place = place();
    let train = format!("train bc --dataset data --seeds 0 {TINY}");
    place.succeeds(&format!("{train} --out whole"));
    let before = place.files("");
    let full = run_with_full_disk(&place, 4, &format!("{train} --out x"));
    assert_refused(&full, "checkpoints/seed-0.safetensors");
    let mut after = place.files("");
    let temporary = after.keys().find(|name| name.contains(".gcrl-"));
    assert_eq!(temporary, None);
    after.retain(|name, _| !name.starts_with("x/"));
    assert!(after == before);
    place.succeeds("train --resume x");
    assert!(place.files("x/policies") == place.files("whole/policies"));
}
