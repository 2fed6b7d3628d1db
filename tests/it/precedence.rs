//! Defaults, then `--config`, then `--set`, then flags of their own: what was given last and most
//! plainly wins, and contradictions are named.

use crate::bad_input::{case, check};
use crate::place::{Place, TINY};
use toml::Table;

/// The settings that a run was trained with.
fn config(place: &Place, run: &str) -> Table {
    place.text(&format!("{run}/config.toml")).parse().expect("settings are TOML")
}

/// A folder with the data sets `first`, `second` (both of PointReach) and `rooms` (of PointRooms), and
/// the run `run` of `bc` on `first`.
fn place() -> Place {
    let place = Place::new();
    for (name, task, seed) in
        [("first", "PointReach", 1), ("second", "PointReach", 2), ("rooms", "PointRooms", 3)]
    {
        place.succeeds(&format!(
            "collect {task} --behavior random --episodes 5 --seed {seed} --out {name}"
        ));
    }
    place.succeeds(&format!("train bc --dataset first --seeds 0 --out run {TINY}"));
    place
}

#[test]
fn a_data_set_that_was_named_wins_over_that_of_a_file() {
    let place = place();
    place.succeeds(&format!(
        "train bc --dataset second --config run/config.toml --seeds 0 --out second-run {TINY}"
    ));
    place.succeeds(&format!("train bc --dataset second --seeds 0 --out alone {TINY}"));
    assert_eq!(config(&place, "second-run")["dataset"].as_str(), Some("second"));
    let policy = |run: &str| place.read(&format!("{run}/policies/seed-0.safetensors"));
    assert!(policy("second-run") == policy("alone"));
    assert!(policy("second-run") != policy("run"));
}

#[test]
fn the_task_of_a_data_set_that_was_named_wins_over_that_of_a_file() {
    let place = place();
    place.succeeds(&format!(
        "train bc --dataset rooms --config run/config.toml --out rooms-run {TINY}"
    ));
    assert_eq!(config(&place, "rooms-run")["task"].as_str(), Some("PointRooms"));
}

#[test]
fn online_training_and_its_task_win_over_those_of_a_file() {
    let place = place();
    let online = "train her --online --seeds 0 --set online.n_random_episodes=2";
    place.succeeds(&format!("{online} --task PointReach --out her {TINY}"));
    place.succeeds(&format!(
        "{online} --task PointRooms --config her/config.toml --out rooms-run {TINY}"
    ));
    assert_eq!(config(&place, "rooms-run")["task"].as_str(), Some("PointRooms"));
    place.succeeds(&format!(
        "{online} --task PointReach --config run/config.toml --out from-bc {TINY}"
    ));
    let settings = config(&place, "from-bc");
    assert!(settings.contains_key("online") && !settings.contains_key("dataset"), "{settings}");
    assert_eq!(settings["algorithm"].as_str(), Some("her"));
    // And a data set that was named wins over a file that collects.
    place.succeeds(&format!(
        "train her --dataset first --seeds 0 --config her/config.toml --out offline {TINY}"
    ));
    let settings = config(&place, "offline");
    assert!(!settings.contains_key("online"), "{settings}");
}

#[test]
fn flags_win_over_single_settings_and_those_over_the_file() {
    let place = place();
    place.write("file.toml", "seeds = [7, 8]\nengine = \"torch\"\n[train]\nbatch_size = 16\n");
    place.succeeds(&format!(
        "train bc --dataset first --config file.toml --engine native --out x {TINY} \
         --set seeds=[5,6] --seeds 3"
    ));
    let settings = config(&place, "x");
    assert_eq!(settings["engine"].as_str(), Some("native"));
    assert_eq!(settings["seeds"].as_array().map(Vec::len), Some(1));
    assert_eq!(settings["train"]["batch_size"].as_integer(), Some(32));
}

#[test]
fn a_data_set_of_a_single_setting_wins_over_the_task_and_the_collecting_of_a_file() {
    let place = place();
    place.write("file.toml", "task = \"PointReach\"\n[online]\ncapacity = 9\n");
    for file in ["run/config.toml", "file.toml"] {
        let out = format!("by-{}", &file[..3]);
        place.succeeds(&format!(
            "train bc --config {file} --set dataset=rooms --seeds 0 --out {out} {TINY}"
        ));
        let settings = config(&place, &out);
        assert_eq!(settings["task"].as_str(), Some("PointRooms"));
        assert_eq!(settings["dataset"].as_str(), Some("rooms"));
        assert!(!settings.contains_key("online"), "{settings}");
    }
}

#[test]
fn a_task_that_is_set_says_where_to_collect_and_loses_to_its_flag() {
    let place = Place::new();
    let online = "train her --online --seeds 0 --set online.n_random_episodes=2";
    place.succeeds(&format!("{online} --set task=PointRooms --out set {TINY}"));
    assert_eq!(config(&place, "set")["task"].as_str(), Some("PointRooms"));
    let flag = "--set task=PointRooms --task PointReach";
    place.succeeds(&format!("{online} {flag} --out flag {TINY}"));
    assert_eq!(config(&place, "flag")["task"].as_str(), Some("PointReach"));
}

#[test]
fn flags_win_over_single_settings_in_a_grid_too() {
    let place = Place::new();
    place.succeeds("dataset build PointReach/random-v1");
    let grid = format!("reproduce --tasks PointReach --data random --methods bc --seeds 3 {TINY}");
    place.succeeds(&format!("{grid} --device cpu --set device=cuda --set engine=torch --out flag"));
    let settings = config(&place, "flag/cells/PointReach/random-v1/bc/seed-3");
    assert_eq!(settings["device"].as_str(), Some("cpu"));
    assert_eq!(settings["engine"].as_str(), Some("native"));
    place.succeeds(&format!("{grid} --set device=cpu --out set"));
    let settings = config(&place, "set/cells/PointReach/random-v1/bc/seed-3");
    assert_eq!(settings["device"].as_str(), Some("cpu"));
}

#[test]
fn a_seed_that_is_set_wins_over_that_of_an_expert_s_preset() {
    let place = Place::new();
    let case = case(
        "expert train PointReach --set seeds=[4,5] --out x",
        &["an expert is trained with one seed, not with 2"],
        "`--seed`",
    );
    check(&place, &case);
}

#[test]
fn a_file_of_one_algorithm_serves_another() {
    let place = place();
    place.succeeds(&format!(
        "train wgcsl --dataset first --seeds 0 --out wgcsl {TINY} --set train.tau=0.5"
    ));
    place.succeeds("train her --dataset first --config wgcsl/config.toml --out her");
    let settings = config(&place, "her");
    assert_eq!(settings["train"]["tau"].as_float(), Some(0.5));
    assert!(settings.contains_key("her") && !settings.contains_key("wgcsl"), "{settings}");
}

#[test]
fn contradictions_are_named() {
    let place = place();
    place.write("rooms.toml", "task = \"PointRooms\"\ndataset = \"first\"\n");
    for case in [
        case(
            "train bc --dataset first --task PointRooms --out x",
            &["task `PointRooms` was named", "dataset is of task `PointReach`", "\"first\""],
            "`--task`",
        ),
        case(
            "train bc --config rooms.toml --out x",
            &["task `PointRooms` was named by \"rooms.toml\"", "dataset is of task `PointReach`"],
            "take `task` out of \"rooms.toml\"",
        ),
        case(
            "train bc --dataset first --set task=PointRooms --out x",
            &[
                "task `PointRooms` was named by setting `task=PointRooms`",
                "`PointReach`: \"first\"",
            ],
            "leave `--set task=PointRooms` out",
        ),
        case(
            "train bc --set dataset=first --set task=PointRooms --out x",
            &["was named by setting `task=PointRooms`", "`PointReach`: \"first\""],
            "leave `--set task=PointRooms` out",
        ),
        case(
            "train bc --config run/config.toml --set task=PointRooms --out x",
            &["was named by setting `task=PointRooms`", "`PointReach`: \"first\""],
            "leave `--set task=PointRooms` out",
        ),
        case(
            "train bc --config rooms.toml --set dataset=rooms --task PointReach --out x",
            &["task `PointReach` was named, and", "`PointRooms`: \"rooms\""],
            "leave `--task` out",
        ),
        case(
            "train bc --dataset first --set task=Nonsense --out x",
            &["unknown task `Nonsense`"],
            "`gcrl tasks`",
        ),
        case(
            "train bc --dataset first --set online.capacity=900 --out x",
            &["either from a data set or online", "both"],
            "`gcrl algorithms NAME`",
        ),
    ] {
        check(&place, &case);
    }
}
