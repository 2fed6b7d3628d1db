//! A video by the real `ffmpeg`, read back by it.
//!
//! `cargo test --package gcrl-cli --features ffmpeg --test ffmpeg`, with `ffmpeg` and `ffprobe` on the PATH.

use std::path::Path;
use std::process::Command;

/// What a program prints, in the folder in which it runs.
fn output(program: &str, folder: &Path, line: &str) -> Vec<u8> {
    let mut command = Command::new(program);
    let output = command.args(line.split_whitespace()).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {line}: {complaints}");
    output.stdout
}

#[test]
fn a_video_of_odd_sides_shows_every_picture_in_its_colors() {
    let temporary = tempfile::tempdir().expect("there is room");
    let folder = temporary.path();
    let line =
        "render PointRooms --policy expert --renderer rays --width 161 --height 121 --fps 10";
    for out in ["x.mp4", "frames"] {
        output(env!("CARGO_BIN_EXE_gcrl"), folder, &format!("{line} --out {out}"));
    }
    let n_frames = std::fs::read_dir(folder.join("frames")).expect("it is a folder").count();

    let about = output(
        "ffprobe",
        folder,
        "-v error -count_frames -show_entries \
         stream=codec_name,pix_fmt,width,height,r_frame_rate,nb_frames,nb_read_frames,duration,color_space \
         -of default=noprint_wrappers=1 x.mp4",
    );
    let about = String::from_utf8(about).expect("it is text");
    let is_said = |fact: &str| assert!(about.lines().any(|line| line == fact), "{fact}: {about}");
    for fact in ["codec_name=h264", "pix_fmt=yuv420p", "width=162", "height=122"] {
        is_said(fact);
    }
    for fact in ["r_frame_rate=10/1", "color_space=bt709"] {
        is_said(fact);
    }
    is_said(&format!("nb_frames={n_frames}"));
    is_said(&format!("nb_read_frames={n_frames}"));
    is_said(&format!("duration={:.6}", n_frames as f64 / 10.0));

    let video = output(
        "ffmpeg",
        folder,
        "-v error -i x.mp4 -f rawvideo -pix_fmt rgb24 -vf format=rgb24,crop=161:121:0:0 -",
    );
    let frames =
        output("ffmpeg", folder, "-v error -i frames/frame-%05d.png -f rawvideo -pix_fmt rgb24 -");
    assert_eq!(video.len(), n_frames * 161 * 121 * 3);
    assert_eq!(video.len(), frames.len());
    let off: u64 = video.iter().zip(&frames).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    let mean = off as f64 / video.len() as f64;
    // An encoder smooths noise away; levels of another range would be off by 14.
    assert!(mean < 4.0, "pixels are off by {mean} of 255");
    // The green frame in the middle of the last picture's left edge; with the wrong matrix, its green is
    // off by 18.
    let last = &video[video.len() - 161 * 121 * 3..];
    let pixel = &last[3 * (60 * 161 + 2)..][..3];
    let off = pixel.iter().zip([46_u8, 160, 67]).map(|(a, b)| a.abs_diff(b)).max();
    assert!(off < Some(8), "{pixel:?}");
}
