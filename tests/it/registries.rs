//! What is registered is listed: by the program, and in README's tables.

use crate::place::{Place, TINY};
use crate::source;
use gcrl_core::Normalizer;
use gcrl_envs::TASKS;
use gcrl_eval::paper;
use gcrl_learn::{ALGORITHMS, Preset};
use gcrl_policy::{
    Activation, BcqParts, Network, PolicyKind, PolicyParts, TrainedPolicy, TrainingRecord,
};
use gcrl_run::reproduce::MethodPreset;

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
fn every_algorithm_is_a_method_of_the_table() {
    for algorithm in ALGORITHMS {
        let is_run = |method: &MethodPreset| {
            method.algorithm == algorithm.name && method.settings.is_empty()
        };
        assert!(MethodPreset::all().iter().any(is_run), "{}", algorithm.name);
    }
}

#[test]
fn every_task_has_a_preset_of_its_own() {
    for task in TASKS {
        assert!(Preset::of_task(task.spec.id).is_some(), "{}", task.spec.id);
    }
}

#[test]
fn every_task_of_the_paper_is_registered_in_its_order() {
    let is_of_paper = |id: &&str| paper::TASKS.contains(id);
    let ids: Vec<_> = TASKS.iter().map(|task| task.spec.id).filter(is_of_paper).collect();
    assert_eq!(ids, paper::TASKS);
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
    task             PointReach
    kind             mlp
    actor            4 → 32 relu → 32 relu → 2 tanh
    inputs           2 observation, 2 goal
    clip             ±200 before normalizing, ±5 after
    algorithm        wgcsl
    dataset          data
    engine           native
    physics_version  1
    seed             3
    updates          20
    dataset blake3   e56a1614563f05433610fcd2cb1beb9ffd18605d04d3850da53850030edc4e80
    ");
}

/// A policy of kind `bcq` for PointReach with networks that are one layer of zeros.
fn bcq_policy() -> TrainedPolicy {
    let network = |widths: [usize; 2], output| {
        let parameters = vec![0.0; (widths[0] + 1) * widths[1]];
        Network::from_parameters(&widths, Activation::Relu, output, &parameters)
    };
    let bcq = BcqParts {
        decoder: network([7, 2], Activation::Tanh),
        perturbation: network([6, 2], Activation::Tanh),
        critic: network([6, 1], Activation::Linear),
        max_perturbation: 0.05,
        latent_dim: 3,
        latents: vec![0.25; 30],
    };
    let notes = [("algorithm".to_owned(), "bcq".to_owned())].into();
    let parts = PolicyParts {
        task: "PointReach".to_owned(),
        kind: PolicyKind::Bcq(bcq),
        observation: Normalizer::identity(2, 200.0, 5.0),
        goal: Normalizer::identity(2, 200.0, 5.0),
        training: TrainingRecord { dataset_blake3: Some("0123abcd".repeat(8)), notes },
    };
    TrainedPolicy::new(parts).expect("the parts fit")
}

#[test]
fn a_policy_of_several_networks_reads_as_a_table_and_acts() {
    let place = Place::new();
    bcq_policy().save(&place.path("policy")).unwrap();
    insta::assert_snapshot!(place.succeeds("policy info policy"), @"
    task              PointReach
    kind              bcq
    decoder           7 → 2 tanh
    perturbation      6 → 2 tanh
    critic            6 → 1 linear
    latents           10 of 3 numbers
    max perturbation  ±0.05
    inputs            2 observation, 2 goal
    clip              ±200 before normalizing, ±5 after
    algorithm         bcq
    dataset blake3    0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123abcd
    ");
    place.succeeds("evaluate PointReach --policy policy --episodes 2");
}

#[test]
fn a_data_set_reads_as_a_table() {
    // Two episodes that were never at their goals: numbers here are counts, not statistics.
    let place = Place::with_data(2);
    let info = place.succeeds("dataset info data");
    let (table, histogram) = info.split_once("\n\n").unwrap();
    assert_eq!(histogram.lines().count(), 10);
    let names: Vec<_> = table.lines().map(|line| line.split("  ").next().unwrap()).collect();
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
            "physics version",
            "written by",
            "achieved_goal",
            "action",
            "desired_goal",
            "observation",
        ]
    );
    assert!(info.contains("2 (98 transitions)\n") && info.contains("random actions\n"), "{info}");
}
