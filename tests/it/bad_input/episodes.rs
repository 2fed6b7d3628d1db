//! Recorded episodes that are not what they should be, and pictures that cannot be made.

use super::{case, check, damage};
use crate::place::Place;
use gcrl_recording::file_name;

const SOURCES: &str = "`gcrl evaluate --record`";

fn place() -> Place {
    let place = Place::new();
    place.succeeds("evaluate PointReach --policy random --episodes 2 --record episodes");
    place
}

#[test]
fn damaged_and_foreign_recordings_are_refused() {
    let place = place();
    let sound = place.read(&format!("episodes/{}", file_name(0)));
    let newer = damage::with_header_text(&sound, "\\\"version\\\":2", "\\\"version\\\":7");
    let older = damage::with_header_text(&sound, "\\\"version\\\":2", "\\\"version\\\":1");
    for (name, bytes, says) in [
        ("empty", Vec::new(), &["not a recording: \"empty\""][..]),
        ("truncated", damage::truncated(&sound), &["not a recording"]),
        ("garbage", damage::garbage(), &["not a recording"]),
        (
            "newer",
            newer,
            &["recording has format version 7, where this program reads 2: \"newer\""],
        ),
        ("older", older, &["recording has format version 1, where this program reads 2"]),
        (
            "policy",
            std::fs::read("../../assets/experts/PointReach-expert-v1.safetensors").unwrap(),
            &["without the header of a recording"],
        ),
    ] {
        place.write(name, bytes);
        check(&place, &case(format!("render {name} --out x.png"), says, SOURCES));
    }
    std::fs::create_dir(place.path("none")).unwrap();
    check(
        &place,
        &case("render none --out x.png", &["no recording in the folder: \"none\""], SOURCES),
    );
}

#[test]
fn episodes_of_a_task_that_is_not_known_here_are_shown() {
    let place = place();
    let sound = place.read(&format!("episodes/{}", file_name(0)));
    // All that is drawn is in the file.
    place.write("foreign", damage::with_header_text(&sound, "PointReach", "PointRoach"));
    let size = "--width 64 --height 48";
    let printed = place.succeeds(&format!("render foreign {size} --out x.png"));
    assert!(printed.contains("PointRoach"), "{printed}");
    place.succeeds(&format!("render foreign {size} --html x.html"));
}

#[test]
fn a_policy_of_another_task_is_not_shown() {
    let place = place();
    let expert = std::fs::read("../../assets/experts/PointReach-expert-v1.safetensors").unwrap();
    place.write("policy", expert);
    let says = &["policy was trained for task `PointReach`, not `PointRooms`"];
    let hint = "`gcrl policy info`";
    for out in ["--out x.gif", "--html x.html"] {
        let line = format!("render PointRooms --policy policy {out}");
        check(&place, &case(line, says, hint));
        let line = format!("render --task PointRooms --compare random policy {out}");
        check(&place, &case(line, says, hint));
    }
}

#[test]
fn pictures_that_cannot_be_made_are_refused_before_the_work() {
    let place = place();
    for case in [
        case("render PointReach --out x.gif", &["nobody acts in `PointReach`"], "`--policy`"),
        case("render PointRech --policy random --out x.gif", &["`PointReach`"], "`gcrl tasks`"),
        case(
            "render episodes --policy random --out x.gif",
            &["nobody acts anew"],
            "leave the policies out",
        ),
        case("render episodes --grid 3x1 --out x.gif", &["3 episodes", "2 are"], "fewer at once"),
        case("render episodes --episode 2 --out x.gif", &["2 are recorded"], "earlier ones"),
        case("render episodes --out x.avi", &["no pictures are written as `.avi`"], "`.gif`"),
        case("render episodes --fps 60 --out x.gif", &["up to 50 pictures a second"], "`.mp4`"),
        case("render nowhere --html x.html", &["unknown task `nowhere`"], "`gcrl tasks`"),
        case("render episodes --out episodes", &["folder is not empty"], "`--out`"),
        case(
            "render PointReach --policy random --renderer rays --grid 6x6 --width 99 --out x.gif",
            &["6 × 6 episodes in 99 × 360 pixels"],
            "`--width`",
        ),
        case(
            "evaluate PointReach --policy random --episodes 1 --record episodes",
            &["folder is not empty"],
            "`--record`",
        ),
    ] {
        check(&place, &case);
    }
}

#[test]
fn without_ffmpeg_the_other_ways_are_named() {
    let place = place();
    let mut command =
        place.command("render episodes --renderer rays --width 64 --height 48 --out x.mp4");
    let finished = crate::place::Finished::of(command.env("PATH", ""));
    let line = case("", &["cannot start `ffmpeg`"], "`.gif`");
    super::assert_failed(&finished, &line);
}
