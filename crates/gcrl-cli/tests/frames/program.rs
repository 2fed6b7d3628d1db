//! The program draws through the driver: equal bytes each time, and words where it cannot.

use std::path::Path;
use std::process::{Command, Output};

fn gcrl(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gcrl"));
    command.args(line.split_whitespace()).current_dir(folder);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn two_runs_write_equal_bytes_and_say_who_draws_how_fast() {
    let folder = tempfile::tempdir().expect("there is room");
    let line = "render FetchPush --policy random --grid 2x1 --width 80 --height 60 --fps 3";
    for out in ["a.gif", "b.gif"] {
        let output = gcrl(folder.path(), &format!("{line} --out {out}")).output().expect("it runs");
        assert!(output.status.success(), "{}", text(&output.stderr));
        let said = text(&output.stdout);
        let what = "2 episodes of FetchPush (random), 80 × 60 pixels, drawn by ";
        assert!(said.starts_with(what) && !said.contains("drawn by rays"), "{said}");
        assert!(said.ends_with(&format!(" pictures/s: {out}\n")), "{said}");
    }
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("it was written");
    assert!(read("a.gif") == read("b.gif"));
}

/// Runs what must fail, and returns the lines that say why.
fn complaint(command: &mut Command) -> Vec<String> {
    let Output { status, stdout, stderr } = command.output().expect("it starts");
    let said = text(&stderr);
    assert_eq!((status.code(), text(&stdout).as_str()), (Some(1), ""), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    // Graphics drivers have words of their own.
    let ours =
        said.lines().skip_while(|line| !line.starts_with("error: ") || line.contains("XDG_"));
    ours.map(str::to_owned).collect()
}

#[test]
fn without_a_driver_rays_draw_and_who_asks_for_one_hears_what_to_install() {
    let folder = tempfile::tempdir().expect("there is room");
    let line = "render PointRooms --policy random --width 32 --height 32 --out x.png";
    let bare = |line: &str| {
        let mut command = gcrl(folder.path(), line);
        command.env("VK_DRIVER_FILES", "/dev/null").env("VK_ICD_FILENAMES", "/dev/null");
        command
    };
    let drawn = bare(line).output().expect("it starts");
    assert!(text(&drawn.stdout).contains("drawn by rays"), "{}", text(&drawn.stderr));
    let lines = complaint(&mut bare(&format!("{line} --renderer vulkan")));
    assert!(lines[0].starts_with("error: no graphics driver: "), "{lines:?}");
    assert!(lines[2].starts_with("hint: install a driver: "), "{lines:?}");
    assert!(lines[2].contains("`mesa-vulkan-drivers`") && lines[2].contains("--renderer rays"));
    let said = bare("doctor").output().expect("it starts");
    assert!(text(&said.stdout).contains("graphics       none ("), "{}", text(&said.stdout));
}

#[test]
fn a_display_that_does_not_answer_is_named() {
    let folder = tempfile::tempdir().expect("there is room");
    for name in [":987", "nonsense"] {
        let mut command = gcrl(folder.path(), "view PointRooms --policy random");
        let lines = complaint(command.env("DISPLAY", name));
        let expected = format!("error: display `{name}` cannot be used: ");
        assert!(lines[0].starts_with(&expected), "{lines:?}");
        assert!(lines[2].starts_with("hint: `gcrl render` needs no display"), "{lines:?}");
    }
}
