//! What every registered task promises to those who draw it, restart it and ask it for other goals.

use gcrl_core::scene::{Pose, Scene, Shape};
use gcrl_core::{Depict, Env, EnvError, seed};
use gcrl_envs::{RecordedState, RestoreRecorded, RestoreRecordedError, TASKS, TaskEntry};

/// How far goals may be from where the camera looks, in meters: the Point tasks' square is the largest.
const REACH: f32 = 8.0;

/// Parts of a recorded state, as errors name them.
const PARTS: [&str; 5] = ["observation", "achieved_goal", "qpos", "qvel", "mocap_pos"];

fn started(task: &TaskEntry) -> Box<dyn Depict> {
    let mut env = task.make();
    env.reset(11).expect("every seed starts an episode");
    env
}

/// The same episode, of an environment that also starts from recorded states.
fn restorable(task: &TaskEntry) -> Box<dyn RestoreRecorded> {
    let mut env = task.make_recorded().expect("every registered task starts from recorded states");
    env.reset(11).expect("every seed starts an episode");
    env
}

/// Takes random actions.
fn play(env: &mut dyn Env, n_steps: usize) {
    let mut rng = seed::stream(5, "scene contract", 0);
    for _ in 0..n_steps {
        let dim = env.spec().action_dim();
        let action: Vec<f32> = (0..dim).map(|_| seed::signed_unit_f32(&mut rng)).collect();
        env.step(&action).expect("actions within the horizon are taken");
    }
}

fn poses(env: &dyn Depict) -> Vec<Pose> {
    let mut poses = vec![Pose::IDENTITY; 3];
    env.poses(&mut poses);
    poses
}

fn assert_is_pose(pose: &Pose, what: &str) {
    assert!(pose.position.iter().all(|x| x.is_finite()), "{what}: {pose:?}");
    let norm: f32 = pose.rotation.iter().map(|x| x * x).sum();
    assert!((norm - 1.0).abs() < 1e-4, "{what}: {pose:?}");
}

fn sizes(shape: Shape) -> Vec<f32> {
    match shape {
        Shape::Cuboid { half_extents } => half_extents.to_vec(),
        Shape::Sphere { radius } => vec![radius],
        Shape::Capsule { radius, half_length } | Shape::Cylinder { radius, half_length } => {
            vec![radius, half_length]
        }
        Shape::Plane { half_extents } => half_extents.to_vec(),
    }
}

#[test]
fn scenes_hold_together() {
    for task in TASKS {
        let (id, Scene { bodies, visuals, camera, goal_radius }) =
            (task.spec.id, started(task).scene());
        assert!(!bodies.is_empty() && !visuals.is_empty(), "{id}");
        for visual in &visuals {
            assert!(visual.body < bodies.len(), "{id}: {visual:?}");
            assert_is_pose(&visual.in_body, id);
            let mut sizes = sizes(visual.shape).into_iter();
            assert!(sizes.all(|size| 0.0 < size && size.is_finite()), "{id}: {visual:?}");
            let material = visual.material;
            let mut shares =
                material.color.into_iter().chain([material.roughness, material.metallic]);
            assert!(shares.all(|share| (0.0..=1.0).contains(&share)), "{id}: {visual:?}");
        }
        assert_ne!(camera.eye, camera.target, "{id}");
        assert!(goal_radius.is_none_or(|radius| 0.0 < radius), "{id}");
    }
}

#[test]
fn scenes_stay_and_bodies_move() {
    for task in TASKS {
        let (id, mut env) = (task.spec.id, started(task));
        let (scene, before) = (env.scene(), poses(&*env));
        assert_eq!(before.len(), scene.bodies.len(), "{id}");
        assert_eq!(poses(&*env), before, "{id}: looking changes nothing");
        play(&mut *env, 10);
        let after = poses(&*env);
        for pose in &after {
            assert_is_pose(pose, id);
        }
        assert_ne!(after, before, "{id}: nothing moved");
        assert!(env.scene() == scene, "{id}: the scene changed");
        env.reset(11).unwrap();
        assert_eq!(poses(&*env), before, "{id}: a reset puts bodies back");
    }
}

#[test]
fn goals_are_drawn_where_the_camera_looks() {
    for task in TASKS {
        let mut env = task.make();
        let target = env.scene().camera.target;
        for seed in 0..50 {
            env.reset(seed).unwrap();
            for goal in [env.observation().desired_goal, env.observation().achieved_goal] {
                let points = env.goal_points(goal);
                assert!(!points.is_empty(), "{}", task.spec.id);
                for point in points {
                    let squares = point.iter().zip(target).map(|(a, b)| (a - b) * (a - b));
                    assert!(squares.sum::<f32>().sqrt() < REACH, "{}: {point:?}", task.spec.id);
                }
            }
        }
    }
}

#[test]
fn the_goal_that_is_asked_for_is_the_one_that_counts() {
    for task in TASKS {
        let (id, mut env) = (task.spec.id, started(task));
        let here = env.observation().achieved_goal.to_vec();
        env.set_goal(&here).unwrap();
        assert_eq!(env.observation().desired_goal, here, "{id}");
        assert_eq!(env.observation().achieved_goal, here, "{id}: asking moves nothing");
        let far: Vec<f32> = here.iter().map(|x| x + 100.0).collect();
        for goal in [&here, &far] {
            env.set_goal(goal).unwrap();
            let outcome = env.step(&vec![0.0; task.spec.action_dim()]).unwrap();
            let seen = env.observation();
            assert_eq!(seen.desired_goal, *goal, "{id}");
            assert_eq!(outcome.reward, task.spec.reward_of(seen.achieved_goal, goal), "{id}");
            assert!(*goal == here || outcome.reward == 0.0, "{id}");
        }
        let before = env.observation().desired_goal.to_vec();
        for wrong in [&far[1..], &[&far[..], &[0.0]].concat(), &vec![f32::NAN; far.len()]] {
            let refused = env.set_goal(wrong);
            assert!(matches!(refused, Err(EnvError::Goal { .. })), "{id}: {refused:?}");
        }
        assert_eq!(env.observation().desired_goal, before, "{id}");
    }
}

/// A recorded state of a task, part by part.
#[derive(Clone)]
struct Recorded([Vec<f32>; 5]);

impl Recorded {
    fn of(env: &dyn RestoreRecorded) -> Self {
        let (spec, dims) = (env.spec(), env.recorded_dims());
        let sizes = [spec.observation_dim(), spec.goal_dim(), dims.qpos, dims.qvel, dims.mocap_pos];
        Self(sizes.map(|size| vec![0.25; size]))
    }

    fn start(&self, env: &mut dyn RestoreRecorded) -> Result<(), RestoreRecordedError> {
        let [observation, achieved_goal, qpos, qvel, mocap_pos] = &self.0;
        let state = RecordedState { observation, achieved_goal, qpos, qvel, mocap_pos };
        env.start_at(&state, achieved_goal)
    }

    /// With one part that the task needs spoiled: by one number more, and by one that is none.
    fn spoiled(&self) -> Vec<(&'static str, Self)> {
        let mut all = Vec::new();
        for (place, part) in PARTS.into_iter().enumerate() {
            let (mut too_long, mut not_finite) = (self.clone(), self.clone());
            if let Some(first) = not_finite.0[place].first_mut() {
                *first = f32::NAN;
                too_long.0[place].push(0.0);
                all.extend([(part, too_long), (part, not_finite)]);
            }
        }
        all
    }
}

#[test]
fn recorded_states_that_are_none_are_refused_and_change_nothing() {
    for task in TASKS {
        let id = task.spec.id;
        let recorded = Recorded::of(&*restorable(task));
        let mut env = restorable(task);
        let before: Vec<u32> = bits(env.observation().observation);
        for (part, spoiled) in recorded.spoiled() {
            let refused = spoiled.start(&mut *env);
            let found =
                matches!(&refused, Err(RestoreRecordedError::Part { part: p, .. }) if *p == part);
            assert!(found, "{id} {part}: {refused:?}");
        }
        assert_eq!(bits(env.observation().observation), before, "{id}");
        let mut undisturbed = restorable(task);
        play(&mut *env, 5);
        play(&mut *undisturbed, 5);
        let (left, right) = (env.observation(), undisturbed.observation());
        assert_eq!(bits(left.observation), bits(right.observation), "{id}");
    }
}

#[test]
fn an_episode_from_a_recorded_state_has_a_whole_horizon_and_repeats() {
    for task in TASKS {
        let mut env = restorable(task);
        let recorded = Recorded::of(&*env);
        // Sizes are right, numbers are made up: a task may find that they are no state of it.
        if recorded.start(&mut *env).is_err() {
            continue;
        }
        let mut ends = Vec::new();
        for n_before in [3, 7] {
            env.reset(n_before as u64).unwrap();
            play(&mut *env, n_before);
            recorded.start(&mut *env).unwrap();
            play(&mut *env, 20);
            ends.push(bits(env.observation().observation));
        }
        assert_eq!(ends[0], ends[1], "{}: the start forgets what was before", task.spec.id);
        play(&mut *env, task.spec.horizon - 20);
        let action = vec![0.0; task.spec.action_dim()];
        assert!(matches!(env.step(&action), Err(EnvError::NotReset { .. })), "{}", task.spec.id);
    }
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|number| number.to_bits()).collect()
}
