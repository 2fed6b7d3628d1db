//! Videos that another program writes; here, scripts that stand for `ffmpeg`. The real one is asked in
//! `gcrl-cli`'s test `ffmpeg`.

#![cfg(unix)]

use crate::place::{Finished, Place};
use std::os::unix::fs::PermissionsExt;

/// Keeps what it is given, and writes a video to the name that comes last.
const OBEDIENT: &str = "#!/bin/sh
printf '%s ' \"$@\" > arguments
cat > pictures
for last; do :; done
printf video > \"$last\"
";

/// Starts a video and gives up without looking at a picture.
const WITHOUT_ROOM: &str = "#!/bin/sh
for last; do :; done
printf half > \"$last\"
echo '  no room for pictures  ' >&2
echo 'and more of that' >&2
exit 1
";

/// Like one that is killed.
const SILENT: &str = "#!/bin/sh
cat > /dev/null
kill -9 $$
";

/// One-second episodes, drawn small.
const LINE: &str =
    "render PointReach --policy random --renderer rays --width 33 --height 32 --fps 5";

fn place(script: &str) -> Place {
    let place = Place::new();
    place.write("bin/ffmpeg", script);
    let runnable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(place.path("bin/ffmpeg"), runnable).expect("the script is ours");
    place
}

fn run(place: &Place, line: &str) -> Finished {
    let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
    Finished::of(place.command(line).env("PATH", path))
}

#[test]
fn ffmpeg_receives_every_picture_and_the_video_takes_its_name() {
    let place = place(OBEDIENT);
    let finished = run(&place, &format!("{LINE} --out new/x.mp4"));
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(finished.stdout.contains("33 × 32 pixels, drawn by rays at "), "{}", finished.stdout);
    assert_eq!(place.text("new/x.mp4"), "video");
    assert_eq!(place.files("new").len(), 1, "nothing else is left");
    let arguments = place.text("arguments");
    for pair in ["-s 33x32 -r 5 -i pipe:0 ", "-pix_fmt rgb24 ", "-pix_fmt yuv420p ", "-f mp4 "] {
        assert!(arguments.contains(pair), "{arguments}");
    }
    place.succeeds(&format!("{LINE} --out frames"));
    let frames = place.files("frames");
    let pictures = place.read("pictures");
    assert_eq!(pictures.len(), frames.len() * 33 * 32 * 3);
    for (picture, (name, png)) in pictures.chunks(33 * 32 * 3).zip(&frames) {
        assert!(decoded(png) == picture, "{name}");
    }
}

#[test]
fn what_ffmpeg_says_is_passed_on_and_nothing_is_left() {
    for (script, says) in [
        (WITHOUT_ROOM, "error: `ffmpeg` failed: no room for pictures\n"),
        (SILENT, "error: `ffmpeg` failed: it does not say why\n"),
    ] {
        let place = place(script);
        place.write("out/x.mp4", "an older one");
        let finished = run(&place, &format!("{LINE} --out out/x.mp4"));
        assert_eq!(finished.code, Some(1));
        let complaint = &finished.stderr[finished.stderr.find("error: ").unwrap()..];
        assert!(complaint.starts_with(says), "{complaint}");
        assert!(complaint.contains("hint: write a `.gif`"), "{complaint}");
        let files: Vec<_> = place.files("out").into_iter().collect();
        assert_eq!(files, [("x.mp4".to_owned(), b"an older one".to_vec())]);
    }
}

#[test]
fn a_place_for_no_video_is_named_before_ffmpeg_is_asked() {
    let place = place(OBEDIENT);
    place.write("file", "");
    let finished = run(&place, &format!("{LINE} --out file/x.mp4"));
    assert_eq!(finished.code, Some(1));
    assert!(finished.stderr.contains("hint: free some space, or name another place"));
    assert!(!place.path("arguments").exists());
}

fn decoded(file: &[u8]) -> Vec<u8> {
    let mut reader =
        png::Decoder::new(std::io::Cursor::new(file)).read_info().expect("it is a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("it fits")];
    reader.next_frame(&mut pixels).expect("it is whole");
    pixels
}
