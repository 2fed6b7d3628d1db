//! What was saved is used again only where all that determined it is the same; the message names what
//! differs. A run goes on from any folder, and can be made longer.

use crate::bad_input::{case, check};
use crate::place::{Finished, Place, TINY};
use std::process::Command;

const DATA: &str = "collect PointReach --behavior random --episodes 5";

/// A folder with the data sets `data` and `other`, and a finished run `run` on `data`.
fn place() -> Place {
    let place = Place::new();
    place.succeeds(&format!("{DATA} --seed 1 --out data"));
    place.succeeds(&format!("{DATA} --seed 2 --out other"));
    place.succeeds(&format!("train gcsl --dataset data --seeds 0 --out run {TINY}"));
    place
}

fn rename(place: &Place, from: &str, to: &str) {
    std::fs::rename(place.path(from), place.path(to)).expect("folders can be renamed");
}

/// Lets a finished run look like one that was killed after its last checkpoint.
fn forget_results(place: &Place, run: &str) {
    std::fs::remove_file(place.path(&format!("{run}/results.json"))).expect("it is there");
}

#[test]
fn a_run_is_not_resumed_on_another_data_set_at_the_same_path() {
    let place = place();
    forget_results(&place, "run");
    rename(&place, "data", "kept");
    rename(&place, "other", "data");
    let says: &[&str] = &["the run began with the dataset", "and this one is", "data\""];
    check(&place, &case("train --resume run", says, "`--dataset`"));
    // The one that the run began with is found where it is now.
    place.succeeds("train --resume run --dataset kept");
}

#[test]
fn a_run_is_resumed_from_any_folder() {
    let place = place();
    forget_results(&place, "run");
    let mut resume = Command::new(crate::place::PROGRAM);
    resume.args(["train", "--resume"]).arg(place.path("run")).current_dir("/");
    let finished = Finished::of(&mut resume);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(place.path("run/results.json").exists());
}

#[test]
fn a_checkpoint_of_another_run_is_refused_by_what_differs() {
    let place = place();
    let train = format!("train gcsl --seeds 0 {TINY}");
    place.succeeds(&format!("{train} --dataset data --out tau --set train.tau=0.5"));
    place.succeeds(&format!("{train} --dataset other --out elsewhere"));
    let checkpoint = "checkpoints/seed-0.safetensors";
    let own = place.read(&format!("run/{checkpoint}"));
    forget_results(&place, "run");
    for (from, says) in
        [("tau", "`train.tau` was 0.5 and is now 0.1"), ("elsewhere", "`dataset` was ")]
    {
        place.write(&format!("run/{checkpoint}"), place.read(&format!("{from}/{checkpoint}")));
        let finished = place.run("train --resume run");
        assert_eq!(finished.code, Some(1), "{}", finished.stderr);
        assert!(finished.stderr.starts_with("error: checkpoint is of another run"));
        assert!(finished.stderr.contains(says), "{}", finished.stderr);
    }
    place.write(&format!("run/{checkpoint}"), own);
    place.succeeds("train --resume run");
}

#[test]
fn a_finished_run_is_not_evaluated_again() {
    let place = place();
    // Without its checkpoint, only the results can say how it ended.
    std::fs::remove_dir_all(place.path("run/checkpoints")).expect("it is there");
    let before = place.files("run");
    let printed = place.succeeds("train --resume run");
    assert!(printed.contains("return"), "{printed}");
    assert!(place.files("run") == before);
}

#[test]
fn a_finished_run_made_longer_ends_as_one_that_was_longer_from_the_start() {
    let place = place();
    let long = "--set train.n_updates=40";
    place.succeeds(&format!("train gcsl --dataset data --seeds 0 --out long {TINY} {long}"));
    place.succeeds(&format!("train --resume run {long}"));
    let policy = |run: &str| place.read(&format!("{run}/policies/seed-0.safetensors"));
    assert!(policy("run") == policy("long"));
    assert_eq!(place.text("run/results.json"), place.text("long/results.json"));
}

#[test]
fn a_run_that_was_begun_can_only_become_longer() {
    let place = place();
    for case in [
        case(
            "train --resume run --set train.batch_size=64",
            &["only more updates", "`train.batch_size` was 32 and is now 64"],
            "`--out`",
        ),
        case(
            "train --resume run --set train.n_updates=10",
            &["only more updates", "`train.n_updates` was 20 and is now 10"],
            "`--out`",
        ),
    ] {
        check(&place, &case);
    }
}

#[test]
fn results_that_were_edited_are_not_believed() {
    let place = place();
    let results = place.text("run/results.json");
    place.write("run/results.json", results.replace("\"n_updates\"", "\"updates\""));
    let says: &[&str] = &["cannot read a file of the run", "results.json"];
    check(&place, &case("train --resume run", says, "delete this file"));
    place.write("run/results.json", results.replace("tau\": 0.1", "tau\": 0.3"));
    place.succeeds("train --resume run");
    assert_eq!(place.text("run/results.json"), results);
}

#[test]
fn a_benchmark_takes_only_the_data_set_that_it_would_collect() {
    let place = Place::new();
    let at = "--out out/datasets/PointReach-random";
    place.succeeds(&format!("{DATA} --seed 5 {at}"));
    let benchmark = "benchmark --tasks PointReach --data random --algorithms bc --out out";
    let line = |episodes: u32| format!("{benchmark} --episodes {episodes} --seeds 0 {TINY}");
    check(&place, &case(line(5), &["dataset has seed 5, not 0"], "`--out`"));
    check(&place, &case(line(6), &["dataset has "], "`--out`"));
    std::fs::remove_dir_all(place.path("out")).expect("it is there");
    place.succeeds(&format!("{DATA} --seed 0 {at}"));
    place.succeeds(&line(5));
}

#[test]
fn a_benchmark_of_other_settings_does_not_go_on_in_the_same_folder() {
    let place = Place::new();
    let line = "benchmark --tasks PointReach --data random --algorithms bc --episodes 5 --seeds 0 \
        --out out";
    place.succeeds(&format!("{line} {TINY}"));
    let other = format!("{line} {TINY} --set train.tau=0.5");
    let says: &[&str] = &["`train.tau` was 0.1 and is now 0.5", "PointReach-random-bc"];
    check(&place, &case(other, says, "`--out`"));
}

#[test]
fn a_benchmark_finds_what_is_wrong_before_it_begins() {
    let place = Place::new();
    let reach = format!("benchmark --tasks PointReach --out x --episodes 5 --seeds 0 {TINY}");
    for case in [
        case(
            "benchmark --tasks Reacher@rapier --algorithms bc --out x",
            &["no expert of `Reacher@rapier`"],
            "`--data random`",
        ),
        case(
            "benchmark --tasks PointReach,HandReach@rapier --algorithms bc --out x",
            &["no expert of `HandReach@rapier`"],
            "`--data random`",
        ),
        case(
            format!("{reach} --algorithms bc,wgcsl --set wgcsl.nonsense=1"),
            &["`--set wgcsl.nonsense=1`", "unknown field `nonsense`"],
            "`gcrl algorithms NAME`",
        ),
        case(
            format!("{reach} --algorithms bc,gcsl --set wgcsl.advantage_clip=1"),
            &["`--set wgcsl.advantage_clip=1` is of an algorithm that is not among"],
            "`--algorithms`",
        ),
        case(
            format!("{reach} --algorithms bc --set train.tau=3"),
            &["cannot train `bc` on `PointReach`", "train.tau must be in (0, 1]"],
            "`gcrl algorithms NAME`",
        ),
    ] {
        check(&place, &case);
    }
}

#[test]
fn a_benchmark_takes_names_once_with_blanks_around_them_and_settings_where_they_fit() {
    let place = Place::new();
    let mut command = place.command("benchmark --data random --episodes 5 --seeds 0 --out out");
    command.args(["--tasks", "PointReach, PointReach", "--algorithms", "bc, wgcsl,bc"]);
    command.args(["--set", "wgcsl.advantage_clip=3"]).args(TINY.split_whitespace());
    let finished = Finished::of(&mut command);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let rows = |method: &str| finished.stdout.lines().filter(|it| it.starts_with(method)).count();
    assert_eq!((rows("g-BC"), rows("WGCSL"), rows("PointReach")), (1, 1, 1), "{}", finished.stdout);
    let config = place.text("out/runs/PointReach-random-wgcsl/config.toml");
    assert!(config.contains("advantage_clip = 3"), "{config}");
}
