//! Places for results: tried before work starts, filled as they are, never replaced.

use super::{assert_failed, case, check, place};
use crate::place::{Finished, Place};
use std::time::{Duration, Instant};

/// A minute's work that needs little memory.
const LONG: &str = "collect FetchPush --behavior random --episodes 20000";
const SHORT: &str = "collect PointReach --behavior random --episodes 3";

fn names(place: &Place, folder: &str) -> Vec<String> {
    place.files(folder).into_keys().collect()
}

#[test]
fn places_that_cannot_be_filled_are_refused_before_work_starts() {
    let place = place();
    place.write("pictures/one.png", "a picture");
    place.write("file", "a file");
    let new = "name a new folder with `--out`";
    for (out, says) in [
        ("pictures", &["folder is not empty: \"pictures\""][..]),
        ("file", &["there is a file where a folder should be: \"file\""]),
        ("file/below", &["there is a file where a folder should be: \"file/below\""]),
        ("/proc/none/set", &["cannot create the folder: \"/proc/none"]),
        ("/proc/none", &["cannot create the folder: \"/proc/none"]),
    ] {
        check(&place, &case(format!("{LONG} --out {out}"), says, new));
        let record =
            format!("evaluate PointReach --policy random --episodes 4000000 --record {out}");
        check(&place, &case(record, says, "name a new folder with `--record`"));
        let render = format!("render PointReach --policy random --renderer rays --out {out}");
        check(&place, &case(render, says, new));
    }
    for (target, says) in [
        ("--out data.gif", &["there is something other than a file: \"data.gif\""][..]),
        ("--html data.gif", &["there is something other than a file: \"data.gif\""]),
        ("--out /proc/none/x.gif", &["cannot create the folder: \"/proc/none"]),
    ] {
        std::fs::create_dir_all(place.path("data.gif")).expect("folders can be made");
        let render = format!("render PointReach --policy random {target}");
        check(&place, &case(render, says, "name another"));
    }
}

#[test]
fn what_a_command_reads_is_not_replaced() {
    let place = place();
    place.write("raw", super::policies::raw(&place));
    let says: &[&str] = &["the policy would be replaced by what is made from it: \"policy\""];
    check(&place, &case("policy export policy --format npz --out policy", says, "`--out`"));
    for line in [
        "policy export policy --format onnx --out data/a.onnx",
        "policy import raw --task PointReach --out data/a",
        "dataset info data --plot data/manifest.toml",
        "sketch PointReach --policy random --out data/a.png",
        "render PointReach --policy random --html data/a.html",
    ] {
        let says: &[&str] = &["a data set holds its own files alone", "\"data/"];
        check(&place, &case(line, says, "another folder"));
    }
}

#[test]
fn an_empty_folder_is_filled_where_it_is() {
    let place = place();
    for folder in ["here", "real", "episodes"] {
        std::fs::create_dir(place.path(folder)).expect("folders can be made");
    }
    let run_in = |folder: &str, line: &str| {
        let finished = Finished::of(place.command(line).current_dir(place.path(folder)));
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        finished.stdout
    };
    run_in("here", &format!("{SHORT} --out ."));
    assert_eq!(names(&place, "here"), ["episodes.safetensors", "manifest.toml"]);
    let score = run_in("episodes", "evaluate PointReach --policy random --episodes 2 --record .");
    assert!(score.contains("final distance"), "{score}");
    assert_eq!(names(&place, "episodes").len(), 2);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("real", place.path("link")).expect("links can be made");
        place.succeeds(&format!("{SHORT} --out link"));
        assert!(place.path("link").is_symlink());
        assert!(place.files("real") == place.files("here"));
    }
}

#[test]
fn a_place_that_is_being_filled_is_refused_and_a_killed_programs_place_is_free() {
    let place = Place::new();
    let mut first =
        place.command(&format!("{LONG} --out set --threads 1")).spawn().expect("it starts");
    let start = Instant::now();
    while names(&place, "").is_empty() {
        assert!(start.elapsed() < Duration::from_mins(1), "nothing is claimed");
        std::thread::sleep(Duration::from_millis(5));
    }
    let second = place.run(&format!("{SHORT} --out set"));
    first.kill().expect("it runs");
    first.wait().expect("it ends");
    let says = &["another program is writing this folder: \"set\""];
    assert_failed(&second, &case(SHORT, says, "name a new folder with `--out`"));
    let left = names(&place, "");
    assert!(left.len() == 1 && left[0].starts_with(".set.gcrl-"), "{left:?}");
    place.succeeds(&format!("{SHORT} --out set"));
    assert_eq!(names(&place, ""), ["set/", "set/episodes.safetensors", "set/manifest.toml"]);
}

#[test]
fn more_episodes_than_memory_holds_are_refused_before_work_starts() {
    let place = place();
    let line = "collect HandReach --behavior random --episodes 100000000 --out x";
    let says = &["100000000 episodes take", "GiB, more than there is memory: \"x\""];
    check(&place, &case(line, says, "collect fewer with `--episodes`"));
}

#[test]
fn a_single_episode_has_no_deviation() {
    let place = Place::new();
    let printed = place.succeeds("evaluate PointReach --policy random --episodes 1")
        + &place.succeeds("collect PointReach --behavior random --episodes 1 --out data")
        + &place.succeeds("dataset info data");
    assert!(!printed.contains("NaN"), "{printed}");
    let json = place.succeeds("evaluate PointReach --policy random --episodes 1 --json");
    assert!(json.contains("\"std\": null"), "{json}");
}
