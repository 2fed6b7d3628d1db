//! What every registered task promises, whatever happens in it.

use gcrl_core::rollout::{Plan, rollout, to_the_end};
use gcrl_core::seed::{self, Stream};
use gcrl_core::spec::base_id;
use gcrl_core::{Behavior, Env, EnvError, EnvPool, Field, Outcome, TaskSpec};
use gcrl_envs::{TASKS, TaskEntry, VARIANTS};
use std::collections::BTreeSet;

/// What an agent saw, in bits: equal episodes are equal to the last one.
#[derive(Debug, PartialEq)]
struct Seen {
    observation: Vec<u32>,
    achieved_goal: Vec<u32>,
    desired_goal: Vec<u32>,
}

/// A whole episode: states `0..=horizon`, and what the steps between them led to.
#[derive(Debug, PartialEq)]
struct Played {
    states: Vec<Seen>,
    outcomes: Vec<Outcome>,
}

impl Seen {
    fn now(env: &dyn Env) -> Self {
        let bits = |numbers: &[f32]| numbers.iter().map(|number| number.to_bits()).collect();
        let seen = env.observation();
        Self {
            observation: bits(seen.observation),
            achieved_goal: bits(seen.achieved_goal),
            desired_goal: bits(seen.desired_goal),
        }
    }
}

fn play(env: &mut dyn Env, seed: u64, actions: &[Vec<f32>]) -> Played {
    env.reset(seed).expect("every seed starts an episode");
    let mut played = Played { states: vec![Seen::now(env)], outcomes: Vec::new() };
    for action in actions {
        played.outcomes.push(env.step(action).expect("actions within the horizon are taken"));
        played.states.push(Seen::now(env));
    }
    played
}

fn draw_action(spec: &TaskSpec, limit: f32, rng: &mut Stream) -> Vec<f32> {
    (0..spec.action_dim()).map(|_| limit * seed::signed_unit_f32(rng)).collect()
}

/// Actions for a whole episode, each component uniform in `±limit`.
fn draw_actions(spec: &TaskSpec, limit: f32, seed: u64) -> Vec<Vec<f32>> {
    let mut rng = seed::stream(seed, "contract", 0);
    (0..spec.horizon).map(|_| draw_action(spec, limit, &mut rng)).collect()
}

/// Random actions of full range.
fn random_actions(task: &TaskEntry, seed: u64) -> Vec<Vec<f32>> {
    draw_actions(task.spec, 1.0, seed)
}

#[test]
fn what_is_seen_has_the_lengths_of_the_spec() {
    for task in TASKS {
        let mut env = task.make();
        assert_eq!(env.spec(), task.spec);
        for _ in 0..2 {
            let seen = env.observation();
            assert_eq!(seen.observation.len(), task.spec.observation_dim());
            assert_eq!(seen.achieved_goal.len(), task.spec.goal_dim());
            assert_eq!(seen.desired_goal.len(), task.spec.goal_dim());
            env.reset(0).unwrap();
        }
    }
}

#[test]
fn equal_seeds_and_actions_give_bit_equal_episodes() {
    for task in TASKS {
        for seed in [0, 1, u64::MAX] {
            let actions = random_actions(task, seed);
            let first = play(&mut *task.make(), seed, &actions);
            assert_eq!(play(&mut *task.make(), seed, &actions), first, "{}", task.spec.id);
        }
    }
}

#[test]
fn different_seeds_start_differently() {
    for task in TASKS {
        let start = |seed| play(&mut *task.make(), seed, &[]).states.remove(0);
        for seed in 0..20 {
            assert_ne!(start(seed), start(seed + 1), "{} seed {seed}", task.spec.id);
        }
    }
}

#[test]
fn a_reset_forgets_everything_before_it() {
    for task in TASKS {
        let actions = random_actions(task, 3);
        let fresh = play(&mut *task.make(), 3, &actions);
        let mut used = task.make();
        play(&mut *used, 8, &draw_actions(task.spec, 50.0, 8));
        assert_eq!(play(&mut *used, 3, &actions), fresh, "after a whole episode");
        play(&mut *used, 9, &draw_actions(task.spec, 50.0, 9)[..7]);
        assert_eq!(play(&mut *used, 3, &actions), fresh, "after an unfinished one");
    }
}

#[test]
fn the_horizon_truncates_and_nothing_ends_earlier() {
    for task in TASKS {
        let horizon = task.spec.horizon;
        assert!((1..=horizon).contains(&task.spec.n_transitions), "{}", task.spec.id);
        for seed in 0..20 {
            let played = play(&mut *task.make(), seed, &random_actions(task, seed));
            let truncated: Vec<_> = played.outcomes.iter().map(|step| step.truncated).collect();
            let expected: Vec<_> = (1..=horizon).map(|n_steps| n_steps == horizon).collect();
            assert_eq!(truncated, expected, "{} seed {seed}", task.spec.id);
        }
    }
}

#[test]
fn steps_outside_an_episode_are_refused() {
    for task in TASKS {
        let mut env = task.make();
        let not_reset = Err(EnvError::NotReset { task: task.spec.id });
        let action = vec![0.0; task.spec.action_dim()];
        assert_eq!(env.step(&action), not_reset);
        play(&mut *env, 0, &random_actions(task, 0));
        assert_eq!(env.step(&action), not_reset);
    }
}

#[test]
fn reward_and_success_follow_from_the_goals_that_are_seen() {
    for task in TASKS {
        let mut env = task.make();
        for seed in 0..50 {
            env.reset(seed).unwrap();
            for action in random_actions(task, seed) {
                let outcome = env.step(&action).unwrap();
                let seen = env.observation();
                let (achieved, desired) = (seen.achieved_goal, seen.desired_goal);
                assert_eq!(outcome.reward, task.spec.reward_of(achieved, desired));
                assert_eq!(outcome.success, task.spec.success.is_reached(achieved, desired));
            }
        }
    }
}

#[test]
fn the_desired_goal_is_constant_within_an_episode() {
    for task in TASKS {
        let played = play(&mut *task.make(), 4, &random_actions(task, 4));
        let goal = &played.states[0].desired_goal;
        assert!(played.states.iter().all(|state| state.desired_goal == *goal));
    }
}

#[test]
fn actions_beyond_the_limits_act_as_the_limits() {
    for task in TASKS {
        let beyond = draw_actions(task.spec, 5.0, 6);
        let limit = |action: &Vec<f32>| action.iter().map(|u| u.clamp(-1.0, 1.0)).collect();
        let limited: Vec<Vec<f32>> = beyond.iter().map(limit).collect();
        assert_ne!(beyond, limited);
        let expected = play(&mut *task.make(), 6, &limited);
        assert_eq!(play(&mut *task.make(), 6, &beyond), expected, "{}", task.spec.id);

        let infinite = vec![vec![f32::INFINITY; task.spec.action_dim()]; 3];
        let largest = vec![vec![1.0; task.spec.action_dim()]; 3];
        let expected = play(&mut *task.make(), 6, &largest);
        assert_eq!(play(&mut *task.make(), 6, &infinite), expected, "{}", task.spec.id);
    }
}

#[test]
fn a_bad_action_is_refused_and_the_episode_goes_on_as_if_it_had_not_been() {
    for task in TASKS {
        let (spec, actions) = (task.spec, random_actions(task, 2));
        let undisturbed = play(&mut *task.make(), 2, &actions);
        let mut env = task.make();
        env.reset(2).unwrap();
        let mut outcomes = Vec::new();
        for action in &actions {
            for component in 0..spec.action_dim() {
                let mut bad = action.clone();
                bad[component] = f32::NAN;
                assert!(matches!(env.step(&bad), Err(EnvError::ActionNotFinite { .. })));
            }
            let too_long = [&action[..], &[0.0]].concat();
            assert!(matches!(env.step(&too_long), Err(EnvError::ActionLength { .. })));
            assert!(matches!(env.step(&action[1..]), Err(EnvError::ActionLength { .. })));
            outcomes.push(env.step(action).unwrap());
        }
        assert_eq!(outcomes, undisturbed.outcomes, "{}", spec.id);
        assert_eq!(Some(&Seen::now(&*env)), undisturbed.states.last(), "{}", spec.id);
    }
}

#[test]
fn a_pool_of_any_size_makes_the_episodes_of_new_environments_again_and_again() {
    for task in TASKS {
        let plan = |n_threads| Plan { seed: 3, episodes: 4..9, n_threads };
        let random = Behavior::random();
        let expected = rollout(&|| task.make(), &random, &plan(1), &to_the_end).unwrap();
        for (n_envs, n_threads) in [(1, 1), (2, 3), (7, 2)] {
            let mut pool = EnvPool::new(&|| task.make(), n_envs);
            for _ in 0..2 {
                let found = pool.rollout(&random, &plan(n_threads), &to_the_end).unwrap();
                assert!(found == expected, "{}: {n_envs} in {n_threads}", task.spec.id);
            }
        }
    }
}

#[test]
fn ids_are_unique_and_lead_to_their_tasks() {
    let ids: BTreeSet<_> = TASKS.iter().map(|task| task.spec.id).collect();
    assert_eq!(ids.len(), TASKS.len());
    for task in TASKS {
        assert_eq!(gcrl_envs::find(task.spec.id).unwrap().spec, task.spec);
        assert!(task.spec.id.chars().all(char::is_alphanumeric), "{}", task.spec.id);
        assert!(task.spec.id.starts_with(char::is_uppercase), "{}", task.spec.id);
        assert!(task.spec.summary.ends_with('.'), "{}", task.spec.summary);
    }
}

#[test]
fn a_variant_differs_from_its_task_in_nothing_but_name_and_motion() {
    for variant in VARIANTS {
        let id = variant.spec.id;
        assert_eq!(gcrl_envs::find(id).unwrap().spec, variant.spec);
        let task = TASKS.iter().find(|task| task.spec.id == base_id(id)).expect("a task has it");
        assert_eq!(TaskSpec { id: task.spec.id, ..*variant.spec }, *task.spec, "{id}");
        let actions = &random_actions(task, 1)[..10];
        let moved = play(&mut *variant.make(), 1, actions);
        assert_eq!(play(&mut *variant.make(), 1, actions), moved, "{id}");
        assert_ne!(play(&mut *task.make(), 1, actions), moved, "{id}: joints move as in its task");
    }
}

#[test]
fn fields_have_a_snake_case_name_a_unit_and_a_length() {
    for task in TASKS {
        for fields in [task.spec.observation, task.spec.goal, task.spec.action] {
            let names: BTreeSet<_> = fields.iter().map(|field| field.name).collect();
            assert_eq!(names.len(), fields.len(), "{}: a name appears twice", task.spec.id);
            assert!(!fields.is_empty(), "{}", task.spec.id);
            fields.iter().for_each(assert_well_formed);
        }
    }
}

fn assert_well_formed(field: &Field) {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    assert!(field.name.starts_with(|c: char| c.is_ascii_lowercase()), "{field:?}");
    assert!(field.name.split('_').all(is_word), "{field:?}");
    assert!(0 < field.len, "{field:?}");
    assert!(!field.unit.trim().is_empty(), "{field:?}");
}
