//! Policies go to other tools and come back as the same file; those of other tools act in our tasks.

use crate::place::Place;
use crate::source;

/// A place with a policy of an asset, and a model of Stable-Baselines3.
fn place() -> Place {
    let place = Place::new();
    for (name, path) in [
        ("policy", "assets/experts/PointReach-expert-v1.safetensors"),
        ("model.zip", "crates/gcrl-formats/tests/fixtures/sac.zip"),
        ("graph", "crates/gcrl-formats/tests/fixtures/torch_sequential.onnx"),
    ] {
        place.write(
            name,
            std::fs::read(source::root().join(path)).expect("the fixture is committed"),
        );
    }
    place
}

#[test]
fn a_policy_comes_back_from_every_format_as_the_same_file() {
    let place = place();
    for format in ["onnx", "npz"] {
        let export = format!("policy export policy --format {format} --out away");
        assert!(place.succeeds(&export).contains("policy of PointReach, kind `mlp`"));
        place.succeeds("policy import away --task PointReach --out back");
        assert!(place.read("back") == place.read("policy"), "{format}");
        place.succeeds(&format!("policy import away --format {format} --task PointReach --out x"));
        let other = place.run("policy import away --task PointRooms --out y");
        assert_eq!(other.code, Some(1), "{}", other.stderr);
        let says = "policy was trained for task `PointReach`, not `PointRooms`";
        assert!(other.stderr.contains(says), "{}", other.stderr);
        assert!(!place.path("y").exists());
    }
}

#[test]
fn policies_of_other_tools_act_in_our_tasks() {
    let place = place();
    let says = place.succeeds("policy import model.zip --task FetchReach --out sac");
    assert!(says.contains("13 → 8 relu → 6 relu → 4 tanh"), "{says}");
    assert!(says.contains("Stable-Baselines3 2.9.2"), "{says}");
    place.succeeds("evaluate FetchReach --policy sac --episodes 2");
    place.succeeds("policy import graph --task FetchReach --out torch");
    place.succeeds("evaluate FetchReach --policy torch --episodes 2");
}

#[test]
fn files_that_are_no_policies_are_named_with_what_is_the_matter() {
    let place = place();
    for (line, says) in [
        ("import policy --format onnx --task PointReach", "not a whole ONNX file"),
        ("import graph --format npz --task FetchReach", "cannot read policy: \"graph\""),
        ("import graph --format sb3 --task FetchReach", "cannot read policy: \"graph\""),
        ("import graph --task FetchPush", "inputs are `state` [batch, 13], where task `FetchPush`"),
        ("import model.zip --task FetchPush", "observation space is `{'achieved_goal'"),
        ("export model.zip --format onnx", "cannot read policy: \"model.zip\""),
        ("export nowhere --format npz", "cannot read policy: \"nowhere\""),
    ] {
        let finished = place.run(&format!("policy {line} --out x"));
        assert_eq!(finished.code, Some(1), "{line}: {}", finished.stderr);
        assert!(finished.stderr.contains(says), "{line}: {}", finished.stderr);
        assert!(finished.stderr.contains("hint: "), "{line}: {}", finished.stderr);
        assert!(!place.path("x").exists(), "{line}");
    }
}
