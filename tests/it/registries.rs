//! What is registered is listed: by the program, and in README's tables.

use crate::place::{Place, TINY};
use crate::source;
use gcrl_envs::TASKS;
use gcrl_learn::ALGORITHMS;

#[test]
fn the_program_lists_every_task_and_every_algorithm_in_order() {
    let first_words = |text: String| -> Vec<String> {
        let words = text.lines().map(|line| line.split_whitespace().next().unwrap().to_owned());
        words.collect()
    };
    let place = Place::new();
    let ids: Vec<_> = TASKS.iter().map(|task| task.spec.id).collect();
    assert_eq!(first_words(place.succeeds("tasks")), ids);
    let names: Vec<_> = ALGORITHMS.iter().map(|algorithm| algorithm.name).collect();
    assert_eq!(first_words(place.succeeds("algorithms")), names);
}

#[test]
fn every_task_and_every_algorithm_is_described() {
    let place = Place::new();
    for task in TASKS {
        let text = place.succeeds(&format!("tasks {}", task.spec.id));
        assert!(text.starts_with(&format!("{}: {}\n", task.spec.id, task.spec.summary)));
        for field in [task.spec.observation, task.spec.goal, task.spec.action].concat() {
            assert!(text.contains(field.name), "{}: {}", task.spec.id, field.name);
        }
    }
    for algorithm in ALGORITHMS {
        let text = place.succeeds(&format!("algorithms {}", algorithm.name));
        assert!(text.contains(&format!("algorithm = \"{}\"\n", algorithm.name)), "{text}");
    }
}

#[test]
fn the_settings_that_are_printed_are_settings_that_train() {
    let place = Place::with_data(5);
    for algorithm in ALGORITHMS {
        let name = algorithm.name;
        place.write("run.toml", place.succeeds(&format!("algorithms {name}")));
        let train = format!("train {name} --dataset data --seeds 0 {TINY} --config run.toml");
        place.succeeds(&format!("{train} --out {name}"));
    }
}

#[test]
fn readme_s_tables_list_every_task_and_every_algorithm() {
    let readme = source::text("README.md");
    let in_a_table = |name: &str| {
        let mut rows = readme.lines().filter(|line| line.trim_start().starts_with('|'));
        let is_word =
            |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '-') == name;
        rows.any(|row| row.split(['|', ' ', ',']).any(is_word))
    };
    for name in TASKS.iter().map(|task| task.spec.id) {
        assert!(in_a_table(name), "task `{name}` is in no table of README.md");
    }
    for name in ALGORITHMS.iter().map(|algorithm| algorithm.name) {
        assert!(in_a_table(name), "algorithm `{name}` is in no table of README.md");
    }
}

#[test]
fn a_task_reads_as_a_table() {
    insta::assert_snapshot!(Place::new().succeeds("tasks PointReach"), @"
    PointReach: A point in an empty square goes to a goal.

    observation  point_in_world [2]
    goal         point_in_world [2]
    action       point_displacement [2], each in [-1, 1]
    horizon      50 control steps
    benchmark    49 transitions an episode, in data sets and returns, as in the paper
    reward       1 where the distance is at most 1, else 0
    success      the distance is less than 1 at the end
    ");
}

#[test]
fn a_policy_reads_as_a_table() {
    let place = Place::with_data(5);
    place.succeeds(&format!("train wgcsl --dataset data --seeds 3 --out run {TINY}"));
    let info = place.succeeds("policy info run/policies/seed-3.safetensors");
    insta::assert_snapshot!(info, @"
    task       PointReach
    layers     4 → 32 → 32 → 2
    inputs     2 observation, 2 goal
    clip       ±200 before normalizing, ±5 after
    algorithm  wgcsl
    dataset    data
    engine     native
    seed       3
    updates    20
    ");
}

#[test]
fn a_data_set_reads_as_a_table() {
    // Two episodes that were never at their goals: numbers here are counts, not statistics.
    let place = Place::with_data(2);
    let info = place.succeeds("dataset info data");
    let names: Vec<_> = info.lines().map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(
        names,
        [
            "task",
            "episodes",
            "behavior",
            "seed",
            "return",
            "return, before each action",
            "success at the end",
            "written by",
            "achieved_goal",
            "action",
            "desired_goal",
            "observation",
        ]
    );
    assert!(info.contains("2 (98 transitions)\n") && info.contains("random actions\n"), "{info}");
}
