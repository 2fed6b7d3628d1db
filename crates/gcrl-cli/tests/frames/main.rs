//! Pictures through the graphics driver: all ten tasks beside stored pictures, and the program that
//! draws them.
//!
//! ```text
//! cargo test -p gcrl-cli --features viewer --test frames
//! GCRL_RENEW_FRAMES=1 cargo test -p gcrl-cli --features viewer --test frames every_task
//! ```
//!
//! The first needs a Vulkan driver (Debian's `mesa-vulkan-drivers` draws without a GPU). The second
//! replaces the stored pictures, `tests/frames/pictures/*.png`; look at each of them.

mod distance;
mod program;

use distance::{BOUND, distance};
use gcrl_core::{Behavior, scene::Camera};
use gcrl_envs::TASKS;
use gcrl_recording::Recording;
use gcrl_sketch::{Picture, Size};
use gcrl_viewer::Offscreen;
use std::path::{Path, PathBuf};

const SIZE: Size = Size { width: 160, height: 120 };

/// Between two states, when things have moved.
const STEPS: f32 = 12.5;

fn recording(task: &str) -> Recording {
    let task = gcrl_envs::find(task).expect("it is registered");
    Recording::of(&mut *task.make(), &Behavior::random(), 0, 0).expect("episodes end")
}

fn draw(offscreen: &mut Offscreen, recording: &Recording) -> Picture {
    let camera = recording.about.scene.camera;
    offscreen.show(vec![recording.clone()], 1, &camera).expect("the driver draws");
    Picture::from_bytes(SIZE, &offscreen.draw(STEPS * recording.about.step_secs))
}

fn open(recording: &Recording) -> Offscreen {
    let size = [SIZE.width, SIZE.height];
    let camera = recording.about.scene.camera;
    Offscreen::open(size, vec![recording.clone()], 1, &camera).expect("there is a driver")
}

fn stored(path: &Path) -> Picture {
    let file = std::fs::read(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().expect("a PNG");
    let mut bytes = vec![0; reader.output_buffer_size().expect("it is small")];
    reader.next_frame(&mut bytes).expect("it is whole");
    Picture::from_bytes(SIZE, &bytes)
}

fn store(picture: &Picture, path: &Path) {
    let mut file = std::fs::File::create(path).expect("the folder is there");
    picture.write_png(&mut file).expect("there is room");
}

#[test]
fn every_task_looks_as_it_did() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/frames/pictures");
    let renew = std::env::var_os("GCRL_RENEW_FRAMES").is_some();
    let mut offscreen = open(&recording(TASKS[0].spec.id));
    let mut complaints = Vec::new();
    for task in TASKS {
        let name = format!("{}.png", task.spec.id);
        let found = draw(&mut offscreen, &recording(task.spec.id));
        if renew {
            store(&found, &folder.join(&name));
        }
        let off = distance(&found, &stored(&folder.join(&name)));
        if BOUND <= off {
            let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&name);
            store(&found, &place);
            complaints.push(format!("{name} is off by {off:.2}; it looks like {place:?}"));
        }
    }
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn a_changed_scene_is_farther_than_the_bound() {
    let mut offscreen = open(&recording("PointRooms"));
    for (task, bodies) in [
        ("PointRooms", &["point"][..]),
        ("FetchPush", &["block", "gripper_link"]),
        ("HandReach", &["ffdistal"]),
    ] {
        let sound = recording(task);
        let before = draw(&mut offscreen, &sound);
        assert!(draw(&mut offscreen, &sound) == before, "{task}: equal scenes are equal pictures");
        let mut expect_far = |change: &str, changed: &Recording| {
            let off = distance(&before, &draw(&mut offscreen, changed));
            assert!(BOUND < off, "{task} {change}: {off:.2}");
        };
        for body in bodies {
            expect_far(&format!("without `{body}`"), &without(body, &sound));
        }
        expect_far("from elsewhere", &turned(2.0, &sound));
        let unmarked =
            Recording { goal_points: Vec::new(), achieved_points: Vec::new(), ..sound.clone() };
        expect_far("without markers", &unmarked);
        let mut bare = sound.clone();
        if bare.about.scene.goal_radius.take().is_some() {
            expect_far("without the balls around goals", &bare);
        }
    }
}

/// The same without the shapes of a body.
fn without(body: &str, sound: &Recording) -> Recording {
    let mut changed = sound.clone();
    let scene = &mut changed.about.scene;
    let gone = scene.bodies.iter().position(|name| name == body);
    let gone = gone.unwrap_or_else(|| panic!("no `{body}` in {:?}", scene.bodies));
    scene.visuals.retain(|visual| visual.body != gone);
    changed
}

/// The same with the camera turned by degrees about the vertical through its target.
fn turned(degrees: f32, sound: &Recording) -> Recording {
    let mut changed = sound.clone();
    let Camera { target, eye } = &mut changed.about.scene.camera;
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (x, y) = (eye[0] - target[0], eye[1] - target[1]);
    (eye[0], eye[1]) = (target[0] + cos * x - sin * y, target[1] + sin * x + cos * y);
    changed
}
