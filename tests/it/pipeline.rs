//! From nothing to scored policies, and how little the way there matters: neither the number of
//! threads nor the other seeds of a run change a bit of it.

use crate::place::{Place, TINY};
use gcrl_learn::ALGORITHMS;
use gcrl_policy::TrainedPolicy;
use serde_json::Value;
use std::collections::BTreeMap;

/// A random policy's return on PointReach. Source: `envs/src/tasks/point_reach.rs`.
const RANDOM_RETURN: f64 = 1.34;

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("the program prints JSON")
}

fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<_> =
        object.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn a_data_set_is_the_same_for_any_number_of_threads() {
    let place = Place::new();
    // 130 episodes: two whole batches of environments and a part of one.
    let collect = "collect PointRooms --behavior random --episodes 130 --seed 7";
    place.succeeds(&format!("{collect} --threads 1 --out one"));
    place.succeeds(&format!("{collect} --threads 2 --out two"));
    assert!(place.files("one") == place.files("two"));
    let hashes = |folder: &str| -> BTreeMap<String, String> {
        let manifest: toml::Table = place.text(&format!("{folder}/manifest.toml")).parse().unwrap();
        let columns = manifest["columns"].as_table().unwrap().iter();
        let hash = |column: &toml::Value| column["blake3"].as_str().unwrap().to_owned();
        columns.map(|(name, column)| (name.clone(), hash(column))).collect()
    };
    assert_eq!(hashes("one"), hashes("two"));
    assert_eq!(hashes("one").len(), 4);
    assert_eq!(place.succeeds("dataset diff one two"), "equal\n");
    assert_eq!(place.succeeds("dataset verify one"), "sound: one\n");

    place.succeeds("collect PointRooms --behavior random --episodes 130 --seed 8 --out other");
    assert_ne!(hashes("one"), hashes("other"));
}

#[test]
fn every_algorithm_trains_to_a_run_folder_and_policies_that_score() {
    let place = Place::with_data(20);
    for algorithm in ALGORITHMS {
        let name = algorithm.name;
        place.succeeds(&format!("train {name} --dataset data --seeds 0..2 --out {name} {TINY}"));
        let files = place.files(name);
        for expected in ["config.toml", "results.json", "plots/return.svg", "plots/return.png"] {
            assert!(files.contains_key(expected), "{name}: {expected}");
        }
        assert!(files["plots/return.png"].starts_with(b"\x89PNG"), "{name}");
        assert!(files["plots/return.svg"].starts_with(b"<svg"), "{name}");
        for seed in 0..2 {
            assert_logged(&place, name, seed);
            let path = format!("{name}/policies/seed-{seed}.safetensors");
            let policy = TrainedPolicy::load(&place.path(&path)).unwrap();
            assert_eq!(policy.parts().training.notes["algorithm"], name);
            place.succeeds(&format!("policy info {path}"));
            assert_scored(&place.succeeds(&format!(
                "evaluate PointReach --policy {path} --episodes 10 --seed 3 --json"
            )));
        }
    }
}

/// Two evaluations of 20 updates stand in the CSV file and in that for TensorBoard.
fn assert_logged(place: &Place, run: &str, seed: u64) {
    let csv = place.text(&format!("{run}/metrics/seed-{seed}.csv"));
    let mut lines = csv.lines();
    let head: Vec<_> = lines.next().expect("there is a head line").split(',').collect();
    assert_eq!(head[0], "update");
    for name in ["return", "discounted_return", "success", "final_distance", "seconds"] {
        assert!(head.contains(&name), "{run}: {head:?}");
    }
    let updates: Vec<_> = lines.filter_map(|line| line.split(',').next()).collect();
    assert_eq!(updates, ["10", "20"], "{run}");
    let events = place.read(&format!("{run}/tensorboard/seed-{seed}/events.out.tfevents.gcrl"));
    let holds = |text: &[u8]| events.windows(text.len()).any(|window| window == text);
    assert!(holds(b"brain.Event:2") && holds(b"return"), "{run}");
}

/// Holds the promise of `--json`: these fields and no others.
fn assert_scored(text: &str) {
    let score = json(text);
    let fields =
        ["discounted_return", "episodes", "final_distance", "return", "seed", "success", "task"];
    assert_eq!(keys(&score), fields);
    assert_eq!(score["task"], "PointReach");
    assert_eq!((score["episodes"].as_u64(), score["seed"].as_u64()), (Some(10), Some(3)));
    for summary in ["return", "discounted_return", "final_distance"] {
        assert_eq!(keys(&score[summary]), ["mean", "standard_error", "std"]);
    }
    assert_eq!(keys(&score["success"]), ["high", "low", "rate"]);
}

#[test]
fn a_seed_trained_beside_others_equals_it_trained_alone_for_any_number_of_threads() {
    let place = Place::with_data(20);
    for algorithm in ALGORITHMS {
        let name = algorithm.name;
        let train = format!("train {name} --dataset data {TINY}");
        place.succeeds(&format!("{train} --seeds 3,1,2 --threads 2 --out {name}-two"));
        place.succeeds(&format!("{train} --seeds 3,1,2 --threads 1 --out {name}-one"));
        place.succeeds(&format!("{train} --seeds 1 --out {name}-alone"));
        let policy = |run: &str| place.read(&format!("{name}-{run}/policies/seed-1.safetensors"));
        assert!(policy("two") == policy("alone"), "{name}");
        assert!(place.files(&format!("{name}-one/policies")).len() == 3, "{name}");
        for part in ["policies", "plots"] {
            let files = |run: &str| place.files(&format!("{name}-{run}/{part}"));
            assert!(files("one") == files("two"), "{name}: {part}");
        }
        let results = |run: &str| place.text(&format!("{name}-{run}/results.json"));
        assert_eq!(results("one"), results("two"), "{name}");
    }
}

#[test]
fn an_evaluation_is_the_same_for_any_number_of_threads() {
    let place = Place::with_data(20);
    place.succeeds(&format!("train bc --dataset data --seeds 0 --out run {TINY}"));
    let evaluate = "evaluate PointReach --policy run/policies/seed-0.safetensors --episodes 130 \
        --noise-std 0.2 --random-action-probability 0.3 --json";
    let [one, two] = [1, 2].map(|n| place.succeeds(&format!("{evaluate} --threads {n}")));
    assert_eq!(one, two);
}

#[test]
fn wgcsl_learns_to_reach_from_random_data() {
    let place = Place::with_data(300);
    place.succeeds(
        "train wgcsl --dataset data --seeds 0 --out run --set train.n_updates=60 \
         --set train.evaluate_every=60 --set train.n_final_evaluation_episodes=200",
    );
    let results = json(&place.text("run/results.json"));
    let mean = results["seeds"][0]["evaluation"]["return"]["mean"].as_f64().unwrap();
    assert!(RANDOM_RETURN + 10.0 <= mean, "return {mean}");
}
