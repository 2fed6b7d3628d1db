//! Recordings of other simulators that are not what they should be.

use super::{case, check, damage};
use crate::parity::recording;
use crate::place::Place;

const LAYOUT: &str = "`gcrl parity --help`";

/// The recording with every name of an array replaced by another, which is as long.
fn renamed(from: &str, to: &str) -> Vec<u8> {
    replaced(recording(), from, to)
}

fn replaced(mut bytes: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "the archive's places stand in it");
    let starts = 0..bytes.len() - from.len();
    for start in starts {
        if bytes[start..].starts_with(from.as_bytes()) {
            bytes[start..start + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    bytes
}

/// The recording with the first letter of every array's name replaced.
fn foreign() -> Vec<u8> {
    let names = ["observation", "achieved_goal", "desired_goal", "action", "reward"];
    names.iter().fold(recording(), |bytes, name| {
        let (from, to) = (format!("{name}.npy"), format!("x{}.npy", &name[1..]));
        replaced(bytes, &from, &to)
    })
}

#[test]
fn damaged_recordings_are_refused() {
    let place = Place::new();
    for (folder, bytes, says) in [
        ("empty", Vec::new(), &["cannot read trace: \"empty/PointReach_x.npz\""][..]),
        ("truncated", damage::truncated(&recording()), &["cannot read trace"]),
        ("garbage", damage::garbage(), &["cannot read trace"]),
        ("missing", renamed("reward.npy", "rowerd.npy"), &["trace has no array `reward`"]),
        ("foreign", foreign(), &["trace has arrays", "none of `observation`"]),
        ("swapped", renamed("action.npy", "motion.npy"), &["trace has no array `action`"]),
    ] {
        place.write(&format!("{folder}/PointReach_x.npz"), bytes);
        check(&place, &case(format!("parity {folder}"), says, LAYOUT));
        check(&place, &case(format!("parity {folder} --task PointReach --json"), says, LAYOUT));
    }
}

#[test]
fn folders_and_tasks_without_recordings_are_named() {
    let place = Place::new();
    place.write("traces/PointReach_tiny.npz", recording());
    place.write("others/Juggling_tiny.npz", recording());
    place.write("two/Juggling_tiny.npz", recording());
    place.write("two/Walking_tiny.npz", recording());
    for case in [
        case("parity nowhere", &["cannot read folder: \"nowhere\""], ""),
        case(
            "parity others",
            &[
                "no recording that can be compared is in folder: \"others\"",
                "unknown task `Juggling`",
            ],
            LAYOUT,
        ),
        case("parity two", &["Juggling_tiny.npz: unknown task `Juggling`", ", and 1 more"], LAYOUT),
        case("parity traces --task PointRooms", &["no recording"], LAYOUT),
        case("parity traces --task PointRech", &["`PointReach`"], "`gcrl tasks`"),
    ] {
        check(&place, &case);
    }
}

#[test]
fn how_joints_move_is_no_setting_but_a_task() {
    let place = Place::with_data(2);
    let moved = "train bc --dataset data --out x --set articulation=rapier";
    check(
        &place,
        &case(
            moved,
            &["the task that rapier moves is `PointReach@rapier`"],
            "`gcrl algorithms NAME`",
        ),
    );
    let of_another_robot = "evaluate PointReach@rapier --policy random";
    let says = &["unknown task `PointReach@rapier`; the nearest is `PointReach`"];
    check(&place, &case(of_another_robot, says, "`gcrl tasks`"));
    let mistyped = "evaluate handreach@rapir --policy random";
    check(&place, &case(mistyped, &["the nearest is `HandReach@rapier`"], "`gcrl tasks`"));
    let other = "train bc --task HandReach --dataset hand --out x";
    place.succeeds("collect HandReach@rapier --behavior random --episodes 1 --out hand");
    let says = &["task `HandReach` was named", "dataset is of task `HandReach@rapier`"];
    check(&place, &case(other, says, "`--task`"));
}
