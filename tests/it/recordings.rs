//! Episodes that are recorded are those that are scored, and they can be watched without their task.

use crate::place::Place;
use gcrl_core::Behavior;
use gcrl_core::rollout::{Plan, rollout, to_the_end};
use gcrl_envs::TASKS;
use gcrl_recording::{Live, Recording, file_name};

const SIZE: &str = "--renderer rays --width 64 --height 48 --fps 5";

#[test]
fn a_recording_is_the_episode_that_the_rollout_makes() {
    for task in TASKS {
        let plan = Plan { seed: 5, episodes: 0..3, n_threads: 1 };
        let episodes = rollout(&|| task.make(), &Behavior::random(), &plan, &to_the_end).unwrap();
        let (view, id) = (episodes.view(), task.spec.id);
        let mut env = task.make();
        let recording = Recording::of(&mut *env, &Behavior::random(), 5, 2).unwrap();
        assert_eq!(recording.n_steps(), task.spec.n_transitions, "{id}");
        for t in 0..=recording.n_steps() {
            let dim = task.spec.observation_dim();
            let observation = &recording.observation[t * dim..(t + 1) * dim];
            assert_eq!(observation, view.observation(2, t), "{id} {t}");
        }
        let goals = view.desired_goal(2).repeat(recording.n_steps() + 1);
        assert_eq!(recording.desired_goal, goals, "{id}");
        let rewards: Vec<_> = view.rewards(task.spec, 2).collect();
        assert_eq!(recording.reward, rewards, "{id}");
        assert!(0.0 < recording.about.step_secs, "{id}");
    }
}

#[test]
fn evaluating_and_collecting_play_other_episodes_from_one_seed() {
    let place = Place::new();
    let rest = "--episodes 3 --seed 4 --threads 1";
    place.succeeds(&format!("evaluate PointRooms --policy random {rest} --record a"));
    place.succeeds(&format!("collect PointRooms --behavior random {rest} --record b --out data"));
    let recordings = |folder: &str| {
        let load = |number| Recording::load(&place.path(folder).join(file_name(number))).unwrap();
        [0, 1, 2].map(load)
    };
    let (evaluated, collected) = (recordings("a"), recordings("b"));
    assert_eq!((collected[2].about.seed, collected[2].about.number), (4, 2));
    for (evaluated, collected) in evaluated.iter().zip(&collected) {
        assert_ne!(evaluated.observation[..2], collected.observation[..2], "starts");
        assert_ne!(evaluated.desired_goal[..2], collected.desired_goal[..2], "goals");
    }
    // Each is found again by the seed in its header.
    let about = &evaluated[1].about;
    let task = gcrl_envs::find("PointRooms").unwrap();
    let again = Recording::of(&mut *task.make(), &Behavior::random(), about.seed, 1).unwrap();
    assert!(again == evaluated[1]);
}

#[test]
fn recorded_episodes_are_rendered_as_the_task_is() {
    let place = Place::new();
    let line = "collect PointRooms --behavior random --episodes 4 --seed 4 --out data";
    place.succeeds(&format!("{line} --record episodes"));
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

#[test]
fn an_episode_that_is_watched_while_it_is_made_is_the_recorded_one() {
    for task in TASKS {
        let mut live = Live::start(task.make(), Behavior::random(), 5, 2).unwrap();
        live.advance_to(7).unwrap();
        assert_eq!(live.recording().n_steps(), 7);
        live.advance_to(usize::MAX).unwrap();
        let recorded = Recording::of(&mut *task.make(), &Behavior::random(), 5, 2).unwrap();
        assert!(*live.recording() == recorded, "{}", task.spec.id);
    }
}

#[test]
fn a_goal_that_moves_at_an_earlier_state_leaves_what_led_there() {
    for task in TASKS {
        let id = task.spec.id;
        let expected = Recording::of(&mut *task.make(), &Behavior::random(), 5, 2).unwrap();
        let mut live = Live::start(task.make(), Behavior::random(), 5, 2).unwrap();
        live.advance_to(20).unwrap();
        // Away, from 12 on, and away again from 4 on, back at 8.
        let goal = &expected.desired_goal[..task.spec.goal_dim()];
        let elsewhere: Vec<_> = goal.iter().map(|part| part + 0.25).collect();
        live.set_goal(12, &elsewhere).unwrap();
        assert_eq!(live.recording().n_steps(), 12, "{id}");
        live.advance_to(15).unwrap();
        live.set_goal(4, &elsewhere).unwrap();
        live.advance_to(8).unwrap();
        live.set_goal(8, goal).unwrap();
        live.advance_to(20).unwrap();
        // Random actions do not mind the goal: only what says something of it is different.
        let found = live.recording();
        assert!(found.poses[..] == expected.poses[..found.poses.len()], "{id}");
        let asked: Vec<_> = found.desired_goal.chunks(goal.len()).collect();
        let at = |t: usize| if (4..8).contains(&t) { &elsewhere[..] } else { goal };
        assert_eq!(asked, (0..=20).map(at).collect::<Vec<_>>(), "{id}");
        assert!(live.set_goal(20, &[]).is_err(), "{id}");
        assert_eq!(live.recording().n_steps(), 20, "{id}");
    }
}
