//! Policy files that are not what they should be.

use super::damage::{self, Tensors};
use super::{case, check, place};
use crate::place::Place;

const SOURCES: &str = "`gcrl train` writes policies";

#[cfg(unix)]
#[test]
fn a_device_that_never_ends_is_not_read() {
    let place = place();
    for (line, hint) in [
        ("evaluate PointReach --policy /dev/zero", SOURCES),
        ("train gcsl --dataset data --config /dev/zero --out x", "`--config`"),
    ] {
        check(&place, &case(line, &["it is a device, and not a file"], hint));
    }
}

/// The raw weights of the policy `policy`: what `gcrl policy import` reads.
fn raw_tensors(place: &Place) -> Tensors {
    damage::tensors(&place.read("policy"), &["actor.", "normalizer."])
}

pub(super) fn raw(place: &Place) -> Vec<u8> {
    damage::safetensors_file(&raw_tensors(place))
}

#[test]
fn damaged_and_foreign_policies_are_refused() {
    let place = place();
    let sound = place.read("policy");
    let newer = damage::with_header_text(&sound, "\\\"version\\\":2", "\\\"version\\\":7");
    let kind = damage::with_header_text(&sound, "\\\"mlp\\\"", "\\\"abc\\\"");
    for (name, bytes, says) in [
        (
            "empty",
            Vec::new(),
            &["cannot read policy: \"empty\"", "not a whole safetensors file"][..],
        ),
        ("truncated", damage::truncated(&sound), &["not a whole safetensors file"]),
        ("garbage", damage::garbage(), &["not a whole safetensors file"]),
        ("foreign", raw(&place), &["without the header of a policy"]),
        ("dataset", place.read("data/episodes.safetensors"), &["without the header of a policy"]),
        (
            "checkpoint",
            place.read("run/checkpoints/seed-0.safetensors"),
            &["without the header of a policy"],
        ),
        ("kind", kind, &["policy is of the kind `abc`, where `mlp` and `bcq` are known"]),
        ("newer", newer, &["policy has format version 7, where this program reads 1 to 2"]),
        // The last tensor is the self-test's.
        ("flipped", damage::flipped(&sound), &["self-test row 7"]),
    ] {
        place.write(name, bytes);
        check(&place, &case(format!("policy info {name}"), says, "`gcrl policy import`"));
        check(&place, &case(format!("evaluate PointReach --policy {name}"), says, SOURCES));
        let collect = format!("collect PointReach --behavior {name} --episodes 1 --out x");
        check(&place, &case(collect, says, SOURCES));
    }
    check(
        &place,
        &case(
            "evaluate PointReach --policy nowhere",
            &["cannot read policy: \"nowhere\""],
            SOURCES,
        ),
    );
    check(
        &place,
        &case("evaluate PointReach --policy data", &["cannot read policy: \"data\""], SOURCES),
    );
}

#[test]
fn a_policy_of_another_task_is_refused() {
    let place = place();
    let says = &["policy was trained for task `PointReach`, not `PointRooms`"];
    let hint = "`gcrl policy info`";
    check(&place, &case("evaluate PointRooms --policy policy", says, hint));
    check(&place, &case("collect PointRooms --behavior policy --episodes 1 --out x", says, hint));
}

#[test]
fn raw_weights_that_make_no_policy_are_refused() {
    let place = place();
    let raw = raw_tensors(&place);
    let with = |change: fn(&mut Tensors)| {
        let mut tensors = raw.clone();
        change(&mut tensors);
        damage::safetensors_file(&tensors)
    };
    let hint = "`gcrl policy import --help`";
    for (name, bytes, says) in [
        (
            "nan",
            with(|raw| raw.get_mut("actor.1.bias").unwrap().1[2] = f32::NAN),
            &["number 2 of `actor.1.bias` is NaN"][..],
        ),
        (
            "missing",
            with(|raw| drop(raw.remove("actor.1.bias"))),
            &["tensor `actor.1.bias` is missing"],
        ),
        (
            "extra",
            with(|raw| drop(raw.insert("critic".to_owned(), (vec![1], vec![0.0])))),
            &["unknown tensor `critic`"],
        ),
        (
            "zero",
            with(|raw| raw.get_mut("normalizer.goal.std").unwrap().1[0] = 0.0),
            &["number 0 of `normalizer.goal.std` is 0, not positive"],
        ),
        (
            "shape",
            with(|raw| drop(raw.insert("actor.1.bias".to_owned(), (vec![1], vec![0.0])))),
            &["layer 1 of `actor` holds"],
        ),
        ("empty", Vec::new(), &["not a whole safetensors file"]),
        ("garbage", damage::garbage(), &["not a whole safetensors file"]),
        // A finished policy is not raw: it knows its task already.
        ("finished", place.read("policy"), &["unknown tensor `self_test."]),
    ] {
        place.write(name, bytes);
        let import = format!("policy import {name} --task PointReach --out x");
        check(&place, &case(import, says, hint));
    }
    let missing = "policy import nowhere --task PointReach --out x";
    check(&place, &case(missing, &["cannot read policy: \"nowhere\""], hint));

    place.write("sound", damage::safetensors_file(&raw));
    let import = "policy import sound --task PointReach";
    check(
        &place,
        &case(
            format!("{import} --norm-clip 0 --out x"),
            &["`normalizer.observation.output_clip` is 0, not positive"],
            hint,
        ),
    );
    check(
        &place,
        &case("policy import sound --task PointRech --out x", &["`PointReach`"], "`gcrl tasks`"),
    );
    place.succeeds(&format!("{import} --out imported"));
    place.succeeds("evaluate PointReach --policy imported");
}
