//! Data sets that are not what they should be.

use super::{case, check, damage, place};
use crate::place::Place;

const SOURCE: &str = "`gcrl collect` and `gcrl dataset build` make data sets";

/// A copy of the data set `data`, with one of its files replaced.
fn spoil(place: &Place, name: &str, file: &str, bytes: impl AsRef<[u8]>) {
    for part in ["manifest.toml", "episodes.safetensors"] {
        place.write(&format!("{name}/{part}"), place.read(&format!("data/{part}")));
    }
    place.write(&format!("{name}/{file}"), bytes);
}

/// Every command that reads the data set `name` refuses it.
fn check_refused(place: &Place, name: &str, says: &'static [&'static str]) {
    for line in [
        format!("dataset info {name}"),
        format!("dataset verify {name}"),
        format!("dataset diff data {name}"),
        format!("train bc --dataset {name} --out x"),
        format!("train bc --dataset {name} --task PointReach --out x"),
    ] {
        check(place, &case(line, says, SOURCE));
    }
}

#[test]
fn damaged_and_foreign_episodes_are_refused() {
    let place = place();
    let sound = place.read("data/episodes.safetensors");
    let mut nan = sound.clone();
    let last_number = nan.len() - 4;
    nan[last_number..].copy_from_slice(&f32::NAN.to_le_bytes());
    for (name, bytes, says) in [
        ("empty", Vec::new(), &["cannot use the episodes of a dataset: \"empty/"][..]),
        ("truncated", damage::truncated(&sound), &["cannot use the episodes"]),
        ("garbage", damage::garbage(), &["cannot use the episodes"]),
        ("foreign", place.read("policy"), &["cannot use the episodes", "`actor."]),
        ("swapped", super::policies::raw(&place), &["cannot use the episodes"]),
        ("nan", nan, &["column `desired_goal` holds NaN in episode 4"]),
    ] {
        spoil(&place, name, "episodes.safetensors", bytes);
        check_refused(&place, name, says);
    }
    spoil(&place, "short", "episodes.safetensors", &sound);
    let manifest = place.text("data/manifest.toml");
    place.write("short/manifest.toml", manifest.replace("n_episodes = 5", "n_episodes = 6"));
    check_refused(&place, "short", &["has shape [5,", "where the manifest says [6,"]);
}

#[test]
fn damaged_and_newer_manifests_are_refused() {
    let place = place();
    let manifest = place.text("data/manifest.toml");
    for (name, text, says) in [
        ("empty", String::new(), &["not the manifest of a dataset: \"empty/manifest.toml\""][..]),
        (
            "truncated",
            manifest[..manifest.len() / 2].to_owned(),
            &["not the manifest of a dataset"],
        ),
        (
            "other",
            manifest.replace("gcrl-dataset", "minari"),
            &["manifest has format `minari`, not `gcrl-dataset`"],
        ),
        (
            "newer",
            manifest.replace("\nversion = 1\n", "\nversion = 2\nnew_idea = true\n"),
            &["dataset has format version 2, where this program reads up to 1"],
        ),
        ("unknown", format!("odd = 1\n{manifest}"), &["not the manifest", "unknown field `odd`"]),
        (
            "none",
            manifest.replace("n_episodes = 5", "n_episodes = 0"),
            &["dataset has no episodes"],
        ),
    ] {
        assert_ne!(text, manifest, "{name}");
        spoil(&place, name, "manifest.toml", text);
        check_refused(&place, name, says);
    }
    spoil(&place, "binary", "manifest.toml", damage::garbage());
    check_refused(&place, "binary", &["cannot read the manifest"]);
    check_refused(
        &place,
        "nowhere",
        &["cannot read the manifest of a dataset: \"nowhere/manifest.toml\""],
    );
    check_refused(&place, "policy", &["cannot read the manifest"]);
}

#[test]
fn a_flipped_bit_is_found_by_verify() {
    let place = place();
    let sound = place.read("data/episodes.safetensors");
    spoil(&place, "flipped", "episodes.safetensors", damage::flipped(&sound));
    let finished = place.run("dataset verify flipped");
    assert_eq!(finished.code, Some(1));
    assert!(finished.stdout.contains("`columns.desired_goal.blake3`"), "{}", finished.stdout);
    let expected = "error: data set is not what its manifest says: \"flipped\"\n\nhint: ";
    assert!(finished.stderr.starts_with(expected), "{}", finished.stderr);
    let says: &[&str] =
        &["data set is not what its manifest says", "`columns.desired_goal.blake3`"];
    for line in [
        "train bc --dataset flipped --out x".to_owned(),
        "train --resume run --dataset flipped --set train.n_updates=40".to_owned(),
    ] {
        check(&place, &case(line, says, "collect it again"));
    }
    let differs = place.run("dataset diff data flipped");
    assert_eq!((differs.code, &differs.stderr[..]), (Some(1), "error: data sets differ\n"));
}

#[test]
fn a_data_set_of_another_task_is_refused() {
    let place = place();
    let line = "train bc --dataset rooms --task PointReach --out x";
    let says = &["task `PointReach` was named", "dataset is of task `PointRooms`: \"rooms\""];
    check(&place, &case(line, says, "`--task`"));

    let manifest = place.text("data/manifest.toml");
    let changed = manifest.replace("within = 1.0", "within = 0.5");
    assert_ne!(changed, manifest);
    spoil(&place, "old", "manifest.toml", changed);
    let says = &["collected for another version of task `PointReach`", "reward"];
    check(&place, &case("train bc --dataset old --out x", says, "collect"));

    let unknown = manifest.replace("id = \"PointReach\"", "id = \"PointReef\"");
    spoil(&place, "unknown", "manifest.toml", unknown);
    let says = &["unknown task `PointReef`; the nearest is `PointReach`"];
    check(&place, &case("train bc --dataset unknown --out x", says, "`gcrl tasks`"));
}
