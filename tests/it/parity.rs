//! `gcrl parity`, on a recording whose errors are known: see `tests/traces/README.md`.

use crate::place::Place;
use crate::source;

/// A folder with `traces`, in which the recording is.
fn place() -> Place {
    let place = Place::new();
    place.write("traces/PointReach_tiny.npz", recording());
    place
}

/// The recording's bytes.
pub(crate) fn recording() -> Vec<u8> {
    let path = source::root().join("tests/traces/PointReach_tiny.npz");
    std::fs::read(path).expect("the recording is part of the project")
}

#[test]
fn a_recording_with_known_errors_is_reported_with_them() {
    let place = place();
    place.write("traces/Juggling_tiny.npz", recording());
    place.write("traces/notes.txt", "not a recording");
    insta::assert_snapshot!(place.succeeds("parity traces"), @"
    PointReach tiny: 2 episodes, 3 actions each
      median / p90 of the error after  start           1 step          3 steps  1 step, restarted
      point_in_world [1]               0 / 0  2.5e-1 / 4.5e-1  3.8e-1 / 4.7e-1         0 / 3.8e-1
      achieved_goal [1]                0 / 0  2.5e-1 / 4.5e-1  3.8e-1 / 4.7e-1         0 / 3.8e-1
      same reward 66.7 %, same success 0.0 %; return 1.00 (theirs 2.00), success 0.0 % (theirs 100.0 %)

    skipped Juggling_tiny.npz: unknown task `Juggling`
    ");
}

#[test]
fn a_file_that_cannot_be_compared_hides_no_report() {
    let place = place();
    let alone = place.succeeds("parity traces");
    place.write("traces/PointReach_bad.npz", &recording()[..99]);
    let both = place.succeeds("parity traces");
    let said = both.strip_prefix(&alone).expect("the good recording is reported as if alone");
    assert!(said.starts_with("\nskipped PointReach_bad.npz: cannot read trace: "), "{said}");
    let rows: Vec<serde_json::Value> =
        serde_json::from_str(&place.succeeds("parity traces --json")).unwrap();
    assert_eq!(rows.last().unwrap()["file"], "PointReach_bad.npz");
}

#[test]
fn json_has_a_row_for_each_field_and_horizon_and_one_for_the_trace() {
    let text = place().succeeds("parity traces --task PointReach --json");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let horizons: Vec<_> = rows
        .iter()
        .filter(|row| row["field"] == "achieved_goal")
        .map(|row| (row["horizon"].to_string(), row["median"].as_f64(), row["max"].as_f64()))
        .collect();
    // Errors after 1 step: 0 and 0.5; at the end: 0.25 and 0.5; restarted: 0, 0, 0.25, 0.5, 0, 0.
    let row = |horizon: &str, median, max| (horizon.to_owned(), Some(median), Some(max));
    let expected = [
        row("0", 0.0, 0.0),
        row("1", 0.25, 0.5),
        row("3", 0.375, 0.5),
        row("\"restart\"", 0.0, 0.5),
    ];
    assert_eq!(horizons, expected);
    assert_eq!(rows[0]["episodes"], 2);
    let trace = rows.last().unwrap();
    assert_eq!(
        (trace["task"].as_str(), trace["trace"].as_str()),
        (Some("PointReach"), Some("tiny"))
    );
    // Of six rewards, ours and theirs differ in the last two of the second episode.
    assert_eq!(trace["reward_agreement"], 4.0 / 6.0);
    assert_eq!(
        (&trace["mean_return"]["ours"], &trace["mean_return"]["theirs"]),
        (&1.0.into(), &2.0.into())
    );
    // Both recorded episodes end in success. Ours end on the radius, and outside.
    assert_eq!(trace["success_agreement"], 0.0);
}
