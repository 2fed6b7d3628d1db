//! Data sets of the benchmark: built by name, the same bits on any machine, and found by name.

use crate::place::{Finished, Place, TINY};
use std::process::{Child, Stdio};
use std::time::Duration;

/// The names are looked for here alone.
const HERE: (&str, &str) = ("GCRL_DATASETS", "sets");

/// What the program says when it refuses.
fn fails(place: &Place, line: &str) -> String {
    refusal(line, Finished::of(&mut place.command(line)))
}

/// What it says when it refuses, with the data sets looked for here alone.
fn fails_in(place: &Place, line: &str) -> String {
    let (name, value) = HERE;
    refusal(line, Finished::of(place.command(line).env(name, value)))
}

fn refusal(line: &str, finished: Finished) -> String {
    assert_eq!(finished.code, Some(1), "`gcrl {line}`: {}", finished.stderr);
    finished.stderr
}

/// Builds that are started before one is seen at work.
const N_BUILDS: usize = 20;

/// The folder in which a build of `PointReach/random-v1` under `sets` keeps its shards. Nothing is left
/// under `sets`.
fn shards(place: &Place) -> String {
    let find = || {
        let mut build = place.command("dataset build PointReach/random-v1 --out sets --threads 1");
        let build = build.stdout(Stdio::null()).stderr(Stdio::null());
        let mut build = build.spawn().expect("the program starts");
        let found = shards_of(&mut build, place);
        // It may have ended in the meantime.
        let _ = build.kill();
        build.wait().expect("it has ended");
        let _ = std::fs::remove_dir_all(place.path("sets"));
        found
    };
    let found = (0..N_BUILDS).find_map(|_| find());
    let found = found.unwrap_or_else(|| panic!("{N_BUILDS} builds ended, none seen with shards"));
    format!("sets/PointReach/{found}")
}

/// The name of the folder of the shards of `build`; `None` if it ended before it was seen to have one.
fn shards_of(build: &mut Child, place: &Place) -> Option<String> {
    loop {
        let entries = std::fs::read_dir(place.path("sets/PointReach")).into_iter().flatten();
        let mut names = entries.flatten().map(|it| it.file_name().to_string_lossy().into_owned());
        if let Some(name) = names.find(|name| name.ends_with(".shards")) {
            return Some(name);
        }
        if build.try_wait().expect("it can be asked").is_some() {
            return None;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_data_set_is_built_once_found_by_its_name_and_learned_from() {
    let place = Place::new();
    let built = place.succeeds("dataset build PointReach/random-v1 --out sets");
    assert!(built.starts_with("PointReach/random-v1: 2000 episodes"), "{built}");
    let again = place.succeeds("dataset build PointReach/random-v1 --out sets --threads 1");
    assert_eq!(again, "PointReach/random-v1: there already\n");
    let listed = place.succeeds("dataset list --out sets");
    let line = |name: &str| listed.lines().find(|line| line.starts_with(name)).expect(name);
    assert!(line("PointReach/random-v1").contains("there"), "{listed}");
    assert!(line("PointRooms/random-v1").contains("missing"), "{listed}");
    place.succeeds_in(HERE, "dataset verify PointReach/random-v1");
    let info = place.succeeds_in(HERE, "dataset info PointReach/random-v1 --plot returns.svg");
    assert!(info.contains("return  0 to  4"), "{info}");
    assert!(place.text("returns.svg").starts_with("<svg"));
    place.succeeds_in(
        HERE,
        &format!("train bc --dataset PointReach/random-v1 --seeds 0 --out run {TINY}"),
    );
}

#[test]
fn a_build_is_what_collecting_gives_on_any_number_of_threads() {
    let place = Place::new();
    place.succeeds("dataset build PointRooms/expert-v1 --out one --threads 1");
    place.succeeds("dataset build PointRooms/expert-v1 --out three --threads 3");
    place.succeeds(
        "collect PointRooms --behavior expert --noise-std 0.2 --random-action-probability 0.3 \
         --episodes 2000 --out collected",
    );
    let bytes = |set: &str, file: &str| place.read(&format!("{set}/{file}"));
    for file in ["episodes.safetensors", "manifest.toml"] {
        assert!(
            bytes("one/PointRooms/expert-v1", file) == bytes("three/PointRooms/expert-v1", file)
        );
        assert!(bytes("one/PointRooms/expert-v1", file) == bytes("collected", file));
    }
    assert_eq!(place.names("one/PointRooms"), ["expert-v1"], "no shard is left");
}

#[test]
fn a_build_goes_on_from_the_shards_that_are_sound() {
    let place = Place::new();
    place.succeeds("dataset build PointReach/random-v1 --out whole");
    // The shards of a program that was killed: one is whole, one is damaged.
    place.succeeds("collect PointReach --behavior random --episodes 1000 --out shard");
    let folder = shards(&place);
    let shard = |start: &str, file: &str| format!("{folder}/{start}/{file}");
    for file in ["manifest.toml", "episodes.safetensors"] {
        place.write(&shard("0", file), place.read(&format!("shard/{file}")));
        place.write(&shard("1000", file), place.read(&format!("shard/{file}")));
    }
    let mut damaged = place.read("shard/episodes.safetensors");
    *damaged.last_mut().expect("the file holds episodes") ^= 1;
    place.write(&shard("1000", "episodes.safetensors"), damaged);
    place.succeeds("dataset build PointReach/random-v1 --out sets");
    let bytes = |set: &str| place.read(&format!("{set}/PointReach/random-v1/episodes.safetensors"));
    assert!(bytes("sets") == bytes("whole"));
    assert_eq!(place.names("sets/PointReach"), ["random-v1"]);
}

#[test]
fn another_data_set_at_the_place_is_named_and_replaced_only_by_force() {
    let place = Place::new();
    place.succeeds(
        "collect PointReach --behavior random --episodes 5 --out sets/PointReach/random-v1",
    );
    let before = place.read("sets/PointReach/random-v1/episodes.safetensors");
    let refused =
        fails(&place, "dataset build --out sets PointRooms/random-v1 PointReach/random-v1");
    assert!(refused.contains("`n_episodes` is 5, not 2000"), "{refused}");
    assert!(refused.contains("hint: `--force` replaces it"), "{refused}");
    assert!(place.read("sets/PointReach/random-v1/episodes.safetensors") == before);
    assert!(!place.path("sets/PointRooms").exists(), "nothing is built before all is checked");
    let refused = fails_in(
        &place,
        &format!("train bc --dataset PointReach/random-v1 --seeds 0 --out run {TINY}"),
    );
    assert!(refused.contains("`n_episodes` is 5, not 2000"), "{refused}");
    place.succeeds("dataset build PointReach/random-v1 --out sets --force");
    place.succeeds_in(HERE, "dataset verify PointReach/random-v1");
    assert_eq!(place.names("sets/PointReach"), ["random-v1"]);
}

#[test]
fn a_data_set_that_is_not_built_is_named_with_the_command_that_builds_it() {
    let place = Place::new();
    let refused = fails_in(
        &place,
        &format!("train bc --dataset FetchPush/random-v1 --seeds 0 --out run {TINY}"),
    );
    assert!(refused.contains("`FetchPush/random-v1` is not built"), "{refused}");
    assert!(refused.contains("`gcrl dataset build FetchPush/random-v1` builds it"), "{refused}");
    let refused = fails(&place, "dataset build FetchPush/randm-v1 --out sets");
    assert!(refused.contains("the nearest is `FetchPush/random-v1`"), "{refused}");
}
