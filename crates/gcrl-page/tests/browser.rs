//! The page in a real browser: it draws, plays, and complains of nothing.
//!
//! `cargo test -p gcrl-page --features chromium`, with `chromium` on the PATH.

use gcrl_core::FieldRecord;
use gcrl_core::Scene;
use gcrl_core::scene::{Camera, Layer, Material, Pose, Shape, Visual};
use gcrl_recording::{About, Recording};
use std::process::Command;

/// A ball that rolls over a floor for a second; the second half is on the goal.
fn rolling(number: u64) -> Recording {
    let quantity =
        |name: &str| vec![FieldRecord { name: name.to_owned(), len: 1, unit: "m".to_owned() }];
    let visual = |body, shape| Visual {
        body,
        in_body: Pose::IDENTITY,
        shape,
        material: Material::matte(0.8, 0.3, 0.2),
        layer: Layer::Look,
    };
    let shapes = [
        visual(0, Shape::Plane { half_extents: [2.0; 2] }),
        visual(1, Shape::Sphere { radius: 0.2 }),
        visual(1, Shape::Capsule { radius: 0.05, half_length: 0.4 }),
        visual(1, Shape::Cylinder { radius: 0.1, half_length: 0.3 }),
        visual(1, Shape::Cuboid { half_extents: [0.3, 0.1, 0.1] }),
    ];
    let x = |t: usize| 0.1 * t as f32;
    Recording {
        about: About {
            task: "</script><b>Rolling".to_owned(),
            physics_version: 1,
            player: "by hand".to_owned(),
            seed: 0,
            number,
            step_secs: 0.1,
            observation: quantity("ball_in_world"),
            goal: quantity("ball_in_world"),
            action: quantity("ball_displacement"),
            scene: Scene {
                bodies: vec!["world".to_owned(), "ball".to_owned()],
                visuals: shapes.to_vec(),
                camera: Camera { target: [0.5, 0.0, 0.2], eye: [0.5, -3.0, 2.0] },
                goal_radius: Some(0.5),
            },
        },
        poses: (0..=10).flat_map(|t| [Pose::IDENTITY, Pose::at([x(t), 0.0, 0.3])]).collect(),
        observation: (0..=10).map(x).collect(),
        achieved_goal: (0..=10).map(x).collect(),
        desired_goal: vec![1.0; 11],
        action: vec![0.1; 10],
        reward: (1..=10).map(|t| if t <= 5 { 0.0 } else { 1.0 }).collect(),
        goal_points: vec![[1.0, 0.0, 0.3]; 11],
        achieved_points: (0..=10).map(|t| [x(t), 0.0, 0.3]).collect(),
    }
}

/// What is in the page after `millis` milliseconds, with `script` run at its end, and what the browser
/// complained of.
fn browse(script: &str, millis: u32) -> (String, String) {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let path = folder.path().join("page.html");
    let mut page = Vec::new();
    gcrl_page::write(&[rolling(0), rolling(1)], &mut page).expect("memory takes a page");
    page.extend(format!("<script>{script}</script>").bytes());
    std::fs::write(&path, page).expect("the folder takes a file");
    let output = Command::new("chromium")
        .args(["--headless=new", "--no-sandbox", "--disable-gpu-sandbox"])
        .args(["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--enable-logging=stderr"])
        .args(["--window-size=640,480", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("--virtual-time-budget={millis}"))
        .arg(format!("file://{}", path.display()))
        .output()
        .expect("chromium is on the PATH");
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let complaints = text(&output.stderr);
    let complaints = complaints.lines().filter(|line| line.contains("CONSOLE"));
    (text(&output.stdout), complaints.collect::<Vec<_>>().join("\n"))
}

/// Draws a frame, which writes the attributes of the page's body: a busy browser draws as seldom as it likes.
const SHOW: &str = "frame(performance.now());";

/// Goes to the address of an episode.
fn go_to(episode: usize) -> String {
    format!("location.hash = '#{episode}'; window.dispatchEvent(new Event('hashchange')); {SHOW}")
}

/// The value of an attribute of the page's body.
fn data<'a>(dom: &'a str, name: &str) -> &'a str {
    let start = format!("data-{name}=\"");
    let (_, rest) = dom.split_once(&start).unwrap_or_else(|| panic!("no {start} in {dom:.300}"));
    rest.split('"').next().unwrap_or(rest)
}

#[test]
fn the_page_plays_to_the_end_without_a_complaint() {
    // Two seconds of a clock of its own, since a busy browser draws as seldom as it likes; and the page
    // draws frames without being asked, too.
    let play = "let clock = performance.now(); for (let i = 0; i < 40; i++) frame(clock += 50);";
    let (dom, complaints) = browse(play, 20_000);
    assert_eq!(complaints, "");
    assert!(40 < data(&dom, "frames").parse::<u32>().unwrap());
    assert_eq!((data(&dom, "step"), data(&dom, "playing")), ("10", "false"));
    assert!(dom.contains("return 5, on the goal"));
    assert!(dom.contains("&lt;/script&gt;&lt;b&gt;Rolling"), "names are text");
}

#[test]
fn keys_and_the_timeline_move_through_the_episode() {
    let press =
        "const press = (key) => window.dispatchEvent(new KeyboardEvent('keydown', { key }));";
    let (dom, complaints) = browse(
        &format!(
            "{press} press('n'); press('Home'); press('ArrowRight'); press('ArrowRight'); {SHOW}"
        ),
        1_000,
    );
    assert_eq!(complaints, "");
    assert_eq!(
        (data(&dom, "step"), data(&dom, "playing"), data(&dom, "episode")),
        ("2", "false", "1")
    );
    let (dom, _) = browse(&go_to(2), 1_000);
    assert_eq!(data(&dom, "episode"), "1");
    let (dom, _) = browse(&go_to(9), 1_000);
    assert_eq!(data(&dom, "episode"), "1", "the last");
    let scrub = "const scrub = document.getElementById('scrub'); scrub.value = 0.7; scrub.dispatchEvent(new Event('input'));";
    let (dom, _) = browse(&format!("{scrub} {SHOW}"), 1_000);
    assert_eq!((data(&dom, "step"), data(&dom, "playing")), ("7", "false"));
}

#[test]
fn the_canvas_shows_the_scene() {
    // The middle of the picture is the floor's or the ball's red, not the background's gray.
    // A canvas is read in the turn in which it is drawn.
    let probe = "frame(0); const view = renderer.domElement, copy = document.createElement('canvas');\
        copy.width = view.width; copy.height = view.height;\
        const context = copy.getContext('2d'); context.drawImage(view, 0, 0);\
        const [red, green] = context.getImageData(view.width / 2 - 120, view.height / 2, 1, 1).data;\
        Object.assign(document.body.dataset, { red, green });";
    let (dom, _) = browse(probe, 20_000);
    let part = |name| data(&dom, name).parse::<i32>().unwrap();
    assert!(40 < part("red") - part("green"), "red {}, green {}", part("red"), part("green"));
}
