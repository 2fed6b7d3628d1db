//! Episodes that are recorded are those that are scored, and they can be watched without their task.

use crate::place::Place;
use gcrl_core::rollout::{Plan, rollout};
use gcrl_core::{Behavior, Env};
use gcrl_envs::TASKS;
use gcrl_recording::{Recording, file_name};

const SIZE: &str = "--width 64 --height 48 --fps 5";

#[test]
fn a_recording_is_the_episode_that_the_rollout_makes() {
    for task in TASKS {
        let plan = Plan { seed: 5, episodes: 0..3, n_threads: 1 };
        let episodes = rollout(&|| task.make(), Behavior::Uniform, &plan, &|_| {}).unwrap();
        let (view, id) = (episodes.view(), task.spec.id);
        let mut env: Box<dyn Env> = task.make();
        let recording = Recording::of(&mut *env, Behavior::Uniform, "random", 5, 2).unwrap();
        assert_eq!(recording.n_steps(), task.spec.n_transitions(), "{id}");
        for t in 0..=recording.n_steps() {
            let dim = task.spec.observation_dim();
            let observation = &recording.observation[t * dim..(t + 1) * dim];
            assert_eq!(observation, view.observation(2, t), "{id} {t}");
        }
        assert_eq!(recording.desired_goal, view.desired_goal(2), "{id}");
        let rewards: Vec<_> = view.rewards(task.spec, 2).collect();
        assert_eq!(recording.reward, rewards, "{id}");
        assert!(0.0 < recording.about.step_secs, "{id}");
    }
}

#[test]
fn evaluating_and_collecting_record_equal_episodes() {
    let place = Place::new();
    let rest = "--episodes 3 --seed 4 --threads 1";
    place.succeeds(&format!("evaluate PointRooms --policy random {rest} --record a"));
    place.succeeds(&format!("collect PointRooms --behavior random {rest} --record b --out data"));
    assert_eq!(place.files("a").len(), 3);
    assert!(place.files("a") == place.files("b"));
    let recording = Recording::load(&place.path("a").join(file_name(2))).unwrap();
    assert_eq!((recording.about.seed, recording.about.number), (4, 2));
}

#[test]
fn recorded_episodes_are_rendered_as_the_task_is() {
    let place = Place::new();
    place.succeeds("evaluate PointRooms --policy random --episodes 4 --seed 4 --record episodes");
    place.succeeds(&format!("render episodes --grid 2x2 {SIZE} --out a.png"));
    let line = format!("render PointRooms --policy random --seed 4 --grid 2x2 {SIZE}");
    place.succeeds(&format!("{line} --out b.png"));
    assert!(place.read("a.png") == place.read("b.png"));
    place.succeeds(&format!("{line} --camera top --out top.png"));
    assert!(place.read("a.png") != place.read("top.png"));
    place.succeeds(&format!("render episodes/{} {SIZE} --out one.gif", file_name(3)));
    assert_eq!(place.read("one.gif")[..6], *b"GIF89a");
    place.succeeds(&format!("render episodes {SIZE} --speed 4 --out frames/"));
    let names: Vec<_> = place.files("frames").into_keys().collect();
    // 4.9 s at four times the speed and 0.6 s of the end, at 5 pictures a second.
    assert_eq!(names.len(), 11);
    assert_eq!(names[10], "frame-00010.png");
}

#[test]
fn policies_are_compared_on_the_same_episodes() {
    let place = Place::new();
    let line = format!("render PointReach --policy random --policy expert {SIZE}");
    let printed = place.succeeds(&format!("{line} --out a.png"));
    assert!(printed.starts_with("2 episodes of PointReach (random, expert), "), "{printed}");
}
