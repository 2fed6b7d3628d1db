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
fn a_finished_run_can_be_evaluated_over_other_episodes() {
    let place = place();
    for n_episodes in [16, 4] {
        let other = format!("--set train.n_final_evaluation_episodes={n_episodes}");
        let policy = place.read("run/policies/seed-0.safetensors");
        let fresh = format!("fresh-{n_episodes}");
        place
            .succeeds(&format!("train gcsl --dataset data --seeds 0 --out {fresh} {TINY} {other}"));
        place.succeeds(&format!("train --resume run {other}"));
        assert!(place.read("run/policies/seed-0.safetensors") == policy);
        assert_eq!(place.text("run/results.json"), place.text(&format!("{fresh}/results.json")));
    }
}

#[test]
fn a_run_that_is_being_made_longer_has_no_results() {
    let place = place();
    std::fs::remove_file(place.path("run/checkpoints/seed-0.safetensors")).expect("it is there");
    std::fs::create_dir(place.path("run/checkpoints/seed-0.safetensors")).expect("it is free");
    let finished = place.run("train --resume run --set train.n_updates=40");
    assert_eq!(finished.code, Some(1), "{}", finished.stderr);
    assert!(!place.path("run/results.json").exists(), "its policies are those of a longer run");
}

#[test]
fn seeds_that_trained_together_are_not_begun_again_alone() {
    let place = place();
    place.succeeds(&format!("train bc --dataset data --seeds 0..2 --out two {TINY}"));
    forget_results(&place, "two");
    std::fs::remove_file(place.path("two/checkpoints/seed-1.safetensors")).expect("it is there");
    // As a GPU leaves it.
    rename(&place, "two/checkpoints/seed-0.safetensors", "two/checkpoints/all-seeds.safetensors");
    let says: &[&str] = &["training on the other kind of device", "all-seeds.safetensors"];
    check(&place, &case("train --resume two", says, "`--out`"));
}

#[test]
fn a_damaged_policy_of_a_finished_run_is_made_again() {
    let place = place();
    let policy = "run/policies/seed-0.safetensors";
    let whole = place.read(policy);
    place.write(policy, "junk");
    place.succeeds("train --resume run");
    assert!(place.read(policy) == whole);
}

#[test]
fn a_run_that_lost_the_place_of_its_data_set_is_told_it() {
    let place = place();
    forget_results(&place, "run");
    std::fs::remove_file(place.path("run/data.json")).expect("it is there");
    let says: &[&str] = &["which says where the run's data set is, is gone", "\"run\""];
    check(&place, &case("train --resume run", says, "`--dataset`"));
    place.succeeds("train --resume run --dataset data");
    place.succeeds("train --resume run --set train.n_updates=40");
}

#[test]
fn a_run_that_was_begun_keeps_its_settings() {
    let place = place();
    for case in [
        case(
            "train --resume run --set train.batch_size=64",
            &[
                "a run that was begun can have more updates",
                "`train.batch_size` was 32 and is now 64",
            ],
            "`--out`",
        ),
        case(
            "train --resume run --set train.n_updates=10",
            &[
                "a run that was begun can have more updates",
                "`train.n_updates` was 20 and is now 10",
            ],
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
