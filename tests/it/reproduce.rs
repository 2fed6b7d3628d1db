//! The grid of the paper's table: checked whole before any training, killed and continued at will, in parts
//! that are merged.

use crate::bad_input::{case, check};
use crate::place::{Finished, Place, TINY};

/// A folder with the random data of PointReach under `datasets`.
fn place() -> Place {
    let place = Place::new();
    place.succeeds("dataset build PointReach/random-v1");
    place
}

const BASE: &str = "reproduce --tasks PointReach --data random";

fn grid(rest: &str) -> String {
    format!("{BASE} {TINY} {rest}")
}

#[test]
fn shards_that_are_merged_are_the_whole() {
    let place = place();
    let methods = "--methods bc,gcsl --seeds 0..3";
    let printed = place.succeeds(&grid(&format!("{methods} --out whole")));
    assert!(printed.contains("6 of 6 cells finished"), "{printed}");
    for shard in ["0/2", "1/2"] {
        let name = &shard[..1];
        place.succeeds(&grid(&format!("{methods} --shard {shard} --out part-{name}")));
    }
    let merged = "reproduce merge part-0 part-1 --out merged";
    assert!(place.succeeds(merged).starts_with("6 cells copied, 0 there already, 0 not finished"));
    assert!(place.succeeds(merged).starts_with("0 cells copied, 6 there already, 0 not finished"));
    for file in ["results.csv", "curves.csv"] {
        assert_eq!(place.text(&format!("merged/{file}")), place.text(&format!("whole/{file}")));
    }
    let replays = place.text("whole/replays/PointReach-random-v1.html");
    assert!(replays.contains("\"player\":\"GCSL\"") && replays.contains("\"player\":\"g-BC\""));
    assert!(place.text("whole/report.html").contains("replays/PointReach-random-v1.html#2"));
    let rows = place.text("whole/results.csv").lines().count();
    assert_eq!(rows, 1 + 6);
}

#[test]
fn the_variables_of_a_scheduler_say_which_part_it_is() {
    let place = place();
    let mut command = place.command(&grid("--methods bc --seeds 0..3 --out out"));
    command.env("JOB_COMPLETION_INDEX", "1").env("GCRL_SHARDS", "3");
    let finished = Finished::of(&mut command);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(place.names("out/cells/PointReach/random-v1/bc"), ["seed-1"]);
    let mut command = place.command(&grid("--methods bc --seeds 0..3 --out out"));
    let finished = Finished::of(command.env("HQ_TASK_ID", "1"));
    assert_eq!(finished.code, Some(1));
    assert!(finished.stderr.contains("HQ_TASK_ID is set"), "{}", finished.stderr);
}

#[test]
fn a_finished_cell_is_never_trained_again_and_a_grid_can_grow() {
    let place = place();
    place.succeeds(&grid("--methods bc --seeds 0 --out out"));
    let policy = "out/cells/PointReach/random-v1/bc/seed-0/policies/seed-0.safetensors";
    let modified = || std::fs::metadata(place.path(policy)).expect("it is there").modified().ok();
    let before = modified();
    let printed = place.succeeds(&grid("--methods bc,gcsl --seeds 0..2 --out out"));
    assert!(printed.contains("4 of 4 cells finished"), "{printed}");
    assert_eq!(modified(), before);
}

#[test]
fn what_is_wrong_with_a_grid_is_said_before_it_begins() {
    let place = place();
    for case in [
        case("reproduce --tasks Nowhere --out x", &["unknown task `Nowhere`"], "`gcrl tasks`"),
        case(
            format!("{BASE} --methods wgscl --out x"),
            &["unknown method `wgscl`; the nearest is `wgcsl`"],
            "`--methods`",
        ),
        case(
            "reproduce --tasks PointReach --data best --out x",
            &["there is no dataset `best` of `PointReach`"],
            "`gcrl dataset list`",
        ),
        case(
            "reproduce --tasks Reacher@rapier --methods bc --out x",
            &["there is no dataset `random` of `Reacher@rapier`"],
            "`gcrl dataset list`",
        ),
        case(
            "reproduce --tasks PointRooms --data random --out x",
            &["dataset `PointRooms/random-v1` is not built"],
            "`--build`",
        ),
        case(
            format!("{BASE} --methods bc,wgcsl --set wgcsl.nonsense=1 --out x"),
            &["cannot use setting `wgcsl.nonsense=1`", "unknown field `nonsense`"],
            "`gcrl algorithms NAME`",
        ),
        case(
            format!("{BASE} --methods bc,gcsl --set wgcsl.advantage_clip=1 --out x"),
            &["setting `wgcsl.advantage_clip=1` is of an algorithm that is not among"],
            "`--methods`",
        ),
        case(
            format!("{BASE} --methods bc --set train.tau=3 --out x"),
            &["cannot train `bc` on `PointReach/random-v1`", "train.tau must be in (0, 1]"],
            "`gcrl algorithms NAME`",
        ),
        case(
            format!("{BASE} --methods bc --set device=cuda --out x"),
            &["cannot train `bc`", "engine `native` runs on CPUs only"],
            "`--device cuda`",
        ),
        case(
            "reproduce merge datasets --out x",
            &["no cells in folder: \"datasets\""],
            "`gcrl reproduce --out`",
        ),
        case("reproduce merge --out x", &["no such folder: \"x\""], "`gcrl reproduce --out`"),
        case(
            format!("{BASE} --methods bc --out datasets/PointReach/random-v1"),
            &["random-v1\", which is a data set"],
            "`--out`",
        ),
        case(
            format!("{BASE} --methods bc --out datasets/PointReach/random-v1/manifest.toml"),
            &["which is no folder"],
            "`--out`",
        ),
    ] {
        check(&place, &case);
    }
    let usage = place.run(&format!("{BASE} --shard 4/4 --out x"));
    assert_eq!(usage.code, Some(2), "{}", usage.stderr);
    assert!(usage.stderr.contains("a shard is written I/N"), "{}", usage.stderr);
    assert!(!place.path("x").exists());
}

#[test]
fn what_differs_from_cell_to_cell_is_not_set() {
    let place = place();
    for case in [
        case(
            format!("{BASE} --methods bc --set seeds=[7] --out x"),
            &["`seeds` is decided by the grid", "cannot use setting `seeds=[7]`"],
            "`--seeds`",
        ),
        case(
            format!("{BASE} --methods bc --set task=PointRooms --out x"),
            &["`task` is decided by the grid", "cannot use setting `task=PointRooms`"],
            "`--tasks`",
        ),
        case(
            format!("{BASE} --methods bc --set dataset=second --out x"),
            &["`dataset` is decided by the grid"],
            "`--data`",
        ),
        case(
            format!("{BASE} --methods bc --set algorithm=gcsl --out x"),
            &["`algorithm` is decided by the grid"],
            "`--methods`",
        ),
        case(
            format!("{BASE} --methods bc --set online.capacity=9 --out x"),
            &["`online` is decided by the grid"],
            "`gcrl train --online`",
        ),
        case(
            format!("{BASE} --methods bc --set task=5 --out x"),
            &["cannot use setting `task=5`", "expected a string"],
            "`--set`",
        ),
    ] {
        check(&place, &case);
    }
}

#[test]
fn cells_of_another_grid_and_edited_ones_are_named() {
    let place = place();
    place.succeeds(&grid("--methods bc --seeds 0 --out out"));
    check(
        &place,
        &case(
            grid("--methods bc --seeds 0..2 --out out --set train.tau=0.5"),
            &["`train.tau` was 0.1 and is now 0.5", "bc/seed-0"],
            "`--out`",
        ),
    );
    place.succeeds(&grid("--methods bc --seeds 1 --out other --set train.tau=0.5"));
    place.succeeds(&grid("--methods bc --seeds 0 --out third --set train.tau=0.5"));
    let merge = |other: &str| format!("reproduce merge out {other} --out merged");
    let says: &[&str] = &["different settings, `train.tau` was 0.1 and is now 0.5", "bc/seed-0"];
    check(&place, &case(merge("third"), says, "the same `--set`"));
    let says: &[&str] = &["different settings, `train.tau` was 0.1 and is now 0.5"];
    check(&place, &case(merge("other"), says, "the same `--set`"));
    let results = "out/cells/PointReach/random-v1/bc/seed-0/results.json";
    let text = place.text(results);
    place.write(results, text.replacen("\"mean\": ", "\"mean\": 1", 1));
    let again = grid("--methods bc --seeds 0..2 --out out");
    let says: &[&str] = &["results were edited after they were written", "seed-0/results.json"];
    check(&place, &case(again.clone(), says, "delete this file"));
    std::fs::remove_file(place.path(results)).expect("it is there");
    place.succeeds(&again);
    assert_eq!(place.text(results), text);
}

#[test]
fn a_cell_that_is_begun_is_not_merged_over() {
    let place = place();
    place.succeeds(&grid("--methods bc,gcsl --seeds 0 --out whole"));
    place.succeeds(&grid("--methods gcsl --seeds 0 --out part"));
    let gcsl = "part/cells/PointReach/random-v1/gcsl/seed-0";
    std::fs::remove_file(place.path(&format!("{gcsl}/results.json"))).expect("it is there");
    let says: &[&str] = &["cell is begun, and finished elsewhere", "gcsl/seed-0"];
    check(&place, &case("reproduce merge whole --out part", says, "finishes it"));
}

#[test]
fn a_cell_knows_where_its_data_set_has_moved() {
    let place = place();
    place.succeeds(&grid("--methods bc --seeds 0 --out out"));
    std::fs::rename(place.path("datasets"), place.path("moved")).expect("folders can be renamed");
    let longer = grid("--methods bc --seeds 0 --out out --set train.n_updates=40");
    let mut command = place.command(&longer);
    let finished = Finished::of(command.env("GCRL_DATASETS", place.path("moved")));
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let cell = "out/cells/PointReach/random-v1/bc/seed-0";
    place.succeeds(&format!("train --resume {cell} --set train.n_updates=60"));
}

#[test]
fn a_folder_that_is_no_cell_is_named() {
    let place = place();
    place.succeeds(&grid("--methods bc --seeds 0 --out out"));
    place.write("out/cells/PointReach/random-v1/mine/seed-0/config.toml", "");
    let says: &[&str] = &["no cell of a grid", "mine/seed-0"];
    check(&place, &case("reproduce merge --out out", says, "move it away"));
}

#[test]
fn tables_stand_for_cells_that_are_gone() {
    let place = place();
    place.succeeds(&grid("--methods bc,gcsl --seeds 0..2 --out whole"));
    place.succeeds(&grid("--methods bc --seeds 0 --out part"));
    let printed = place.succeeds("reproduce merge --tables whole --out part");
    assert!(printed.contains("0 not finished, 3 results of tables alone;"), "{printed}");
    for file in ["results.csv", "curves.csv"] {
        assert_eq!(place.text(&format!("part/{file}")), place.text(&format!("whole/{file}")));
    }
    assert!(place.succeeds("reproduce merge --out part").contains("0 not finished; report"));
    let whole = place.text("whole/results.csv");
    let rows: Vec<&str> = whole.lines().collect();
    let only = |row: String| place.write("old/results.csv", format!("{}\n{row}\n", rows[0]));
    let fails = |says: &'static [&'static str], hint: &'static str| {
        check(&place, &case("reproduce merge --tables old --out part", says, hint));
    };
    fails(&["cannot read table: \"old/results.csv\""], "`results.csv` of an earlier report");
    only(rows[1].replacen("bc,0,", "mine,0,", 1));
    fails(&["PointReach/random-v1 mine seed 0", "no grid of this program"], "this program's grid");
    only(rows[1].replacen("bc,0,20,", "bc,1,30,", 1));
    fails(&["bc seed 1 with 30 updates, cells of it have 20"], "its own settings");
    only(rows[2].replacen("bc,1,", "bc,0,", 1));
    fails(&["another result of PointReach/random-v1 bc seed 0 than its cell"], "move one away");
    only(rows[1].replacen("bc,0,", "bc,zero,", 1));
    fails(&["tables of \"old\"", "found `zero`, expected a count"], "take them unchanged");
}

#[test]
fn what_stands_in_tables_is_not_trained() {
    let place = place();
    let methods = "--methods bc,gcsl";
    place.succeeds(&grid(&format!("{methods} --seeds 0..3 --out whole")));
    place.succeeds(&grid(&format!("{methods} --seeds 0 --out earlier")));
    let rest = grid(&format!("{methods} --seeds 0..3 --tables earlier --out rest"));
    let printed = place.succeeds(&rest);
    assert!(printed.contains("6 of 6 cells finished"), "{printed}");
    let trained = place.names("rest/cells/PointReach/random-v1/bc");
    assert_eq!(trained, ["seed-1", "seed-2"]);
    let own = |printed: &str| {
        let lines = printed.lines().filter(|line| !line.contains("report"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let whole = place.succeeds(&grid(&format!("{methods} --seeds 0..3 --out whole")));
    assert_eq!(own(&printed), own(&whole), "the printed table has the rows of the tables");
    for file in ["results.csv", "curves.csv"] {
        assert_eq!(place.text(&format!("rest/{file}")), place.text(&format!("whole/{file}")));
    }
    place.succeeds(&grid(&format!("{methods} --seeds 0..3 --tables rest --out empty")));
    assert!(!place.path("empty/cells").exists(), "nothing is left to train");
    let whole = place.text("whole/results.csv");
    let rows: Vec<&str> = whole.lines().collect();
    let only = |row: String| place.write("old/results.csv", format!("{}\n{row}\n", rows[0]));
    let fails = |says: &'static [&'static str], hint: &'static str| {
        let command = grid(&format!("{methods} --seeds 3 --tables old --out new"));
        check(&place, &case(&command, says, hint));
    };
    fails(&["cannot read table: \"old/results.csv\""], "`results.csv` of an earlier report");
    only(rows[1].replacen("bc,0,20,", "bc,0,30,", 1));
    fails(&["bc seed 0 with 30 updates, cells of it have 20"], "its own settings");
    only(rows[2].replacen("bc,1,", "bc,0,", 1));
    let again = grid(&format!("{methods} --seeds 0,3 --tables old --out earlier"));
    let says: &[&str] = &["another result of PointReach/random-v1 bc seed 0 than its cell"];
    check(&place, &case(&again, says, "move one away"));
}

#[test]
fn a_score_over_more_episodes_stands() {
    let place = place();
    let more = "--set train.n_final_evaluation_episodes=32";
    let cells = "--methods bc --seeds 0..2";
    place.succeeds(&grid(&format!("{cells} --out few")));
    place.succeeds(&grid(&format!("{cells} {more} --out many")));
    let [few, many] = ["few", "many"].map(|out| place.text(&format!("{out}/results.csv")));
    assert!(few != many);
    let results = || place.text("few/results.csv");
    place.succeeds("reproduce merge --tables many --out few");
    assert_eq!(results(), many, "the tables' is over more");
    place.succeeds("reproduce merge --out few");
    assert_eq!(results(), few);
    let policy =
        || place.read("few/cells/PointReach/random-v1/bc/seed-1/policies/seed-1.safetensors");
    let before = policy();
    let both = "--methods bc --seeds 0";
    place.succeeds(&grid(&format!("{both} {more} --out few")));
    assert_eq!(results().lines().nth(1), many.lines().nth(1), "evaluated again");
    assert_eq!(results().lines().nth(2), few.lines().nth(2), "and the other one not");
    place.succeeds(&grid(&format!("{cells} {more} --tables many --out few")));
    assert_eq!(results(), many);
    assert!(policy() == before);
    place.write("old/results.csv", &few);
    place.succeeds("reproduce merge --tables old --out few");
    assert_eq!(results(), many, "the cells' is over more");
}

#[test]
fn names_count_once_with_blanks_around_them() {
    let place = place();
    let mut command = place.command("reproduce --data random --seeds 0 --out out");
    command.args(["--tasks", "PointReach, PointReach", "--methods", "bc, wgcsl,bc"]);
    command.args(["--set", "wgcsl.advantage_clip=3"]).args(TINY.split_whitespace());
    let finished = Finished::of(&mut command);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let rows = |method: &str| finished.stdout.lines().filter(|it| it.starts_with(method)).count();
    assert_eq!((rows("g-BC"), rows("WGCSL"), rows("PointReach")), (1, 1, 1), "{}", finished.stdout);
    let config = place.text("out/cells/PointReach/random-v1/wgcsl/seed-0/config.toml");
    assert!(config.contains("advantage_clip = 3"), "{config}");
}

#[test]
fn an_array_of_jobs_is_written_with_the_whole_grid_in_it() {
    let place = place();
    let line = "reproduce submit --engine slurm --shards 4 --dry-run --tasks PointReach --data random \
        --methods bc --seeds 0..2 --set train.tau=0.5 --out jobs";
    let printed = place.succeeds(line);
    assert!(printed.contains("to submit it: sbatch "), "{printed}");
    let job = place.text("jobs/job.sbatch");
    for part in ["--array=0-3", "--methods=bc --seeds=0,1 --set=train.tau=0.5 --out "] {
        assert!(job.contains(part), "{job}");
    }
    let kubernetes = place.run(&line.replace("slurm", "kubernetes"));
    assert_eq!(kubernetes.code, Some(2), "it needs an image");
}
