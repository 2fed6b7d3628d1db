//! Every registered task can be sketched.

use crate::place::Place;
use gcrl_envs::TASKS;

#[test]
fn a_sketch_of_every_task_is_a_picture_with_something_in_it() {
    let place = Place::new();
    for task in TASKS {
        let id = task.spec.id;
        let size = "--frames 3 --columns 2 --width 64 --height 48";
        place.succeeds(&format!("sketch {id} --policy random {size} --out {id}.png"));
        let file = place.read(&format!("{id}.png"));
        assert_eq!(file[..8], *b"\x89PNG\r\n\x1a\n", "{id}");
        // Width and height of a sheet of 2 × 2 frames with gaps of 4.
        assert_eq!(file[16..24], [0, 0, 0, 2 * 64 + 12, 0, 0, 0, 2 * 48 + 12], "{id}");
        // Plain paper of this size is compressed to a tenth of this.
        assert!(2_000 < file.len(), "{id}: {} bytes", file.len());
    }
}

#[test]
fn equal_seeds_give_equal_sketches() {
    let place = Place::new();
    for out in ["a.png", "b.png"] {
        let line = "sketch PointRooms --policy expert --seed 4 --frames 2 --width 64 --height 48";
        place.succeeds(&format!("{line} --out {out}"));
    }
    assert_eq!(place.read("a.png"), place.read("b.png"));
}
