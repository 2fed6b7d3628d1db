//! Every registered task can be sketched, and what is sketched is the episode that is learned from.

use crate::place::Place;
use gcrl_core::rollout::{Plan, rollout};
use gcrl_core::{Behavior, play};
use gcrl_envs::TASKS;

#[test]
fn a_played_episode_is_the_one_that_the_rollout_makes() {
    for task in TASKS {
        let plan = Plan { seed: 5, episodes: 0..3, n_threads: 1 };
        let episodes = rollout(&|| task.make(), Behavior::Uniform, &plan, &|_| {}).unwrap();
        let (view, mut n_seen) = (episodes.view(), 0);
        play(&mut *task.make(), Behavior::Uniform, 5, 2, |t, _, env| {
            let seen = env.observation();
            assert_eq!(seen.observation, view.observation(2, t), "{} {t}", task.spec.id);
            assert_eq!(seen.desired_goal, view.desired_goal(2), "{} {t}", task.spec.id);
            n_seen += 1;
        })
        .unwrap();
        assert_eq!(n_seen, task.spec.n_transitions() + 1);
    }
}

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
